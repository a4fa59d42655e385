"""A phone network without an account: the log says whom to ring, buttons say what came of it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from leads.calls.legs import SilentAttempt
from leads.calls.unheard_calls import ListedCall
from leads.errors import FailureKind, TelephonyError
from leads.i18n.messages import Message, MessageKey
from leads.messaging.missed_texts import ListedText
from leads.messaging.text_delivery import TextReport
from leads.models.calls import CALL_BY_HAND
from leads.models.enums import AttemptState, LegStatus
from leads.outbox.call_orders import CallOrder
from leads.outbox.text_orders import TextOrder
from notifications.telephony import FetchedLeg

log = logging.getLogger(__name__)

ANSWER_BY_HAND = timedelta(minutes=2)

TALK_BY_HAND = timedelta(hours=1)


class LogPhone:
    """Rings nobody: it logs which advisor should ring, who rings from their own phone."""

    def place_call(self, order: CallOrder) -> str:
        """Log which advisor should ring.

        It names neither person nor number: a log is read by many.
        """
        log.warning(
            "Advisor %s should ring a callback by hand; the desk shows whom.", order.advisor_id
        )
        return CALL_BY_HAND + order.attempt_id

    def dial_leg(self, order: CallOrder) -> str:
        """Log who should be asked into a call; the desk shows whom."""
        log.warning("Advisor %s should ask somebody else into the call.", order.advisor_id)
        return f"{CALL_BY_HAND}{order.id}"

    def change_leg(self, order: CallOrder) -> None:
        """Do nothing: a phone of one's own has its own keys."""

    def leave_call(self, order: CallOrder) -> None:
        """Do nothing: there is no conference to leave."""

    def return_advisor(self, order: CallOrder) -> None:
        """Do nothing: there is no conference."""

    def join_caller(self, order: CallOrder) -> None:
        """Do nothing: nobody calls in where there is no phone network."""

    def return_caller(self, order: CallOrder) -> None:
        """Do nothing, as in `join_caller`."""

    def fetch_status(self, provider_call_id: str) -> LegStatus | None:  # noqa: ARG002
        """Return nothing, as in `join_caller`."""
        return None

    def ask_outcome(self, order: CallOrder) -> None:
        """Log which advisor should say what came of a call."""
        log.warning("Advisor %s should say on the desk what came of a call.", order.advisor_id)

    def hang_up(self, provider_call_id: str) -> None:
        """Log that a call was called off."""
        log.warning("The call %s was called off; if it is under way, end it.", provider_call_id)

    def find_calls(self, order: CallOrder) -> list[str]:
        """Return the only call there can be."""
        return [CALL_BY_HAND + order.attempt_id]

    def fetch_legs(self, silent: SilentAttempt) -> list[FetchedLeg] | None:
        """Return the advisor's leg as unanswered, if the advisor does not take the offer in time.

        Otherwise it is in progress; None after an hour.
        """
        if silent.age > TALK_BY_HAND:
            return None
        is_ignored = silent.state == AttemptState.RINGING_ADVISOR and silent.age > ANSWER_BY_HAND
        status = LegStatus.NO_ANSWER if is_ignored else LegStatus.IN_PROGRESS
        return [FetchedLeg(leg, status) for leg in silent.legs]

    def list_received_calls(self, number: str, since: datetime) -> list[ListedCall]:  # noqa: ARG002
        """Return nothing, as in `join_caller`."""
        return []


class NoTexts:
    """Texts nobody: there is no account to text from, and a person's file says so."""

    def send_text(self, order: TextOrder) -> TextReport:
        """Refuse to send."""
        log.warning("The text %s was not sent: there is no account to text from.", order.text_id)
        raise TelephonyError(
            Message(MessageKey.NO_TEXTS_WITHOUT_ACCOUNT),
            permanent=True,
            failure=FailureKind.CONFIGURATION,
        )

    def find_texts(self, order: TextOrder) -> list[TextReport]:  # noqa: ARG002 - the protocol's
        """Return nothing: none was ever sent."""
        return []

    def fetch_text(self, message_id: str) -> TextReport | None:  # noqa: ARG002 - the protocol's
        """Return nothing: none was ever sent."""
        return None

    def list_received_texts(
        self,
        number: str,  # noqa: ARG002 - the protocol's
        since: datetime,  # noqa: ARG002 - the protocol's
    ) -> list[ListedText]:
        """Return nothing: nobody can text us."""
        return []
