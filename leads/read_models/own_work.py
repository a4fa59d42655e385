"""Own work: where the call or the callback in an advisor's hands stands, in one line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from leads.callbacks import completion, queue
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt
from leads.models.enums import AttemptState, CallbackState
from leads.models.labels import CALLER_TITLES, LIVE_CALL_TITLES
from leads.people.permissions import Permission, require_permission
from leads.read_models.calls_in_progress import is_rung_by_hand

RINGING = (AttemptState.REQUESTED, AttemptState.RINGING_ADVISOR)
WRAP_UP = Phrase("Your call has ended. Record the outcome.")
IN_HAND = Phrase("You have a callback to make.")


@dataclass(frozen=True)
class OwnWork:
    """What an advisor has in hand, in words that name nobody, and since when.

    `offer`: the id of the attempt that rings their phone now, or empty.
    """

    title: Phrase
    since: datetime | None
    offer: str = ""


def read_own_work(session: Session, advisor: Advisor) -> OwnWork | None:
    """Return what an advisor has in hand, or None."""
    require_permission(advisor, Permission.TAKE_CALLBACKS)
    callback = queue.current_callback_of(session, advisor)
    if callback is None:
        return None
    attempt = completion.find_live_attempt(session, callback)
    if attempt is not None and not (attempt.state in RINGING and is_rung_by_hand(session, attempt)):
        return _work_of_call(attempt)
    if callback.state == CallbackState.WRAP_UP:
        return OwnWork(WRAP_UP, callback.ended_at)
    return OwnWork(IN_HAND, None)


def _work_of_call(attempt: CallAttempt) -> OwnWork:
    titles = CALLER_TITLES if attempt.inbound_call_id else LIVE_CALL_TITLES
    offer = attempt.id if attempt.state in RINGING else ""
    since = attempt.answered_at or attempt.rung_at or attempt.requested_at
    return OwnWork(titles[attempt.state], since, offer)
