"""The question what came of a call that nobody recorded, on the desk and on the work list."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from sqlmodel import Session

from dashboard import page_actions, page_text, viewer
from dashboard.desk.outcome_choices import choice_label, outcome_choices, read_choice
from dashboard.desk.wrap_up import OUTCOMES
from dashboard.language import _
from leads.callbacks import completion, unrecorded_calls
from leads.callbacks.own_dispositions import OwnDisposition
from leads.calls import manual_dialing
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.dispositions import DISPOSITION_TITLES, Disposition
from leads.read_models.advisor_desk import UnrecordedCall

MACHINE, TOMORROW = "machine", "tomorrow"
ANSWERS: dict[str, Phrase] = {
    **{str(outcome): label for outcome, label in OUTCOMES.items()},
    Disposition.WRONG_PERSON: DISPOSITION_TITLES[Disposition.WRONG_PERSON],
    MACHINE: Phrase("A machine answered"),
    TOMORROW: Phrase("Call again tomorrow"),
}


def draw_unrecorded_calls(calls: tuple[UnrecordedCall, ...]) -> None:
    """Draw the advisor's calls of which nothing is recorded, each with the question."""
    for call in calls:
        with st.container(border=True, key=f"unrecorded-{call.callback_id}"):
            at, who = page_text.instant_text(call.at), page_text.escape_markdown(_(call.who))
            st.write(
                _("You had a call at {time} with {who}: what was the outcome?", time=at, who=who)
            )
            draw_outcome_question(call.callback_id, call.own)


def draw_outcome_question(callback_id: int, own: tuple[OwnDisposition, ...] = ()) -> None:
    """Draw what can have come of a call, and the button that records it."""
    choices = outcome_choices(ANSWERS, own)
    answer = st.pills(
        _("What was the outcome of the call?"),
        list(choices),
        format_func=lambda one: choice_label(choices, one),
        key=f"late-{callback_id}",
        wrap=True,
    )
    if (
        st.button(_("Save outcome"), key=f"record-{callback_id}", disabled=answer is None)
        and answer
    ):
        recording = _record_outcome(callback_id, answer, own)
        page_actions.act_and_redraw(recording, _("Recorded. Thank you."))


def _record_outcome(
    callback_id: int, answer: str, own: tuple[OwnDisposition, ...]
) -> Callable[[Session, Advisor], None]:
    def record_answer(session: Session, person: Advisor) -> None:
        callback, now = session.get_one(Callback, callback_id), viewer.read_utc_clock()
        if answer == MACHINE:
            manual_dialing.record_late_voicemail(session, callback, person, now=now)
        elif answer == TOMORROW:
            due_at = completion.same_time_tomorrow(session, callback, now=now)
            unrecorded_calls.reschedule_late(session, callback, person, due_at=due_at, now=now)
        else:
            disposition, own_id = read_choice(answer, own)
            unrecorded_calls.record_late_disposition(
                session, callback, person, disposition, own_id=own_id, now=now
            )

    return record_answer
