"""Call time words: when a helpline calls, in sentences for the visitor of its hosted form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from leads.callbacks.retry_cadence import PARTS_OF_DAY
from leads.callbacks.usual_waits import find_usual_wait
from leads.database.transactions import reader
from leads.i18n import languages
from leads.intake.call_promises import (
    CallHours,
    CallPromise,
    PromiseKind,
    find_call_hours,
)
from leads.intake.http_requests import SourceWithBrand
from leads.intake.visitor_clock import VisitorClock

TOLD_SPAN = timedelta(hours=1)


def say_call_times(
    door: SourceWithBrand, phone: str, given: Mapping[str, str], *, language: str, now: datetime
) -> dict[str, str]:
    """Return what each choice of the question *when* means now; a part never called in is left out.

    The first, "", is as soon as we can.
    """
    hours = find_call_hours(door, phone, given)
    place = hours.hours.place
    names_zone = hours.is_guess or len(place.zones) > 1
    clock = VisitorClock(language, place.zone, now, names_zone=names_zone)
    said = {"": _say_now(hours, clock, _usual_wait_of_helpline(door, now))}
    for part in PARTS_OF_DAY:
        if hours.is_guess:
            said[part] = ""
        elif span := hours.part_of_day(part, now):
            start, end = span
            said[part] = clock.say_until(end) if start == now else clock.say_between(start, end)
    return said


def say_call_promise(
    promise: CallPromise, door: SourceWithBrand, *, language: str, now: datetime
) -> str:
    """Return what comes of a form that was just sent, in one sentence or two."""
    words = languages.page_texts(language)["promised"]
    if promise.kind is PromiseKind.SOON:
        usual = _usual_wait_of_helpline(door, now)
        return str(words["soon_usual"].format(minutes=usual) if usual else words["soon"])
    if promise.kind is PromiseKind.LATER:
        place = promise.hours.place
        clock = VisitorClock(language, place.zone, now, names_zone=len(place.zones) > 1)
        ends = promise.due_at + TOLD_SPAN
        span = clock.say_between(promise.due_at, min(ends, promise.closes_at or ends))
        return str(words["later"].format(when=span))
    return str(words[promise.kind])


def _usual_wait_of_helpline(door: SourceWithBrand, now: datetime) -> int | None:
    """Return within how many minutes people are usually rung.

    None also while the database is away: what somebody wrote is shown again all the same.
    """
    try:
        with reader() as session:
            return find_usual_wait(session, door.brand.id, now=now)
    except SQLAlchemyError:
        return None


def _say_now(hours: CallHours, clock: VisitorClock, usual: int | None) -> str:
    words = languages.page_texts(clock.language)["now"]
    opens = hours.opening_time(clock.now)
    if opens is None:
        return str(words["unknown"])
    closes = hours.hours.closing_time(opens)
    if opens > clock.now:
        said = words["closed"].format(opens=clock.say_at(opens))
    elif closes is None:
        said = words["always_usual"].format(minutes=usual) if usual else words["always"]
    else:
        told = {"until": clock.say_until(closes), "minutes": usual}
        said = words["open_usual" if usual else "open"].format(**told)
    return f"{said} {words['elsewhere']}" if hours.is_guess else str(said)
