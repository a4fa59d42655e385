"""Refusals and failures, each as a sentence that an advisor can read."""

from datetime import timedelta

from leads.i18n.messages import Message
from leads.i18n.translatable import plural_phrase


class LeadsError(Exception):
    """A refusal, whose `str(error)` is a sentence for the person who asked.

    The sentence names nobody but a colleague.
    """


class IllegalMove(LeadsError):
    """The record is in a state from which this event does not lead anywhere."""


class LostRace(LeadsError):
    """Somebody else moved the record first; nothing was written."""


class Suppressed(LeadsError):
    """The number asked not to be contacted."""


class NotNow(LeadsError):
    """The gate refuses contact at this moment."""


class NotAllowed(LeadsError):
    """The person's role does not permit this."""


class BadSubmission(LeadsError):
    """A form post that no reader understands; it stays stored and goes to review."""


class BadFile(LeadsError):
    """A file in which no table of requests can be found; nothing was taken from it."""


class BadSignature(LeadsError):
    """A webhook whose proof of origin is missing or wrong."""


class BadConfiguration(LeadsError):
    """A setting is missing or wrong; the sentence names it and says what to put there."""


class TelephonyError(LeadsError):
    """The phone network did not do what it was asked.

    `permanent`: asking again cannot help. `unknown`: it may have been done all the same, so that it
    must never be asked again blindly. With neither it was not done and may be asked again later.
    """

    def __init__(
        self, sentence: Message, *, permanent: bool = False, unknown: bool = False
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.permanent = permanent
        self.unknown = unknown


class TooManyTries(LeadsError):
    """Somebody guesses or forgot their password; they may try again after `wait`."""

    def __init__(self, wait: timedelta) -> None:
        minutes = max(1, -(-wait // timedelta(minutes=1)))
        sentence = plural_phrase(
            minutes,
            "Too many tries. Please wait {count} minute.",
            "Too many tries. Please wait {count} minutes.",
        )
        super().__init__(sentence)
