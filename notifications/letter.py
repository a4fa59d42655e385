"""Letters: what a supervisor is told, by whichever method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from leads.models.enums import NoticeMethod
from notifications.messages import MessageContent


@dataclass(frozen=True)
class Letter:
    """What one person is told by one method; an empty `caller_id` stands for the account's own."""

    notice_id: int
    way: NoticeMethod
    address: str
    caller_id: str
    written_at: datetime
    words: MessageContent
    brief: str
    is_test: bool = False
    language: str = "en"


Send = Callable[[Letter], None]
"""Sends a letter or raises TelephonyError, which says whether it may have gone out."""
