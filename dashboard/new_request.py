"""A new request by hand: for somebody who walked in, called, or was sent by somebody else."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import streamlit as st

from dashboard import page_actions, page_reading, page_text, viewer, widgets
from dashboard.language import _
from leads.callbacks import queue
from leads.i18n import languages
from leads.i18n.translatable import Phrase
from leads.intake import hand_entry
from leads.intake.hand_entry import (
    AGREEMENT_FIELD,
    CHANNEL_FIELD,
    TELLER_FIELD,
    TOLD_BY_FIELD,
    EntryOutcome,
    HandEntry,
)
from leads.intake.hand_entry_labels import CHANNEL_LABELS, QUESTION_LABELS, TELLER_LABELS
from leads.lead_records import lead_file
from leads.lead_records.lead_file import KnownPerson
from leads.models.calls import Callback
from leads.models.helplines import Brand
from leads.people.permissions import Permission
from leads.person_facts import PART_OF_DAY_LABELS
from leads.phone_numbers import is_withheld, mask_phone
from leads.record_ids import read_record_id

ENTRY_KEY, OUTCOME_KEY, PROBLEMS_KEY = "entry", "entered", "entry-problems"
SAFETY: Mapping[bool, Phrase] = {True: Phrase("Yes"), False: Phrase("No, or not sure")}
CONSENT: Mapping[bool, Phrase] = {True: Phrase("Yes"), False: Phrase("No")}
ALSO_SAFE: Mapping[str, Phrase] = {
    "safe_to_voicemail": Phrase("Leave a voicemail"),
    "safe_to_text": Phrase("Send a text"),
}
NAMED = "named"
TIMES: Mapping[str, Phrase] = {
    "": Phrase("As soon as possible"),
    **PART_OF_DAY_LABELS,
    NAMED: Phrase("At a specific time"),
}

Answer = TypeVar("Answer")
me = viewer.require_signed_in_advisor()


def load_person_from_url() -> KnownPerson | None:
    """Return the person for whom the page was opened, if its address names one."""
    lead_id = read_record_id(st.query_params.get("lead", ""))
    if lead_id is None or not me.may(Permission.READ_LEAD_FILE):
        return None
    return page_reading.read_or_stop_page(lambda s, a: lead_file.read_known_person(s, lead_id, a))


def draw_problem(name: str) -> None:
    """Draw what is wrong with the field above."""
    problems: Mapping[str, Phrase] = st.session_state.get(PROBLEMS_KEY, {})
    if name in problems:
        st.markdown(f":red[:material/error: {_(problems[name])}]")


def draw_entry_form(person: KnownPerson | None) -> None:
    """Draw the questions, none of which has an answer before somebody chose it."""
    helplines = page_reading.read_or_stop_page(hand_entry.list_helplines_to_enter_for)
    entry_id = st.session_state.setdefault(ENTRY_KEY, secrets.token_hex(8))
    if problems := st.session_state.get(PROBLEMS_KEY):
        st.error(_("Not saved yet. Fields to correct: {count}.", count=len(problems)))
    with st.form(f"entry-{entry_id}"):
        names = {one.brand_id: one.name for one in helplines}
        brand_id = next(iter(names))
        if len(names) > 1:
            brand_id = st.selectbox(_("Helpline"), list(names), format_func=names.__getitem__)
        left, right = st.columns(2, gap="large")
        with left:
            entry = ask_who(HandEntry(entry_id), person)
        with right:
            entry = ask_what_they_agreed_to(entry)
            entry = ask_when(entry)
        if st.form_submit_button(_("Save the request"), type="primary"):
            region = next(one.region for one in helplines if one.brand_id == brand_id)
            save_entry(entry, brand_id, region, person)


def ask_who(entry: HandEntry, person: KnownPerson | None) -> HandEntry:
    """Ask who wants to be called, for what, and who says so."""
    channel = ask_one_of(_(QUESTION_LABELS[CHANNEL_FIELD]), CHANNEL_LABELS)
    draw_problem("channel")
    told_by = ask_one_of(_(QUESTION_LABELS[TOLD_BY_FIELD]), TELLER_LABELS)
    draw_problem("told_by")
    teller = st.text_input(
        _(QUESTION_LABELS[TELLER_FIELD]),
        placeholder=_("For example: her sister, County Clinic"),
    )
    draw_problem("teller")
    phone = ""
    if person and not is_withheld(person.phone):
        number = mask_phone(person.phone)
        st.write(_("Phone number: {number}, as in their file", number=number))
    else:
        phone = st.text_input(_("Phone number to call"), autocomplete="off")
    draw_problem("phone")
    name = st.text_input(_("Name"), value=person.name if person else "", autocomplete="off")
    for_whom = ask_one_of(_("Who is the help for?"), languages.FOR_WHOM_LABELS)
    message = st.text_area(_("What do they need?"), height=96)
    return replace(
        entry,
        channel=channel,
        told_by=told_by,
        teller=teller,
        phone=phone,
        name=name,
        for_whom=for_whom or "",
        message=message,
    )


def ask_what_they_agreed_to(entry: HandEntry) -> HandEntry:
    """Ask what is safe, and what they agreed to."""
    safe_to_call = ask_one_of(_("Is it safe to call this number?"), SAFETY)
    draw_problem("safe_to_call")
    also = st.pills(
        _("What else did they say is safe?"),
        list(ALSO_SAFE),
        selection_mode="multi",
        format_func=lambda one: _(ALSO_SAFE[one]),
        wrap=True,
    )
    consent = ask_one_of(_("Did they agree to be called?"), CONSENT)
    draw_problem("consent")
    agreement = st.text_area(
        _(QUESTION_LABELS[AGREEMENT_FIELD]),
        placeholder=_("For example: Yes, please call me back about a bed."),
        height=96,
    )
    draw_problem("agreement")
    return replace(
        entry,
        safe_to_call=safe_to_call,
        safe_to_voicemail=True if "safe_to_voicemail" in also else None,
        safe_to_text=True if "safe_to_text" in also else None,
        consent=consent,
        agreement=agreement,
    )


def ask_when(entry: HandEntry) -> HandEntry:
    """Ask when they want to be called, by the clock where they are.

    A day or a time that is chosen counts, so that nobody is called at another one.
    """
    chosen = ask_one_of(_("When should we call?"), TIMES, first=0)
    day, at = st.columns(2)
    days = hand_entry.list_days_to_name(viewer.read_utc_clock())
    with day:
        on = widgets.ask_day_unset(_("Day"), days, key=f"day-{entry.entry_id}")
    with at:
        hour = widgets.ask_time_of_day_unset(_("Their local time"), key=f"at-{entry.entry_id}")
    draw_problem("named_time")
    if chosen == NAMED or on or hour is not None:
        named = datetime.combine(on, hour) if on and hour is not None else None
        return replace(entry, names_time=True, named_time=named)
    return replace(entry, best_time=chosen or "")


def ask_one_of(
    label: str, answers: Mapping[Answer, Phrase], *, first: int | None = None
) -> Answer | None:
    """Ask a question with few answers, side by side; none is chosen for anybody."""
    return st.radio(
        label,
        list(answers),
        index=first,
        format_func=lambda one: _(answers[one]),
        horizontal=True,
    )


def save_entry(entry: HandEntry, brand_id: int, region: str, person: KnownPerson | None) -> None:
    """Save the request, or say beside each field what is missing."""
    if person and not is_withheld(person.phone):
        entry = replace(entry, phone=person.phone)
    now = viewer.read_utc_clock()
    problems = hand_entry.find_entry_problems(entry, region=region, now=now)
    st.session_state[PROBLEMS_KEY] = problems
    if not problems:
        outcome = page_actions.run_for_result(
            lambda s, a: hand_entry.enter_request(s, entry, s.get_one(Brand, brand_id), a, now=now)
        )
        if outcome:
            st.session_state[OUTCOME_KEY] = outcome
            del st.session_state[ENTRY_KEY]
    st.rerun()


@widgets.in_stable_container
def draw_outcome(outcome: EntryOutcome) -> None:
    """Draw what became of the request that was entered, and what can be done next."""
    sentence, is_fine = outcome_sentence(outcome)
    (st.success if is_fine else st.warning)(sentence)
    if outcome.why:
        st.info(_("Not at the time they asked for: {why}", why=_(outcome.why)))
    with st.container(horizontal=True, vertical_alignment="center"):
        callback_id = outcome.callback_id
        if callback_id and is_fine and st.button(_("Call them now"), icon=":material/call:"):
            if page_actions.run_as_signed_in(
                lambda s, a: queue.call_back_now(
                    s, s.get_one(Callback, callback_id), a, now=viewer.read_utc_clock()
                )
            ):
                del st.session_state[OUTCOME_KEY]
                st.switch_page("advisor_desk.py")
            st.rerun()
        if st.button(_("Enter another request"), icon=":material/add:"):
            del st.session_state[OUTCOME_KEY]
            st.query_params.pop("lead", None)
            st.rerun()
        if outcome.lead_id and me.may(Permission.READ_LEAD_FILE):
            st.page_link(
                "lead_file.py",
                label=_("Open their file"),
                icon=":material/person:",
                query_params={"lead": str(outcome.lead_id)},
            )


def outcome_sentence(outcome: EntryOutcome) -> tuple[str, bool]:
    """Return what became of a request, and whether nobody has to decide about it first."""
    if outcome.review_reason:
        reason = _(outcome.review_reason)
        return _("Saved and held until a supervisor decides: {reason}", reason=reason), False
    if outcome.hold:
        return _("Saved, and held for review: {reason}", reason=_(outcome.hold)), False
    if outcome.is_with_advisor:
        return _("Saved. An advisor is already handling their callback and sees it there."), False
    joined = _("They were already in the queue.") if outcome.is_joined else ""
    if outcome.due_at and outcome.due_at > viewer.read_utc_clock():
        said = _(
            "Saved. Next call: {time} ({place} time).",
            time=page_text.instant_text(outcome.due_at, outcome.zone),
            place=page_text.zone_city(outcome.zone),
        )
    else:
        said = _("Saved. We will call them as soon as an advisor is free.")
    return f"{said} {joined}".strip(), True


if viewer.is_page_just_opened():  # nothing of the person before is about this one
    for key in (ENTRY_KEY, OUTCOME_KEY, PROBLEMS_KEY):
        st.session_state.pop(key, None)
st.title(_("New request"), anchor=False)
widgets.draw_action_message()
if outcome := st.session_state.get(OUTCOME_KEY):
    draw_outcome(outcome)
else:
    draw_entry_form(load_person_from_url())
