"""A phone network for rehearsals, without an account.

Its people answer, decline, are busy or have a voicemail; whoever answers is in the call's
conference until somebody hangs up.
"""

from __future__ import annotations

import functools
import itertools
import random
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from leads.calls import (
    conference_news,
    inbound,
    inbound_news,
    keypad_wrap_up,
    offers,
    party_legs,
    progress,
)
from leads.calls.inbound import CallerStep
from leads.calls.legs import LegReport, SilentAttempt
from leads.calls.unheard_calls import ListedCall
from leads.commands import demo_data
from leads.database.transactions import reader, transaction
from leads.messaging import voicemails
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt
from leads.models.enums import LegStatus, Party
from leads.outbox.call_orders import CallOrder
from leads.people import presence
from notifications import rehearsed_hand_over
from notifications.rehearsal_recordings import REHEARSED_SECONDS
from notifications.telephony import FetchedLeg

Word = TypeVar("Word", bound=str)

ADVISOR_ANSWERS = {"1": 95, "2": 5}
"""Which key they press, and how often in a hundred.

Nobody lets it ring: who misses two in a row rests, and then no colleague is free to be asked in.
"""
LEAD_ENDS = {
    LegStatus.IN_PROGRESS: 70,
    LegStatus.NO_ANSWER: 18,
    LegStatus.BUSY: 8,
    LegStatus.FAILED: 4,
}
CALLERS_NUMBERS = "+160755501"  # numbers that nobody has
CALLER_PATIENCE = 40  # rounds of a few seconds
IMPATIENT = 3  # of so many callers one does not wait for anybody
IMPATIENT_CALLERS = {"1": 20, "2": 70, "": 10}  # of those nobody came for: which key they press
HANDED_OVER = 0.15  # of the conversations whose advisor has nothing but a phone
LONGEST_CALL = 300.0  # seconds, of whoever is asked in and not sent away
WRAP_UP_KEYS = {"1": 50, "2": 20, "3": 10, "4": 4, "5": 4, "6": 12}


