"""Conferences and who is in them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from tests.support.twilio_simulator.legs import Leg

NOTHING, RINGING, PEOPLE, MUSIC, WORDS = "nothing", "ringing", "people", "music", "words"
HOLDING = "nobody, for all others are on hold"
Mode = tuple[str, ...]
"""What somebody listens to: one of the above, or "wait" or "hold" with URL and method."""


class Heard(NamedTuple):
    """From when on somebody heard what, and whether an advisor was there."""

    at: datetime
    sound: str
    is_attended: bool


@dataclass
class Participant:
    """A call in a conference, or on its way there. The terms are those of its creation."""

    leg: Leg
    label: str = ""
    muted: bool = False
    hold: bool = False
    coached: str = ""  # the call SID of whom it coaches
    starts: bool = True
    ends: bool = False
    beep: str = "true"
    has_early_media: bool = True
    wait_url: str | None = None  # None is Twilio's own music, "" is none
    wait_method: str = "POST"
    hold_url: str | None = None
    hold_method: str = "GET"
    callback: str = ""  # of the conference, if it comes first
    callback_method: str = "POST"
    events: frozenset[str] = frozenset()
    joined: datetime | None = None
    updated: datetime | None = None
    left: datetime | None = None
    mode: Mode = ()
    heard: list[Heard] = field(default_factory=list)
    music: asyncio.Task[None] | None = None
    is_conversing: asyncio.Event = field(default_factory=asyncio.Event)
    out: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_talking(self) -> bool:
        """Whether somebody is there who can be heard, or would be if not muted."""
        return self.joined is not None and self.leg.answered is not None and not self.hold

    @property
    def is_advisor(self) -> bool:
        return not self.leg.phone.is_lead and bool(self.leg.pressed)

    @property
    def status(self) -> str:
        if self.joined and self.leg.answered:
            return "connected"
        return {"initiated": "connecting", "in-progress": "connected"}.get(
            self.leg.status, self.leg.status if not self.leg.is_over else "failed"
        )


@dataclass
class Conference:
    """A room. It lives from its first participant to its end, and a name can be used again."""

    sid: str
    name: str
    created: datetime
    status: str = "init"  # in-progress, completed
    participants: dict[str, Participant] = field(default_factory=dict)  # by call SID, also ringing
    history: list[Participant] = field(default_factory=list)
    callback: str = ""
    callback_method: str = "POST"
    events: frozenset[str] = frozenset()
    sequence: int = 0
    updated: datetime | None = None
    ended: datetime | None = None
    reason_ended: str | None = None
    ended_by: str | None = None

    def list_joined(self) -> list[Participant]:
        return [one for one in self.participants.values() if one.joined]

    def has_label(self, label: str, *, besides: str = "") -> bool:
        return bool(label) and any(
            one.label == label for sid, one in self.participants.items() if sid != besides
        )

    def find_participant(self, key: str) -> Participant | None:
        """Find a participant by call SID or label."""
        labelled = (one for one in self.participants.values() if one.label == key)
        return self.participants.get(key) or next(labelled, None)

    def choose_mode(self, one: Participant, *, is_music_back: bool) -> Mode:
        """Say what a participant listens to at the moment."""
        if one.hold:
            return ("hold", one.hold_url or "", one.hold_method)
        if self.status == "init":
            return ("wait",)
        others = [other for other in self.list_joined() if other is not one]
        audible = [other for other in others if other.coached in ("", one.leg.sid)]
        if any(other.is_talking for other in audible):
            return (PEOPLE,)
        if any(not other.leg.answered and other.has_early_media for other in audible):
            return (RINGING,)
        if audible:
            return (HOLDING,)
        return ("wait",) if is_music_back else (NOTHING,)


def read_noun(noun: Element, leg: Leg) -> Participant:
    """Return the terms of a <Conference> in TwiML."""
    return Participant(
        leg,
        label=noun.get("participantLabel", ""),
        muted=noun.get("muted") == "true",
        coached=noun.get("coach", ""),
        starts=noun.get("startConferenceOnEnter") != "false",
        ends=noun.get("endConferenceOnExit") == "true",
        beep=noun.get("beep", "true"),
        wait_url=noun.get("waitUrl"),
        wait_method=noun.get("waitMethod", "POST"),
        callback=noun.get("statusCallback", ""),
        callback_method=noun.get("statusCallbackMethod", "POST"),
        events=frozenset(noun.get("statusCallbackEvent", "").split()),
    )


def list_terms(one: Participant) -> dict[str, Any]:
    """Return a participant's terms as callbacks and resources name them."""
    return {
        "Muted": one.muted,
        "Hold": one.hold,
        "Coaching": bool(one.coached),
        "EndConferenceOnExit": one.ends,
        "StartConferenceOnEnter": one.starts,
    }


def list_spans(one: Participant) -> Iterator[tuple[float, Heard]]:
    """Yield for how many seconds somebody heard the same, and what."""
    for now, after in zip(one.heard, one.heard[1:], strict=False):
        yield (after.at - now.at).total_seconds(), now
