"""What all of the REST API's resources share: credentials, faults, errors and pages."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from tests.support.twilio_simulator.contract import list_request_faults
from tests.support.twilio_simulator.dialling import E164
from tests.support.twilio_simulator.exchange import Exchange
from tests.support.twilio_simulator.scripts import Fault
from tests.support.twilio_simulator.wire import Wire

Fields = dict[str, list[str]]
Handler = Callable[[Request, Fields], Awaitable[Response]]
Faults = defaultdict[str, list[Fault | None]]
Route = tuple[str, str, Handler]
"""Path below the account, method and what answers."""

MESSAGES = {
    13240: "Invalid coach parameter: no such call in the conference",
    16025: "Participant label is in use by another participant",
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "An internal server error has occurred",
    20503: "Service unavailable",
    21201: "No 'To' number is specified",
    21205: "Url is not a valid URL",
    21210: "The source phone number provided is not yet verified for your account",
    21211: "The phone number you are attempting to call is not valid",
    21213: "No 'From' number is specified",
    21215: "Account not authorized to call this number. Enable it in Geo Permissions",
    21220: "Call is not in-progress. Cannot redirect.",
    21602: "Message body is required.",
    21610: "Attempt to send to unsubscribed recipient",
    21617: "The concatenated message body exceeds the 1600 character limit",
}


class Refused(Exception):
    """A REST error that the client is told about."""

    def __init__(self, status: int, code: int) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


class CutResponse(Response):
    """The head of an answer and part of its body, and then the connection is closed."""

    # as ASGI has it
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"4096")]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"account_s', "more_body": True})


class FrontDoor:
    """Lets requests in, and fails those that a test wants to fail."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.faults: list[Fault | None] = []  # of the next requests that create something
        self.read_faults: list[Fault] = []  # of the next that only look
        self.update_faults: list[Fault | None] = []  # of the next that change or delete something
        self.faults_to: Faults = defaultdict(list)  # of the next creations for a number
        self.update_faults_to: Faults = defaultdict(list)  # of the next changes of its calls

    async def answer(self, act: Handler, request: Request) -> Response:
        """Authenticate, check and answer one REST request."""
        form = parse_qsl((await request.body()).decode(), keep_blank_values=True)
        query = parse_qsl(request.url.query, keep_blank_values=True)
        self.wire.note("rest", f"{request.method} {request.url.path}", form=form)
        if interrupt := self.wire.take_interruption(f"{request.method} {request.url.path}"):
            await asyncio.to_thread(interrupt)
        if request.url.path.endswith(".json"):
            for fault in list_request_faults(request.method, request.url.path, query, form):
                self.wire.alert("contract", fault)
        fields: Fields = defaultdict(list)
        for name, value in form if request.method == "POST" else query:
            fields[name].append(value)
        try:
            self._authenticate(request)
            if request.method == "GET" and self.read_faults:
                return await self._fail(request, self.read_faults.pop(0))
            return await act(request, fields)
        except Refused as refused:
            return make_error(refused.status, refused.code)

    def _authenticate(self, request: Request) -> None:
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            given = tuple(base64.b64decode(encoded).decode().split(":", 1))
        except (binascii.Error, UnicodeDecodeError):
            given = ()
        settings = self.wire.settings
        if scheme.lower() != "basic" or given != (settings.account_sid, settings.auth_token):
            raise Refused(401, 20003)
        if request.path_params["account"] != settings.account_sid:
            raise Refused(404, 20404)

    async def create(self, request: Request, act: Callable[[], Response], *, to: str) -> Response:
        """Create something for a number, unless the next fault says otherwise."""
        return await self._do_or_fail(request, act, self.faults_to[to] or self.faults)

    async def change(
        self, request: Request, act: Callable[[], Response], *, of: str = ""
    ) -> Response:
        """Change or delete something, of a number's, unless the next fault says otherwise."""
        return await self._do_or_fail(request, act, self.update_faults_to[of] or self.update_faults)

    async def _do_or_fail(
        self, request: Request, act: Callable[[], Response], faults: list[Fault | None]
    ) -> Response:
        fault = faults.pop(0) if faults else None
        if fault is None:
            return act()
        if fault.is_done:
            act()
        return await self._fail(request, fault)

    async def _fail(self, request: Request, fault: Fault) -> Response:
        self.wire.note("rest", f"fault {fault}", path=request.url.path)
        if fault in (Fault.TOO_MANY, Fault.UNAVAILABLE):
            return make_error(int(fault), 20000 + int(fault))
        if fault in (Fault.ERROR, Fault.ERROR_CREATED):
            return make_error(500, 20500)
        if fault in (Fault.HANG, Fault.HANG_CREATED):
            with suppress(TimeoutError):
                await asyncio.wait_for(_wait_for_disconnection(request), self.wire.settings.hang)
        return CutResponse()


async def _wait_for_disconnection(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def check_parties(exchange: Exchange, options: dict[str, str]) -> None:
    """Refuse what Twilio refuses about To and From."""
    to, from_ = options.get("To", ""), options.get("From", "")
    if not to:
        raise Refused(400, 21201)
    if not from_:
        raise Refused(400, 21213)
    if not E164.fullmatch(to) or to == from_:
        raise Refused(400, 21211)
    if from_ not in exchange.numbers:
        raise Refused(400, 21210)
    if error := exchange.phones[to].error:
        raise Refused(400, error)


def take_last(fields: Fields) -> dict[str, str]:
    """Return the last value of every parameter."""
    return {name: values[-1] for name, values in fields.items()}


def read_events(fields: Fields, name: str, default: str = "") -> frozenset[str]:
    """Return the events of a parameter that is repeated, or has several words."""
    return frozenset(" ".join(fields.get(name, [default])).split())


def make_error(status: int, code: int) -> Response:
    """Return Twilio's JSON body of an error."""
    body = {
        "code": code,
        "message": MESSAGES.get(code, f"Error {code}"),
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return JSONResponse(body, status_code=status)


def make_page(
    request: Request, key: str, items: list[dict[str, Any]], wanted: dict[str, str]
) -> Response:
    """Return one page of a list in the form of the 2010 API."""
    size, number = int(wanted.get("PageSize", 50)), int(wanted.get("Page", 0))
    shown = items[number * size : (number + 1) * size]
    rest = {name: value for name, value in wanted.items() if name not in ("Page", "PageToken")}

    def address(index: int) -> str:
        return f"{request.url.path}?{urlencode({**rest, 'PageSize': size, 'Page': index})}"

    body = {
        key: shown,
        "first_page_uri": address(0),
        "next_page_uri": address(number + 1) if (number + 1) * size < len(items) else None,
        "previous_page_uri": address(number - 1) if number else None,
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": max(number * size + len(shown) - 1, 0),
        "uri": address(number),
    }
    return JSONResponse(body)
