"""The whisper: what one of us hears who picks up, before the key that brings them into a call.

A voicemail may be listening: it names nobody, and says nothing of what anybody asked for.
"""

from __future__ import annotations

from twilio.twiml.voice_response import Gather, VoiceResponse

from leads.calls.offers import Whisper
from leads.i18n.translatable import Phrase
from leads.models.enums import Party
from leads.outbox.call_orders import LegOrder
from notifications.twilio.spoken_sentences import say_sentences

SECONDS_TO_DECIDE = 8
CALLBACK_WAITING = Phrase("Callback waiting.")
INCOMING_CALL = Phrase("Incoming call.")
FOR_WHOM_SENTENCES = {
    "self": Phrase("It is for themselves."),
    "loved_one": Phrase("It is for someone they love."),
    "professional": Phrase("It is from a professional."),
}
ASKED_AGAIN = Phrase("They asked again.")
LEAVE_NO_MESSAGE = Phrase("If a machine answers, leave no message.")
KEYS_OF_CALLBACK = Phrase("Press 1 to be connected, or 2 to pass.")
KEYS_OF_INCOMING_CALL = Phrase("Press 1 to take the call, or 2 to pass.")
INVITATIONS = {
    Party.COLLEAGUE: Phrase("A colleague asks you to join a call."),
    Party.SUPERVISOR: Phrase("This is the call you asked to join."),
}
KEYS_OF_INVITATION = Phrase("Press 1 to join, or 2 to pass.")


def whisper_twiml(whisper: Whisper, *, action: str, language: str) -> str:
    """Tell the advisor, in their language, that somebody waits, and wait for a key."""
    return _ask_for_key(*_whispered_sentences(whisper), action=action, language=language)


def invitation_twiml(leg: LegOrder, *, action: str, language: str) -> str:
    """Tell one of us, in their language, that they are asked into a call, and wait for a key."""
    said = (INVITATIONS[leg.party], KEYS_OF_INVITATION)
    return _ask_for_key(*said, action=action, language=language)


def _whispered_sentences(whisper: Whisper) -> list[Phrase]:
    """Return what is whispered of a callback, or of somebody who is on the line.

    Without a desk nobody shows the advisor whether a machine may be left a message, so that none
    is.
    """
    said = [INCOMING_CALL if whisper.is_calling_in else CALLBACK_WAITING]
    if whisper.for_whom in FOR_WHOM_SENTENCES:
        said.append(FOR_WHOM_SENTENCES[whisper.for_whom])
    if whisper.asked_again:
        said.append(ASKED_AGAIN)
    elif whisper.tries:
        said.append(Phrase("This is attempt number {number}.", number=whisper.tries + 1))
    if not (whisper.is_calling_in or whisper.has_desk):
        said.append(LEAVE_NO_MESSAGE)
    return [*said, KEYS_OF_INCOMING_CALL if whisper.is_calling_in else KEYS_OF_CALLBACK]


def _ask_for_key(*sentences: Phrase, action: str, language: str) -> str:
    response = VoiceResponse()
    gather = Gather(
        input="dtmf", num_digits=1, timeout=SECONDS_TO_DECIDE, action=action, method="POST"
    )
    say_sentences(gather, *sentences, language=language)
    response.append(gather)
    response.hangup()
    return str(response)
