"""A phone network for rehearsals, without an account.

Its people answer, decline, are busy or have a voicemail.
"""

from __future__ import annotations

import random
import secrets
import threading
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from leads.calls import keypad_wrap_up, progress
from leads.calls.legs import LegReport, LegStatus, SilentAttempt
from leads.database.transactions import reader, transaction
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt
from leads.models.enums import Party
from leads.outbox.call_orders import CallOrder
from leads.people import presence
from notifications.telephony import FetchedLeg

Word = TypeVar("Word", bound=str)

ADVISOR_ANSWERS = {"1": 80, "2": 8, "": 12}  # which key they press, and how often in a hundred
LEAD_ENDS = {
    LegStatus.IN_PROGRESS: 70,
    LegStatus.NO_ANSWER: 18,
    LegStatus.BUSY: 8,
    LegStatus.FAILED: 4,
}
WRAP_UP_KEYS = {"1": 50, "2": 20, "3": 10, "4": 4, "5": 4, "6": 12}


class RehearsalPhone:
    """Plays every call in a thread of its own, through the verbs that the webhooks use.

    Advisors with an open desk always take their calls, so that whoever tries the desk is not left
    out.
    """

    def __init__(self, *, now: Callable[[], datetime], pace: float = 1.0) -> None:
        self._now, self._pace = now, pace
        self._random = random.Random()  # noqa: S311 - theatre
        self._playing: dict[str, threading.Event] = {}

    def place_call(self, order: CallOrder) -> str:
        """Begin to play a call."""
        call_id = "rehearsal-" + secrets.token_hex(8)
        self._playing[call_id] = threading.Event()
        threading.Thread(
            target=self._play_call, args=(order.attempt_id, call_id), name="rehearsal", daemon=True
        ).start()
        return call_id

    def ask_outcome(self, order: CallOrder) -> None:
        """Let the advisor answer and press a key."""
        with transaction() as session:
            keypad_wrap_up.apply_keypad_digit(
                session,
                order.attempt_id,
                self._pick_by_chance(WRAP_UP_KEYS),
                now=self._now(),
            )

    def hang_up(self, provider_call_id: str) -> None:
        """End a call where it is."""
        if provider_call_id in self._playing:
            self._playing[provider_call_id].set()

    def find_calls(self, order: CallOrder) -> list[str]:  # noqa: ARG002 - the protocol's signature
        """Return nothing: no call is ever in doubt here."""
        return []

    def fetch_legs(self, silent: SilentAttempt) -> list[FetchedLeg] | None:
        """Return the advisor's leg as in progress; None if this process does not play the call."""
        if silent.provider_call_id not in self._playing:
            return None
        return [FetchedLeg(Party.ADVISOR, silent.provider_call_id, LegStatus.IN_PROGRESS)]

    def _play_call(self, attempt_id: str, call_id: str) -> None:
        try:
            self._ring_advisor(attempt_id, call_id)
        finally:
            del self._playing[call_id]

    def _ring_advisor(self, attempt_id: str, call_id: str) -> None:
        self._report_leg_status(attempt_id, Party.ADVISOR, call_id, LegStatus.RINGING)
        if self._hung_up_within(call_id, 2, 6):
            return
        with transaction() as session:
            if progress.advisor_answered(session, attempt_id, call_id, now=self._now()) is None:
                return
        if self._hung_up_within(call_id, 2, 4):
            return
        key = self._pick_by_chance(ADVISOR_ANSWERS) if self._is_phone_only(attempt_id) else "1"
        if key == "1":
            self._ring_lead(attempt_id, call_id)
        elif key == "2":
            with transaction() as session:
                progress.advisor_declined_offer(session, attempt_id, call_id, now=self._now())
        self._report_leg_status(attempt_id, Party.ADVISOR, call_id, LegStatus.COMPLETED)

    def _ring_lead(self, attempt_id: str, call_id: str) -> None:
        with transaction() as session:
            if progress.advisor_accepted(session, attempt_id, call_id, now=self._now()) is None:
                return
        lead_call, end = f"{call_id}-lead", self._pick_by_chance(LEAD_ENDS)
        self._report_leg_status(attempt_id, Party.LEAD, lead_call, LegStatus.RINGING)
        if self._hung_up_within(call_id, 4, 9):
            return
        self._report_leg_status(attempt_id, Party.LEAD, lead_call, end)
        if end != LegStatus.IN_PROGRESS or self._hung_up_within(call_id, 15, 60):
            return
        self._report_leg_status(attempt_id, Party.LEAD, lead_call, LegStatus.COMPLETED)
        with reader() as session:
            asked = keypad_wrap_up.is_keypad_wrap_up_needed(session, attempt_id, now=self._now())
        if asked and not self._hung_up_within(call_id, 3, 8):
            with transaction() as session:
                keypad_wrap_up.apply_keypad_digit(
                    session, attempt_id, self._pick_by_chance(WRAP_UP_KEYS), now=self._now()
                )

    def _report_leg_status(
        self, attempt_id: str, party: Party, call_id: str, status: LegStatus
    ) -> None:
        report = LegReport(
            attempt_id, party, call_id, status, kind="rehearsal " + status, sequence=0
        )
        with transaction() as session:
            progress.apply_leg_report(session, report, now=self._now())

    def _is_phone_only(self, attempt_id: str) -> bool:
        with reader() as session:
            advisor_of = session.get_one(CallAttempt, attempt_id).advisor_id
            return presence.is_on_duty_by_phone_only(
                session.get_one(Advisor, advisor_of), now=self._now()
            )

    def _hung_up_within(self, call_id: str, least: float, most: float) -> bool:
        return self._playing[call_id].wait(self._random.uniform(least, most) * self._pace)

    def _pick_by_chance(self, chances: dict[Word, int]) -> Word:
        return self._random.choices(list(chances), list(chances.values()))[0]
