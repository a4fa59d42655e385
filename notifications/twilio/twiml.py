"""TwiML: what Twilio is told to do with a call, made of values. Nothing in it is said to anybody.

Attributes are spelled by Twilio's own library.
"""

from __future__ import annotations

from twilio.twiml.voice_response import Dial as DialVerb
from twilio.twiml.voice_response import VoiceResponse

from leads.models.enums import INSIDERS, Party
from leads.outbox.call_orders import LegOrder

TWIML_OVERRIDES = (
    "#rc=1&rp=ct,rt,5xx&ct=2000&rt=6000"  # Twilio's connection overrides; a fragment is never sent
)
STATUS_OVERRIDES = "#rc=3&rp=ct,rt,5xx&ct=2000&rt=4000"
CONFERENCE_EVENTS = "start end join leave mute hold modify"
RINGING_SOUND_PATH = "/hooks/voice/sounds/ringing.wav"
HOLD_SOUND_PATH = "/hooks/voice/sounds/hold.wav"


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


def join_conference_twiml(attempt_id: str, leg: LegOrder, *, hook: str) -> str:
    """Put whoever answers into the conference, with no sound of ours.

    They hear nothing before somebody else is there, and hang up with the conference. Twilio asks us
    for a sound only if a lead finds nobody there: so we hear of it, whatever else was lost.
    """
    response = VoiceResponse()
    # By what is asked after it we know at once who has left, whatever news is late or lost. One of
    # us may have the call by then, and star for its menu; a lead is left in peace, whose end is the
    # call's.
    has_star = leg.party in INSIDERS
    after = {"action": f"{hook}/ended{TWIML_OVERRIDES}", "method": "POST"}
    verb = (
        DialVerb()
        if leg.party == Party.LEAD
        else DialVerb(**after, hangup_on_star=has_star or None)
    )
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


def hang_up_twiml() -> str:
    """Hang up without a word."""
    response = VoiceResponse()
    response.hangup()
    return str(response)


def empty_twiml() -> str:
    """Return TwiML that does nothing, as for a text message."""
    return str(VoiceResponse())
