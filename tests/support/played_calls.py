"""Calls that a test plays on the phone network's double: who comes in, and how."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.support.running_desk import eventually
from tests.support.twilio_double import Call, TwilioDouble


def lead_in_call(twilio: TwilioDouble, call: Call, *, is_first: bool = True) -> Call:
    """The lead picks up and is in the conference with the advisor."""
    lead = twilio.lead_of(call)
    if is_first:
        twilio.joins(call)
    for status in ("ringing", "in-progress"):
        twilio.moves(lead, status)
    twilio.joins(lead)
    return lead


def in_by_key(twilio: TwilioDouble, call: Call) -> Call:
    """Whoever was asked in last picks up and presses 1."""
    leg = eventually(
        lambda: next((one for one in reversed(twilio.calls) if _is_new_party(one, call)), None)
    )
    whisper = twilio.advisor_answers(leg)
    assert "Press 1 to join" in whisper
    twilio.presses(leg, "1")
    twilio.joins(leg)
    return leg


def _is_new_party(leg: Call, call: Call) -> bool:
    return leg.parent is call and "/party/" in leg.asked("Url") and leg.status == "queued"


def clock() -> datetime:
    return datetime.now(UTC)
