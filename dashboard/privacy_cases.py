"""Complaints and suspected breaches: anybody records one, supervisors see to it in time."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import page_actions, page_reading, page_text, viewer, widgets
from dashboard.language import _
from leads import record_ids
from leads.i18n.translatable import Phrase
from leads.lead_records import privacy_cases
from leads.lead_records.privacy_cases import PrivacyCaseRow
from leads.models.privacy_case_words import (
    CASE_LABELS,
    OUTCOMES_OF_KIND,
    PRIVACY_OUTCOME_LABELS,
    PRIVACY_STEP_LABELS,
    PrivacyCaseKind,
    PrivacyStepKind,
)
from leads.models.privacy_cases import PrivacyCase
from leads.people.permissions import Permission

CASE_KINDS, STEP_KINDS = tuple(PrivacyCaseKind), tuple(PrivacyStepKind)
me = viewer.require_signed_in_advisor()


def draw_case_form() -> None:
    """Draw the form that records a complaint or a suspected breach."""
    today = viewer.read_utc_clock().astimezone(ZoneInfo(viewer.viewer_zone())).date()
    with widgets.form_kept_if_refused("privacy-case"):
        kind: PrivacyCaseKind | None = st.radio(
            _("What it is"),
            CASE_KINDS,
            format_func=lambda one: _(CASE_LABELS[one]),
            index=None,
            horizontal=True,
        )
        told = st.text_area(_("What happened"))
        told_by = st.text_input(_("Who told us, and how to answer them safely"))
        of, on = st.columns(2, vertical_alignment="bottom")
        number = of.text_input(_("Number of the person's file, if it is about one"))
        day: date = on.date_input(
            _("Known since"), value=today, max_value=today, format=_("MM/DD/YYYY")
        )
        if st.form_submit_button(_("Record"), icon=":material/gpp_maybe:"):
            record_shown_case(kind, told, told_by, number.strip(), day)


def record_shown_case(
    kind: PrivacyCaseKind | None, told: str, told_by: str, number: str, day: date
) -> None:
    """Record what the form says; the clock runs from noon of its day, or from now."""
    lead_id = record_ids.read_record_id(number)
    if number and lead_id is None:
        page_actions.set_action_message(
            Phrase("There is no file with this number."), kind="warning"
        )
        return
    if kind is None:
        page_actions.set_action_message(
            Phrase("Choose whether it is a complaint or a suspected breach."), kind="warning"
        )
        return
    noon = datetime.combine(day, time(12), tzinfo=ZoneInfo(viewer.viewer_zone()))
    page_actions.act_and_redraw(
        lambda s, a: privacy_cases.record_privacy_case(
            s,
            a,
            kind,
            told=told,
            told_by=told_by,
            lead_id=lead_id,
            known_at=min(noon, viewer.read_utc_clock()),
            now=viewer.read_utc_clock(),
        ),
        Phrase("It is on record. A supervisor sees to it."),
    )


def draw_case(case: PrivacyCaseRow) -> None:
    """Draw one case: its clock, what was done, and what can be done."""
    at = page_text.day_text(case.due_at.astimezone(ZoneInfo(viewer.viewer_zone())).date())
    state = _("due {day}", day=at)
    if case.outcome:
        state = _(PRIVACY_OUTCOME_LABELS[case.outcome])
    elif case.is_late:
        state = _("overdue since {day}", day=at)
    title = f"{_(CASE_LABELS[case.kind])} {case.case_id} · {state}"
    with st.expander(
        title,
        expanded=case.closed_at is None,
        icon=":material/gpp_maybe:" if case.closed_at is None else ":material/done:",
        key=f"case-{case.case_id}",
    ):
        st.write(page_text.escape_markdown(case.told))
        known = _(
            "known since {day}",
            day=page_text.day_text(case.known_at.astimezone(ZoneInfo(viewer.viewer_zone())).date()),
        )
        said = (case.told_by, known, case.recorded_by)
        widgets.draw_small_text(page_text.escape_markdown(" · ".join(filter(None, said))))
        if case.lead_id is not None:
            st.page_link(
                "lead_file.py",
                label=_("Open their file"),
                icon=":material/person:",
                query_params={"lead": str(case.lead_id)},
            )
        for step in case.steps:
            about = (page_text.instant_text(step.at), step.by)
            told = f": {page_text.escape_markdown(step.told)}" if step.told else ""
            small = page_text.escape_markdown(" · ".join(filter(None, about)))
            st.markdown(f"**{_(PRIVACY_STEP_LABELS[step.kind])}**{told}  \n:small[{small}]")
        if case.closed_at is None:
            draw_case_decision(case)


def draw_case_decision(case: PrivacyCaseRow) -> None:
    """Draw how to say what was done about a case, and what came of it."""
    with widgets.form_kept_if_refused(f"step-{case.case_id}"):
        kind: PrivacyStepKind = st.selectbox(
            _("What was done"),
            STEP_KINDS,
            format_func=lambda one: _(PRIVACY_STEP_LABELS[one]),
        )
        told = st.text_input(_("In your words"))
        if st.form_submit_button(_("Add the step")):
            page_actions.act_and_redraw(
                lambda s, a: privacy_cases.add_privacy_step(
                    s,
                    s.get_one(PrivacyCase, case.case_id),
                    a,
                    kind,
                    told=told,
                    now=viewer.read_utc_clock(),
                ),
                Phrase("The step is on record."),
            )
    with widgets.form_kept_if_refused(f"close-{case.case_id}"):
        outcome = st.selectbox(
            _("Outcome"),
            OUTCOMES_OF_KIND[case.kind],
            format_func=lambda one: _(PRIVACY_OUTCOME_LABELS[one]),
        )
        why = st.text_input(_("Why"))
        if st.form_submit_button(_("Close the case"), icon=":material/done:"):
            page_actions.act_and_redraw(
                lambda s, a: privacy_cases.close_privacy_case(
                    s,
                    s.get_one(PrivacyCase, case.case_id),
                    a,
                    outcome,
                    told=why,
                    now=viewer.read_utc_clock(),
                ),
                Phrase("The case is closed."),
            )


st.title(_("Privacy"), anchor=False)
widgets.draw_action_message()
st.write(
    _(
        "Record any complaint about privacy, and anything private that the wrong person may have "
        "seen: a lost phone, a text to a wrong number, a file sent to the wrong place. Your "
        "counsel decides whether it is a breach."
    )
)
draw_case_form()
if me.may(Permission.HANDLE_PRIVACY_CASE):
    st.header(_("Complaints and suspected breaches"), anchor=False)
    cases = page_reading.read_or_stop_page(
        lambda s, a: privacy_cases.list_privacy_cases(s, a, now=viewer.read_utc_clock())
    )
    for shown in cases:
        draw_case(shown)
    if not cases:
        widgets.draw_small_text(_("No case is on record."))
