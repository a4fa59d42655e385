"""The phone network's double: Twilio's REST API over real HTTP, and a hand that plays the phones.

Nothing happens by itself: a test says who answers, who presses what and who hangs up, and the
double posts the webhooks that Twilio would, signed by Twilio's own code.
"""

from __future__ import annotations

import asyncio
import base64
import re
import threading
import uuid
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urldefrag, urlencode

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from tests.support.serving import PATIENCE, PLAIN, serving

SID = "AC" + "0" * 32
TOKEN = "d" * 32
CALLER_ID = "+13155550199"
KEYS = re.compile(r"[0-9A-D#*wW]{0,32}")  # that are pressed on request
TERMINAL = ("completed", "busy", "no-answer", "failed", "canceled")
AUTHORIZATION = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
LONG_AGO = "2000-01-01T00:00:00Z"


@dataclass
class Call:
    """A leg. `order` is what the application asked for.

    `parent`: the advisor's leg with which another leg is joined. `in_room`: what the application
    changed of it in the conference. `document`: the last one that told it what to do.
    """

    sid: str
    to: str
    status: str = "queued"
    order: dict[str, list[str]] = field(default_factory=dict)
    parent: Call | None = None
    callback: str = ""
    changes: list[dict[str, list[str]]] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    in_room: list[dict[str, str]] = field(default_factory=list)
    document: str = ""
    sequence: int = 0
    caller: str = ""  # who called in; empty for a call that the application asked for
    asked_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended_at: datetime | None = None

    def asked(self, name: str) -> str:
        return self.order.get(name, [""])[0]


@dataclass
class Room:
    """A conference that goes on, and who is in it."""

    sid: str
    name: str
    members: list[Call] = field(default_factory=list)
    is_over: bool = False


@dataclass
class Text:
    """A text that the application asked for."""

    sid: str
    order: dict[str, str]
    status: str = "queued"
    error_code: int | None = None
    parts: int = 1

    def as_json(self) -> dict[str, Any]:
        return {
            "sid": self.sid,
            "account_sid": SID,
            "to": self.order["To"],
            "from": self.order.get("From", CALLER_ID),
            "body": self.order.get("Body", ""),
            "status": self.status,
            "error_code": self.error_code,
            "num_segments": str(self.parts),
            "direction": "outbound-api",
            "date_created": format_datetime(datetime.now(UTC)),
        }


@dataclass
class ReceivedText:
    """A text that somebody sent to a number of ours."""

    sid: str
    sender: str
    body: str
    pictures: int = 0
    to: str = CALLER_ID
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def as_json(self) -> dict[str, Any]:
        return {
            "sid": self.sid,
            "account_sid": SID,
            "to": self.to,
            "from": self.sender,
            "body": self.body,
            "status": "received",
            "num_media": str(self.pictures),
            "direction": "inbound",
            "date_created": format_datetime(self.at),
            "date_sent": format_datetime(self.at),
        }


@dataclass
class Recording:
    """What somebody said after the tone, as a WAV file."""

    sid: str
    call_sid: str
    seconds: int
    sound: bytes
    status: str = "completed"


STOP_KEYWORDS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
START_KEYWORDS = {"START", "YES", "UNSTOP"}


