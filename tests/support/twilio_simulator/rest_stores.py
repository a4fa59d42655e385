"""The Recordings and the IncomingPhoneNumbers resources."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.support.twilio_simulator.exchange import Exchange
from tests.support.twilio_simulator.recordings import Recordings, make_silence
from tests.support.twilio_simulator.rest import (
    Fields,
    FrontDoor,
    Refused,
    Route,
    make_page,
    take_last,
)

SETTINGS_OF_NUMBER = {
    "VoiceUrl": "voice_url",
    "VoiceFallbackUrl": "voice_fallback_url",
    "StatusCallback": "status_callback",
    "SmsUrl": "sms_url",
}


class RecordingsResource:
    """Recordings; their sound, too, needs the account's credentials, as for all newer accounts."""

    def __init__(self, door: FrontDoor, recordings: Recordings) -> None:
        self.door, self.recordings = door, recordings

    def list_routes(self) -> list[Route]:
        one = "/Recordings/{sid}"
        return [
            ("/Recordings.json", "GET", self._list),
            ("/Calls/{call}/Recordings.json", "GET", self._list),
            (f"{one}.json", "GET", self._fetch),
            (f"{one}.json", "DELETE", self._delete),
            (f"{one}.wav", "GET", self._play),
            (f"{one}.mp3", "GET", self._play),
            (one, "GET", self._play),
        ]

    def _find(self, request: Request) -> dict[str, Any]:
        found = self.recordings.stored.get(request.path_params["sid"])
        if found is None:
            raise Refused(404, 20404)
        return found

    async def _list(self, request: Request, fields: Fields) -> Response:
        wanted = take_last(fields)
        call = request.path_params.get("call") or wanted.get("CallSid")
        stored = self.recordings.stored.values()
        found = [item for item in stored if call in (None, item["call_sid"])]
        return make_page(request, "recordings", found[::-1], wanted)

    async def _fetch(self, request: Request, _fields: Fields) -> Response:
        return JSONResponse(self._find(request))

    async def _delete(self, request: Request, _fields: Fields) -> Response:
        sid = self._find(request)["sid"]

        def delete() -> Response:
            del self.recordings.stored[sid]
            return Response(status_code=204)

        return await self.door.change(request, delete)

    async def _play(self, request: Request, _fields: Fields) -> Response:
        seconds = int(self._find(request)["duration"])
        return Response(make_silence(seconds), media_type="audio/x-wav")


class NumbersResource:
    """The account's numbers, and where their calls and texts go."""

    def __init__(self, door: FrontDoor, exchange: Exchange) -> None:
        self.door, self.exchange = door, exchange

    def list_routes(self) -> list[Route]:
        return [
            ("/IncomingPhoneNumbers.json", "GET", self._list),
            ("/IncomingPhoneNumbers/{sid}.json", "GET", self._fetch),
            ("/IncomingPhoneNumbers/{sid}.json", "POST", self._update),
        ]

    async def _list(self, request: Request, fields: Fields) -> Response:
        wanted = take_last(fields)
        found = [
            self._describe(number)
            for number in self.exchange.numbers
            if wanted.get("PhoneNumber", number) in number
        ]
        return make_page(request, "incoming_phone_numbers", found, wanted)

    def _find(self, request: Request) -> str:
        sid = request.path_params["sid"]
        for number in self.exchange.numbers:
            if make_number_sid(number) == sid:
                return number
        raise Refused(404, 20404)

    async def _fetch(self, request: Request, _fields: Fields) -> Response:
        return JSONResponse(self._describe(self._find(request)))

    async def _update(self, request: Request, fields: Fields) -> Response:
        number, options = self._find(request), take_last(fields)
        names = {
            SETTINGS_OF_NUMBER[key]: options[key] for key in options if key in SETTINGS_OF_NUMBER
        }

        def change() -> Response:
            self.exchange.numbers[number] = replace(self.exchange.numbers[number], **names)
            return JSONResponse(self._describe(number))

        return await self.door.change(request, change)

    def _describe(self, number: str) -> dict[str, Any]:
        account, sid = self.exchange.wire.settings.account_sid, make_number_sid(number)
        settings = self.exchange.numbers[number]
        return {
            "account_sid": account,
            "api_version": "2010-04-01",
            "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
            "friendly_name": number,
            "phone_number": number,
            "sid": sid,
            "sms_method": "POST",
            "sms_url": settings.sms_url,
            "status": "in-use",
            "status_callback": settings.status_callback,
            "status_callback_method": "POST",
            "uri": f"/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{sid}.json",
            "voice_fallback_url": settings.voice_fallback_url,
            "voice_method": "POST",
            "voice_url": settings.voice_url,
        }


def make_number_sid(number: str) -> str:
    return "PN" + hashlib.sha256(number.encode()).hexdigest()[:32]