class RehearsalPhone:
    """Plays every call in a thread of its own, through the verbs that the webhooks use.

    Advisors with an open desk always take their calls, and reach those who are held for them and
    whoever is first, so that whoever tries the desk is not left out.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        pace: float = 1.0,
        keeps_recordings: bool = False,
    ) -> None:
        self._now, self._pace, self._keeps_recordings = now, pace, keeps_recordings
        self._random = random.Random()  # noqa: S311 - theatre
        self._callers = itertools.count(1)
        self._hung_up: dict[str, threading.Event] = {}  # by call: those that are being played
        self._in_conference: defaultdict[str, set[str]] = defaultdict(set)  # calls by attempt
        self._is_desk_tried = False
        self._brought_to: dict[str, str] = {}  # attempts, by the call of whoever called in

    def place_call(self, order: CallOrder) -> str:
        """Begin to play an advisor's leg."""
        return self._begin(functools.partial(self._ring_advisor, order))

    def dial_leg(self, order: CallOrder) -> str:
        """Begin to play the leg of the lead, or of whoever else is asked in."""
        is_lead = order.leg is not None and order.leg.party == Party.LEAD
        ring = self._ring_lead if is_lead else self._ring_party
        return self._begin(functools.partial(ring, order))

    def change_leg(self, order: CallOrder) -> None:
        """Do nothing: nobody listens."""

    def leave_call(self, order: CallOrder) -> None:
        """Let whoever leaves hang up."""
        for call_id in order.calls_to_hang_up:
            self.hang_up(call_id)

    def return_advisor(self, order: CallOrder) -> None:
        """Let the advisor hear that nobody answered, and hang up."""
        for call_id in order.calls_to_hang_up:
            self.hang_up(call_id)

    def let_somebody_call(self, *, waits: bool = False) -> None:
        """Let somebody call the helpline; not all of them wait for an advisor, unless told to."""
        waits = waits or bool(next(self._callers) % IMPATIENT)
        self._begin(functools.partial(self._call_in, waits=waits))

    def _begin(self, play: Callable[[str], None]) -> str:
        call_id = "rehearsal-" + secrets.token_hex(8)
        self._hung_up[call_id] = threading.Event()

        def play_to_the_end() -> None:
            try:
                play(call_id)
            finally:
                del self._hung_up[call_id]

        threading.Thread(target=play_to_the_end, name="rehearsal", daemon=True).start()
        return call_id

    def join_caller(self, order: CallOrder) -> None:
        """Let whoever called in hear the advisor from now on."""
        if order.caller:
            self._brought_to[order.caller.provider_call_id] = order.attempt_id

    def return_caller(self, order: CallOrder) -> None:
        """Do nothing: whoever called in waits on."""

    def fetch_status(self, provider_call_id: str) -> LegStatus | None:
        """Return the call that this process plays as in progress; None if it plays none."""
        return LegStatus.IN_PROGRESS if provider_call_id in self._hung_up else None

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
        if hung_up := self._hung_up.get(provider_call_id):
            hung_up.set()

    def find_calls(self, order: CallOrder) -> list[str]:  # noqa: ARG002 - the protocol's signature
        """Return nothing: no call is ever in doubt here."""
        return []

    def fetch_legs(self, silent: SilentAttempt) -> list[FetchedLeg] | None:
        """Return the legs that this process plays as in progress; None if it plays none."""
        playing = [leg for leg in silent.legs if leg.provider_call_id in self._hung_up]
        return [FetchedLeg(leg, LegStatus.IN_PROGRESS) for leg in playing] or None

    def list_received_calls(self, number: str, since: datetime) -> list[ListedCall]:  # noqa: ARG002
        """Return nothing: somebody calls only where a desk is here."""
        return []

    def _ring_advisor(self, order: CallOrder, call_id: str) -> None:
        attempt_id = order.attempt_id
        self._report_leg_status(attempt_id, Party.ADVISOR, call_id, LegStatus.RINGING)
        if self._hung_up_within(call_id, 2, 6):
            return
        with transaction() as session:
            if offers.advisor_answered(session, attempt_id, call_id, now=self._now()) is None:
                return
        if self._hung_up_within(call_id, 2, 4):
            return
        key = self._pick_by_chance(ADVISOR_ANSWERS) if self._is_phone_only(attempt_id) else "1"
        if key == "1":
            self._stay_in_conference(attempt_id, call_id)
        elif key == "2":
            with transaction() as session:
                offers.advisor_declined_offer(session, attempt_id, call_id, now=self._now())
        self._report_leg_status(attempt_id, Party.ADVISOR, call_id, LegStatus.COMPLETED)

    def _stay_in_conference(self, attempt_id: str, call_id: str) -> None:
        """Let the advisor talk until the lead is gone, and say by a key what came of it."""
        self._in_conference[attempt_id].add(call_id)
        with transaction() as session:
            is_in = offers.advisor_accepted(session, attempt_id, call_id, now=self._now())
        if is_in:
            self._hung_up[call_id].wait()
            self._hung_up[call_id].clear()
        self._in_conference[attempt_id].discard(call_id)
        with reader() as session:
            asked = keypad_wrap_up.is_keypad_wrap_up_needed(session, attempt_id, now=self._now())
        if asked and not self._hung_up_within(call_id, 3, 8):
            with transaction() as session:
                keypad_wrap_up.apply_keypad_digit(
                    session, attempt_id, self._pick_by_chance(WRAP_UP_KEYS), now=self._now()
                )

    def _ring_lead(self, order: CallOrder, call_id: str) -> None:
        attempt_id, end = order.attempt_id, self._pick_lead_end(order)
        self._report_leg_status(attempt_id, Party.LEAD, call_id, LegStatus.RINGING)
        if self._hung_up_within(call_id, 4, 9):
            self._report_leg_status(attempt_id, Party.LEAD, call_id, LegStatus.CANCELED)
            return
        self._report_leg_status(attempt_id, Party.LEAD, call_id, end)
        if end == LegStatus.IN_PROGRESS:
            if self._random.random() < HANDED_OVER and not self._hung_up_within(call_id, 4, 8):
                self._hand_over(attempt_id, call_id)
            self._hung_up_within(call_id, 15, 60)
            self._report_leg_status(attempt_id, Party.LEAD, call_id, LegStatus.COMPLETED)
        for other_call in self._in_conference.pop(attempt_id, set()):
            self.hang_up(other_call)

    def _hand_over(self, attempt_id: str, call_id: str) -> None:
        """Let a colleague take the call, as long as the lead talks and somebody is free."""
        leg_id = rehearsed_hand_over.ask_in_somebody(attempt_id, now=self._now())
        while leg_id and not self._hung_up_within(call_id, 1, 2):
            if rehearsed_hand_over.hand_over_to(attempt_id, leg_id, now=self._now()):
                return

    def _call_in(self, call_id: str, *, waits: bool) -> None:
        number = f"{CALLERS_NUMBERS}{self._random.randrange(100):02}"
        with transaction() as session:
            hears = inbound.receive_call(session, call_id, number, "", now=self._now())
        if waits and hears and hears.step == CallerStep.GREETING:
            self._wait_for_advisor(call_id, hears.call_id)
        if attempt_id := self._brought_to.pop(call_id, None):
            with transaction() as session:
                conference_news.note_participant(session, attempt_id, call_id, now=self._now())
            self._hung_up_within(call_id, 15, 60)
        elif hears:
            self._press_key(call_id, hears.call_id, self._pick_by_chance(IMPATIENT_CALLERS))
        with transaction() as session:
            inbound_news.apply_call_report(session, call_id, LegStatus.COMPLETED, now=self._now())
        for other_call in self._in_conference.pop(attempt_id or "", set()):
            self.hang_up(other_call)

    def _wait_for_advisor(self, call_id: str, inbound_call_id: str) -> None:
        """Let a caller ask again and again what is next, until they are brought to an advisor."""
        for _ in range(CALLER_PATIENCE):
            if self._hung_up_within(call_id, 2, 4) or call_id in self._brought_to:
                return
            with transaction() as session:
                hears = inbound.keep_waiting(session, inbound_call_id, now=self._now())
            if hears and hears.step == CallerStep.JOIN:  # the answer brings them, and no order
                self._brought_to[call_id] = hears.attempt_id

    def _press_key(self, call_id: str, inbound_call_id: str, key: str) -> None:
        """Ask to be called back, leave a message where that can be kept, or do nothing."""
        if key == "1":
            with transaction() as session:
                inbound.promise_callback(session, inbound_call_id, now=self._now())
        if key != "2" or not self._keeps_recordings:
            return
        with transaction() as session:
            hears = inbound.choose_voicemail(session, inbound_call_id, now=self._now())
        if hears is None or hears.step != CallerStep.RECORD:
            return
        self._hung_up_within(call_id, 5, 8)
        with transaction() as session:
            voicemails.note_recording(
                session,
                inbound_call_id,
                "rehearsal-" + secrets.token_hex(8),
                seconds=REHEARSED_SECONDS,
                is_ready=True,
                now=self._now(),
            )

    def _ring_party(self, order: CallOrder, call_id: str) -> None:
        """Let whoever is asked in answer, and stay until they are sent away."""
        leg_id = order.leg.leg_id if order.leg else 0
        self._in_conference[order.attempt_id].add(call_id)
        report = functools.partial(
            self._report_leg_status, order.attempt_id, Party.UNKNOWN, call_id, leg_id=leg_id
        )
        report(LegStatus.RINGING)
        if not self._hung_up_within(call_id, 2, 5):
            report(LegStatus.IN_PROGRESS)
            with transaction() as session:
                party_legs.note_party_joined(session, leg_id, now=self._now())
            self._hung_up[call_id].wait(LONGEST_CALL * self._pace)
        report(LegStatus.COMPLETED)

    def _report_leg_status(
        self,
        attempt_id: str,
        party: Party,
        call_id: str,
        status: LegStatus,
        leg_id: int | None = None,
    ) -> None:
        kind = "rehearsal " + status
        report = LegReport(attempt_id, party, call_id, status, kind, sequence=0, leg_id=leg_id)
        with transaction() as session:
            progress.apply_leg_report(session, report, now=self._now())

    def _pick_lead_end(self, order: CallOrder) -> LegStatus:
        if order.number.startswith(demo_data.HELD_NUMBERS):
            return LegStatus.IN_PROGRESS
        if self._is_phone_only(order.attempt_id) or self._is_desk_tried:
            return self._pick_by_chance(LEAD_ENDS)
        self._is_desk_tried = True
        return LegStatus.IN_PROGRESS

    def _is_phone_only(self, attempt_id: str) -> bool:
        with reader() as session:
            advisor_of = session.get_one(CallAttempt, attempt_id).advisor_id
            return presence.is_on_duty_by_phone_only(
                session.get_one(Advisor, advisor_of), now=self._now()
            )

    def _hung_up_within(self, call_id: str, least: float, most: float) -> bool:
        return self._hung_up[call_id].wait(self._random.uniform(least, most) * self._pace)

    def _pick_by_chance(self, chances: dict[Word, int]) -> Word:
        return self._random.choices(list(chances), list(chances.values()))[0]
