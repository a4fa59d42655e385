"""The Calls resource."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.support.twilio_simulator.legs import Leg, Source
from tests.support.twilio_simulator.performer import Performer
from tests.support.twilio_simulator.rest import (
    Fields,
    FrontDoor,
    Refused,
    Route,
    check_parties,
    make_page,
    read_events,
    take_last,
)
from tests.support.twilio_simulator.wire import format_rfc2822

KEYS = re.compile(r"[0-9A-D#*wW]{0,32}")


class CallsResource:
    """Creating, listing, fetching, changing and deleting calls."""

    def __init__(self, door: FrontDoor, performer: Performer) -> None:
        self.door, self.performer = door, performer
        self.exchange, self.wire = performer.exchange, performer.wire

    def list_routes(self) -> list[Route]:
        return [
            ("/Calls.json", "POST", self._create),
            ("/Calls.json", "GET", self._list),
            ("/Calls/{sid}.json", "GET", self._fetch),
            ("/Calls/{sid}.json", "POST", self._update),
            ("/Calls/{sid}.json", "DELETE", self._delete),
        ]

    async def _create(self, request: Request, fields: Fields) -> Response:
        options = take_last(fields)
        check_parties(self.exchange, options)
        url = options.get("Url", "")
        if url and urlsplit(url).scheme not in ("http", "https"):
            raise Refused(400, 21205)
        if not (url or options.get("Twiml")):
            raise Refused(400, 21205)
        if not KEYS.fullmatch(options.get("SendDigits", "")):
            raise Refused(400, 21206)
        return await self.door.create(
            request, lambda: self._queue(options, fields), to=options["To"]
        )

    def _queue(self, options: dict[str, str], fields: Fields) -> Response:
        leg = self.exchange.open_leg(options["To"], options["From"], "outbound-api")
        set_up_leg(leg, options, fields)
        self.performer.rooms.note_who_accepted(leg, options.get("Twiml", ""))
        self.exchange.queue(leg)
        self.wire.spawn(self.performer.place(leg))
        return JSONResponse(describe_call(leg, self.wire.settings.account_sid), status_code=201)

    def _find(self, request: Request) -> Leg:
        leg = self.exchange.legs.get(request.path_params["sid"])
        if leg is None:
            raise Refused(404, 20404)
        return leg

    async def _fetch(self, request: Request, _fields: Fields) -> Response:
        return self._show(self._find(request))

    def _show(self, leg: Leg) -> Response:
        return JSONResponse(describe_call(leg, self.wire.settings.account_sid))

    async def _update(self, request: Request, fields: Fields) -> Response:
        leg, options = self._find(request), take_last(fields)
        if not options.get("Status") and leg.status != "in-progress":
            raise Refused(400, 21220)
        return await self.door.change(request, lambda: self._change(leg, options), of=leg.person)

    def _change(self, leg: Leg, options: dict[str, str]) -> Response:
        """End or redirect a call.

        A call canceled in the queue has no callback; a ringing call is `canceled` for either word,
        and `canceled` leaves a call in progress alone.
        """
        if not options.get("Status"):
            url, text = options.get("Url", ""), options.get("Twiml", "")
            leg.control.put_nowait(Source(url, options.get("Method", "POST"), (), text))
        elif leg.status == "queued":
            leg.events = frozenset()
            self.exchange.enter(leg, "canceled")
        elif leg.answered and options["Status"] == "canceled":
            self.wire.note("leg", "not canceled", sid=leg.sid)
        elif not leg.is_over:
            leg.hang_up()
        return self._show(leg)

    async def _delete(self, request: Request, _fields: Fields) -> Response:
        leg = self._find(request)

        def delete() -> Response:
            del self.exchange.legs[leg.sid]
            return Response(status_code=204)

        return await self.door.change(request, delete, of=leg.person)

    async def _list(self, request: Request, fields: Fields) -> Response:
        wanted = take_last(fields)
        visible = self.wire.clock.now() - timedelta(seconds=self.wire.settings.list_lag)
        legs = [
            leg
            for leg in self.exchange.legs.values()
            if leg.created <= visible and _is_wanted(leg, wanted)
        ]
        legs.sort(key=lambda leg: leg.created, reverse=True)
        account = self.wire.settings.account_sid
        return make_page(request, "calls", [describe_call(leg, account) for leg in legs], wanted)


def set_up_leg(leg: Leg, options: dict[str, str], fields: Fields) -> None:
    """Give a leg what the application asked for."""
    leg.options = options
    leg.callback = options.get("StatusCallback", "")
    leg.callback_method = options.get("StatusCallbackMethod", "POST")
    leg.events = read_events(fields, "StatusCallbackEvent", "completed")


def describe_call(leg: Leg, account: str) -> dict[str, Any]:
    """Return a leg as Twilio's Call resource."""
    uri = f"/2010-04-01/Accounts/{account}/Calls/{leg.sid}"
    return {
        "account_sid": account,
        "answered_by": leg.answered_by or None,
        "api_version": "2010-04-01",
        "caller_name": None,
        "date_created": format_rfc2822(leg.created),
        "date_updated": format_rfc2822(leg.updated or leg.created),
        "direction": leg.direction,
        "duration": str(leg.seconds) if leg.status == "completed" else None,
        "end_time": format_rfc2822(leg.ended),
        "forwarded_from": None,
        "from": leg.from_,
        "from_formatted": leg.from_,
        "group_sid": None,
        "parent_call_sid": leg.parent.sid if leg.parent else None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": str(int(leg.queue_time * 1000)),
        "sid": leg.sid,
        "start_time": format_rfc2822(leg.started),
        "status": "queued" if leg.status == "initiated" else leg.status,
        "subresource_uris": {"recordings": f"{uri}/Recordings.json"},
        "to": leg.to,
        "to_formatted": leg.to,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def _is_wanted(leg: Leg, wanted: dict[str, str]) -> bool:
    """Whether a leg passes the filters; a queued one has no start time to be found by."""
    parent = leg.parent.sid if leg.parent else ""
    exact = {"To": leg.to, "From": leg.from_, "Status": leg.status, "ParentCallSid": parent}
    if any(wanted.get(name, value) != value for name, value in exact.items()):
        return False
    begun = leg.started.strftime("%Y-%m-%dT%H:%M:%SZ") if leg.started else ""
    if "StartTime>" in wanted and begun < wanted["StartTime>"]:
        return False
    return "StartTime<" not in wanted or "" < begun < wanted["StartTime<"]
