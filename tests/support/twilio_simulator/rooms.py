"""What happens in conferences: joining, leaving, hold, and the callbacks about it.

From Twilio's documents of <Conference> and of the Participant resource:

* a conference starts with the second participant, one of them with startConferenceOnEnter; until
  then each hears the wait URL, and nothing once its document has run out of verbs;
* callback and events are those of the first to join, later ones are passed over;
* it ends with its last participant, one with endConferenceOnExit, or by REST; the others' <Dial>
  is over then, and their calls go on with `action` or the next verb.

Assumed where they are silent: sequence numbers begin at 1 and count what is sent; a participant
with early media joins as its phone rings (`Settings.early_media_joins`), and a failed one leaves
with `participant_add_failed`, and ends the conference if it was to end it on exit
(`Settings.failed_participant_ends`); phones that ring for a conference stop at its end
(`Settings.end_cancels_ringing`); who is left alone in a started conference hears nothing
(`Settings.music_when_left_alone`); `*` and a time limit count as hanging up.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

from tests.support.twilio_simulator.conferences import (
    PEOPLE,
    Conference,
    Heard,
    Participant,
    list_terms,
)
from tests.support.twilio_simulator.exchange import Exchange
from tests.support.twilio_simulator.hearing import Hearing
from tests.support.twilio_simulator.legs import Leg, Source
from tests.support.twilio_simulator.scripts import FOR_EVER
from tests.support.twilio_simulator.sounds import play_once
from tests.support.twilio_simulator.wire import Pairs, format_rfc2822, make_sid

GROUP_OF = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
    "participant-modify": "modify",
    "participant-speech-start": "speaker",
    "participant-speech-stop": "speaker",
    "announcement-end": "announcement",
}


class Rooms:
    """All conferences of the account."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange, self.wire = exchange, exchange.wire
        self.conferences: dict[str, Conference] = {}
        self.hearing = Hearing(exchange, self._tell)

    def find_active(self, key: str) -> Conference | None:
        """Find a conference that has not ended, by SID or name."""
        active = (one for one in self.conferences.values() if one.status != "completed")
        return next((one for one in active if key in (one.sid, one.name)), None)

    def open(self, name: str) -> Conference:
        """Return the active conference of a name, a new one if there is none."""
        found = self.find_active(name)
        if found is None:
            found = Conference(make_sid("CF"), name, self.wire.clock.now())
            self.conferences[found.sid] = found
        return found

    def expect(self, conference: Conference, one: Participant) -> None:
        """List a participant whose phone is yet to ring."""
        conference.participants[one.leg.sid] = one
        advisors = [other for other in conference.list_joined() if other.is_advisor]
        one.leg.accepted_by = advisors[0].leg.sid if advisors else ""

    def note_who_accepted(self, leg: Leg, text: str) -> None:
        """Note which advisor had pressed a key when a leg was asked for that is to join them.

        They are in the conference of its document, or on their way there.
        """
        nouns = ET.fromstring(text).iter("Conference") if "<Conference" in text else ()
        for name in ((noun.text or "").strip() for noun in nouns):
            for other in self.exchange.legs.values():
                is_there = other.pressed and other.status == "in-progress"
                elsewhere = [self.conferences[sid].name for sid in other.conferences]
                if is_there and all(one == name for one in elsewhere):
                    leg.accepted_by = other.sid

    def hear_ringing(self, leg: Leg) -> None:
        """Let those in the conference hear that a participant's phone rings."""
        conference = self._find_by_call(leg.sid)
        if conference and self.wire.settings.early_media_joins:
            one = conference.participants[leg.sid]
            if one.has_early_media and not one.joined:
                self._join(conference, one)

    def give_up(self, leg: Leg) -> None:
        """Take out a participant whose phone was not answered."""
        if conference := self._find_by_call(leg.sid):
            self.leave(conference, conference.participants[leg.sid], "participant_add_failed")

    async def attend(self, one: Participant, name: str, *, limit: float, is_star: bool) -> None:
        """Keep a leg in a conference until it leaves, whoever decides it."""
        conference = self.open(name)
        one = conference.participants.setdefault(one.leg.sid, one)
        clock, leg = self.wire.clock, one.leg
        if not one.joined:
            self._join(conference, one)
        self.hearing.listen(conference)
        talking = self.wire.spawn(self._talk(one))
        visit = len(leg.conferences) - 1
        if is_star and visit < len(leg.phone.stars):
            limit = min(limit, leg.phone.stars[visit])
        try:
            if not await clock.happens_within(one.out.wait(), limit):
                self.leave(conference, one, "participant_hung_up")
        except asyncio.CancelledError:
            reason = "hung_up" if leg.is_hanging_up else "updated_via_api"
            self.leave(conference, one, f"participant_{reason}")
            raise
        finally:
            talking.cancel()

    async def _talk(self, one: Participant) -> None:
        await one.is_conversing.wait()
        leg, now = one.leg, self.wire.clock.now()
        left = leg.phone.talk
        if leg.talks_until:
            left = (leg.talks_until - now).total_seconds()
        elif left != FOR_EVER:
            leg.talks_until = now + timedelta(seconds=left)
        await self.wire.clock.sleep(max(left, 0))
        leg.hang_up()

    def _find_by_call(self, call: str) -> Conference | None:
        return next((room for room in self.conferences.values() if call in room.participants), None)

    def _join(self, conference: Conference, one: Participant) -> None:
        if not conference.history:
            conference.callback, conference.events = one.callback, one.events
            conference.callback_method = one.callback_method
        one.joined = self.wire.clock.now()
        conference.history.append(one)
        one.leg.conferences.append(conference.sid)
        self._beep(conference, one, "onEnter")
        self._tell(conference, "participant-join", one)
        joined = conference.list_joined()
        if conference.status == "init" and len(joined) > 1 and any(o.starts for o in joined):
            conference.status = "in-progress"
            self._tell(conference, "conference-start")
        self.hearing.listen(conference)

    def leave(
        self, conference: Conference, one: Participant, reason: str, *, is_kicked: bool = False
    ) -> None:
        """Take a participant out, and end the conference if that is its end."""
        if conference.participants.pop(one.leg.sid, None) is None:
            return
        self._put_out(conference, one, reason)
        how, ended = "kicked" if is_kicked else "left", "moderator_ended_conference"
        if one.ends and one.joined and (one.leg.answered or self._does_failure_end()):
            reason = f"participant-with-end-conference-on-exit-{how}"
            self.end(conference, reason, ended, by=one)
        elif not conference.list_joined() and (one.joined or not conference.participants):
            self.end(conference, f"last-participant-{how}", ended, by=one)
        else:
            self.hearing.listen(conference)

    def _does_failure_end(self) -> bool:
        return self.wire.settings.failed_participant_ends

    def _put_out(self, conference: Conference, one: Participant, reason: str) -> None:
        one.left = self.wire.clock.now()
        if conference.status != "completed":
            self._beep(conference, one, "onExit")
        one.heard.append(Heard(one.left, "", is_attended=True))
        if one.music:
            one.music.cancel()
        status = one.leg.status
        if not one.leg.is_over and (one.leg.is_hanging_up or not one.leg.answered):
            status = "completed" if one.leg.answered else "canceled"
        told = [("ParticipantCallStatus", status), ("ReasonParticipantLeft", reason)]
        if PEOPLE in one.mode:
            self._tell(conference, "participant-speech-stop", one)
        self._tell(conference, "participant-leave", one, told)
        one.out.set()

    def _beep(self, conference: Conference, one: Participant, when: str) -> None:
        if one.beep in ("true", when):
            for other in conference.list_joined():
                if other.leg.answered:
                    self.wire.note("heard", "beep", sid=other.leg.sid, text=one.label)

    def end(
        self, conference: Conference, reason: str, why_left: str, *, by: Participant | None = None
    ) -> None:
        """End a conference for everybody who is in it."""
        if conference.status == "completed":
            return
        conference.status, conference.reason_ended = "completed", reason
        conference.ended = conference.updated = self.wire.clock.now()
        conference.ended_by = by.leg.sid if by else None
        while conference.participants:
            _, one = conference.participants.popitem()
            if one.leg.answered or self.wire.settings.end_cancels_ringing:
                self._put_out(conference, one, why_left)
            if not one.leg.answered and self.wire.settings.end_cancels_ringing:
                one.leg.hang_up()
        told = [("ReasonConferenceEnded", reason), ("Reason", reason.replace("-", " "))]
        if by:
            told.append(("CallSidEndingConference", by.leg.sid))
            told += [("ParticipantLabelEndingConference", by.label)] if by.label else []
        self._tell(conference, "conference-end", None, told)

    def change(self, conference: Conference, one: Participant, options: dict[str, str]) -> None:
        """Do what an update of a participant asks for, and tell of it."""
        one.updated = self.wire.clock.now()
        self._set(conference, one, "muted", options.get("Muted"), "mute")
        one.hold_url = options.get("HoldUrl", one.hold_url)
        one.hold_method = options.get("HoldMethod", one.hold_method)
        self._set(conference, one, "hold", options.get("Hold"), "hold")
        before = (one.ends, one.coached, one.wait_url, one.beep)
        one.ends = options.get("EndConferenceOnExit", str(one.ends)).lower() == "true"
        one.coached = options.get("CallSidToCoach", one.coached)
        if options.get("Coaching") == "false":
            one.coached = ""
        one.wait_url = options.get("WaitUrl", one.wait_url)
        if "BeepOnExit" in options:
            one.beep = "onExit" if options["BeepOnExit"] == "true" else "false"
        if (one.ends, one.coached, one.wait_url, one.beep) != before:
            self._tell(conference, "participant-modify", one)
        self.hearing.listen(conference)

    def _set(
        self, conference: Conference, one: Participant, name: str, asked: str | None, event: str
    ) -> None:
        """Set a switch, for anything but `true` is no; nothing is told if it already was so."""
        wanted = asked is not None and asked.lower() == "true"
        if asked is not None and getattr(one, name) != wanted:
            setattr(one, name, wanted)
            self._tell(conference, f"participant-{'' if wanted else 'un'}{event}", one)

    def announce(
        self, conference: Conference, heard_by: list[Participant], url: str, method: str
    ) -> None:
        """Play a document to one participant, or to all of them."""
        self.wire.spawn(self._announce(conference, heard_by, url, method))

    async def _announce(
        self, conference: Conference, heard_by: list[Participant], url: str, method: str
    ) -> None:
        told = [("ConferenceSid", conference.sid), ("FriendlyName", conference.name)]
        leads = [one.leg for one in heard_by if one.leg.phone.is_lead]
        sid = leads[0].sid if leads else heard_by[0].leg.sid if heard_by else ""
        told += [("AccountSid", self.wire.settings.account_sid), ("CallSid", sid)]
        for words in await play_once(self.wire, Source(url, method), told, sid=sid):
            for one in heard_by:
                self.wire.note("heard", "announcement", sid=one.leg.sid, text=words)
        only = heard_by[0] if len(heard_by) == 1 else None
        self._tell(conference, "announcement-end", only, [("AnnounceUrl", url)])

    def _tell(
        self,
        conference: Conference,
        event: str,
        one: Participant | None = None,
        more: Pairs | None = None,
    ) -> None:
        """Write an event down, and report it if it was subscribed."""
        call = one.leg.sid if one else ""
        self.wire.note("conference", event, sid=conference.sid, call=call)
        conference.updated = self.wire.clock.now()
        if not conference.callback or GROUP_OF[event] not in conference.events:
            return
        conference.sequence += 1
        params = [
            ("ConferenceSid", conference.sid),
            ("FriendlyName", conference.name),
            ("AccountSid", self.wire.settings.account_sid),
            ("SequenceNumber", str(conference.sequence)),
            ("Timestamp", format_rfc2822(self.wire.clock.now()) or ""),
            ("StatusCallbackEvent", event),
        ]
        if one:
            params.append(("CallSid", call))
            params += [(name, str(value).lower()) for name, value in list_terms(one).items()]
            params += [("ParticipantLabel", one.label)] if one.label else []
            params += [("CallSidToCoach", one.coached)] if one.coached else []
        url, method = conference.callback, conference.callback_method
        self.wire.report(event, url, params + (more or []), kind="conference", method=method)


def resolve_terms(one: Participant, base: str) -> Participant:
    """Make the relative URLs of a <Conference> absolute."""
    one.wait_url = urljoin(base, one.wait_url) if one.wait_url else one.wait_url
    one.callback = urljoin(base, one.callback) if one.callback else ""
    return one
