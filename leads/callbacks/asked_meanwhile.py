"""Asked meanwhile: calls that somebody asks for while we ring them, talk, or write it up.

That conversation is no answer: somebody else at their phone may have asked, or they thought of
something afterwards. Once its callback is over, what they asked for is promised anew, with the
danger that they spoke of since, and with what it is held for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from leads.callbacks import holds
from leads.callbacks.lead_closing import reopen_lead_if_closed
from leads.callbacks.rescheduling import move_to_permitted_time
from leads.incidents import course
from leads.lifecycle.audit_trail import record_event
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import CallbackOrigin, CallbackState, LeadState, Result
from leads.models.inbound import InboundCall
from leads.models.requests import Lead
from leads.models.watching import Transition

ASKED_CALL, ASKED_LATER = "asked_call", "asked_later"  # events that change no state
ASKED_BESIDE = (CallbackState.CALLING, CallbackState.WRAP_UP)
"""In these whoever writes may ask for another call than the one that is under way."""


@dataclass(frozen=True)
class MeanwhileRequest:
    """A call that was asked for since the last one began: when, for when, and how.

    Who asked on the phone asked when they rang, and by a form when it came.
    """

    at: datetime
    due_at: datetime
    origin: CallbackOrigin
    any_hour: bool = False


def find_meanwhile_request(session: Session, callback: Callback) -> MeanwhileRequest | None:
    """Return what was asked for since the last call of a callback was answered, if it was.

    Where nobody was reached, it is what was asked for since that call began. The first request
    keeps its place, unless they put it off. A text or a form counts from the end of a conversation
    on: until then the advisor reads it. None where another callback has come since.
    """
    attempts = select(CallAttempt).where(CallAttempt.callback_id == callback.id)
    last = session.exec(attempts.order_by(col(CallAttempt.requested_at).desc()).limit(1)).first()
    if last is None or _is_followed(session, callback):
        return None
    has_talked = last.answered_at is not None and last.result != Result.LEAD_VOICEMAIL
    since = last.answered_at if has_talked else last.requested_at
    asked = select(Transition).where(
        Transition.record == Callback.__tablename__,
        Transition.record_id == str(callback.id),
        col(Transition.event).in_((ASKED_CALL, ASKED_LATER)),
        col(Transition.at) > since,
    )
    found = None
    for one in session.exec(asked.order_by(col(Transition.id))).all():
        is_of_call = "inbound_call" in one.changes
        is_after = callback.ended_at is not None and one.at > callback.ended_at
        is_counted = found is None or one.event == ASKED_LATER
        if is_counted and (is_of_call or is_after or not has_talked):
            found = _read_request(session, one)
    return found


def _read_request(session: Session, asked: Transition) -> MeanwhileRequest:
    if call_id := asked.changes.get("inbound_call"):
        rang_at = session.get_one(InboundCall, call_id).rang_at
        return MeanwhileRequest(rang_at, rang_at, CallbackOrigin.CALLED_BACK)
    came_at = asked.changes.get("received_at")
    at = datetime.fromisoformat(came_at) if came_at else asked.at
    due_at = max(at, datetime.fromisoformat(asked.changes["due_at"]))
    any_hour = bool(asked.changes.get("any_hour"))
    return MeanwhileRequest(at, due_at, CallbackOrigin.REQUEST, any_hour=any_hour)


def promise_what_was_asked_meanwhile(
    session: Session, callback: Callback, *, actor: str, now: datetime
) -> None:
    """Promise a lead whose callback is over the call that they asked for meanwhile, if they did.

    They keep their place from when they asked. Nothing is promised to whoever said stop.
    """
    asked = find_meanwhile_request(session, callback)
    lead = session.get_one(Lead, callback.lead_id)
    if asked is None or lead.state == LeadState.SUPPRESSED:
        return
    reopen_lead_if_closed(session, lead, actor=actor, now=now)
    promised = Callback(
        lead_id=lead.id,
        brand_id=callback.brand_id,
        source_id=callback.source_id,
        origin=asked.origin,
        received_at=asked.at,
        promised_at=asked.due_at,
        due_at=asked.due_at,
        any_hour=asked.any_hour,
        **_danger_since_end(callback),
    )
    session.add(promised)
    session.flush()
    causes = holds.open_causes_of(session, callback)  # since the call, which lifted all before it
    holds.replace_holds(session, promised, causes, by=actor, now=now)
    if promised.danger and not promised.is_of_burst:
        course.open_incident(session, promised, promised.danger, by=actor, now=now)
    move_to_permitted_time(session, promised, max(asked.due_at, now), actor=actor, now=now)
    if promised.due_at > now:
        promised.promised_at = promised.due_at
    else:
        promised.due_at = asked.due_at
    record_event(session, promised, ASKED_CALL, actor=actor, now=now, due_at=promised.due_at)


def _danger_since_end(callback: Callback) -> dict[str, Any]:
    """Return the danger that somebody spoke of since their call: nobody has heard it yet."""
    if not (callback.danger_at and callback.ended_at and callback.danger_at > callback.ended_at):
        return {}
    return {name: getattr(callback, name) for name in ("danger", "danger_at", "is_of_burst")}


def _is_followed(session: Session, callback: Callback) -> bool:
    """Whether a lead has a later callback with the same helpline."""
    later = select(Callback.id).where(
        Callback.lead_id == callback.lead_id,
        Callback.brand_id == callback.brand_id,
        col(Callback.id) > callback.id,
    )
    return session.exec(later.limit(1)).first() is not None
