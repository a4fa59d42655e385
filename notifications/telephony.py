"""The phone network behind one protocol: Twilio, or a log where there is no account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from leads.calls.legs import KnownLeg, SilentAttempt
from leads.calls.unheard_calls import ListedCall
from leads.errors import FailureKind, TelephonyError
from leads.i18n.messages import Message, MessageKey
from leads.messaging.missed_texts import ListedText
from leads.messaging.text_delivery import TextReport
from leads.models.enums import LegStatus
from leads.outbox.call_orders import CallOrder
from leads.outbox.text_orders import TextOrder

SEND_WITHIN = timedelta(
    seconds=10
)  # of an order's take: with the longest request less than a lease


def require_fresh_order(taken_at: datetime, *, now: datetime) -> None:
    """Raise TelephonyError for an order that is sent too late: its process stood still meanwhile.

    Others may take it for dead, look for what it did not send, and do something else instead.
    """
    if now - taken_at > SEND_WITHIN:
        raise TelephonyError(Message(MessageKey.SENDER_STOPPED), failure=FailureKind.OURS)


@dataclass(frozen=True)
class FetchedLeg:
    """One leg of a call as the network has it now."""

    leg: KnownLeg
    status: LegStatus
    seconds: int = 0  # how long it was answered
    ended_at: datetime | None = None


@dataclass(frozen=True)
class NamedRecording:
    """A recording that the network has, and how long it says that it is."""

    recording_id: str
    seconds: int


class Recordings(Protocol):
    """The recordings that the network made of calls.

    Every method raises TelephonyError and nothing else, may be asked again, and is never called
    within a transaction.
    """

    def fetch_recording(self, recording_id: str) -> bytes:
        """Return what was recorded, as a WAV file."""

    def list_recordings(self, provider_call_id: str) -> list[NamedRecording]:
        """Return what was recorded of a call, also what can be fetched only later."""

    def delete_recording(self, recording_id: str) -> None:
        """Delete a recording at the network. Idempotent."""


class Phone(Protocol):
    """Rings advisors, and joins them in a conference with whoever else is rung.

    Every method raises TelephonyError and nothing else; none is called within a transaction.
    """

    def place_call(self, order: CallOrder) -> str:
        """Ring the advisor of an attempt; returns the network's id of the call.

        An order whose outcome is unknown must never be repeated.
        """

    def dial_leg(self, order: CallOrder) -> str:
        """Ring whoever is to join an attempt's conference; returns the network's id of the call.

        An order whose outcome is unknown must never be repeated.
        """

    def change_leg(self, order: CallOrder) -> None:
        """Hold a leg, mute it or change who hears it, as its order says. Idempotent."""

    def leave_call(self, order: CallOrder) -> None:
        """Hang up a leg so that the others' conference goes on. Idempotent."""

    def return_advisor(self, order: CallOrder) -> None:
        """Take the advisor out of the conference, to hear what came of the call. Idempotent."""

    def join_caller(self, order: CallOrder) -> None:
        """Bring whoever called in into an attempt's conference.

        Permanent where they have hung up. An order whose outcome is unknown must never be repeated:
        it would take them out of the call.
        """

    def return_caller(self, order: CallOrder) -> None:
        """Let whoever called in wait again. Idempotent."""

    def fetch_status(self, provider_call_id: str) -> LegStatus | None:
        """Return how a call stands now; None if the network does not know it."""

    def ask_outcome(self, order: CallOrder) -> None:
        """Ring the advisor of an attempt that is over, who did not say what came of it."""

    def hang_up(self, provider_call_id: str) -> None:
        """End a call, whether it rings or is under way. Idempotent."""

    def find_calls(self, order: CallOrder) -> list[str]:
        """Return the ids of calls that may be those of an order, newest first.

        For the order to join a caller: their call, if it is in the conference.
        """

    def fetch_legs(self, silent: SilentAttempt) -> list[FetchedLeg] | None:
        """Return the legs of an attempt without news, as the network has them now.

        None if the network knows none of them.
        """

    def list_received_calls(self, number: str, since: datetime) -> list[ListedCall]:
        """Return who called a number of ours since an instant, the newest first."""


class TextNetwork(Protocol):
    """Texts leads, and knows what they text.

    Every method raises TelephonyError and nothing else; none is called within a transaction.
    """

    def send_text(self, order: TextOrder) -> TextReport:
        """Hand a text to the network. An order whose outcome is unknown must never be repeated."""

    def find_texts(self, order: TextOrder) -> list[TextReport]:
        """Return texts that may be those of an order, newest first."""

    def fetch_text(self, message_id: str) -> TextReport | None:
        """Return how a text stands now, by the network's id; None if the network has no such."""

    def list_received_texts(self, number: str, since: datetime) -> list[ListedText]:
        """Return what people texted to a number of ours since an instant, the newest first."""