class TwilioDouble:
    """One account."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.callers: list[Call] = []
        self.numbers: dict[str, dict[str, str]] = {}  # of the account, with their addresses
        self.texts: list[dict[str, str]] = []  # as they were asked for
        self.messages: list[Text] = []  # the same, with what became of them
        self.listing_faults: list[str] = []  # what happens when texts or calls are listed
        self.refused_numbers: set[str] = set()  # whose texts and calls are never listed
        self.listings: list[dict[str, str]] = []  # what was asked to be listed
        self.received: list[ReceivedText] = []  # also what nobody was told of
        self.stopped: set[tuple[str, str]] = set()  # who texted STOP to which of our numbers
        self.recordings: dict[str, Recording] = {}
        self.recording_faults: dict[str, list[str]] = {"fetch": [], "delete": []}
        self.asked_for_recordings: list[tuple[str, str]] = []  # the method and the path
        self.faults: list[
            str
        ] = []  # what happens to the next creations: "429", "500", "500-created", "cut", "hang" …
        self.url = self.public_url = ""
        self.documents: list[str] = []
        self.rooms: list[Room] = []
        self.addresses: list[str] = []  # that a request went to, of ours and of Twilio's
        self._changed = threading.Condition()
        self._released = threading.Event()
        self._http = httpx.Client(timeout=PATIENCE, trust_env=False, verify=PLAIN)

    def client_timeout(self) -> float:
        """How long whoever asks waits for an answer: not long where none is to come."""
        return 0.5 if any("hang" in fault for fault in self.faults) else PATIENCE

    # ---- what the application sees

    def app(self) -> Starlette:
        account = "/2010-04-01/Accounts/{account}"
        base = account + "/Calls"
        room = account + "/Conferences"
        return Starlette(
            routes=[
                Route(base + ".json", self._create, methods=["POST"]),
                Route(account + "/IncomingPhoneNumbers.json", self._list_numbers, methods=["GET"]),
                Route(
                    account + "/IncomingPhoneNumbers/{sid}.json",
                    self._change_number,
                    methods=["POST"],
                ),
                Route(account + "/Messages.json", self._text, methods=["POST"]),
                Route(account + "/Messages.json", self._list_texts, methods=["GET"]),
                Route(account + "/Messages/{sid}.json", self._fetch_text, methods=["GET"]),
                Route(account + "/Recordings.json", self._list_recordings, methods=["GET"]),
                Route(account + "/Recordings/{sid}.wav", self._play_recording, methods=["GET"]),
                Route(
                    account + "/Recordings/{sid}.json", self._delete_recording, methods=["DELETE"]
                ),
                Route(base + ".json", self._list, methods=["GET"]),
                Route(base + "/{sid}.json", self._fetch, methods=["GET"]),
                Route(base + "/{sid}.json", self._update, methods=["POST"]),
                Route(room + ".json", self._list_rooms, methods=["GET"]),
                Route(room + "/{room}/Participants/{sid}.json", self._change, methods=["POST"]),
            ]
        )

    @property
    def every_call(self) -> list[Call]:
        return [*self.calls, *self.callers]

    async def _create(self, request: Request) -> Response:
        if request.headers.get("authorization") != AUTHORIZATION:
            return JSONResponse({"code": 20003, "message": "Authenticate", "status": 401}, 401)
        order = parse_qs((await request.body()).decode(), keep_blank_values=True)
        fault = self.faults.pop(0) if self.faults else ""
        if refusal := _refusal(fault):
            return refusal
        if fault in ("cut", "hang"):
            return await self._break_off(fault)
        if not KEYS.fullmatch(order.get("SendDigits", [""])[0]):
            return JSONResponse({"code": 21206, "message": "no", "status": 400}, 400)
        call = Call(
            f"CA{len(self.calls):032x}",
            order["To"][0],
            order=order,
            callback=order.get("StatusCallback", [""])[0],
            document=order.get("Twiml", [""])[0],
        )
        call.parent = self._advisor_beside(call)
        with self._changed:
            self.calls.append(call)
            self._changed.notify_all()
        if fault == "500-created":
            return JSONResponse({"code": 20500, "message": "no", "status": 500}, 500)
        return await self._break_off(fault) if fault else JSONResponse(self._json(call), 201)

    async def _text(self, request: Request) -> Response:
        text = {name: words[0] for name, words in parse_qs((await request.body()).decode()).items()}
        fault = self.faults.pop(0) if self.faults else ""
        if refusal := _refusal(fault):
            return refusal
        if fault in ("cut", "hang"):
            return await self._break_off(fault)
        if (text["To"], text.get("From", "")) in self.stopped:
            return JSONResponse({"code": 21610, "message": "unsubscribed", "status": 400}, 400)
        message = Text(f"SM{len(self.texts):032x}", text)
        with self._changed:
            self.texts.append(text)
            self.messages.append(message)
            self._changed.notify_all()
        if fault == "500-created":
            return JSONResponse({"code": 20500, "message": "no", "status": 500}, 500)
        return await self._break_off(fault) if fault else JSONResponse(message.as_json(), 201)

    async def _list_texts(self, request: Request) -> Response:
        if refusal := self._listing_refusal(request):
            return refusal
        wanted = request.query_params
        since = datetime.fromisoformat(wanted.get("DateSent>", LONG_AGO))
        ours = [text.as_json() for text in reversed(self.messages)]
        theirs = [text.as_json() for text in reversed(self.received) if text.at >= since]
        found = [one for one in [*ours, *theirs] if wanted.get("To", one["to"]) == one["to"]]
        return _page(request, "messages", found)

    def _listing_refusal(self, request: Request) -> Response | None:
        self.listings.append(dict(request.query_params))
        if request.query_params.get("To") in self.refused_numbers:
            return _refusal("400")
        return _refusal(self.listing_faults.pop(0) if self.listing_faults else "")

    async def _fetch_text(self, request: Request) -> Response:
        if refusal := _refusal(self.faults.pop(0) if self.faults else ""):
            return refusal
        for text in self.messages:
            if text.sid == request.path_params["sid"]:
                return JSONResponse(text.as_json())
        return JSONResponse({"code": 20404, "message": "not found", "status": 404}, 404)

    async def _list_numbers(self, request: Request) -> Response:
        wanted = request.query_params.get("PhoneNumber", "")
        found = [one for number, one in self.numbers.items() if wanted in ("", number)]
        return JSONResponse({"incoming_phone_numbers": found, "next_page_uri": None, "page": 0})

    async def _change_number(self, request: Request) -> Response:
        sid = request.path_params["sid"]
        number = next(one for one in self.numbers.values() if one["sid"] == sid)
        change = parse_qs((await request.body()).decode())
        for name, (value, *_) in change.items():
            number[re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()] = value
        return JSONResponse(number)

    def _recording_refusal(self, request: Request, act: str) -> Response | None:
        """Write down what was asked for; None where there is nothing to refuse."""
        self.asked_for_recordings.append((request.method, request.url.path))
        if request.headers.get("authorization") != AUTHORIZATION:
            return JSONResponse({"code": 20003, "message": "Authenticate", "status": 401}, 401)
        faults = self.recording_faults.get(act)
        if faults:
            fault, _, elsewhere = faults.pop(0).partition(" ")
            if fault == "drip":
                return StreamingResponse(_dripping(), media_type="audio/x-wav")
            if elsewhere:
                return RedirectResponse(elsewhere, int(fault))
            status = int(fault)
            return JSONResponse({"code": 20000 + status, "message": "no", "status": status}, status)
        if act != "list" and request.path_params["sid"] not in self.recordings:
            return JSONResponse({"code": 20404, "message": "not found", "status": 404}, 404)
        return None

    async def _list_recordings(self, request: Request) -> Response:
        if refusal := self._recording_refusal(request, "list"):
            return refusal
        wanted = request.query_params["CallSid"]
        listed = [
            {
                "sid": one.sid,
                "account_sid": SID,
                "call_sid": one.call_sid,
                "status": one.status,
                "duration": str(one.seconds),
            }
            for one in self.recordings.values()
            if one.call_sid == wanted
        ]
        return JSONResponse({"recordings": listed, "next_page_uri": None, "page": 0})

    async def _play_recording(self, request: Request) -> Response:
        refusal = self._recording_refusal(request, "fetch")
        sound = b"" if refusal else self.recordings[request.path_params["sid"]].sound
        return refusal or Response(sound, media_type="audio/x-wav")

    async def _delete_recording(self, request: Request) -> Response:
        if refusal := self._recording_refusal(request, "delete"):
            return refusal
        with self._changed:
            del self.recordings[request.path_params["sid"]]
            self._changed.notify_all()
        return Response(status_code=204)

    async def _break_off(self, fault: str) -> Response:
        if fault.startswith("hang"):
            await asyncio.to_thread(self._released.wait, 60)
        return _Cut()

    async def _list(self, request: Request) -> Response:
        """List calls, the newest first; one that still waits for being dialed has no start."""
        if refusal := self._listing_refusal(request):
            return refusal
        wanted = request.query_params
        since = datetime.fromisoformat(wanted.get("StartTime>", LONG_AGO))
        newest = sorted(self.every_call, key=lambda call: call.asked_at)[::-1]
        found = [call for call in newest if wanted.get("To", call.to) == call.to]
        if "StartTime>" in wanted:
            found = [call for call in found if call.status != "queued" and call.asked_at >= since]
        return _page(request, "calls", [self._json(call) for call in found])

    async def _fetch(self, request: Request) -> Response:
        found = [one for one in self.every_call if one.sid == request.path_params["sid"]]
        return (
            JSONResponse(self._json(found[0]))
            if found
            else JSONResponse({"code": 20404, "status": 404}, 404)
        )

    async def _update(self, request: Request) -> Response:
        call = next(one for one in self.every_call if one.sid == request.path_params["sid"])
        change = parse_qs((await request.body()).decode())
        if call.status in TERMINAL:
            return JSONResponse({"code": 21220, "message": "over", "status": 400}, 400)
        with self._changed:
            call.changes.append(change)
            if "Status" in change:
                call.status = "completed" if call.status == "in-progress" else "canceled"
            self._changed.notify_all()
        return JSONResponse(self._json(call))

    async def _list_rooms(self, request: Request) -> Response:
        wanted = request.query_params
        assert wanted["Status"] == "in-progress"
        found = [r for r in self.rooms if r.name == wanted["FriendlyName"] and not r.is_over]
        rooms = [{"sid": r.sid, "account_sid": SID, "friendly_name": r.name} for r in found]
        page = {"conferences": rooms, "next_page_uri": None, "page": 0, "page_size": 50}
        return JSONResponse(page)

    async def _change(self, request: Request) -> Response:
        sids = request.path_params
        room = next((r for r in self.rooms if r.sid == sids["room"] and not r.is_over), None)
        call = next((one for one in room.members if one.sid == sids["sid"]), None) if room else None
        if call is None:
            return JSONResponse({"code": 20404, "message": "gone", "status": 404}, 404)
        words = parse_qs((await request.body()).decode()).items()
        with self._changed:
            call.in_room.append({name: said[0] for name, said in words})
            self._changed.notify_all()
        return JSONResponse({"call_sid": call.sid, "conference_sid": sids["room"]})

    def _json(self, call: Call) -> dict[str, Any]:
        started = None if call.status == "queued" else format_datetime(call.asked_at)
        return {
            "sid": call.sid,
            "account_sid": SID,
            "to": call.to,
            "from": call.caller or call.asked("From") or CALLER_ID,
            "status": call.status,
            "direction": "inbound" if call.caller else "outbound-api",
            "parent_call_sid": None,
            "date_created": format_datetime(call.asked_at),
            "start_time": started,
            "end_time": format_datetime(call.ended_at) if call.ended_at else None,
        }

    # ---- who calls in

    def calls_in(self, caller: str, to: str = CALLER_ID) -> Call:
        """Somebody calls a number of the helpline's, and hears the first document."""
        call = Call(
            f"CA{uuid.uuid4().hex}",
            to,
            status="ringing",
            callback=f"{self.public_url}/hooks/voice/inbound/status",
            caller=caller,
        )
        with self._changed:
            self.callers.append(call)
        self.fetches(call, f"{self.public_url}/hooks/voice/inbound")
        call.status = "in-progress"
        return call

    def misses_call(
        self,
        caller: str,
        *,
        at: datetime,
        to: str = CALLER_ID,
        status: str = "completed",
        seconds: int = 8,
    ) -> Call:
        """Somebody calls a number of the helpline's while nobody answers Twilio there."""
        call = Call(f"CA{uuid.uuid4().hex}", to, status=status, caller=caller, asked_at=at)
        if status == "completed":
            call.ended_at = at + timedelta(seconds=seconds)
        self.callers.append(call)
        return call

    def waits_on(self, call: Call) -> str:
        """A caller hears the sound to its end; returns the document after it."""
        redirect = ET.fromstring(call.documents[-1]).findtext("Redirect") or ""
        assert redirect, call.documents[-1]
        return self.fetches(call, redirect)

    def caller_hangs_up(self, call: Call, *, times: int = 1) -> None:
        """A caller hangs up, and the status callback of the number says so."""
        self.moves(call, "completed", times=times)

    def wait_until_redirected(self, call: Call, number: int = 1) -> str:
        """Wait until the application has sent a caller elsewhere; returns the document."""

        def documents() -> list[str]:
            return [change["Twiml"][0] for change in call.changes if "Twiml" in change]

        with self._changed:
            assert self._changed.wait_for(lambda: len(documents()) >= number, PATIENCE), (
                "the caller was left waiting"
            )
            return documents()[number - 1]

    def caller_joins(self, call: Call) -> str:
        """A caller who was brought to an advisor is in the conference; returns its name."""
        document = self.wait_until_redirected(call)
        conference = ET.fromstring(document).find("Dial/Conference")
        assert conference is not None, document
        told = {"StatusCallbackEvent": "participant-join", "ConferenceSid": "CF" + "0" * 32}
        self.posts(call, conference.attrib["statusCallback"], CallStatus=call.status, **told)
        call.documents.append(document)
        return conference.text or ""

    def speaks(self, call: Call, sound: bytes, *, told: int = 1, seconds: int = 5) -> Recording:
        """A caller speaks after the tone and hangs up; Twilio tells of it so many times."""
        record = ET.fromstring(call.documents[-1]).find("Record")
        assert record is not None, call.documents[-1]
        recording = Recording(f"RE{uuid.uuid4().hex}", call.sid, seconds, sound)
        self.recordings[recording.sid] = recording
        for _ in range(told):
            self.tells_of_recording(call, recording, record.attrib["recordingStatusCallback"])
        self.caller_hangs_up(call)
        return recording

    def tells_of_recording(self, call: Call, recording: Recording, address: str) -> None:
        told = {
            "RecordingSid": recording.sid,
            "RecordingUrl": f"{self.url}/2010-04-01/Accounts/{SID}/Recordings/{recording.sid}",
            "RecordingStatus": "completed",
            "RecordingDuration": str(recording.seconds),
        }
        response = self.posts(call, address, **told)
        assert response.status_code == 204, (response.status_code, response.text)

    # ---- what a test plays

    def wait_for_call(self, number: int = 1) -> Call:
        """Wait until the application has asked for so many advisor calls.

        Returns the last of them.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._asked_for()) >= number, PATIENCE):
                msg = f"{len(self._asked_for())} calls were asked for, not {number}"
                raise AssertionError(msg)
            return self._asked_for()[number - 1]

    def wait_until_hung_up(self, call: Call) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: call.status in TERMINAL, PATIENCE), (
                "the call was never hung up"
            )

    def advisor_answers(self, call: Call) -> str:
        """Ring, pick up, and fetch what the advisor hears; returns the TwiML."""
        self.moves(call, "ringing")
        self.moves(call, "in-progress")
        return self.fetches(call, call.asked("Url"))

    def presses(self, call: Call, digits: str) -> str:
        """Press a key where the last document of a call asks for one; returns the next document."""
        gather = ET.fromstring(call.documents[-1]).find("Gather")
        assert gather is not None, call.documents[-1]
        return self.fetches(call, gather.attrib["action"], Digits=digits)

    def lead_of(self, call: Call) -> Call:
        """Wait until the application has asked for the lead's leg beside an advisor's."""
        return self.wait_for_leg(call, "/leg")

    def wait_for_leg(self, call: Call, step: str) -> Call:
        """Wait until the application has asked for a leg beside an advisor's, by its webhook."""

        def asked_for() -> list[Call]:
            beside = [leg for leg in self.calls if leg.parent is call]
            return [leg for leg in beside if step in urldefrag(leg.callback).url]

        with self._changed:
            assert self._changed.wait_for(asked_for, PATIENCE), f"no leg {step} was asked for"
            return asked_for()[-1]

    def hears(self, lead: Call, word: str) -> None:
        """Twilio has listened to the lead's leg, and says who or what has answered."""
        address = lead.asked("AsyncAmdStatusCallback")
        assert lead.asked("MachineDetection") == "Enable"
        assert self.posts(lead, address, AnsweredBy=word).status_code == 204

    def lead_ends(self, lead: Call, status: str) -> str:
        """The lead's leg is over; returns what the advisor hears next.

        The conference ends with a lead who was in it. Where nobody answered, the application takes
        the advisor out of it.
        """
        was_joined = "in-progress" in (lead.status, status) or status == "completed"
        self.moves(lead, status)
        return (self.conference_ends if was_joined else self.advisor_is_returned)(lead.parent)

    def conference_ends(self, call: Call) -> str:
        """The conference is over for the advisor, whose document goes on."""
        dial = ET.fromstring(call.document).find("Dial")
        return self._advisor_hears(call, dial.attrib["action"], DialCallStatus="answered")

    def advisor_is_returned(self, call: Call) -> str:
        """Wait until the application has taken the advisor out of the conference."""

        def addresses() -> list[str]:
            return [change["Url"][0] for change in call.changes if "Url" in change]

        with self._changed:
            assert self._changed.wait_for(addresses, PATIENCE), "the advisor was left waiting"
        return self._advisor_hears(call, addresses()[-1])

    def document_with(self, verb: str) -> str:
        """Return the last document that was fetched with a verb in it."""
        return next(document for document in reversed(self.documents) if f"<{verb}" in document)

    def _advisor_hears(self, call: Call, address: str, **told: str) -> str:
        answer = self.fetches(call, address, **told)
        if "<Gather" not in answer:
            self.moves(call, "completed")
        return answer

    def _advisor_beside(self, call: Call) -> Call | None:
        """Return the advisor's leg of the same attempt, if it is another.

        Not looked for where the leg is the advisor's own: that would be all calls for each.
        """
        attempt = _attempt_in(call.callback)
        if not attempt or _is_offer(call):
            return None
        beside = (
            other
            for other in reversed(self.calls)
            if _is_offer(other) and _attempt_in(other.callback) == attempt
        )
        return next(beside, None)

    def joins(self, call: Call) -> Room:
        """A leg comes into the conference that its document names."""
        noun = ET.fromstring(call.document).find("Dial/Conference")
        assert noun is not None, call.document
        room = next((r for r in self.rooms if r.name == noun.text and not r.is_over), None)
        if room is None:
            room = Room(f"CF{len(self.rooms):032x}", str(noun.text))
            self.rooms.append(room)
        room.members.append(call)
        if len(room.members) == 2:
            self._tells_of_room(room, call, "conference-start")
        self._tells_of_room(room, call, "participant-join")
        return room

    def leaves(self, call: Call) -> None:
        """A leg leaves its conference, which ends with the last, or with whom it was to end."""
        room = next(r for r in self.rooms if call in r.members and not r.is_over)
        room.members.remove(call)
        self._tells_of_room(room, call, "participant-leave")
        asked = ET.fromstring(call.document).find("Dial/Conference").attrib["endConferenceOnExit"]
        ends = [asked, *(one["EndConferenceOnExit"].lower() for one in call.in_room)][-1]
        if ends == "true" or not room.members:
            room.is_over = True
            self._tells_of_room(room, call, "conference-end")

    def presses_star(self, call: Call) -> str:
        """Leave the conference by the star key; returns the next document."""
        dial = ET.fromstring(call.document).find("Dial")
        assert dial.attrib["hangupOnStar"] == "true"
        self.leaves(call)
        return self.fetches(call, dial.attrib["action"], DialCallStatus="answered")

    def follows_redirect(self, call: Call) -> str:
        """Fetch the document to which the last one leads."""
        return self.fetches(call, ET.fromstring(call.document).findtext("Redirect") or "")

    def wait_for_change(self, call: Call, number: int = 1) -> dict[str, str]:
        """Wait until so many changes of a leg in its conference were asked for; returns that."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(call.in_room) >= number, PATIENCE), (
                call.in_room
            )
            return call.in_room[number - 1]

    def _tells_of_room(self, room: Room, call: Call, event: str) -> None:
        address = ET.fromstring(call.document).find("Dial/Conference").attrib["statusCallback"]
        told = {
            "ConferenceSid": room.sid,
            "FriendlyName": room.name,
            "StatusCallbackEvent": event,
            "SequenceNumber": str(len(room.members)),
        }
        assert self.posts(call, address, **told).status_code == 204

    def moves(
        self, call: Call, status: str, *, times: int = 1, sequence: int | None = None, **more: str
    ) -> None:
        """A leg comes to another status, and its callback says so, perhaps several times."""
        call.status = status
        if status in TERMINAL:
            call.ended_at = datetime.now(UTC)
        told = {
            "CallStatus": status,
            "SequenceNumber": str(call.sequence if sequence is None else sequence),
            "CallbackSource": "call-progress-events",
            **more,
        }
        call.sequence += 1
        for _ in range(times):
            response = self.posts(call, call.callback, **told)
            assert response.status_code == 204, (response.status_code, response.text)

    def fetches(self, call: Call, url: str, **more: str) -> str:
        response = self.posts(call, url, CallStatus=call.status, **more)
        assert response.status_code == 200, (response.status_code, response.text)
        assert response.headers["content-type"].startswith("text/xml")
        self.documents.append(response.text)
        call.documents.append(response.text)
        call.document = response.text
        return response.text

    def posts(self, call: Call, url: str, *, token: str = TOKEN, **told: str) -> httpx.Response:
        url = urldefrag(url).url
        self.addresses.append(url)
        form = {
            "AccountSid": SID,
            "CallSid": call.sid,
            "To": call.to,
            "From": call.caller or CALLER_ID,
            "ToCity": "",
            **told,
        }
        signature = RequestValidator(token).compute_signature(url, form)
        return self._http.post(url, data=form, headers={"X-Twilio-Signature": signature})

    def misses_text(
        self, sender: str, words: str, *, at: datetime, pictures: int = 0, to: str = CALLER_ID
    ) -> str:
        """Somebody texts the helpline's number while nobody answers there; returns its id."""
        text = ReceivedText(f"SM{uuid.uuid4().hex}", sender, words, pictures, to, at)
        self.received.append(text)
        return text.sid

    def receives_text(self, sender: str, words: str, **more: str) -> httpx.Response:
        """Somebody texts the helpline's number; the network minds its own keywords."""
        phone, message_id = Call("CA" + "0" * 32, CALLER_ID), f"SM{uuid.uuid4().hex}"
        keyword = words.strip().upper()
        if keyword in STOP_KEYWORDS:
            self.stopped.add((sender, CALLER_ID))
        elif keyword in START_KEYWORDS:
            self.stopped.discard((sender, CALLER_ID))
        self.received.append(ReceivedText(message_id, sender, words))
        told = {"From": sender, "Body": words, "MessageSid": message_id, "NumMedia": "0"}
        return self.posts(phone, f"{self.public_url}/hooks/sms/inbound", **told | more)

    def wait_for_text(self, number: int = 1) -> Text:
        """Wait until the application has asked for so many texts; returns the last of them."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.messages) >= number, PATIENCE), (
                f"{len(self.messages)} texts were asked for, not {number}"
            )
            return self.messages[number - 1]

    def text_moves(
        self, text: Text, status: str, *, times: int = 1, error_code: int | None = None
    ) -> None:
        """A text comes to another status, and its callback says so, perhaps several times."""
        text.status, text.error_code = status, error_code
        told = {"MessageSid": text.sid, "MessageStatus": status, "SmsStatus": status}
        if error_code:
            told["ErrorCode"] = str(error_code)
        phone = Call("CA" + "0" * 32, text.order["To"])
        for _ in range(times):
            response = self.posts(phone, text.order["StatusCallback"], **told)
            assert response.status_code == 204, (response.status_code, response.text)

    def close(self) -> None:
        self._released.set()
        self._http.close()

    def _asked_for(self) -> list[Call]:
        return [call for call in self.calls if call.parent is None]


def conference_in(document: str) -> str:
    """Return the name of the conference that a document puts somebody into."""
    return ET.fromstring(document).findtext("Dial/Conference") or ""


def _is_offer(call: Call) -> bool:
    """Whether the leg is an advisor's who is offered a callback."""
    url = call.asked("Url")
    return "/offer" in url and "/party/" not in url


