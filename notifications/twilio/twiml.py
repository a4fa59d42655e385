"""TwiML: what Twilio is told to do, made of values.

Attributes are spelled by Twilio's own library.
"""

from __future__ import annotations

from twilio.twiml.voice_response import Dial as DialVerb
from twilio.twiml.voice_response import Gather, VoiceResponse

from leads.calls.keypad_menu import KeypadMenu
from leads.calls.offers import Whisper
from leads.models.enums import Party
from leads.outbox.call_orders import LegOrder

TWIML_OVERRIDES = (
    "#rc=1&rp=ct,rt,5xx&ct=2000&rt=6000"  # Twilio's connection overrides; a fragment is never sent
)
STATUS_OVERRIDES = "#rc=3&rp=ct,rt,5xx&ct=2000&rt=4000"
INVITATIONS = {
    Party.COLLEAGUE: "A colleague asks you to join a call.",
    Party.SUPERVISOR: "This is the call you asked to join.",
}
CONFERENCE_EVENTS = "start end join leave mute hold modify"
RINGING_SOUND_PATH = "/hooks/voice/sounds/ringing.wav"
HOLD_SOUND_PATH = "/hooks/voice/sounds/hold.wav"
FOR_WHOM_SENTENCES = {
    "self": "It is for themselves.",
    "loved_one": "It is for someone they love.",
    "professional": "It is from a professional.",
}
WRAP_UP_MENU = (
    "Press 1 if they were helped, 2 if you referred them, 3 to call again tomorrow, 4 if "
    "it was the wrong person, 5 if they opted out, 6 if a machine answered."
)


def offer_twiml(whisper: Whisper, *, action: str) -> str:
    """Tell the advisor that somebody waits, and wait for a key.

    No name is said before the key: a voicemail may be listening. Without a desk nobody shows them
    whether a machine may be left a message, so that none is.
    """
    is_unadvised = not (whisper.is_calling_in or whisper.has_desk)
    said = [
        "Incoming call." if whisper.is_calling_in else "Callback waiting.",
        FOR_WHOM_SENTENCES.get(whisper.for_whom, ""),
        _try_sentence(whisper),
        "If a machine answers, leave no message." if is_unadvised else "",
    ]
    response = VoiceResponse()
    gather = Gather(input="dtmf", num_digits=1, timeout=8, action=action, method="POST")
    keys = "Press 1 to take the call" if whisper.is_calling_in else "Press 1 to be connected"
    gather.say(" ".join(part for part in said if part) + f" {keys}, or 2 to pass.")
    response.append(gather)
    response.hangup()
    return str(response)


def invitation_twiml(leg: LegOrder, *, action: str) -> str:
    """Tell somebody of us that they are asked into a call, and wait for a key.

    Nobody is named: a voicemail may be listening.
    """
    response = VoiceResponse()
    gather = Gather(input="dtmf", num_digits=1, timeout=8, action=action, method="POST")
    gather.say(f"{INVITATIONS[leg.party]} Press 1 to join, or 2 to pass.")
    response.append(gather)
    response.hangup()
    return str(response)


def open_conference_twiml(
    attempt_id: str, *, hook: str, public_url: str, has_menu: bool = False
) -> str:
    """Put the advisor who took the call into its conference.

    They hear ringing until somebody joins them, and what came of the call once it is over.
    `has_menu`: star leads out of the conference, which goes on without them.
    """
    response = VoiceResponse()
    verb = DialVerb(
        action=f"{hook}/ended{TWIML_OVERRIDES}", method="POST", hangup_on_star=has_menu or None
    )
    verb.conference(
        attempt_id,
        beep="false",
        start_conference_on_enter=True,
        end_conference_on_exit=not has_menu,
        wait_url=f"{public_url}{RINGING_SOUND_PATH}",
        wait_method="POST",
        participant_label=Party.ADVISOR.value,
        status_callback=f"{hook}/room{STATUS_OVERRIDES}",
        status_callback_event=CONFERENCE_EVENTS,
        status_callback_method="POST",
    )
    response.append(verb)
    return str(response)


