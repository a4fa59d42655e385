"""The Conferences resource and its participants.

The path of a creation may name the conference, and then opens it; everything else needs its SID.
Assumed where Twilio's documents are silent: a label in use is 400/16025, a coach of nobody
400/13240; a conference that has ended lists no participants, and to change it is 404/20404.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.support.twilio_simulator.conferences import (
    Conference,
    Participant,
    list_terms,
    read_noun,
)
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
from tests.support.twilio_simulator.rest_calls import set_up_leg
from tests.support.twilio_simulator.wire import format_rfc2822

NOUN_OF = {
    "Label": "participantLabel",
    "Muted": "muted",
    "Beep": "beep",
    "StartConferenceOnEnter": "startConferenceOnEnter",
    "EndConferenceOnExit": "endConferenceOnExit",
    "WaitUrl": "waitUrl",
    "WaitMethod": "waitMethod",
    "MaxParticipants": "maxParticipants",
    "CallSidToCoach": "coach",
    "ConferenceStatusCallback": "statusCallback",
    "ConferenceStatusCallbackMethod": "statusCallbackMethod",
}


class ConferencesResource:
    """Conferences, and their participants as they are asked for and changed."""

    def __init__(self, door: FrontDoor, performer: Performer) -> None:
        self.door, self.performer = door, performer
        self.exchange, self.wire, self.rooms = performer.exchange, performer.wire, performer.rooms

    def list_routes(self) -> list[Route]:
        room = "/Conferences/{conference}"
        return [
            ("/Conferences.json", "GET", self._list),
            (f"{room}.json", "GET", self._fetch),
            (f"{room}.json", "POST", self._update),
            (f"{room}/Participants.json", "POST", self._create_participant),
            (f"{room}/Participants.json", "GET", self._list_participants),
            (f"{room}/Participants/{{key}}.json", "GET", self._fetch_participant),
            (f"{room}/Participants/{{key}}.json", "POST", self._update_participant),
            (f"{room}/Participants/{{key}}.json", "DELETE", self._kick_participant),
        ]

    # ---- conferences

    async def _list(self, request: Request, fields: Fields) -> Response:
        wanted = take_last(fields)
        visible = self.wire.clock.now() - timedelta(seconds=self.wire.settings.list_lag)
        found = [
            describe_conference(one, self.wire.settings.account_sid)
            for one in reversed(self.rooms.conferences.values())
            if one.created <= visible
            and wanted.get("FriendlyName", one.name) == one.name
            and wanted.get("Status", one.status) == one.status
        ]
        return make_page(request, "conferences", found, wanted)

    def _find(self, request: Request) -> Conference:
        found = self.rooms.conferences.get(request.path_params["conference"])
        if found is None:
            raise Refused(404, 20404)
        return found

    def _show(self, conference: Conference) -> Response:
        return JSONResponse(describe_conference(conference, self.wire.settings.account_sid))

    async def _fetch(self, request: Request, _fields: Fields) -> Response:
        return self._show(self._find(request))

    async def _update(self, request: Request, fields: Fields) -> Response:
        conference, options = self._find(request), take_last(fields)
        if conference.status == "completed":
            raise Refused(404, 20404)

        def change() -> Response:
            if options.get("Status") == "completed":
                self.rooms.end(conference, "conference-ended-via-api", "conference_ended_via_api")
            elif url := options.get("AnnounceUrl"):
                method = options.get("AnnounceMethod", "POST")
                self.rooms.announce(conference, conference.list_joined(), url, method)
            return self._show(conference)

        return await self.door.change(request, change)

    # ---- participants

    async def _create_participant(self, request: Request, fields: Fields) -> Response:
        options, key = take_last(fields), request.path_params["conference"]
        check_parties(self.exchange, options)
        conference = self.rooms.find_active(key)
        if conference is None and key.startswith("CF"):
            raise Refused(404, 20404)
        if conference and conference.has_label(options.get("Label", "")):
            raise Refused(400, 16025)
        self._check_coach(conference, options)
        name = conference.name if conference else key
        return await self.door.create(
            request, lambda: self._queue(name, options, fields), to=options["To"]
        )

    def _check_coach(self, conference: Conference | None, options: dict[str, str]) -> None:
        coached = options.get("CallSidToCoach", "")
        if options.get("Coaching") == "true" and not coached:
            raise Refused(400, 13240)
        if coached and (conference is None or coached not in conference.participants):
            raise Refused(400, 13240)

    def _queue(self, name: str, options: dict[str, str], fields: Fields) -> Response:
        """Place the call of a participant, whose only TwiML is to enter the conference."""
        conference = self.rooms.open(name)
        leg = self.exchange.open_leg(options["To"], options["From"], "outbound-api")
        events = read_events(fields, "ConferenceStatusCallbackEvent", "start end")
        noun = {NOUN_OF[key]: value for key, value in options.items() if key in NOUN_OF}
        root = Element("Response")
        dial = SubElement(root, "Dial", timeLimit=options.get("TimeLimit", "14400"))
        room = SubElement(dial, "Conference", noun, statusCallbackEvent=" ".join(sorted(events)))
        room.text = name
        text = tostring(root, "unicode")
        set_up_leg(leg, {**options, "Twiml": text, "ConferenceName": name}, fields)
        one = read_noun(room, leg)
        one.has_early_media = options.get("EarlyMedia") != "false"
        self.rooms.expect(conference, one)
        self.exchange.queue(leg)
        self.wire.spawn(self.performer.place(leg))
        shown = self._describe(conference, one) | {"queue_time": str(int(leg.queue_time * 1000))}
        return JSONResponse(shown, status_code=201)

    def _find_participant(self, request: Request) -> tuple[Conference, Participant]:
        conference = self._find(request)
        one = conference.find_participant(request.path_params["key"])
        if one is None or conference.status == "completed":
            raise Refused(404, 20404)
        return conference, one

    async def _list_participants(self, request: Request, fields: Fields) -> Response:
        conference, wanted = self._find(request), take_last(fields)
        found = [
            self._describe(conference, one)
            for one in conference.participants.values()
            if all(
                wanted.get(name, str(value).lower()) == str(value).lower()
                for name, value in list_terms(one).items()
            )
        ]
        return make_page(request, "participants", found, wanted)

    async def _fetch_participant(self, request: Request, _fields: Fields) -> Response:
        return JSONResponse(self._describe(*self._find_participant(request)))

    async def _update_participant(self, request: Request, fields: Fields) -> Response:
        conference, one = self._find_participant(request)
        options = take_last(fields)
        self._check_coach(conference, options)

        def change() -> Response:
            self.rooms.change(conference, one, options)
            if url := options.get("AnnounceUrl"):
                method = options.get("AnnounceMethod", "POST")
                self.rooms.announce(conference, [one], url, method)
            return JSONResponse(self._describe(conference, one))

        return await self.door.change(request, change, of=one.leg.person)

    async def _kick_participant(self, request: Request, _fields: Fields) -> Response:
        conference, one = self._find_participant(request)

        def kick() -> Response:
            if not one.leg.answered:
                one.leg.hang_up()
            reason = "participant_updated_via_api"
            self.rooms.leave(conference, one, reason, is_kicked=True)
            return Response(status_code=204)

        return await self.door.change(request, kick, of=one.leg.person)

    def _describe(self, conference: Conference, one: Participant) -> dict[str, Any]:
        """Return a participant as Twilio's resource."""
        account, terms = self.wire.settings.account_sid, list_terms(one)
        uri = f"/2010-04-01/Accounts/{account}/Conferences/{conference.sid}"
        return {
            "account_sid": account,
            "call_sid": one.leg.sid,
            "call_sid_to_coach": one.coached or None,
            "coaching": terms["Coaching"],
            "conference_sid": conference.sid,
            "date_created": format_rfc2822(one.leg.created),
            "date_updated": format_rfc2822(one.updated or one.joined or one.leg.created),
            "end_conference_on_exit": one.ends,
            "hold": one.hold,
            "label": one.label or None,
            "muted": one.muted,
            "queue_time": None,
            "start_conference_on_enter": one.starts,
            "status": one.status,
            "uri": f"{uri}/Participants/{one.leg.sid}.json",
        }


def describe_conference(conference: Conference, account: str) -> dict[str, Any]:
    """Return a conference as Twilio's resource."""
    uri = f"/2010-04-01/Accounts/{account}/Conferences/{conference.sid}"
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "call_sid_ending_conference": conference.ended_by,
        "date_created": format_rfc2822(conference.created),
        "date_updated": format_rfc2822(conference.updated or conference.created),
        "friendly_name": conference.name,
        "reason_conference_ended": conference.reason_ended,
        "region": "us1",
        "sid": conference.sid,
        "status": conference.status,
        "subresource_uris": {"participants": f"{uri}/Participants.json"},
        "uri": f"{uri}.json",
    }
