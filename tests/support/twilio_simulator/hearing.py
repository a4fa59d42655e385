"""What everybody in a conference hears at any moment."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.twilio_simulator.conferences import (
    PEOPLE,
    Conference,
    Heard,
    Mode,
    Participant,
)
from tests.support.twilio_simulator.exchange import Exchange
from tests.support.twilio_simulator.legs import Source
from tests.support.twilio_simulator.sounds import play_loop


class Hearing:
    """Changes what people listen to, plays it, and keeps when they heard what."""

    def __init__(
        self, exchange: Exchange, tell: Callable[[Conference, str, Participant], None]
    ) -> None:
        self.exchange, self.wire, self._tell = exchange, exchange.wire, tell

    def listen(self, conference: Conference) -> None:
        """Let everybody hear what is to be heard now."""
        for one in conference.list_joined():
            if one.leg.answered is None:
                continue
            back = self.wire.settings.music_when_left_alone
            mode = conference.choose_mode(one, is_music_back=back)
            if mode != one.mode:
                self._change_mode(conference, one, mode)
            self._hear(conference, one, one.heard[-1].sound if one.heard else mode[0])

    def _change_mode(self, conference: Conference, one: Participant, mode: Mode) -> None:
        was_talking = PEOPLE in one.mode
        one.mode = mode
        if one.music:
            one.music.cancel()
            one.music = None
        if was_talking != (PEOPLE in mode) and not one.muted:
            event = "stop" if was_talking else "start"
            self._tell(conference, f"participant-speech-{event}", one)
        if PEOPLE in mode:
            one.is_conversing.set()
        if mode[0] not in ("wait", "hold"):
            self._hear(conference, one, mode[0])
            return
        url = one.wait_url if mode[0] == "wait" else one.hold_url
        method = one.wait_method if mode[0] == "wait" else one.hold_method
        params = [
            *self.exchange.describe_leg(one.leg),
            ("ConferenceSid", conference.sid),
            ("FriendlyName", conference.name),
        ]

        def hear(sound: str) -> None:
            self._hear(conference, one, sound)

        source = Source(url, method) if url else None
        one.music = self.wire.spawn(
            play_loop(self.wire, source, params, hear, is_silent=url == "", sid=one.leg.sid)
        )

    def _hear(self, conference: Conference, one: Participant, sound: str) -> None:
        is_attended = any(
            other.is_advisor and other.is_talking for other in conference.list_joined()
        )
        if not one.heard or (one.heard[-1].sound, one.heard[-1].is_attended) != (
            sound,
            is_attended,
        ):
            one.heard.append(Heard(self.wire.clock.now(), sound, is_attended))
