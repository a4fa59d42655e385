"""Refusals and failures, each as a sentence that an advisor can read."""

from datetime import timedelta
from enum import StrEnum

from leads.i18n.messages import Message
from leads.i18n.translatable import Phrase, plural_phrase


class FailureKind(StrEnum):
    """Who has to act where an order to the outside was not carried out; stored with the order."""

    NETWORK = "network"  # whoever carries calls or messages refused, or could not be reached
    CONFIGURATION = "configuration"  # nothing can be sent before a setting is put right
    OURS = "ours"  # we thought better of it, lost it, or have nothing to send it to
    UNKNOWN = "unknown"  # whatever else a database says: another version of us wrote it


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
    """The person's role does not permit this.

    `lacking`: the permission that they would need, as the audit log says it.
    """

    def __init__(self, sentence: Phrase, *, lacking: str = "other") -> None:
        super().__init__(sentence)
        self.lacking = lacking


class AnotherSubject(NotAllowed):
    """The identity provider gave somebody else the e-mail address of an account that it knows."""

    def __init__(self) -> None:
        super().__init__(
            Phrase(
                "Your organization's account with this e-mail address is not the one that signed "
                "in here before. Ask a supervisor for a new link."
            )
        )


class ProofNeeded(LeadsError):
    """The person may do this, and has to confirm first that it is them who ask."""

    def __init__(self) -> None:
        super().__init__(Phrase("Please confirm that it is you, then try again."))


class BadSubmission(LeadsError):
    """A form post that no reader understands; it stays stored and goes to review."""


class BadFile(LeadsError):
    """A file in which no table of requests can be found; nothing was taken from it."""


class BadBackup(LeadsError):
    """A backup that cannot be opened or put back as it is; nothing was changed."""


class BadSignature(LeadsError):
    """A webhook whose proof of origin is missing or wrong."""


class BadConfiguration(LeadsError):
    """A setting is missing or wrong; the sentence names it and says what to put there."""


class TelephonyError(LeadsError):
    """The phone network did not do what it was asked.

    `permanent`: asking again cannot help. `unknown`: it may have been done all the same, so that it
    must never be asked again blindly. With neither it was not done and may be asked again later.
    `failure` says who has to act, whatever the sentence says. `fault`: the word that a call is held
    for, where the network named what is wrong on our side. `code`: the network's own number for it.
    """

    def __init__(
        self,
        sentence: Message,
        *,
        permanent: bool = False,
        unknown: bool = False,
        failure: FailureKind = FailureKind.NETWORK,
        fault: str = "",
        code: int = 0,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.permanent = permanent
        self.unknown = unknown
        self.failure = failure
        self.fault = fault
        self.code = code


class TooManyTries(LeadsError):
    """Somebody guesses or forgot their password; they may try again after `wait`."""

    def __init__(self, wait: timedelta) -> None:
        minutes = max(1, -(-wait // timedelta(minutes=1)))
        sentence = plural_phrase(
            minutes,
            "Too many attempts. Please wait {count} minute.",
            "Too many attempts. Please wait {count} minutes.",
        )
        super().__init__(sentence)


class TooBusy(LeadsError):
    """More people sign in at once than this machine can check; nothing was counted or stored."""

    def __init__(self) -> None:
        super().__init__(
            Phrase("A lot of people are signing in right now. Please try again in a few seconds.")
        )
