"""Spoken sentences: who speaks each of our languages on the phone, and how a sentence is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twilio.twiml.voice_response import Gather, VoiceResponse

from leads.i18n.languages import DEFAULT_LANGUAGE
from leads.i18n.translatable import Phrase, translate


@dataclass(frozen=True)
class Voice:
    """A voice of Twilio's, and the language that it reads, as Twilio calls both."""

    name: str
    language: str


VOICES: Mapping[str, Voice] = {
    "en": Voice("Polly.Joanna", "en-US"),
    "es": Voice("Polly.Lupe", "es-US"),
}
"""Who speaks, by the language of our pages."""


def say_sentences(verb: VoiceResponse | Gather, *sentences: Phrase, language: str) -> None:
    """Let a verb say sentences of ours, one after the other, in the listener's language."""
    said = " ".join(translate(language, sentence) for sentence in sentences)
    say_own_words(verb, said, language=language)


def say_own_words(verb: VoiceResponse | Gather, words: str, *, language: str) -> None:
    """Let a verb say what a helpline wrote itself in a language, which no catalog knows."""
    voice = VOICES.get(language, VOICES[DEFAULT_LANGUAGE])
    verb.say(words, voice=voice.name, language=voice.language)
