"""Voicemail promises: whoever left a message has asked to be called back.

They are promised a call with their place from when they rang. Who left nothing but silence is
called only where they are on file as safe to call, because phones are shared; who withheld their
number is listened to.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session

from leads.calls import caller_promises
from leads.messaging import voicemails
from leads.messaging.recorded_sound import SHORTEST, HeardSound
from leads.models.calls import Callback
from leads.models.enums import VoicemailState
from leads.models.voicemails import Voicemail

SOUND_WITHIN = timedelta(minutes=2)  # nobody waits longer for our own troubles with a recording


def keep_and_promise(
    session: Session, voicemail_id: int, sealed: bytes, sound: HeardSound, *, now: datetime
) -> None:
    """Keep a recording, and promise its caller a call unless it is empty. Idempotent."""
    voicemail = voicemails.lock_voicemail(session, voicemail_id)
    if voicemail is None:
        return
    voicemails.keep_recording(session, voicemail, sealed, sound, now=now)
    if voicemail.is_empty:
        promise_for_silence(session, voicemail, now=now)
    else:
        _promise_once(session, voicemail, caller_promises.promise_for_voicemail, now=now)


def promise_without_sound(session: Session, voicemail: Voicemail, *, now: datetime) -> None:
    """Promise a call where a recording is too long in coming, or was given up.

    By its length it is a message. The voicemail is locked.
    """
    recorded_at = voicemail.recorded_at
    is_late = recorded_at is not None and now - recorded_at >= SOUND_WITHIN
    is_given_up = voicemail.state == VoicemailState.FAILED
    if (is_late or is_given_up) and voicemail.seconds >= SHORTEST:
        _promise_once(session, voicemail, caller_promises.promise_for_voicemail, now=now)


def promise_for_silence(session: Session, voicemail: Voicemail, *, now: datetime) -> None:
    """Promise a call to who said nothing only where they would have one had they just hung up.

    The voicemail is locked.
    """
    _promise_once(session, voicemail, caller_promises.promise_if_safe, now=now)


def _promise_once(
    session: Session,
    voicemail: Voicemail,
    promise: Callable[..., Callback | None],
    *,
    now: datetime,
) -> None:
    if voicemail.callback_id is not None:
        return
    callback = promise(session, voicemail.inbound_call_id, now=now)
    if callback is not None:
        voicemail.callback_id = callback.id
        session.add(voicemail)