def _attempt_in(address: str) -> str:
    """Return the attempt that an address of ours names."""
    parts = urldefrag(address).url.split("/hooks/voice/")
    return parts[1].split("/")[0] if len(parts) > 1 else ""


def _page(request: Request, key: str, found: list[dict[str, Any]]) -> Response:
    wanted = request.query_params
    size, page = int(wanted.get("PageSize", 50)), int(wanted.get("Page", 0))
    rest = found[(page + 1) * size :]
    further = f"{request.url.path}?{urlencode({**wanted, 'Page': page + 1})}" if rest else None
    listed = found[page * size : (page + 1) * size]
    return JSONResponse({key: listed, "next_page_uri": further, "page": page})


def _refusal(fault: str) -> Response | None:
    if fault.isdecimal():
        return JSONResponse(
            {"code": int("20" + fault), "message": "no", "status": int(fault)}, int(fault)
        )
    if fault.startswith("refuse-"):
        return JSONResponse({"code": int(fault[7:]), "message": "no", "status": 400}, 400)
    return None


async def _dripping() -> AsyncIterator[bytes]:
    for _ in range(100):
        yield b"x"
        await asyncio.sleep(0.05)


class _Cut(Response):
    """The head of an answer and nothing more."""

    # as ASGI has it
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"4096")]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


@contextmanager
def running_double() -> Iterator[TwilioDouble]:
    double = TwilioDouble()
    with serving(double.app()) as double.url:
        yield double
        double.close()
