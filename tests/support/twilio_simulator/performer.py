"""TwiML acted out on a leg, from its answer to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from tests.support.twilio_simulator.conferences import read_noun
from tests.support.twilio_simulator.dialling import Dialler
from tests.support.twilio_simulator.documents import (
    WORDS_A_SECOND,
    check_attributes,
    count_words,
    load_document,
)
from tests.support.twilio_simulator.exchange import Exchange
from tests.support.twilio_simulator.legs import Leg, Source
from tests.support.twilio_simulator.recordings import Recordings
from tests.support.twilio_simulator.rooms import Rooms, resolve_terms
from tests.support.twilio_simulator.scripts import FOR_EVER
from tests.support.twilio_simulator.sounds import PLAY_SECONDS
from tests.support.twilio_simulator.wire import Pairs

Step = Source | str
"""What comes after a verb: "next", "end", "hangup" or the source of another document."""


class Performer:
    """Runs the documents of legs that are answered, and acts when somebody hangs up."""

    def __init__(self, exchange: Exchange, rooms: Rooms, recordings: Recordings) -> None:
        self.exchange, self.wire = exchange, exchange.wire
        self.rooms, self.recordings = rooms, recordings
        self.dialler = Dialler(exchange, self.perform)
        self._verbs: dict[str, Callable[[Leg, Element, str], Awaitable[Step]]] = {
            "Say": self._say,
            "Play": self._play,
            "Pause": self._pause,
            "Gather": self._gather,
            "Dial": self._dial,
            "Record": self._record,
            "Redirect": self._redirect,
            "Hangup": self._hang_up,
            "Reject": self._reject,
        }

    def receive_call(self, from_: str, to: str) -> Leg:
        """Let somebody call one of the account's numbers."""
        number = self.exchange.numbers[to]
        leg = self.exchange.open_leg(to, from_, "inbound")
        leg.callback = number.status_callback
        leg.status, leg.started = "ringing", self.wire.clock.now()
        self.wire.note("leg", "ringing", sid=leg.sid, to=to, direction=leg.direction)
        self.wire.spawn(
            self.stay_on(leg, Source(number.voice_url, fallback=number.voice_fallback_url))
        )
        return leg

    async def place(self, leg: Leg) -> None:
        """Dial a leg that the REST API asked for, and run its TwiML if it is answered."""
        await self.wire.clock.sleep(leg.queue_time)
        options = leg.options
        if leg.status != "queued":
            self.rooms.give_up(leg)
            return
        patience = float(options.get("Timeout", 60))
        if not await self.exchange.ring(leg, patience, self.rooms.hear_ringing):
            self.rooms.give_up(leg)
            return
        extra = tuple(await self.exchange.detect_machine(leg))
        url = options.get("Url", "")
        text = "" if url else options.get("Twiml", "")
        fallback = options.get("FallbackUrl", "")
        await self.stay_on(leg, Source(url, options.get("Method", "POST"), extra, text, fallback))

    async def stay_on(self, leg: Leg, source: Source | None) -> None:
        """Run TwiML on an answered leg until it ends, is redirected or somebody hangs up."""
        impatient = self.wire.spawn(self._lose_patience(leg))
        while source is not None:
            source = await self._run_until_asked(leg, source)
        impatient.cancel()
        if not leg.is_over:
            self.exchange.enter(leg, "completed" if leg.answered else "no-answer")

    async def _run_until_asked(self, leg: Leg, source: Source) -> Source | None:
        """Run TwiML until its end, or until it is to be something else; return that."""
        runner = asyncio.create_task(self.perform(leg, source))
        asked = asyncio.create_task(leg.control.get())
        try:
            await asyncio.wait({runner, asked}, return_when=asyncio.FIRST_COMPLETED)
            return asked.result() if asked.done() else None
        finally:
            asked.cancel()
            runner.cancel()
            (result,) = await asyncio.gather(runner, return_exceptions=True)
            if isinstance(result, Exception):
                self.wire.errors.append(result)

    async def _lose_patience(self, leg: Leg) -> None:
        await self.wire.clock.sleep(leg.phone.patience)
        leg.talks_until = self.wire.clock.now()
        leg.hang_up()

    async def perform(self, leg: Leg, source: Source) -> str:
        """Run one document after the other; return how it ended: end or hangup."""
        step: Step = source
        while isinstance(step, Source):
            params = self.exchange.describe_leg(leg)
            root, base = await load_document(self.wire, step, params, sid=leg.sid)
            step = "hangup" if root is None else await self._run(leg, root, base)
        return step

    async def _run(self, leg: Leg, root: Element, base: str) -> Step:
        for verb in root:
            check_attributes(self.wire, verb, base, sid=leg.sid)
            act = self._verbs.get(verb.tag)
            if act is None:
                self.wire.alert("12200", f"{base}: <{verb.tag}> is not simulated", leg.sid)
                continue
            is_unanswered = verb.tag == "Reject" or verb.get("answerOnBridge") == "true"
            if leg.status == "ringing" and not is_unanswered:
                self.exchange.enter(leg, "in-progress")
            step = await act(leg, verb, base)
            if step != "next":
                return step
        return "end"

    def _follow_action(self, verb: Element, base: str, extra: Pairs) -> Source:
        """Return the source that a verb's `action` names; its own document if it names none."""
        url = urljoin(base, verb.get("action", base))
        return Source(url, verb.get("method", "POST"), tuple(extra))

    async def _request_last(self, leg: Leg, source: Source) -> None:
        """Request an action URL after the leg has ended; the answer does not matter."""
        await leg.finished.wait()
        params = [*self.exchange.describe_leg(leg), *source.extra]
        await self.wire.request_webhook(source.url, source.method, params, "action")

    # ---- the verbs

    async def _say(self, leg: Leg, verb: Element, _base: str) -> Step:
        self._note_machine(leg, verb)
        leg.silence = 0
        await self.wire.clock.sleep(count_words(verb) / WORDS_A_SECOND * int(verb.get("loop", 1)))
        return "next"

    async def _play(self, leg: Leg, verb: Element, _base: str) -> Step:
        self._note_machine(leg, verb)
        leg.silence = 0
        await self.wire.clock.sleep(PLAY_SECONDS * int(verb.get("loop", 1)) or FOR_EVER)
        return "next"

    def _note_machine(self, leg: Leg, verb: Element) -> None:
        text, after = "".join(verb.itertext()), bool(leg.conferences)
        self.wire.note("heard", verb.tag, sid=leg.sid, text=text, is_after_conference=after)

    async def _pause(self, leg: Leg, verb: Element, _base: str) -> Step:
        await self._hear_nothing(leg, float(verb.get("length", 1)))
        return "next"

    async def _hear_nothing(self, leg: Leg, seconds: float) -> None:
        leg.silence += seconds
        if leg.silence > self.wire.settings.silence:
            self.wire.note("heard", "nothing", sid=leg.sid, text=f"{leg.silence:.0f} s")
        await self.wire.clock.sleep(seconds)

    async def _redirect(self, _leg: Leg, verb: Element, base: str) -> Step:
        return Source(urljoin(base, (verb.text or "").strip()), verb.get("method", "POST"))

    async def _hang_up(self, _leg: Leg, _verb: Element, _base: str) -> Step:
        return "hangup"

    async def _reject(self, leg: Leg, verb: Element, _base: str) -> Step:
        self.exchange.enter(leg, "busy" if verb.get("reason") == "busy" else "no-answer")
        return "hangup"

    async def _gather(self, leg: Leg, verb: Element, base: str) -> Step:
        keys = leg.phone.keys[leg.gathers] if leg.gathers < len(leg.phone.keys) else ""
        leg.gathers += 1
        if keys == "hangup":
            await self.wire.clock.sleep(1)
            leg.hang_up()
            await self.wire.clock.sleep(FOR_EVER)
        finish = verb.get("finishOnKey", "#")
        digits = (keys.split(finish)[0] if finish else keys)[: int(verb.get("numDigits", 99))]
        if digits:
            await self.wire.clock.sleep(1)
            leg.pressed.append(digits)
        else:
            await self._run(leg, verb, base)
            seconds = float(verb.get("timeout", 5))
            if verb.find("Say") is None:
                await self._hear_nothing(leg, seconds)
            else:  # whoever was asked something thinks about it
                await self.wire.clock.sleep(seconds)
            if verb.get("actionOnEmptyResult") != "true":
                return "next"
        return self._follow_action(verb, base, [("Digits", digits)])

    async def _record(self, leg: Leg, verb: Element, base: str) -> Step:
        began, limit = self.wire.clock.now(), float(verb.get("maxLength", 3600))

        def finish(digits: str) -> Source:
            params = self.recordings.finish(leg, verb, base, began)
            return self._follow_action(verb, base, [*params, ("Digits", digits)])

        try:
            await self.wire.clock.sleep(min(leg.phone.talk, limit))
        except asyncio.CancelledError:
            source = finish("hangup" if leg.is_hanging_up else "")
            if leg.is_hanging_up:
                self.wire.spawn(self._request_last(leg, source))
            raise
        ending = leg.phone.ends_message if leg.phone.talk < limit else ""
        source = finish(ending)
        if ending != "hangup":
            return source
        leg.is_hanging_up = True
        self.wire.spawn(self._request_last(leg, source))
        return "hangup"

    async def _dial(self, leg: Leg, verb: Element, base: str) -> Step:
        if leg.direction == "outbound-dial":
            self.wire.alert("13201", f"{base}: cannot dial out from a dialled leg", leg.sid)
            return "hangup"
        noun = verb.find("Conference")
        children: list[Leg] = []
        if noun is None:
            children = self.dialler.open_children(leg, verb, base)
        try:
            if noun is None:
                result = await self.dialler.dial(leg, verb, base, children)
            else:
                result = await self._confer(leg, verb, noun, base)
        except asyncio.CancelledError:
            is_wanted = leg.is_hanging_up and self.wire.settings.action_after_hangup
            if is_wanted and verb.get("action") and (children or noun is not None):
                result = [("DialCallStatus", "answered")]
                if children:
                    result = self.dialler.describe_end(children[-1])
                source = self._follow_action(verb, base, result)
                self.wire.spawn(self._request_last(leg, source))
            raise
        if not result or not verb.get("action"):
            return "next"
        return self._follow_action(verb, base, result)

    async def _confer(self, leg: Leg, verb: Element, noun: Element, base: str) -> Pairs:
        """Put a leg into a conference; nothing is returned if it never came in.

        A <Dial> that reached a conference has DialCallStatus=answered, and no DialCallSid.
        """
        check_attributes(self.wire, noun, base, sid=leg.sid)
        name = (noun.text or "").strip()
        one = resolve_terms(read_noun(noun, leg), base)
        room = self.rooms.find_active(name)
        if room and room.has_label(one.label, besides=leg.sid):
            self.wire.alert("16025", f"{base}: label {one.label!r} is in use", leg.sid)
            return []
        limit = int(noun.get("maxParticipants", 250))
        if room and len(room.list_joined()) >= limit:
            self.wire.alert("16020", f"{base}: the conference is full", leg.sid)
            return []
        if one.coached and not (room and one.coached in room.participants):
            self.wire.alert("13240", f"{base}: {one.coached} is not in the conference", leg.sid)
            return [("DialCallStatus", "failed")]
        leg.silence, seconds = 0, float(verb.get("timeLimit", 14400))
        is_star = verb.get("hangupOnStar") == "true"
        await self.rooms.attend(one, name, limit=seconds, is_star=is_star)
        return [("DialCallStatus", "answered")]
