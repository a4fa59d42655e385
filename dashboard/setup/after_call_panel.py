"""After a call: a helpline's wrap-up time, its own outcomes, and what is said to a machine."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import page_actions, page_text, viewer, widgets
from dashboard.language import _
from dashboard.setup import topics
from leads.callbacks.voicemail import NEUTRAL_WORDS
from leads.helplines import after_call_settings
from leads.helplines.after_call_settings import AfterCall, OwnDispositionRow
from leads.i18n import languages, translatable
from leads.models.dispositions import DISPOSITION_TITLES, Disposition


def draw_after_call(brand_id: int) -> None:
    """Draw what a helpline set for the time after a call."""
    helpline = topics.read_settings_of(brand_id, after_call_settings.list_after_call_settings)
    draw_wrap_up_form(helpline)
    st.subheader(_("Custom outcomes"), anchor=False)
    draw_own_dispositions(helpline)
    draw_add_form(helpline)


def draw_wrap_up_form(helpline: AfterCall) -> None:
    """Draw the form of the wrap-up time and of the words for a machine."""
    with st.form(f"after-{helpline.brand_id}", border=False):
        minutes = st.number_input(
            _("Wrap-up minutes after a call at the desk"),
            min_value=1,
            max_value=after_call_settings.LONGEST_WRAP_UP,
            value=helpline.wrap_up_minutes,
            help=_(
                "Advisors get no calls during wrap-up. On the phone keypad it is one "
                "minute. After that, a supervisor is asked for the outcome."
            ),
        )
        words = ask_voicemail_script(helpline)
        if st.form_submit_button(_("Save"), type="primary"):
            page_actions.act_and_redraw(
                lambda s, a: after_call_settings.set_wrap_up(
                    s,
                    helpline.brand_id,
                    a,
                    minutes=int(minutes),
                    voicemail_words=words,
                    now=viewer.read_utc_clock(),
                ),
                _("Saved. It applies from the next call."),
            )


def ask_voicemail_script(helpline: AfterCall) -> dict[str, str]:
    """Ask what an advisor says to a machine, in each language; empty is what we say."""
    words = {
        language: st.text_area(
            _("Voicemail script in {language}", language=_(name)),
            value=helpline.voicemail_words.get(language, ""),
            placeholder=translatable.translate(
                language, NEUTRAL_WORDS, name="{name}", number="{number}"
            ),
            max_chars=after_call_settings.LONGEST_WORDS,
            key=f"machine-{helpline.brand_id}-{language}",
        )
        for language, name in languages.LANGUAGES.items()
    }
    widgets.draw_small_text(
        _(
            "Used only when a person said voicemail is safe. {name} is the advisor's "
            "first name, {number} your caller ID. Do not name the helpline or the "
            "reason for the call.",
            name="{name}",
            number="{number}",
        )
    )
    return words


def draw_own_dispositions(helpline: AfterCall) -> None:
    """Draw a helpline's own outcomes in their order, to be moved, retired and restored."""
    widgets.draw_small_text(
        _(
            "In the report, each one counts as the outcome it belongs to. A retired "
            "outcome can no longer be chosen; calls that have it keep it."
        )
    )
    for place, row in enumerate(helpline.own_dispositions):
        draw_own_disposition(row, is_first=place == 0)


def draw_own_disposition(row: OwnDispositionRow, *, is_first: bool) -> None:
    """Draw one of a helpline's own outcomes with its buttons."""
    with st.container(horizontal=True, vertical_alignment="center"):
        names = [row.label.english, row.label.spanish]
        name = page_text.escape_markdown(" / ".join(text for text in names if text))
        under = _(DISPOSITION_TITLES[row.disposition])
        text = _("**{name}** · counts as {outcome}", name=name, outcome=under)
        st.write(_("{text} (retired)", text=text) if row.is_retired else text)
        draw_rename_form(row)
        if row.is_retired:
            draw_row_button(row, _("Restore"), after_call_settings.restore_own_disposition)
            return
        if not is_first:
            draw_row_button(row, _("Move up"), after_call_settings.move_own_disposition_up)
        draw_row_button(row, _("Retire"), after_call_settings.retire_own_disposition)


def draw_rename_form(row: OwnDispositionRow) -> None:
    """Draw the form that gives one of a helpline's own outcomes another name."""
    with (
        st.popover(_("Rename"), key=f"rename-{row.own_id}", type="tertiary"),
        st.form(f"rename-form-{row.own_id}", border=False),
    ):
        english = st.text_input(
            _("Name in English"), row.label.english, key=f"rename-en-{row.own_id}"
        )
        spanish = st.text_input(
            _("Name in Spanish"), row.label.spanish, key=f"rename-es-{row.own_id}"
        )
        widgets.draw_small_text(
            _(
                "This renames the outcome everywhere, including past calls. For a "
                "different meaning, retire it and add a new one."
            )
        )
        if st.form_submit_button(_("Save")):
            page_actions.act_and_redraw(
                lambda s, a: after_call_settings.rename_own_disposition(
                    s,
                    row.own_id,
                    a,
                    english=english,
                    spanish=spanish,
                    now=viewer.read_utc_clock(),
                )
            )


def draw_row_button(row: OwnDispositionRow, label: str, verb: Callable[..., None]) -> None:
    """Draw a button that changes one of a helpline's own outcomes."""
    if st.button(label, key=f"{verb.__name__}-{row.own_id}", type="tertiary"):
        page_actions.act_and_redraw(
            lambda s, a: verb(s, row.own_id, a, now=viewer.read_utc_clock())
        )


def draw_add_form(helpline: AfterCall) -> None:
    """Draw the form that adds an outcome of a helpline's own."""
    with widgets.form_kept_if_refused(f"own-{helpline.brand_id}"):
        left, middle, right = st.columns(3)
        english = left.text_input(_("Name in English"))
        spanish = middle.text_input(_("Name in Spanish"))
        core = right.selectbox(
            _("Counts as"),
            list(after_call_settings.CORE),
            format_func=lambda one: _(DISPOSITION_TITLES[Disposition(one)]),
        )
        if st.form_submit_button(_("Add the outcome"), icon=":material/add:") and core:
            page_actions.act_and_redraw(
                lambda s, a: after_call_settings.add_own_disposition(
                    s,
                    helpline.brand_id,
                    a,
                    disposition=core,
                    english=english,
                    spanish=spanish,
                    now=viewer.read_utc_clock(),
                ),
                _("Added. Advisors can choose it from the next call."),
            )
