"""<Dial><Number>: ringing several numbers at once, whispering, and letting two people talk.

Assumed where Twilio's documents are silent: a declined whisper is `DialCallStatus=no-answer`
(`Settings.declined_status`), and `action` is requested although the caller has hung up
(`Settings.action_after_hangup`).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from tests.support.twilio_simulator.documents import check_attributes
from tests.support.twilio_simulator.exchange import Exchange
from tests.support.twilio_simulator.legs import Leg, Source
from tests.support.twilio_simulator.scripts import FOR_EVER
from tests.support.twilio_simulator.wire import Pairs

E164 = re.compile(r"\+[1-9]\d{6,14}")


class Dialler:
    """The numbers of a <Dial>; `perform` acts out a whisper on the called leg."""

    def __init__(
        self, exchange: Exchange, perform: Callable[[Leg, Source], Coroutine[Any, Any, str]]
    ) -> None:
        self.exchange, self.wire, self._perform = exchange, exchange.wire, perform

    async def dial(self, leg: Leg, verb: Element, base: str, children: list[Leg]) -> Pairs:
        """Ring the children of a leg and bridge the first; return what `action` hears of it."""
        accepted = False
        try:
            child = await self._first_answer(children, float(verb.get("timeout", 30)))
            if child:
                accepted = await self._screen(child, base)
                limit = float(verb.get("timeLimit", 14400))
                await self._converse(leg, child, limit, is_accepted=accepted)
        except asyncio.CancelledError:
            for child in children:
                if not child.is_over:
                    self.exchange.enter(child, "completed" if child.answered else "canceled")
            raise
        last = child or (children[-1] if children else None)
        return self.describe_end(last, is_declined=child is not None and not accepted)

    def open_children(self, leg: Leg, verb: Element, base: str) -> list[Leg]:
        """Create a child leg for every number in a <Dial>."""
        nouns = verb.findall("Number")
        if not nouns and (verb.text or "").strip():
            nouns = [Element("Number")]
            nouns[0].text = verb.text
        caller = verb.get("callerId", leg.from_)
        if caller not in self.exchange.numbers and caller not in (leg.from_, leg.to):
            self.wire.alert("13214", f"{base}: {caller!r} is not a valid callerId", leg.sid)
        children = []
        for noun in nouns:
            check_attributes(self.wire, noun, base, sid=leg.sid)
            to = (noun.text or "").strip()
            if not E164.fullmatch(to):
                self.wire.alert("13224", f"{base}: cannot dial {to!r}", leg.sid)
                continue
            child = self.exchange.open_leg(to, caller, "outbound-dial")
            child.parent = leg
            url = noun.get("statusCallback", "")
            child.callback = urljoin(base, url) if url else ""
            child.callback_method = noun.get("statusCallbackMethod", "POST")
            events = noun.get("statusCallbackEvent", "completed")
            child.events = frozenset(re.split(r"[\s,]+", events))
            child.options = {"whisper": noun.get("url", ""), "method": noun.get("method", "POST")}
            children.append(child)
        return children

    async def _first_answer(self, children: list[Leg], patience: float) -> Leg | None:
        """Ring all children at once; the first to answer wins and the rest stop ringing."""
        rings = {asyncio.create_task(self.exchange.ring(one, patience)): one for one in children}
        waiting, winner = set(rings), None
        try:
            while waiting and winner is None:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                winner = next((rings[task] for task in done if task.result()), None)
            for task in waiting:
                rings[task].hang_up()
            if waiting:
                await asyncio.wait(waiting)
        finally:
            for task in rings:
                task.cancel()
        return winner

    async def _screen(self, child: Leg, base: str) -> bool:
        """Act out the whisper on the called leg; False when it ended in a hang-up."""
        if not child.options["whisper"]:
            return True
        source = Source(urljoin(base, child.options["whisper"]), child.options["method"])
        whisper = asyncio.create_task(self._perform(child, source))
        asked = asyncio.create_task(self.exchange.is_hung_up_within(child, child.phone.patience))
        try:
            await asyncio.wait({whisper, asked}, return_when=asyncio.FIRST_COMPLETED)
            return whisper.done() and whisper.result() == "end"
        finally:
            whisper.cancel()
            asked.cancel()

    async def _converse(self, leg: Leg, child: Leg, limit: float, *, is_accepted: bool) -> None:
        """Let two people talk until one of them hangs up."""
        if not is_accepted:
            self.exchange.enter(child, "completed")
            return
        if leg.status == "ringing":
            self.exchange.enter(leg, "in-progress")
        leg.is_bridged = child.is_bridged = True
        self.wire.note("bridge", "connected", parent=leg.sid, child=child.sid)
        theirs = min(child.phone.talk, limit)
        await self.exchange.is_hung_up_within(child, min(leg.phone.talk, theirs))
        self.exchange.enter(child, "completed")
        if leg.phone.talk < theirs:
            leg.hang_up()
            await self.wire.clock.sleep(FOR_EVER)

    def describe_end(self, child: Leg | None, *, is_declined: bool = False) -> Pairs:
        """Return what Twilio adds to the request to the `action` of a <Dial>."""
        if child is None:
            return [("DialCallStatus", "failed"), ("DialBridged", "false")]
        status = self.wire.settings.declined_status if is_declined else child.status
        result = [("DialCallStatus", status), ("DialCallSid", child.sid)]
        result.append(("DialBridged", str(child.is_bridged).lower()))
        return result + ([("DialCallDuration", str(child.seconds))] if child.answered else [])
