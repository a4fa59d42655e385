"""Correction of what was said of a call, on the desk for a quarter of an hour and on the file."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from sqlmodel import Session

from dashboard import in_browser, page_actions, page_text, viewer, widgets
from dashboard.desk.outcome_choices import choice_label, outcome_choices, read_choice
from dashboard.desk.unrecorded_call import ANSWERS, MACHINE, TOMORROW
from dashboard.desk.wrap_up import ask_day_and_time, read_day_and_time, show_agreed_time
from dashboard.language import _
from leads.calls import outcome_correction
from leads.i18n.translatable import Phrase, capitalize_first
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.dispositions import DISPOSITION_TITLES, Disposition
from leads.read_models.said_calls import SaidCall

AGAIN = str(Disposition.CALL_AGAIN)
CORRECTIONS: dict[str, Phrase] = {
    **{word: label for word, label in ANSWERS.items() if word != TOMORROW},
    AGAIN: DISPOSITION_TITLES[Disposition.CALL_AGAIN],
}


@widgets.in_stable_container
def draw_said_calls(calls: tuple[SaidCall, ...], *, title: str, names_person: bool = True) -> None:
    """Draw calls with what was said of each, to be corrected."""
    if not calls:
        return
    st.subheader(title, anchor=False)
    for call in calls:
        at, what = page_text.instant_text(call.at), capitalize_first(_(call.what))
        who = page_text.escape_markdown(_(call.who))
        label = f"{at} · {who}" if names_person else at
        label = f"{label}: **{page_text.escape_markdown(what)}**"
        with st.expander(label, icon=":material/history:", key=f"said-{call.callback_id}"):
            draw_correction(call)


def draw_correction(call: SaidCall) -> None:
    """Draw what else can have come of a call, and the button that corrects it."""
    sentence = _("You can correct this for {time}; after that a supervisor can.")
    in_browser.draw_running_clock(
        f"correct-until-{call.callback_id}",
        call.until,
        sentence,
        written="watch",
        down=True,
        look="small",
    )
    choices = outcome_choices(CORRECTIONS, call.own)
    answer = st.pills(
        _("What was the actual outcome of the call?"),
        list(choices),
        format_func=lambda one: choice_label(choices, one),
        key=f"correct-{call.callback_id}-{call.what}",  # chosen anew once it is corrected
        wrap=True,
    )
    keys = None
    if answer == AGAIN:
        keys = ask_day_and_time(f"correct-{call.callback_id}", call.zone)
    st.button(
        _("Correct the outcome"),
        on_click=correct_as_chosen,
        args=(call, answer or "", keys),
        icon=":material/edit:",
        key=f"correct-it-{call.callback_id}",
        disabled=answer is None,
    )


def correct_as_chosen(call: SaidCall, answer: str, keys: tuple[str, str] | None) -> None:
    """Correct what came of a call, and say what happens now."""
    if keys is None:
        page_actions.run_as_signed_in(
            _correct_outcome(call, answer), _("Corrected. What was said before stays in the file.")
        )
        return
    due_at = read_day_and_time(*keys, call.zone)
    agreed = page_actions.run_for_result(
        lambda s, a: outcome_correction.correct_to_call_again(
            s,
            s.get_one(Callback, call.callback_id),
            a,
            due_at=due_at,
            now=viewer.read_utc_clock(),
        )
    )
    if agreed:
        show_agreed_time(agreed, call.zone)


def _correct_outcome(call: SaidCall, answer: str) -> Callable[[Session, Advisor], None]:
    def correct(session: Session, person: Advisor) -> None:
        callback, now = session.get_one(Callback, call.callback_id), viewer.read_utc_clock()
        if answer == MACHINE:
            outcome_correction.correct_to_machine(session, callback, person, now=now)
            return
        disposition, own_id = read_choice(answer, call.own)
        outcome_correction.correct_disposition(
            session, callback, person, disposition, own_id=own_id, now=now
        )

    return correct
