"""What Twilio is told to let callers hear, and leads who find nobody."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from leads.calls.inbound import CallerHears, CallerStep
from leads.helplines.phone_lines import Dialogue
from notifications.twilio import inbound_twiml, twiml

IN_OUR_WORDS = Dialogue(
    languages=("en", "es"),
    greetings={},
    closed_messages={},
    takes_voicemail=True,
    voicemail_messages={},
)


@pytest.mark.parametrize("step", [CallerStep.GREETING, CallerStep.LAST_CHOICE, CallerStep.CLOSED])
def test_a_line_on_which_somebody_may_press_a_key_is_never_silent(step: CallerStep) -> None:
    hears = CallerHears(step, "call", IN_OUR_WORDS, offers_callback=True, offers_voicemail=True)
    document = ET.fromstring(inbound_twiml.caller_twiml(hears, public_url="https://us"))
    gather = document.find("Gather")
    assert gather is not None
    assert gather.get("timeout") == "1"
    assert [one.tag for one in gather][-1] == "Play"


def test_a_lead_who_finds_nobody_hears_the_quiet_sound_until_somebody_is_there() -> None:
    document = ET.fromstring(twiml.wait_twiml(again="https://us/alone", public_url="https://us"))
    assert [(verb.tag, verb.text) for verb in document] == [
        ("Play", f"https://us{twiml.HOLD_SOUND_PATH}"),
        ("Redirect", "https://us/alone"),
    ]
