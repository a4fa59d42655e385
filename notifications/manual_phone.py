"""A phone network without an account.

The log says whom to ring, and buttons say what came of it.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from leads.calls.legs import LegStatus, SilentAttempt
from leads.models.words import AttemptState, Party
from leads.outbox.call_orders import MANUAL_CALL_PREFIX, CallOrder
from notifications.telephony import FetchedLeg

log = logging.getLogger(__name__)

ANSWER_BY_HAND = timedelta(minutes=2)

TALK_BY_HAND = timedelta(hours=1)


class LogPhone:
    """Rings nobody: writes who should ring, and the advisor rings by hand with the desk's help."""

    def place_call(self, order: CallOrder) -> str:
        """Write down whose turn it is. No name and no number: a log is read by many."""
        log.warning(
            "Advisor %s should ring a callback by hand; the desk shows whom.", order.advisor_id
        )
        return MANUAL_CALL_PREFIX + order.attempt_id

    def hang_up(self, provider_call_id: str) -> None:
        """Write it down."""
        log.warning("The call %s was called off; if it is under way, end it.", provider_call_id)

    def find_calls(self, order: CallOrder) -> list[str]:
        """There is only one."""
        return [MANUAL_CALL_PREFIX + order.attempt_id]

    def fetch_legs(self, silent: SilentAttempt) -> list[FetchedLeg] | None:
        """An advisor who does not take the offer in time has missed it."""
        call_id = silent.provider_call_id or ""
        if silent.state == AttemptState.RINGING_ADVISOR and silent.age > ANSWER_BY_HAND:
            return [FetchedLeg(Party.ADVISOR, call_id, LegStatus.NO_ANSWER)]
        return (
            None
            if silent.age > TALK_BY_HAND
            else [FetchedLeg(Party.ADVISOR, call_id, LegStatus.IN_PROGRESS)]
        )
