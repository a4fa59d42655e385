"""Claims: a callback is one advisor's, whoever chose it, and its call is ordered with it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from leads.callbacks import due_order
from leads.callbacks.wish_matching import AdvisorMatch
from leads.database.bulk_rows import insert_returning
from leads.errors import LostRace
from leads.i18n.translatable import Phrase
from leads.lifecycle.transitions import Move, advance_all
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import MatchReason, OutboxKind
from leads.outbox import call_orders

LEASE = timedelta(minutes=3)  # to read the file and press Call
CALL_CHANGES: dict[str, Any] = {"lease_until": None}  # what calling changes


def claim_callbacks(
    session: Session,
    claims: Sequence[tuple[Callback, int, MatchReason | None]],
    *,
    actor: str,
    now: datetime,
    **then: dict[str, Any],
) -> None:
    """Claim each callback for the advisor with the id beside it, with why it is this one.

    `then`: events that follow the claim in the same act, each with what it changes.
    """
    until = now + LEASE
    has_reasons = any(reason or callback.match for callback, _advisor_id, reason in claims)
    moves = []
    for callback, advisor_id, reason in claims:
        claim: dict[str, Any] = {"advisor_id": advisor_id, "lease_until": until}
        claim |= {"match": reason} if has_reasons else {}
        moves.append(Move(callback, {"claim": claim, **then}))
    advance_all(session, moves, actor=actor, now=now)


def create_attempts_and_order_calls(
    session: Session, matches: Sequence[AdvisorMatch], *, actor: str, now: datetime
) -> list[CallAttempt]:
    """Create an attempt for each match and order its call from the relay."""
    ordered = {"requested_by": actor, "requested_at": now, "heard_at": now}
    rows = [
        {
            "callback_id": match.callback.id,
            "advisor_id": match.advisor.advisor_id,
            "phone": match.phone or match.lead.phone,
            "advisor_phone": match.advisor.phone or None,
            "inbound_call_id": match.inbound_call_id,
            **ordered,
        }
        for match in matches
    ]
    with lost_race_on_conflict():
        attempts = insert_returning(session, CallAttempt, rows)
    call_orders.enqueue_call_orders(session, OutboxKind.PLACE_CALL, *attempts, now=now)
    return attempts


def record_decisions_of(
    session: Session,
    new: Sequence[AdvisorMatch],
    allowed: Sequence[due_order.DueCallback],
    *,
    now: datetime,
) -> None:
    """Store what the gate answered about those of the allowed callbacks that have been matched."""
    offered = {one.callback.id for one in new}
    due_order.record_offer_decisions(
        session, [one for one in allowed if one.callback.id in offered], now=now
    )


@contextlib.contextmanager
def lost_race_on_conflict() -> Iterator[None]:
    """Raise LostRace where a unique index of the database refuses what somebody else did first."""
    try:
        yield
    except IntegrityError:
        raise LostRace(Phrase("Someone else got there first.")) from None
