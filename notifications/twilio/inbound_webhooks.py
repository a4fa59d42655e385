"""Webhooks of calls that come in: somebody rings, waits, presses a key, hangs up."""

from __future__ import annotations

from dataclasses import replace

from leads.calls import inbound, inbound_news, legs, party_legs
from leads.calls.inbound import CallerHears, CallerStep
from leads.messaging import voicemails
from notifications.twilio import inbound_twiml, recordings, twiml
from notifications.twilio.caller_numbers import shown_number
from notifications.twilio.signed_requests import TwilioRequest, WebhookAnswer
from notifications.twilio.twiml import HOLD_SOUND_PATH, TWIML_OVERRIDES

RINGING_PATH = "/hooks/voice/inbound"
STATUS_PATH = f"{RINGING_PATH}/status"
SORRY_PATH = f"{RINGING_PATH}/sorry"


def inbound_answers() -> dict[str, WebhookAnswer]:
    """Return what answers each address about calls that come in."""
    return {
        RINGING_PATH: answer_ringing_call,
        STATUS_PATH: record_caller_status,
        SORRY_PATH: answer_failed_document,
        f"{RINGING_PATH}/{{call}}/wait": answer_waiting_caller,
        f"{RINGING_PATH}/{{call}}/key": answer_caller_key,
        f"{RINGING_PATH}/{{call}}/voicemail": answer_voicemail,
        f"{RINGING_PATH}/{{call}}/recorded": answer_recorded_caller,
        f"{RINGING_PATH}/{{call}}/recording": record_recording,
    }


def answer_ringing_call(hook: TwilioRequest) -> str:
    """Answer a call that comes in, at whichever number of ours."""
    called, caller = hook.form.get("To", ""), shown_number(hook.form.get("From", ""))
    hears = inbound.receive_call(hook.session, hook.call_id, caller, called, now=hook.now)
    return _caller_document(hook, hears)


def answer_waiting_caller(hook: TwilioRequest) -> str:
    """Let a caller hear what comes next: the sound, the advisor who is there, or the choice."""
    if hook.is_call_over:
        record_caller_status(hook)
        return twiml.hang_up_twiml()
    return _caller_document(
        hook, inbound.keep_waiting(hook.session, hook.inbound_call_id, now=hook.now)
    )


def answer_caller_key(hook: TwilioRequest) -> str:
    """Answer a caller's key: 1 for being called back, 2 for a message; no other means anything."""
    digit = hook.form.get("Digits", "")
    if digit == "2":
        return answer_voicemail(hook)
    if digit != "1":
        return answer_waiting_caller(hook)
    hears = inbound.promise_callback(hook.session, hook.inbound_call_id, now=hook.now)
    if hears is not None and hears.step == CallerStep.GOODBYE:
        return inbound_twiml.promised_twiml(hears)
    return _caller_document(hook, hears)


def answer_voicemail(hook: TwilioRequest) -> str:
    """Take a caller out of the queue who wants to leave a message, if the helpline takes some."""
    if not _can_keep_recordings(hook):
        return answer_waiting_caller(hook)
    hears = inbound.choose_voicemail(hook.session, hook.inbound_call_id, now=hook.now)
    return _caller_document(hook, hears)


def answer_failed_document(_hook: TwilioRequest) -> str:
    """Say goodbye in each language because our own document could not be fetched or carried out."""
    return inbound_twiml.sorry_twiml()


def answer_recorded_caller(hook: TwilioRequest) -> str:
    """Thank a caller who has spoken; the recording may not be ready yet."""
    _answer_recording(hook, is_ready=False)
    hears = inbound.say_goodbye(hook.session, hook.inbound_call_id)
    return twiml.hang_up_twiml() if hears is None else inbound_twiml.received_twiml(hears)


def record_recording(hook: TwilioRequest) -> str:
    """Note that a recording is ready; where Twilio says that there is none, we look for it."""
    if hook.form.get("RecordingStatus", "") == recordings.READY:
        _answer_recording(hook, is_ready=True)
    return ""


def record_caller_status(hook: TwilioRequest) -> str:
    """Record news of a call that came in; Twilio tells it by the call's id alone."""
    status = legs.read_leg_status(hook.form.get("CallStatus", ""))
    if status is None:
        return ""
    sequence, seconds = hook.form.get("SequenceNumber", ""), hook.form.get("CallDuration", "")
    inbound_news.apply_call_report(
        hook.session,
        hook.call_id,
        status,
        sequence=int(sequence) if sequence.isdecimal() else 0,
        seconds=int(seconds) if seconds.isdecimal() else 0,
        now=hook.now,
    )
    return ""


def _answer_recording(hook: TwilioRequest, *, is_ready: bool) -> None:
    recording_id = hook.form.get("RecordingSid", "")
    seconds = hook.form.get("RecordingDuration", "")
    if recordings.RECORDING_ID.fullmatch(recording_id):
        voicemails.note_recording(
            hook.session,
            hook.inbound_call_id,
            recording_id,
            seconds=int(seconds) if seconds.isdecimal() else 0,
            is_ready=is_ready,
            now=hook.now,
        )


def _can_keep_recordings(hook: TwilioRequest) -> bool:
    """Whether a message could be kept sealed; otherwise none is taken."""
    return bool(hook.settings.content_keys)


def _caller_document(hook: TwilioRequest, hears: CallerHears | None) -> str:
    if hears is None:
        return twiml.hang_up_twiml()
    public_url = hook.settings.public_url
    if hears.step == CallerStep.RECORD:
        return inbound_twiml.voicemail_twiml(hears, public_url=public_url)
    hears = replace(hears, offers_voicemail=hears.offers_voicemail and _can_keep_recordings(hook))
    if hears.step != CallerStep.JOIN:
        return inbound_twiml.caller_twiml(hears, public_url=public_url)
    return twiml.join_caller_twiml(
        hears.attempt_id,
        party_legs.find_leg_order(hook.session, hears.leg_id),
        hook=f"{public_url}/hooks/voice/{hears.attempt_id}",
        wait_url=f"{public_url}{HOLD_SOUND_PATH}",
        left_url=f"{public_url}{RINGING_PATH}/{hears.call_id}/wait{TWIML_OVERRIDES}",
    )
