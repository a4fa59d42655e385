"""What a test scripts: people, failures, our own numbers and the terms of a run."""

from __future__ import annotations

import random
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tests.support.serving import PLAIN

FOR_EVER = float("inf")
WITHHELD = "anonymous"
"""What Twilio puts in `From` for a withheld number since May 2023."""
WITHHELD_BEFORE_2023 = "+266696687"
"""The same word on a telephone's keys, as older accounts and recordings of traffic have it."""


@dataclass(frozen=True)
class Phone:
    """How the person or machine behind a number behaves; times are simulated seconds."""

    outcome: str = "answer"  # or busy, no-answer, failed
    ring: float = 2.0  # before the outcome
    keys: tuple[str, ...] = ()  # one entry per <Gather>: digits, "" for none, or "hangup"
    talk: float = 20.0  # before hanging up, since first talking to somebody, or on a recording
    stars: tuple[float, ...] = ()  # one entry per entering of a conference, before pressing *
    patience: float = FOR_EVER  # before hanging up on anything at all
    ends_message: str = "hangup"  # how a voicemail ends: hangup, a key, or "" for silence
    answered_by: str = "human"  # what answering-machine detection hears: machine, fax, unknown
    sip_code: int = 0  # why a call was not answered, for example 603 or 608
    error: int = 0  # a REST error code for calls, participants and texts to this number
    is_lead: bool = False  # the person in need: problems() looks after them
    text: str = "delivered"  # what becomes of a text: sent, delivered, undelivered, failed
    text_error: int = 0  # with the last two, for example 30003


class Fault(StrEnum):
    """One failure of a request that creates or changes something."""

    TOO_MANY = "429"  # not done, safe to retry
    UNAVAILABLE = "503"  # not done, safe to retry
    ERROR = "500"  # not done, but the client cannot know
    ERROR_CREATED = "500-created"  # done, and the client is told 500
    DROP = "drop"  # connection cut before anything was done
    DROP_CREATED = "drop-created"  # done, then the connection was cut
    HANG = "hang"  # no answer and nothing done
    HANG_CREATED = "hang-created"  # done, but no answer ever comes

    @property
    def is_done(self) -> bool:
        return self.endswith("-created")


@dataclass(frozen=True)
class Number:
    """A number that the account owns, and where what comes in goes."""

    voice_url: str = ""
    voice_fallback_url: str = ""
    status_callback: str = ""
    sms_url: str = ""


@dataclass(frozen=True)
class Settings:
    """Everything that stays the same during a run.

    The last six decide where Twilio's documents are silent; a careful application is tested with
    both answers.
    """

    account_sid: str = "AC" + "0" * 32  # as the double's, so that a desk may ring over either
    auth_token: str = "d" * 32
    speed: float = 1.0  # simulated seconds per real second
    begins_at: datetime | None = None  # of simulated time; None is now
    is_on_wall_clock: bool = False  # all seconds are real ones, and stand still for nobody
    calls_per_second: float = 1.0
    hang: float = 60.0  # real seconds that Fault.HANG holds a request
    trusts: ssl.SSLContext = PLAIN  # whose certificates it believes, of an application with TLS
    webhook_cap: float = 15.0  # real seconds: Twilio's hard limit on voice webhooks
    is_hurried: bool = True  # gives up on a webhook in real time, which a busy machine may need
    ring_buffer: float = 5.0  # simulated seconds that Twilio adds to every timeout
    amd_delay: float = 4.0
    recording_delay: float = 2.0
    list_lag: float = 0.0  # simulated seconds before a new call or conference is listed
    silence: float = 2.0  # simulated seconds of nothing that a person may hear
    reaction: float = 0.2  # real seconds the application may take, during which it may be silent
    alone: float = 5.0  # simulated seconds a lead may be without an advisor, music or not on hold
    ports: str = "as-is"  # signed URLs keep their port, or "without" it
    declined_status: str = "no-answer"  # DialCallStatus after a whisper that hung up
    failed_participant_ends: bool = True  # not answered, endConferenceOnExit, joined with media
    early_media_joins: bool = True  # with EarlyMedia a participant joins as the phone rings
    end_cancels_ringing: bool = True  # the end of a conference stops phones that ring for it
    action_after_hangup: bool = True  # <Dial action> is requested although the caller hung up
    music_when_left_alone: bool = False  # a started conference plays wait music to the last one


Fate = Callable[[str], Sequence[float]]


def deliver_faithfully(_event: str) -> Sequence[float]:
    """Deliver every callback once, at once."""
    return (0.0,)


class Chaos:
    """A Fate that loses, repeats and delays callbacks, reproducibly for a seed."""

    def __init__(
        self,
        seed: int,
        *,
        lose: float = 0.0,
        repeat: float = 0.0,
        late: float = 0.0,
        delay: float = 10.0,
    ) -> None:
        self._random = random.Random(seed)
        self._lose, self._repeat, self._late, self._delay = lose, repeat, late, delay

    def __call__(self, _event: str) -> Sequence[float]:
        """Return the delays at which one callback arrives; none when it is lost."""
        draw = self._random.random
        if draw() < self._lose:
            return ()
        first = draw() * self._delay if draw() < self._late else 0.0
        return (first, first + draw() * self._delay) if draw() < self._repeat else (first,)
