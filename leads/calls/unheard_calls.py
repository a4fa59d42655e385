"""Unheard calls: which came in while the desk was down, and of which nobody told it.

Who called heard the network's own words, or nothing. They are counted as whoever hung up while
waiting, at the time at which they rang, and called back by the same rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from leads.callbacks import conversations
from leads.calls import caller_queue, inbound_news
from leads.helplines import phone_lines
from leads.models.enums import InboundState, LegStatus
from leads.models.inbound import InboundCall


@dataclass(frozen=True)
class ListedCall:
    """A call to a number of ours, as the network lists it.

    `sender`: the caller's number, empty where it was withheld. `ended_at`: None while it goes on.
    """

    network_id: str
    sender: str
    number: str
    came_at: datetime
    ended_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether the network has nothing more to tell of it."""
        return self.ended_at is not None


def record_unheard_call(session: Session, listed: ListedCall, *, now: datetime) -> None:
    """Record a call that nobody told us of, unless somebody has done so meanwhile.

    Whether the helpline answers its phone at that time is a matter of its hours: who was on duty is
    not known any more. Who has talked with us since is not called back for it.
    """
    brand = phone_lines.find_called_brand(session, listed.number)
    if brand is None:
        return
    settings = phone_lines.read_inbound_settings(session, brand.id)
    is_answered = phone_lines.is_phone_answered(settings, now=listed.came_at)
    is_new = caller_queue.add_inbound_call(
        session,
        listed.network_id,
        listed.sender,
        brand,
        is_answered=is_answered,
        rang_at=listed.came_at,
        now=now,
    )
    call = caller_queue.lock_inbound_call(
        session, InboundCall.provider_call_id == listed.network_id
    )
    if call is None or not is_new:
        return
    call.ended_at = listed.ended_at
    session.add(call)
    if call.state == InboundState.WAITING and not _has_talked_since(session, call):
        caller_queue.find_or_add_callers_callback(session, call, now=now)
    inbound_news.apply_call_report(session, listed.network_id, LegStatus.COMPLETED, now=now)


def _has_talked_since(session: Session, call: InboundCall) -> bool:
    return bool(call.phone) and conversations.is_answered_since(session, call.phone, call.rang_at)
