"""A phone network without an account: the log says whom to ring, buttons say what came of it."""

from __future__ import annotations

import logging
from datetime import timedelta

from leads.calls.legs import LegStatus, SilentAttempt
from leads.models.enums import AttemptState, Party
from leads.outbox.call_orders import MANUAL_CALL_PREFIX, CallOrder
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
        return MANUAL_CALL_PREFIX + order.attempt_id

    def ask_outcome(self, order: CallOrder) -> None:
        """Log which advisor should say what came of a call."""
        log.warning("Advisor %s should say on the desk what came of a call.", order.advisor_id)

    def hang_up(self, provider_call_id: str) -> None:
        """Log that a call was called off."""
        log.warning("The call %s was called off; if it is under way, end it.", provider_call_id)

    def find_calls(self, order: CallOrder) -> list[str]:
        """Return the only call there can be."""
        return [MANUAL_CALL_PREFIX + order.attempt_id]

    def fetch_legs(self, silent: SilentAttempt) -> list[FetchedLeg] | None:
        """Return the advisor's leg as unanswered, if the advisor does not take the offer in time.

        Otherwise it is in progress; None after an hour.
        """
        call_id = silent.provider_call_id or ""
        if silent.state == AttemptState.RINGING_ADVISOR and silent.age > ANSWER_BY_HAND:
            return [FetchedLeg(Party.ADVISOR, call_id, LegStatus.NO_ANSWER)]
        return (
            None
            if silent.age > TALK_BY_HAND
            else [FetchedLeg(Party.ADVISOR, call_id, LegStatus.IN_PROGRESS)]
        )
