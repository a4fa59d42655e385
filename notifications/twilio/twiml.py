"""TwiML: what Twilio is told to do, made of values.

Attributes are spelled by Twilio's own library.
"""

from __future__ import annotations

from twilio.twiml.voice_response import Dial as DialVerb
from twilio.twiml.voice_response import Gather, VoiceResponse

from leads.calls.progress import DialInstruction, Whisper

DIAL_STATUS_EVENTS = "initiated ringing answered completed"
FOR_WHOM_SENTENCES = {
    "self": "It is for themselves.",
    "loved_one": "It is for someone they love.",
    "professional": "It comes from a professional.",
}
PAUSE_BEFORE_DIGITS = "wwww"  # half a second each
WRAP_UP_MENU = (
    "Press 1 if they were helped, 2 if you referred them, 3 to call again tomorrow, "
    "4 if it was somebody else, 5 if they asked us to stop, 6 if a machine answered."
)


def offer_twiml(whisper: Whisper, *, action: str) -> str:
    """Tell the advisor that somebody waits, and wait for a key.

    No name is said before the key: a voicemail may be listening.
    """
    said = [
        "Callback waiting.",
        FOR_WHOM_SENTENCES.get(whisper.for_whom, ""),
        _try_sentence(whisper),
    ]
    response = VoiceResponse()
    gather = Gather(input="dtmf", num_digits=1, timeout=8, action=action, method="POST")
    gather.say(" ".join(part for part in said if part) + " Press 1 to be connected, or 2 to pass.")
    response.append(gather)
    response.hangup()
    return str(response)


def dial_lead_twiml(lead: DialInstruction, *, leg: str, ended: str, ring_seconds: int) -> str:
    """Dial the lead and join them with the advisor.

    An extension is sent as keys once the call is answered, after a pause for the machine to listen.
    """
    response = VoiceResponse()
    verb = DialVerb(action=ended, method="POST", timeout=ring_seconds, caller_id=lead.caller_id)
    verb.number(
        lead.number,
        send_digits=f"{PAUSE_BEFORE_DIGITS}{lead.extension}#" if lead.extension else None,
        status_callback=leg,
        status_callback_event=DIAL_STATUS_EVENTS,
        status_callback_method="POST",
    )
    response.append(verb)
    return str(response)


def wrap_up_menu_twiml(*, action: str, opening: str = "") -> str:
    """Ask the advisor on the phone for the disposition of the conversation.

    `opening` is said first. A voicemail may be listening: nobody is named.
    """
    response = VoiceResponse()
    gather = Gather(input="dtmf", num_digits=1, timeout=15, action=action, method="POST")
    gather.say(f"{opening} {WRAP_UP_MENU}".strip())
    response.append(gather)
    response.hangup()
    return str(response)


def goodbye_twiml(words: str) -> str:
    """Say a sentence to the advisor and hang up."""
    response = VoiceResponse()
    response.say(words)
    response.hangup()
    return str(response)


def hang_up_twiml() -> str:
    """Hang up without a word."""
    response = VoiceResponse()
    response.hangup()
    return str(response)


def empty_twiml() -> str:
    """Return TwiML that does nothing, as for a text message."""
    return str(VoiceResponse())


def _try_sentence(whisper: Whisper) -> str:
    if whisper.asked_again:
        return "They asked again."
    return f"This is try number {whisper.tries + 1}." if whisper.tries else ""
