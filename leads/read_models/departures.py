"""Departures as read: who left an advisor's hands, or came into them, without their doing."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from leads.i18n.translatable import NamedTimeOfDay, Phrase
from leads.lead_records import call_notes
from leads.lifecycle.audit_trail import HAND_OVER, SystemActor
from leads.lifecycle.state_tables import CallbackEvent
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import CLAIMED_CALLBACK, CallbackState
from leads.models.requests import Lead
from leads.models.watching import Transition
from leads.people.permissions import ADVISOR_ACTOR, actor_of_id
from leads.person_names import masked_name

NEWS_FOR = timedelta(hours=1)
NO_NAME = Phrase("Someone without a name")
ENDINGS = (
    CallbackEvent.EXPIRE,
    CallbackEvent.RELEASE,
    CallbackEvent.CANCEL,
    CallbackEvent.HAND_BACK,
    CallbackEvent.MISS,
    CallbackEvent.EXHAUST,
    CallbackEvent.DISPOSE,
    CallbackEvent.RESCHEDULE,
)
"""What ends an advisor's time with a callback; a wrap-up's end asks a question of its own."""


def find_lost_callback(session: Session, advisor_id: int, *, now: datetime) -> int | None:
    """Return the callback that an advisor lost last, where they may not have read of it yet.

    They finished no work since, and it was within the hour.
    """
    advisor = session.get_one(Advisor, advisor_id)
    callback = session.get(Callback, advisor.lost_callback_id or 0)
    loss = _find_loss(session, callback, advisor_id) if callback else None
    is_news = loss is not None and loss.at >= max(advisor.idle_since, now - NEWS_FOR)
    return advisor.lost_callback_id if is_news else None


def read_departure(
    session: Session, callback_id: int, advisor_id: int, *, zone: str
) -> tuple[Phrase, ...]:
    """Return why an advisor has a callback no more, where it is now, and what is kept.

    Nothing where the advisor did that, or where it is still theirs. `zone`: the advisor's.
    """
    callback = session.get_one(Callback, callback_id)
    loss = _find_loss(session, callback, advisor_id)
    if loss is None:
        return ()
    name = masked_name(session.get_one(Lead, callback.lead_id).name) or NO_NAME
    at = NamedTimeOfDay(f"{loss.at.astimezone(ZoneInfo(zone)):%H:%M}")
    if loss.event == HAND_OVER:
        why = Phrase("Your phone left the call with {name}.", name=name)
    elif loss.event == CallbackEvent.EXPIRE:
        why = Phrase("Your time with {name} ran out at {time}.", name=name, time=at)
    elif (loss.event, loss.actor) == (CallbackEvent.RELEASE, SystemActor.NETWORK):
        why = Phrase("A call that you joined became yours, so {name} was set aside.", name=name)
    elif loss.event not in (CallbackEvent.RELEASE, CallbackEvent.CANCEL):
        return ()
    elif loss.actor.startswith(ADVISOR_ACTOR):
        why = Phrase("A colleague took over {name}.", name=name)
    else:
        why = Phrase("{name} is no longer assigned to you.", name=name)
    return (why, _where_they_are(session, callback), *_kept(session, callback_id, advisor_id))


def read_arrival(session: Session, callback_id: int, advisor_id: int) -> Phrase | None:
    """Return why a call is an advisor's who only took part in it; None where it is as they know."""
    callback = session.get_one(Callback, callback_id)
    if callback.state != CallbackState.CALLING or callback.advisor_id != advisor_id:
        return None
    dropped = _find_hand_over_by_network(session, callback_id)
    if dropped is None or dropped.changes.get("advisor") != advisor_id:
        return None
    giver = session.get(Advisor, dropped.changes.get("giver"))
    name = giver.name if giver else ""
    return Phrase("The call is yours now: {name}'s phone left it.", name=name)


def _find_loss(session: Session, callback: Callback, advisor_id: int) -> Transition | None:
    """Return what took a callback out of an advisor's hands without their doing."""
    if callback.advisor_id == advisor_id and callback.state in CLAIMED_CALLBACK:
        return None
    dropped = _find_hand_over_by_network(session, callback.id)
    if dropped and dropped.changes.get("giver") == advisor_id:
        return dropped
    theirs = select(Transition).where(
        Transition.record == "callback",
        Transition.record_id == str(callback.id),
        col(Transition.event).in_(ENDINGS),
    )
    ending = session.exec(theirs.order_by(col(Transition.id).desc()).limit(1)).first()
    return None if ending is None or ending.actor == actor_of_id(advisor_id) else ending


def _find_hand_over_by_network(session: Session, callback_id: int) -> Transition | None:
    """Return how a callback's newest call came to its advisor, where the one before hung up."""
    attempts = select(CallAttempt.id).where(CallAttempt.callback_id == callback_id)
    newest = session.exec(attempts.order_by(col(CallAttempt.requested_at).desc()).limit(1)).first()
    handed_over = select(Transition).where(
        Transition.record == CallAttempt.__tablename__,
        Transition.record_id == newest,
        Transition.event == HAND_OVER,
    )
    last = session.exec(handed_over.order_by(col(Transition.id).desc()).limit(1)).first()
    return last if last and last.actor == SystemActor.NETWORK else None


def _kept(session: Session, callback_id: int, advisor_id: int) -> tuple[Phrase, ...]:
    note = call_notes.find_own_note(session, callback_id, advisor_id)
    return (Phrase("Your notes are kept."),) if note and note.text.strip() else ()


def _where_they_are(session: Session, callback: Callback) -> Phrase:
    if callback.state == CallbackState.WAITING:
        if callback.is_held:
            return Phrase("They are held for review.")
        return Phrase("They are back in the queue and keep their place in it.")
    if callback.state in CLAIMED_CALLBACK and callback.advisor_id is not None:
        colleague = session.get_one(Advisor, callback.advisor_id)
        return Phrase("{name} has them now.", name=colleague.name)
    return Phrase("Their request is closed.")
