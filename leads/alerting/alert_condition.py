"""What an alert is about: one thing that a supervisor has to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from leads.i18n.messages import Message, MessageKey
from leads.models.enums import AlertKind, HoldReason
from leads.models.helplines import Source


class DangerPlace(StrEnum):
    """Where those wait whom an alert counts for their words of danger."""

    QUEUE = "queue"
    SUBMISSIONS = "submissions"
    TEXTS = "texts"


@dataclass(frozen=True)
class AlertMark:
    """What the rows that an alert counts have in common with it, and no other row has."""

    kind: AlertKind
    source_id: int | None = None
    danger_in: DangerPlace | None = None


@dataclass(frozen=True)
class AlertCondition:
    """One thing that a supervisor has to look at.

    `sentence` says what it is and names no person: it is sent by e-mail and text. `since` is when
    it began, `newest` when the last callback or submission joined it, `count` how many there are.
    `kind` and `about` tell it from every other condition. Whom it counts, say its helpline, `hold`:
    those who are held for this reason, `danger_in`: those whose danger waits there, and
    `source_id`: those who came by this source alone.
    """

    kind: AlertKind
    about: str
    sentence: Message
    since: datetime
    newest: datetime
    brand_id: int | None = None
    count: int = 1
    hold: HoldReason | None = None
    danger_in: DangerPlace | None = None
    source_id: int | None = None


def condition_of_source(
    kind: AlertKind,
    key: MessageKey,
    source: Source,
    *,
    topic: str,
    count: int,
    since: datetime,
    newest: datetime,
    danger_in: DangerPlace | None = None,
) -> AlertCondition:
    """Return the condition that so many came by one source; `topic` tells it from its others."""
    return AlertCondition(
        kind,
        f"{topic}:{source.id}",
        Message(key, source=source.name, count=count),
        since,
        newest,
        source.brand_id,
        count,
        danger_in=danger_in,
        source_id=source.id,
    )
