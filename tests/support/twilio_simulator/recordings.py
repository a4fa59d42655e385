"""Recordings: stored, announced, and silence for anybody who fetches one."""

from __future__ import annotations

import struct
from datetime import datetime
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from tests.support.twilio_simulator.legs import Leg
from tests.support.twilio_simulator.wire import Pairs, Wire, format_rfc2822, make_sid


class Recordings:
    """What <Record> left at Twilio, until the application deletes it."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.base_url = "https://api.twilio.com"  # where RecordingUrl points
        self.stored: dict[str, dict[str, Any]] = {}

    def finish(self, leg: Leg, verb: Element, base: str, began: datetime) -> Pairs:
        """Store a recording and announce it; return what the verb's action hears of it."""
        recording = self._store(leg, began)
        params = [
            ("RecordingUrl", recording["media_url"]),
            ("RecordingSid", recording["sid"]),
            ("RecordingDuration", recording["duration"]),
        ]
        if url := verb.get("recordingStatusCallback"):
            told = [
                ("AccountSid", self.wire.settings.account_sid),
                ("CallSid", leg.sid),
                ("RecordingStatus", "completed"),
                ("RecordingChannels", "1"),
                ("RecordingSource", "RecordVerb"),
                ("RecordingStartTime", recording["start_time"]),
                *params,
            ]
            method = verb.get("recordingStatusCallbackMethod", "POST")
            delay = self.wire.settings.recording_delay
            self.wire.report(
                "recording", urljoin(base, url), told, kind="recording", method=method, delay=delay
            )
        return params

    def _store(self, leg: Leg, began: datetime) -> dict[str, Any]:
        sid, now, account = make_sid("RE"), self.wire.clock.now(), self.wire.settings.account_sid
        path = f"/2010-04-01/Accounts/{account}/Recordings/{sid}"
        self.wire.note("recording", "made", sid=sid)
        self.stored[sid] = {
            "account_sid": account,
            "api_version": "2010-04-01",
            "call_sid": leg.sid,
            "channels": 1,
            "conference_sid": None,
            "date_created": format_rfc2822(began),
            "date_updated": format_rfc2822(now),
            "duration": str(round((now - began).total_seconds())),
            "encryption_details": None,
            "error_code": None,
            "media_url": self.base_url + path,
            "price": None,
            "price_unit": "USD",
            "sid": sid,
            "source": "RecordVerb",
            "start_time": format_rfc2822(began),
            "status": "completed",
            "subresource_uris": {},
            "uri": path + ".json",
        }
        return self.stored[sid]


def make_silence(seconds: int) -> bytes:
    """Return a WAV file of silence, 8 kHz mu-law mono as Twilio records it."""
    data = b"\xff" * (8000 * max(seconds, 1))
    head = struct.pack(
        "<4sI4s4sIHHIIHH", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 7, 1, 8000, 8000, 1, 8
    )
    return head + struct.pack("<4sI", b"data", len(data)) + data
