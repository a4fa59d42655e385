"""Call legs: what Twilio calls a Call."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from tests.support.twilio_simulator.scripts import Phone

TERMINAL = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


@dataclass(frozen=True)
class Source:
    """Where the next TwiML document comes from: a URL to request, or the text itself."""

    url: str
    method: str = "POST"
    extra: tuple[tuple[str, str], ...] = ()
    text: str = ""
    fallback: str = ""


@dataclass
class Leg:
    """One call leg. `options` is what the application asked for, by REST or as a <Number>."""

    sid: str
    to: str
    from_: str
    direction: str
    phone: Phone
    created: datetime
    parent: Leg | None = None
    callback: str = ""
    callback_method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})
    options: dict[str, str] = field(default_factory=dict)
    status: str = "queued"
    started: datetime | None = None
    answered: datetime | None = None
    ended: datetime | None = None
    updated: datetime | None = None
    answered_by: str = ""
    queue_time: float = 0.0
    sequence: int = 0
    gathers: int = 0
    silence: float = 0.0  # seconds for which this leg has heard nothing, outside of conferences
    pressed: list[str] = field(default_factory=list)
    is_bridged: bool = False
    is_hanging_up: bool = False
    talks_until: datetime | None = None
    conferences: list[str] = field(default_factory=list)  # those it was in
    accepted_by: str = ""  # who had pressed a key when this leg was asked for
    control: asyncio.Queue[Source | None] = field(default_factory=asyncio.Queue)
    finished: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def seconds(self) -> int:
        """The answered time in whole seconds."""
        if not self.answered or not self.ended:
            return 0
        return round((self.ended - self.answered).total_seconds())

    @property
    def person(self) -> str:
        """Return the number of whoever is not us."""
        return self.from_ if self.direction == "inbound" else self.to

    @property
    def is_over(self) -> bool:
        return self.status in TERMINAL

    def hang_up(self) -> None:
        """Ask whoever plays the leg to end it."""
        self.is_hanging_up = True
        self.control.put_nowait(None)
