"""Calls of which nobody recorded what came of them: asked by phone again, then held and asked.

Nobody is closed by silence.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads.callbacks import completion, conversations, holds
from leads.callbacks.rescheduling import RescheduleOutcome
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import NotAllowed, NotNow
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import SystemActor
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, Hold
from leads.models.dispositions import Disposition
from leads.models.enums import CallbackState, HoldReason, OutboxKind
from leads.outbox import orders
from leads.people import presence
from leads.people.permissions import Permission, actor_of, require_permission, role_may

SECOND_RING = timedelta(minutes=2)
"""How long a wrap-up waits for the answer of an advisor who is rung a second time."""


def is_asked_by_keypad(attempt: CallAttempt, advisor: Advisor, *, now: datetime) -> bool:
    """Whether an advisor has nothing but the phone on which to say what came of a call.

    Whoever took the call by phone is asked there, though their duty is over by now.
    """
    if presence.is_on_duty_by_phone_only(advisor, now=now):
        return True
    return attempt.requested_by == SystemActor.SCHEDULER and not presence.has_open_desk(
        advisor, now=now
    )


def ask_again_by_phone(
    session: Session, callback: Callback, advisor: Advisor, *, now: datetime
) -> bool:
    """Order a second ring to an advisor who hung up without a key; False where there was one.

    The wrap-up lasts until they had time to answer. False, too, for an advisor with a desk.
    """
    attempt = conversations.find_last_answered_attempt(session, callback)
    if (
        callback.disposition is not None
        or attempt is None
        or attempt.advisor_id != advisor.id
        or not advisor.phone
        or not is_asked_by_keypad(attempt, advisor, now=now)
    ):
        return False
    key = f"outcome:{attempt.id}"
    if not orders.put_order_once(
        session, OutboxKind.ASK_OUTCOME, key, {}, now=now, attempt_id=attempt.id
    ):
        return False
    callback.lease_until = now + SECOND_RING
    session.add(callback)
    wake_after_commit(session, Wakeup.RELAY)
    return True


def record_late_disposition(
    session: Session,
    callback: Callback,
    person: Advisor,
    disposition: Disposition,
    *,
    own_id: int | None = None,
    now: datetime,
) -> None:
    """Record what came of a call whose wrap-up ran out: the callback is completed.

    Raises NotNow for "call again" and where the question is answered, NotAllowed for a colleague
    who neither had the call nor decides about holds.
    """
    lock_unrecorded_call(session, callback, person)
    completion.require_final_disposition(disposition)
    _lift_question(session, callback, person, now=now)
    actor = actor_of(person)
    completion.complete_callback(
        session, callback, disposition, own_id=own_id, actor=actor, now=now
    )


def reschedule_late(
    session: Session, callback: Callback, person: Advisor, *, due_at: datetime, now: datetime
) -> RescheduleOutcome:
    """Put a callback off, because the lead had asked for it in a call whose wrap-up ran out.

    Raises as `record_late_disposition`.
    """
    lock_unrecorded_call(session, callback, person)
    _lift_question(session, callback, person, now=now)
    return completion.put_off_callback(
        session, callback, due_at=due_at, actor=actor_of(person), now=now
    )


def lock_unrecorded_call(session: Session, callback: Callback, person: Advisor) -> CallAttempt:
    """Lock a callback that waits for somebody to say what came of a call; returns the call.

    Raises NotNow where nothing is asked any more, NotAllowed for whoever may not say it.
    """
    require_permission(person, Permission.TAKE_CALLBACKS, callback)
    session.refresh(callback, with_for_update=True)
    attempt = conversations.find_last_answered_attempt(session, callback)
    if attempt is None or not _is_in_question(session, callback):
        msg = Phrase("Too late to undo: the outcome is on record.")
        raise NotNow(msg)
    if attempt.advisor_id != person.id and not role_may(person.role, Permission.RELEASE_HOLD):
        msg = Phrase("Only the advisor who took the call or a supervisor can record the outcome.")
        raise NotAllowed(msg)
    return attempt


def list_unrecorded_calls(session: Session, advisor: Advisor) -> list[tuple[Callback, CallAttempt]]:
    """Return the calls that this advisor had and recorded nothing of, latest first."""
    asked = (
        select(Callback, CallAttempt)
        .join(Hold, col(Hold.callback_id) == col(Callback.id))
        .join(CallAttempt, col(CallAttempt.callback_id) == col(Callback.id))
        .where(
            Hold.reason == HoldReason.UNRECORDED_CALL,
            col(Hold.lifted_at).is_(None),
            Callback.state == CallbackState.WAITING,
            CallAttempt.advisor_id == advisor.id,
            col(CallAttempt.ended_at) == col(Callback.ended_at),
        )
        .order_by(col(CallAttempt.answered_at).desc())
    )
    return list(session.exec(asked))


def _is_in_question(session: Session, callback: Callback) -> bool:
    causes = holds.open_causes_of(session, callback)
    return callback.state == CallbackState.WAITING and _has_question(causes)


def _has_question(causes: Iterable[holds.HoldCause]) -> bool:
    return any(cause.reason == HoldReason.UNRECORDED_CALL for cause in causes)


def _lift_question(session: Session, callback: Callback, person: Advisor, *, now: datetime) -> None:
    reasons = (HoldReason.UNRECORDED_CALL,)
    holds.lift_holds_for(session, callback, reasons, by=actor_of(person), now=now)