def look_again_twiml(*, action: str) -> str:
    """Wait a moment, in which news of a call that is over arrives, and ask what to do."""
    response = VoiceResponse()
    response.pause(length=1)
    response.redirect(action, method="POST")
    return str(response)


def call_menu_twiml(menu: KeypadMenu, *, action: str, opening: str = "") -> str:
    """Offer the advisor what the keys do; without a key they go back into the call."""
    said = [opening, "They are on hold. Press 1 to connect everyone,"]
    said.append("2 to add a colleague, 3 for a supervisor's help,")
    said.append("4 to add an interpreter," if menu.has_interpreter else "")
    said.append("5 to transfer the call to your colleague," if menu.has_colleague_in_call else "")
    said.append("6 to add someone from your list," if menu.has_third_party else "")
    said.append("or 9 to end the call.")
    response = VoiceResponse()
    gather = Gather(
        input="dtmf",
        num_digits=1,
        timeout=8,
        action=action,
        method="POST",
        action_on_empty_result=True,
    )
    gather.say(" ".join(part for part in said if part))
    response.append(gather)
    return str(response)


def join_conference_twiml(attempt_id: str, leg: LegOrder, *, hook: str) -> str:
    """Put whoever answers into the conference, with no sound of ours.

    They hear nothing before somebody else is there, and hang up with the conference. Twilio asks us
    for a sound only if a lead finds nobody there: so we hear of it, whatever else was lost.
    """
    response = VoiceResponse()
    # By what is asked after it we know at once who has left, whatever news is late or lost. A
    # colleague may have the call by then; a lead is left in peace, whose end is the call's.
    after = {"action": f"{hook}/ended{TWIML_OVERRIDES}", "method": "POST"}
    verb = DialVerb() if leg.party == Party.LEAD else DialVerb(**after)
    verb.conference(
        attempt_id,
        beep="false",
        start_conference_on_enter=True,
        end_conference_on_exit=leg.ends_call,
        muted=leg.is_muted,
        coach=leg.coached_call_id,
        wait_url=f"{hook}/alone{TWIML_OVERRIDES}" if leg.party == Party.LEAD else "",
        wait_method="POST",
        participant_label=f"{leg.party.value}-{leg.leg_id}",
        status_callback=f"{hook}/room{STATUS_OVERRIDES}",
        status_callback_event=CONFERENCE_EVENTS,
        status_callback_method="POST",
    )
    response.append(verb)
    return str(response)


def join_caller_twiml(
    attempt_id: str, leg: LegOrder, *, hook: str, wait_url: str, left_url: str
) -> str:
    """Put whoever called in into the conference of the advisor who took the call.

    Where nobody is there they hear the quiet sound. What comes after it is asked at `left_url`:
    they are not cut off where the advisor was gone before they came.
    """
    response = VoiceResponse()
    verb = DialVerb(action=left_url, method="POST")
    verb.conference(
        attempt_id,
        beep="false",
        start_conference_on_enter=True,
        end_conference_on_exit=leg.ends_call,
        wait_url=wait_url,
        wait_method="POST",  # by GET their number would stand in the address
        participant_label=f"{leg.party.value}-{leg.leg_id}",
        status_callback=f"{hook}/room{STATUS_OVERRIDES}",
        status_callback_event=CONFERENCE_EVENTS,
        status_callback_method="POST",
    )
    response.append(verb)
    return str(response)


def wait_twiml(*, again: str, public_url: str) -> str:
    """Let somebody wait who finds nobody there, with the quiet sound once, and ask again."""
    response = VoiceResponse()
    response.play(f"{public_url}{HOLD_SOUND_PATH}")
    response.redirect(again, method="POST")
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


def announce_and_go_on_twiml(words: str, *, action: str) -> str:
    """Say a sentence to the advisor, and then ask what comes next."""
    response = VoiceResponse()
    response.say(words)
    response.redirect(action, method="POST")
    return str(response)


def announcement_twiml(words: str) -> str:
    """Say a sentence to somebody in a conference, who stays in it."""
    response = VoiceResponse()
    response.say(words)
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
    return f"This is attempt number {whisper.tries + 1}." if whisper.tries else ""
