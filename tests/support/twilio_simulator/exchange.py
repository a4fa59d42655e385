"""The telephone exchange: legs, ringing, answering-machine detection and status callbacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta

from tests.support.twilio_simulator.legs import TERMINAL, Leg
from tests.support.twilio_simulator.scripts import Number, Phone
from tests.support.twilio_simulator.wire import Pairs, Wire, format_rfc2822, make_sid

EVENT_OF = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
SIP_CODES = {
    "completed": "200",
    "busy": "486",
    "no-answer": "487",
    "canceled": "487",
    "failed": "404",
}
GEOGRAPHY = [
    side + part for side in ("Called", "Caller", "From", "To") for part in ("City", "State", "Zip")
]


class Exchange:
    """The books of all legs, and what happens to one before anybody speaks."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.phones: defaultdict[str, Phone] = defaultdict(Phone)
        self.numbers: dict[str, Number] = {}
        self.legs: dict[str, Leg] = {}
        self._next_slot = wire.clock.now()

    def open_leg(self, to: str, from_: str, direction: str) -> Leg:
        """Add a leg to the books, with the phone of the person it is for."""
        phone = self.phones[from_ if direction == "inbound" else to]
        leg = Leg(make_sid("CA"), to, from_, direction, phone, self.wire.clock.now())
        self.legs[leg.sid] = leg
        return leg

    def queue(self, leg: Leg) -> None:
        """Give a leg its place in the queue of calls per second; participants count as well."""
        slot = max(leg.created, self._next_slot)
        self._next_slot = slot + timedelta(seconds=1 / self.wire.settings.calls_per_second)
        leg.queue_time = (slot - leg.created).total_seconds()
        self.wire.note("leg", "queued", sid=leg.sid, to=leg.to, direction=leg.direction)

    def describe_leg(self, leg: Leg) -> Pairs:
        """Return the parameters that every voice webhook carries."""
        params = [
            ("AccountSid", self.wire.settings.account_sid),
            ("ApiVersion", "2010-04-01"),
            ("CallSid", leg.sid),
            ("CallStatus", leg.status),
            ("Direction", leg.direction),
            ("From", leg.from_),
            ("To", leg.to),
            ("Caller", leg.from_),
            ("Called", leg.to),
            *((name, "") for name in GEOGRAPHY),
        ]
        return params + ([("ParentCallSid", leg.parent.sid)] if leg.parent else [])

    def enter(self, leg: Leg, status: str) -> None:
        """Move a leg to a status and send the status callback that belongs to it.

        Sequence numbers count the events that were asked for; Twilio's documents leave open whether
        they count the others too.
        """
        if leg.is_over:
            self.wire.errors.append(RuntimeError(f"{leg.sid} went from {leg.status} to {status}"))
        leg.status, leg.updated = status, self.wire.clock.now()
        if status == "initiated":
            leg.started = leg.updated
        elif status == "in-progress":
            leg.answered = leg.updated
        elif status in TERMINAL:
            leg.ended = leg.updated
            leg.finished.set()
        self.wire.note("leg", status, sid=leg.sid, to=leg.to, direction=leg.direction)
        if not leg.callback or EVENT_OF.get(status, "completed") not in leg.events:
            return
        params = [
            *self.describe_leg(leg),
            ("Timestamp", format_rfc2822(leg.updated) or ""),
            ("CallbackSource", "call-progress-events"),
            ("SequenceNumber", str(leg.sequence)),
        ]
        leg.sequence += 1
        if status in TERMINAL:
            is_refused = leg.phone.sip_code and status != "completed"
            code = str(leg.phone.sip_code) if is_refused else SIP_CODES[status]
            params += [("CallDuration", str(leg.seconds)), ("SipResponseCode", code)]
        if status == "completed":
            params.append(("Duration", str(-(-leg.seconds // 60))))
        self.wire.report(status, leg.callback, params, kind="status", method=leg.callback_method)

    async def is_hung_up_within(self, leg: Leg, seconds: float) -> bool:
        """Wait for simulated seconds; True at once when the leg is hung up meanwhile."""
        return await self.wire.clock.happens_within(leg.control.get(), seconds)

    async def ring(
        self, leg: Leg, patience: float, on_ringing: Callable[[Leg], None] | None = None
    ) -> bool:
        """Ring a leg; True when it was answered."""
        patience += self.wire.settings.ring_buffer
        self.enter(leg, "initiated")
        await self.wire.clock.sleep(0.3)
        if leg.phone.outcome == "failed":
            self.enter(leg, "failed")
            return False
        self.enter(leg, "ringing")
        if on_ringing:
            on_ringing(leg)
        answers = leg.phone.outcome in ("answer", "busy") and leg.phone.ring < patience
        if await self.is_hung_up_within(leg, leg.phone.ring if answers else patience):
            self.enter(leg, "canceled")
        elif not answers:
            self.enter(leg, "no-answer")
        else:
            self.enter(leg, "busy" if leg.phone.outcome == "busy" else "in-progress")
        return leg.status == "in-progress"

    async def detect_machine(self, leg: Leg) -> Pairs:
        """Act out answering-machine detection; return what the TwiML request carries besides.

        A participant's detection never waits, for its call runs no TwiML of ours.
        """
        mode, options = leg.options.get("MachineDetection", ""), leg.options
        if not mode or options.get("SendDigits"):
            return []
        heard = leg.phone.answered_by
        if heard == "machine":
            heard = "machine_end_beep" if mode == "DetectMessageEnd" else "machine_start"
        is_participant = "ConferenceName" in options
        url = options.get("AmdStatusCallback" if is_participant else "AsyncAmdStatusCallback", "")
        if not is_participant and options.get("AsyncAmd") != "true":
            await self.wire.clock.sleep(self.wire.settings.amd_delay)
            leg.answered_by = heard
            return [("AnsweredBy", heard)]
        if not url:
            self.wire.alert("21262", "no AMD status callback URL", leg.sid)
            return []
        prefix = "AmdStatusCallback" if is_participant else "AsyncAmdStatusCallback"
        self.wire.spawn(self._tell_machine(leg, heard, url, options.get(prefix + "Method", "POST")))
        return []

    async def _tell_machine(self, leg: Leg, heard: str, url: str, method: str) -> None:
        """Report asynchronous detection, unless the call ends before anything is known."""
        delay = self.wire.settings.amd_delay
        if await self.wire.clock.happens_within(leg.finished.wait(), delay):
            heard = "unknown"
        leg.answered_by = heard
        params = [
            ("AccountSid", self.wire.settings.account_sid),
            ("CallSid", leg.sid),
            ("AnsweredBy", heard),
            ("MachineDetectionDuration", str(int(delay * 1000))),
        ]
        self.wire.report("amd", url, params, kind="amd", method=method)
