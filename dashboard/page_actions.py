"""Page actions: what somebody does on a page, as whoever is signed in, and what came of it.

What came of it stays on the screen until the next action.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, TypeVar

import streamlit as st
from sqlmodel import Session

from dashboard import page_reading, viewer
from leads.database.transactions import transaction
from leads.errors import LeadsError, ProofNeeded
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_log import set_origin
from leads.models.advisors import Advisor
from leads.people import looks, sessions
from leads.people.permissions import HAS_RECENT_PROOF

Seen = TypeVar("Seen")

UNDONE = Phrase("Undone. It waits again as before.")
SHOWN_KEY = "shown when a button was pressed"
ACTION_MESSAGE_KEY = "what came of the last action"
"""The key of the last action's message; a widget with this key would take it along when it goes."""
ANSWERS_KEY = "count and kind of the answers to actions"

AnswerKind = Literal["success", "warning"]
Act = Callable[[Session, Advisor], object]
"""What somebody who is signed in does, in a transaction."""


@dataclass(frozen=True)
class LastAction:
    """What came of the last action, and what takes it back where something does.

    `needs_proof`: it was refused until whoever acts has confirmed that it is them.
    """

    kind: AnswerKind
    sentence: str
    undo: Act | None = None
    needs_proof: bool = False


def run_as_signed_in(verb: Callable[[Session, Advisor], object], done: str = "") -> bool:
    """Run one verb as the colleague who is signed in, in a transaction; False if it is refused.

    A refusal becomes a sentence that stays until the next action.
    """
    return run_for_result(lambda s, a: (verb(s, a),), done) is not None


def run_for_result(verb: Callable[[Session, Advisor], Seen], done: str = "") -> Seen | None:
    """Run one verb as `run_as_signed_in` does; returns what it returns, None if it is refused."""
    try:
        with page_reading.refusals_of_screen_on_record(), transaction() as session:
            set_origin(session, viewer.screen_origin())
            advisor = session.get_one(Advisor, viewer.require_signed_in_advisor().advisor_id)
            session.info[HAS_RECENT_PROOF] = lambda: sessions.has_recent_proof(
                session, viewer.screen_sign_in_id(), now=viewer.read_utc_clock()
            )
            result = verb(session, advisor)
            shown = page_reading.find_new_looks(result)
            looks.record_looks(session, advisor, shown, now=viewer.read_utc_clock())
    except LeadsError as refusal:
        needs_proof = isinstance(refusal, ProofNeeded)
        set_action_message(refusal.args[0], kind="warning", needs_proof=needs_proof)
        return None
    page_reading.keep_looks_known(shown)
    _keep_answer("success", LastAction("success", done) if done else None)
    return result


def act_and_redraw(verb: Act, done: str = "", *, undo: Act | None = None) -> NoReturn:
    """Run one verb as `run_as_signed_in` does, and draw the page as it is then.

    `undo`: what takes it back, by a button beside what came of it.
    """
    if run_as_signed_in(verb, done) and undo:
        set_action_message(done, undo=undo)
    st.rerun()


def note_shown(shown: object) -> None:
    """Note what a page showed when a button was pressed: it may have changed before it is read."""
    st.session_state[SHOWN_KEY] = shown


def take_shown() -> Any:
    """Return what the page showed when the button was pressed."""
    return st.session_state.pop(SHOWN_KEY)


def set_action_message(
    sentence: str,
    *,
    kind: AnswerKind = "success",
    undo: Act | None = None,
    needs_proof: bool = False,
) -> None:
    """Show a sentence on this screen until the next action, with the button that takes it back.

    `needs_proof`: with the link to where its person confirms that it is them instead.
    """
    _keep_answer(kind, LastAction(kind, sentence, undo, needs_proof))


def answers_to_actions() -> tuple[int, AnswerKind | None]:
    """Return how many actions of this screen were answered, and of which kind the last one was."""
    answers: tuple[int, AnswerKind | None] = st.session_state.get(ANSWERS_KEY, (0, None))
    return answers


def action_message() -> str:
    """Return the sentence about the last action, empty where there is none."""
    last: LastAction | None = st.session_state.get(ACTION_MESSAGE_KEY)
    return last.sentence if last else ""


def clear_action_message() -> None:
    """Show no sentence about the last action any more."""
    st.session_state.pop(ACTION_MESSAGE_KEY, None)


def clear_success_message() -> None:
    """Show no more what went well last; what somebody must read stays."""
    last: LastAction | None = st.session_state.get(ACTION_MESSAGE_KEY)
    if last and last.kind == "success":
        clear_action_message()


def _keep_answer(kind: AnswerKind, message: LastAction | None) -> None:
    """Keep what came of an action: its message, and which answer of this screen it is."""
    count, _last = answers_to_actions()
    st.session_state[ANSWERS_KEY] = (count + 1, kind)
    st.session_state[ACTION_MESSAGE_KEY] = message
