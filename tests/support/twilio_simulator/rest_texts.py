"""The Messages resource and its media."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.support.twilio_simulator.rest import (
    Fields,
    FrontDoor,
    Refused,
    Route,
    check_parties,
    make_page,
    take_last,
)
from tests.support.twilio_simulator.texts import Texts

LONGEST_BODY = 1600


class TextsResource:
    """Messages, and the pictures that came with them."""

    def __init__(self, door: FrontDoor, texts: Texts) -> None:
        self.door, self.texts, self.wire = door, texts, texts.wire

    def list_routes(self) -> list[Route]:
        one = "/Messages/{sid}"
        return [
            ("/Messages.json", "POST", self._create),
            ("/Messages.json", "GET", self._list),
            (f"{one}.json", "GET", self._fetch),
            (f"{one}.json", "POST", self._redact),
            (f"{one}.json", "DELETE", self._delete),
            (f"{one}/Media.json", "GET", self._list_media),
            (f"{one}/Media/{{media}}.json", "DELETE", self._delete_media),
            (f"{one}/Media/{{media}}", "GET", self._fetch_media),
        ]

    async def _create(self, request: Request, fields: Fields) -> Response:
        options = take_last(fields)
        check_parties(self.texts.exchange, options)
        if not options.get("Body"):
            raise Refused(400, 21602)
        if len(options["Body"]) > LONGEST_BODY:
            raise Refused(400, 21617)
        if (options["From"], options["To"]) in self.texts.opted_out:
            raise Refused(400, 21610)
        return await self.door.create(request, lambda: self._queue(options), to=options["To"])

    def _queue(self, options: dict[str, str]) -> Response:
        to, from_, body = options["To"], options["From"], options["Body"]
        message = self.texts.store(to, from_, body, "outbound-api", status="queued")
        answer = JSONResponse(message, status_code=201)
        self.wire.spawn(self.texts.deliver(message, options.get("StatusCallback", "")))
        return answer

    def _find(self, request: Request) -> dict[str, object]:
        found = self.texts.stored.get(request.path_params["sid"])
        if found is None:
            raise Refused(404, 20404)
        return found

    async def _list(self, request: Request, fields: Fields) -> Response:
        wanted = take_last(fields)
        names = (("to", "To"), ("from", "From"))
        exact = {key: wanted[name] for key, name in names if name in wanted}
        found = [one for one in self.texts.stored.values() if exact.items() <= one.items()]
        if "DateSent>" in wanted:
            since = datetime.fromisoformat(wanted["DateSent>"])
            found = [
                one
                for one in found
                if one["date_sent"] and parsedate_to_datetime(one["date_sent"]) >= since
            ]
        return make_page(request, "messages", found[::-1], wanted)

    async def _fetch(self, request: Request, _fields: Fields) -> Response:
        return JSONResponse(self._find(request))

    async def _redact(self, request: Request, fields: Fields) -> Response:
        """Take the words out of a message; an empty body is all that can be set."""
        message = self._find(request)
        if fields.get("Body") == [""]:
            message["body"] = ""
        return JSONResponse(message)

    async def _delete(self, request: Request, _fields: Fields) -> Response:
        sid = str(self._find(request)["sid"])

        def delete() -> Response:
            del self.texts.stored[sid]
            for key in [key for key, one in self.texts.media.items() if one["parent_sid"] == sid]:
                del self.texts.media[key]
            return Response(status_code=204)

        return await self.door.change(request, delete)

    async def _list_media(self, request: Request, fields: Fields) -> Response:
        sid = self._find(request)["sid"]
        found = [
            {name: value for name, value in one.items() if name != "content"}
            for one in self.texts.media.values()
            if one["parent_sid"] == sid
        ]
        return make_page(request, "media_list", found, take_last(fields))

    async def _fetch_media(self, request: Request, _fields: Fields) -> Response:
        """Answer with a picture itself; Twilio redirects to where it is stored."""
        found = self.texts.media.get(request.path_params["media"])
        if found is None:
            raise Refused(404, 20404)
        return Response(found["content"], media_type=found["content_type"])

    async def _delete_media(self, request: Request, _fields: Fields) -> Response:
        if self.texts.media.pop(request.path_params["media"], None) is None:
            raise Refused(404, 20404)
        return Response(status_code=204)
