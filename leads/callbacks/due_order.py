"""Which waiting callbacks go first, and whether the gate lets them be rung now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from leads.contact_rules import gate
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.models.calls import Callback
from leads.models.requests import Lead
from leads.models.words import CallbackState


def lock_due_callbacks(session: Session, most: int, *, now: datetime) -> Sequence[Any]:
    """Lock and return the callbacks that are due, first things first, `most` of them at most.

    Each comes with its lead and with the contact history that the gate needs.
    """
    return session.execute(
        TOP_DUE, {"now": now, "since": gate.cap_window_start(now), "most": most}
    ).all()


def permit_or_defer_callbacks(
    session: Session, due: Sequence[Any], *, now: datetime
) -> Iterator[tuple[Callback, Lead]]:
    """Yield the due callbacks that the gate allows, and defer the others."""
    for callback, lead, *known in due:
        on_file = gate.ContactHistory(*known)
        decision = gate.decide_and_record(
            session, callback, lead, gate.GateMoment.OFFER, now=now, on_file=on_file
        )
        if decision.allowed:
            yield callback, lead
        else:
            defer_callback(session, callback, decision)


def defer_callback(session: Session, callback: Callback, decision: gate.Decision) -> None:
    """Put a callback off that the gate refuses.

    It is due when the gate says that it may agree, or held where only a person can change the
    answer.
    """
    callback.due_at = decision.not_before or callback.due_at
    callback.hold = "" if decision.not_before else decision.sentence
    session.add(callback)
    session.flush()
    wake_after_commit(session, Wakeup.DESK)


def next_callback_due_at(session: Session, *, now: datetime) -> datetime | None:
    """Return when the next callback becomes due; None where no more will.

    Only waiting callbacks that are not held and not due at `now` count.
    """
    return session.exec(NEXT_CALLBACK_DUE, params={"now": now}).first()


_waiting_conditions: tuple[Any, ...] = (
    Callback.state == CallbackState.WAITING,
    Callback.hold == "",
)
TOP_DUE = (
    sqlalchemy.select(Callback, Lead, *gate.CONTACT_HISTORY)
    .join(Lead, col(Lead.id) == col(Callback.lead_id))
    .where(*_waiting_conditions, col(Callback.due_at) <= bindparam("now"))
    .order_by(col(Callback.urgency).desc(), col(Callback.due_at), col(Callback.id))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=Callback)
)
NEXT_CALLBACK_DUE = (
    select(Callback.due_at)
    .where(*_waiting_conditions, col(Callback.due_at) > bindparam("now"))
    .order_by(col(Callback.due_at))
    .limit(1)
)
"""Made once: building them costs more than running them."""
