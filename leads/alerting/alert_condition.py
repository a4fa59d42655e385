"""What an alert is about: one thing that a supervisor has to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from leads.i18n.messages import Message
from leads.models.enums import AlertKind


@dataclass(frozen=True)
class AlertCondition:
    """One thing that a supervisor has to look at.

    `sentence` says what it is and names no person: it is sent by e-mail and text. `since` is when
    it began, `newest` when the last callback or submission joined it, `count` how many there are.
    `kind` and `about` tell it from every other condition.
    """

    kind: AlertKind
    about: str
    sentence: Message
    since: datetime
    newest: datetime
    brand_id: int | None = None
    count: int = 1
