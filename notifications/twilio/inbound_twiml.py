"""What somebody hears who calls in: a neutral greeting, a quiet sound, and which keys they have.

Neither what the helpline is about nor anybody's name is said, unless its own wording does.
"""

from __future__ import annotations

from datetime import timedelta

from twilio.twiml.voice_response import Gather, VoiceResponse

from leads.calls.inbound import CallerHears, CallerStep
from leads.i18n.translatable import Phrase
from leads.messaging.voicemails import LONGEST_MESSAGE
from notifications.twilio.sounds import HOLD_SOUND_SECONDS
from notifications.twilio.spoken_sentences import VOICES, say_own_words, say_sentences
from notifications.twilio.twiml import HOLD_SOUND_PATH, STATUS_OVERRIDES, TWIML_OVERRIDES

SOUNDS_A_ROUND = 4  # between two looks at whether an advisor is there
ROUND_SECONDS = SOUNDS_A_ROUND * HOLD_SOUND_SECONDS
KEYS_EVERY = 3  # rounds
SILENCE_SECONDS = 10  # after which nobody speaks any more
SOUNDS_TO_CHOOSE = 2  # in which to press a key once everything is said
GREETING = Phrase("Thank you for calling. Someone will be with you as soon as they are free.")
KEY_OF_CALLBACK = Phrase("To be called back instead, press 1.")
KEY_OF_VOICEMAIL = Phrase("To leave a message, press 2.")
BUSY = Phrase("We are sorry that no one has come to the phone yet.")
CLOSED = Phrase("Thank you for calling. No one can come to the phone right now.")
PROMISED = Phrase("Thank you. We will call you back at this number.")
SPEAK = Phrase("Please leave a message after the tone, and hang up when you are done.")
RECORDED = Phrase("Your message is recorded. In an emergency, hang up and dial 9 1 1.")
RECEIVED = Phrase("Thank you. We have your message. Goodbye.")
GOODBYE = Phrase("Thank you for calling. Goodbye.")


def caller_twiml(hears: CallerHears, *, public_url: str) -> str:
    """Return what a caller hears who is not being brought to an advisor."""
    response = VoiceResponse()
    hook = f"{public_url}/hooks/voice/inbound/{hears.call_id}"
    if hears.step in (CallerStep.GREETING, CallerStep.WAIT):
        gather = _gather_key(hook)
        if hears.step == CallerStep.GREETING:
            _say_in_languages(gather, hears, GREETING)
        if _are_keys_said(hears):
            _say_keys(gather, hears)
        gather.play(f"{public_url}{HOLD_SOUND_PATH}", loop=SOUNDS_A_ROUND)
        response.append(gather)
        response.redirect(f"{hook}/wait{TWIML_OVERRIDES}", method="POST")
        return str(response)
    if hears.step in (CallerStep.LAST_CHOICE, CallerStep.CLOSED):
        opening = BUSY if hears.step == CallerStep.LAST_CHOICE else CLOSED
        if not (hears.offers_callback or hears.offers_voicemail):
            _say_in_languages(response, hears, opening)
            _say_in_languages(response, hears, GOODBYE)
            response.hangup()
            return str(response)
        gather = _gather_key(hook)
        _say_in_languages(gather, hears, opening)
        _say_keys(gather, hears)
        gather.play(f"{public_url}{HOLD_SOUND_PATH}", loop=SOUNDS_TO_CHOOSE)
        response.append(gather)
        _say_in_languages(response, hears, GOODBYE)
    response.hangup()
    return str(response)


def promised_twiml(hears: CallerHears) -> str:
    """Tell a caller that they will be called back, and hang up."""
    response = VoiceResponse()
    _say_in_languages(response, hears, PROMISED)
    response.hangup()
    return str(response)


def sorry_twiml() -> str:
    """Say in each of our languages that nobody can come to the phone, and hang up."""
    response = VoiceResponse()
    for language in VOICES:
        say_sentences(response, CLOSED, language=language)
    response.hangup()
    return str(response)


def voicemail_twiml(hears: CallerHears, *, public_url: str) -> str:
    """Ask a caller to speak after the tone, and record that. No machine reads what is said.

    That it is recorded is said before the tone, whatever a helpline's own words are.
    """
    response = VoiceResponse()
    hook = f"{public_url}/hooks/voice/inbound/{hears.call_id}"
    _say_in_languages(response, hears, SPEAK)
    _say_in_languages(response, hears, RECORDED)
    response.record(
        action=f"{hook}/recorded{TWIML_OVERRIDES}",
        method="POST",
        max_length=int(LONGEST_MESSAGE.total_seconds()),
        timeout=SILENCE_SECONDS,
        finish_on_key="#",
        play_beep=True,
        recording_status_callback=f"{hook}/recording{STATUS_OVERRIDES}",
        recording_status_callback_method="POST",
        recording_status_callback_event="completed absent",
    )
    _say_in_languages(response, hears, GOODBYE)  # who said nothing at all comes here
    response.hangup()
    return str(response)


def received_twiml(hears: CallerHears) -> str:
    """Tell a caller that their message is here, and hang up."""
    response = VoiceResponse()
    _say_in_languages(response, hears, RECEIVED)
    response.hangup()
    return str(response)


def _gather_key(hook: str) -> Gather:
    """Return what waits for a key: the quiet sound is to be its last, or the line seems dead."""
    return Gather(
        input="dtmf",
        num_digits=1,
        timeout=1,
        action=f"{hook}/key{TWIML_OVERRIDES}",
        method="POST",
    )


def _are_keys_said(hears: CallerHears) -> bool:
    """Whether the keys are said in this round: in the first, and now and then after it."""
    rounds = hears.waited // timedelta(seconds=ROUND_SECONDS)
    return hears.step == CallerStep.GREETING or rounds % KEYS_EVERY == 0


def _say_keys(verb: VoiceResponse | Gather, hears: CallerHears) -> None:
    if hears.offers_callback:
        _say_in_languages(verb, hears, KEY_OF_CALLBACK)
    if hears.offers_voicemail:
        _say_in_languages(verb, hears, KEY_OF_VOICEMAIL)


def _say_in_languages(verb: VoiceResponse | Gather, hears: CallerHears, sentence: Phrase) -> None:
    """Say a sentence in each of the caller's languages, in the helpline's words if it has some."""
    dialogue = hears.dialogue
    own = {
        GREETING: dialogue.greetings,
        CLOSED: dialogue.closed_messages,
        SPEAK: dialogue.voicemail_messages,
    }.get(sentence, {})
    for language in dialogue.languages:
        if own.get(language):
            say_own_words(verb, own[language], language=language)
        else:
            say_sentences(verb, sentence, language=language)
