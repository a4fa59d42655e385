"""Missed texts: which came in while the desk was down, and of which nobody told it since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from leads.messaging.inbound_texts import TextDelivery, receive_text_message


@dataclass(frozen=True)
class ListedText:
    """A text that somebody sent to a number of ours, as the network lists it."""

    network_id: str
    sender: str
    body: str
    came_at: datetime
    beside: TextDelivery

    @property
    def number(self) -> str:
        """The number of ours that it was sent to."""
        return self.beside.to

    @property
    def is_over(self) -> bool:
        """A text is whole as it comes."""
        return True


def receive_missed_text(session: Session, text: ListedText, *, now: datetime) -> None:
    """Take a text that nobody told us of, unless somebody has done so meanwhile."""
    receive_text_message(
        session,
        text.sender,
        text.body,
        message_id=text.network_id,
        sent_at=text.came_at,
        now=now,
        beside=text.beside,
    )
