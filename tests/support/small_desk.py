"""A desk of a few lines, for the simulator to call: one conference per attempt, and a voicemail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response as TwilioResponse
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.twiml.voice_response import VoiceResponse

from tests.support.serving import serving
from tests.support.twilio_double import TOKEN
from tests.support.twilio_simulator import Fault, Number, Settings, Simulator, running_simulator

EVENTS = ["initiated", "ringing", "answered", "completed"]
CONFERENCE_EVENTS = "start end join leave mute hold modify speaker announcement"
HELPLINE, ADVISOR, LEAD = "+13155550199", "+13155570101", "+13155570202"
ATTEMPT = "attempt-7"
Form = dict[str, str]
FAULTS = [
    (Fault.TOO_MANY, 429, 0),
    (Fault.ERROR_CREATED, 500, 1),
    (Fault.HANG_CREATED, None, 1),
    *(
        pytest.param(*case, marks=pytest.mark.soak)
        for case in (
            (Fault.UNAVAILABLE, 503, 0),
            (Fault.ERROR, 500, 0),
            (Fault.DROP, None, 0),
            (Fault.DROP_CREATED, None, 1),
            (Fault.HANG, None, 0),
        )
    ),
]


@dataclass
class SmallDesk:
    """What it hears is kept; `answers` replaces what it says at a path."""

    client: Client
    twilio: Simulator
    base: str = ""
    token: str = TOKEN
    heard: list[tuple[str, Form]] = field(default_factory=list)
    answers: dict[str, Callable[[Form], VoiceResponse]] = field(default_factory=dict)
    lead_options: dict[str, Any] = field(default_factory=dict)
    is_calling_lead: bool = True
    is_ended_by_advisor: bool = True
    unavailable: int = 0  # times it answers 503

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])

    async def _answer(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        url = self.base + request.url.path + (f"?{request.url.query}" if request.url.query else "")
        signature = request.headers.get("X-Twilio-Signature", "")
        if not RequestValidator(self.token).validate(url, form, signature):
            return Response(status_code=403)
        if self.unavailable:
            self.unavailable -= 1
            return Response(status_code=503)
        path = request.path_params["path"]
        self.heard.append((path, form))
        say = self.answers.get(path) or getattr(self, f"say_{path}", None)
        if say:
            return Response(str(say(form)), media_type="text/xml")
        joined = form.get("StatusCallbackEvent") == "participant-join"
        if joined and form.get("ParticipantLabel") == "advisor" and self.is_calling_lead:
            await asyncio.to_thread(self.call_lead)
        return Response(status_code=204)

    def list_heard(self, path: str, name: str) -> list[str]:
        """Return the values of a field in all requests to a path."""
        return [form.get(name, "") for where, form in self.heard if where == path]

    def say_offer(self, _form: Form) -> VoiceResponse:
        twiml = VoiceResponse()
        twiml.gather(num_digits=1, timeout=5, action="/accept").say("Press 1 to accept.")
        return twiml

    def say_accept(self, form: Form) -> VoiceResponse:
        twiml = VoiceResponse()
        if form["Digits"] != "1":
            twiml.hangup()
            return twiml
        twiml.dial(action="/left", hangup_on_star=True).conference(
            ATTEMPT,
            beep="false",
            end_conference_on_exit=self.is_ended_by_advisor,
            participant_label="advisor",
            wait_url="/wait",
            status_callback="/conference",
            status_callback_event=CONFERENCE_EVENTS,
        )
        return twiml

    def say_wait(self, _form: Form) -> VoiceResponse:
        twiml = VoiceResponse()
        twiml.play("/neutral.mp3", loop=0)
        return twiml

    def say_left(self, _form: Form) -> VoiceResponse:
        twiml = VoiceResponse()
        twiml.hangup()
        return twiml

    def say_inbound(self, _form: Form) -> VoiceResponse:
        twiml = VoiceResponse()
        twiml.gather(num_digits=1, timeout=2, action="/menu").play("/neutral.mp3")
        twiml.redirect("/inbound")
        return twiml

    def say_menu(self, form: Form) -> VoiceResponse:
        twiml = VoiceResponse()
        if form["Digits"] == "2":
            twiml.record(
                max_length=120, action="/left", recording_status_callback=f"{self.base}/recording"
            )
        return twiml

    def say_sms(self, _form: Form) -> VoiceResponse:
        return VoiceResponse()

    def call_advisor(self, **options: Any) -> Any:
        given = {
            "to": ADVISOR,
            "from_": HELPLINE,
            "url": f"{self.base}/offer",
            "status_callback": f"{self.base}/status",
            "status_callback_event": EVENTS,
            "timeout": 20,
        }
        return self.client.calls.create(**given | options)

    def call_lead(self, **options: Any) -> Any:
        given = {
            "to": LEAD,
            "from_": HELPLINE,
            "label": "lead",
            "status_callback": f"{self.base}/status",
            "status_callback_event": EVENTS,
            "timeout": 20,
            "beep": "false",
            "end_conference_on_exit": True,
        }
        room = self.client.conferences(ATTEMPT)
        return room.participants.create(**given | self.lead_options | options)


class LoopbackClient(TwilioHttpClient):
    """Twilio's HTTP client, which asks the simulator instead of Twilio."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=10)
        self._base = base

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> TwilioResponse:
        return super().request(method, self._base + url[url.index("/", 8) :], *args, **kwargs)


@contextmanager
def running_small_desk(**settings: Any) -> Iterator[tuple[Simulator, SmallDesk]]:
    """Serve a desk and a simulator that know each other."""
    fast = replace(Settings(speed=2000, calls_per_second=100, hang=0.1, reaction=0), **settings)
    with running_simulator(fast) as twilio:
        client = Client(fast.account_sid, fast.auth_token, http_client=LoopbackClient(twilio.url))
        desk = SmallDesk(client, twilio)
        with serving(desk.app()) as desk.base:
            twilio.numbers[HELPLINE] = Number(
                f"{desk.base}/inbound", "", f"{desk.base}/status", f"{desk.base}/sms"
            )
            yield twilio, desk
