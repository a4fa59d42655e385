"""What an application must never let happen, looked for in all that happened."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import unquote_plus

from tests.support.twilio_simulator.conferences import (
    HOLDING,
    MUSIC,
    NOTHING,
    WORDS,
    Participant,
    list_spans,
)
from tests.support.twilio_simulator.exchange import Exchange
from tests.support.twilio_simulator.rooms import Rooms
from tests.support.twilio_simulator.wire import Entry, Wire

PARTIES = frozenset({"To", "From", "CallerId", "Caller", "Called"})


def list_problems(exchange: Exchange, rooms: Rooms, secrets: Sequence[str]) -> list[str]:
    """Return a sentence for each, none if all is well."""
    wire = exchange.wire
    return [
        *(f"simulator failed: {error!r}" for error in wire.errors),
        *_look_through_journal(wire),
        *_look_at_legs(exchange),
        *_look_for_double_calls(exchange),
        *_look_at_rooms(rooms),
        *list_traces(wire, secrets),
    ]


def _look_through_journal(wire: Wire) -> Iterator[str]:
    for entry in wire.journal:
        if entry.kind == "alert":
            yield f"alert {entry.what}: {entry.detail['why']}"
        elif entry.kind == "webhook" and not 200 <= entry.detail["status"] < 300:
            yield f"webhook {entry.what} got {entry.detail['status'] or 'no answer'}"


def _look_at_legs(exchange: Exchange) -> Iterator[str]:
    for leg in exchange.legs.values():
        if not leg.ended:
            yield f"{leg.sid} to {leg.to} never ended"
        parent = leg.parent
        if parent and parent.direction == "outbound-api" and not parent.pressed:
            yield f"{leg.to} was dialled although {parent.to} pressed nothing"
        is_called = leg.direction == "outbound-api"
        if leg.phone.is_lead and is_called and not leg.accepted_by:
            yield f"{leg.sid} to a lead was asked for before an advisor had pressed a key"
    for entry in exchange.wire.journal:
        if entry.kind == "heard" and entry.what == "nothing":
            yield f"{entry.detail['sid']} heard nothing for {entry.detail['text']}"
        elif entry.kind == "heard" and _is_machine_for_lead(exchange, entry):
            yield f"a lead heard a machine: {entry.what} {entry.detail['text']}"
    answered = Counter(leg.options.get("Url", "") for leg in exchange.legs.values() if leg.answered)
    for url, count in answered.items():
        if url and count > 1:
            yield f"{url} was answered on {count} calls"


def _is_machine_for_lead(exchange: Exchange, entry: Entry) -> bool:
    """Whether a lead heard words or a sound outside of hold, after a conference or when called."""
    leg = exchange.legs.get(entry.detail["sid"])
    if leg is None or not leg.phone.is_lead or entry.what == "Say in a conference":
        return False
    return (
        entry.what in ("announcement", "beep")
        or bool(entry.detail["is_after_conference"])
        or leg.direction != "inbound"
    )


def _look_for_double_calls(exchange: Exchange) -> Iterator[str]:
    """Yield the numbers that were on two outbound legs at the same time."""
    rung = [leg for leg in exchange.legs.values() if leg.started and leg.direction != "inbound"]
    rung.sort(key=lambda leg: leg.created)
    for index, first in enumerate(rung):
        for second in rung[index + 1 :]:
            begun = second.started
            if first.to == second.to and begun and (not first.ended or begun < first.ended):
                yield f"{first.to} was rung twice at once: {first.sid} and {second.sid}"


def _look_at_rooms(rooms: Rooms) -> Iterator[str]:
    for room in rooms.conferences.values():
        if room.history and room.status != "completed":
            yield f"conference {room.name} never ended"
        for one in room.participants.values():
            yield f"{one.leg.sid} was left behind in conference {room.name}"
        for one in room.history:
            yield from _look_at_hearing(rooms.wire, one, room.name)


def _look_at_hearing(wire: Wire, one: Participant, name: str) -> Iterator[str]:
    """Yield where somebody heard nothing for too long, or a lead was without an advisor."""
    settings = wire.settings
    allowance = settings.reaction * settings.speed
    who = "a lead" if one.leg.phone.is_lead else "somebody"
    for seconds, heard in list_spans(one):
        if heard.sound in (NOTHING, HOLDING) and seconds > settings.silence + allowance:
            yield f"{who} heard nothing for {seconds:.0f} s in conference {name}"
        is_alone = not heard.is_attended and heard.sound not in (MUSIC, WORDS, "wait")
        if one.leg.phone.is_lead and is_alone and seconds > settings.alone + allowance:
            yield f"a lead was without an advisor for {seconds:.0f} s in conference {name}"


def list_traces(wire: Wire, secrets: Sequence[str]) -> list[str]:
    """Return where one of the secrets is in an address, a name, a document or a text.

    A number is a secret however it is written; `To` and `From` may of course say it.
    """
    forms = {secret: re.sub(r"\D", "", secret) for secret in secrets}
    found = []
    for entry in wire.journal:
        for place, text in _list_places(entry):
            plain = unquote_plus(text).casefold()
            digits = re.sub(r"[\s()./-]", "", plain)
            for secret, number in forms.items():
                is_number = len(number) >= 7 and not re.search(r"[^\W\d_]", secret)
                if number in digits if is_number else secret.casefold() in plain:
                    found.append(f"{secret!r} is in {place}")
    return list(dict.fromkeys(found))


def _list_places(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield what of an entry the application wrote, and others can read."""
    if entry.kind == "rest":
        yield "a REST address", entry.what
        for name, value in entry.detail.get("form", ()):
            if name not in PARTIES:
                yield f"the REST parameter {name}", value
    elif entry.kind in ("webhook", "lost"):
        yield "a webhook's address", entry.detail.get("url", entry.what)
    elif entry.kind == "document":
        text = re.sub(r"<Number[^>]*>[^<]*</Number>|callerId=\"[^\"]*\"", "", entry.detail["text"])
        yield "a TwiML document", text
    elif entry.kind == "text" and entry.what != "inbound":
        yield "a text", entry.detail["body"]
