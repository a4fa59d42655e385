"""Stated times: when somebody says in a text that they can be called.

In English and Spanish. Pure.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from leads.free_text import normalization

WEEKDAYS = (
    ("monday", "lunes"),
    ("tuesday", "martes"),
    ("wednesday", "miercoles"),
    ("thursday", "jueves"),
    ("friday", "viernes"),
    ("saturday", "sabado"),
    ("sunday", "domingo"),
)
NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "a an un una one uno",
            "two dos couple",
            "three tres",
            "four cuatro",
            "five cinco",
            "six seis",
            "seven siete",
            "eight ocho",
            "nine nueve",
            "ten diez",
            "eleven once",
            "twelve doce",
        ),
        start=1,
    )
    for word in words.split()
}
DAY_BEGINS, NOON, EVENING = time(9), time(12), time(17)
EARLIEST_HOUR = 8  # "at 7" without am or pm is in the evening

_COUNT = r"(?P<count>\d{1,3}|" + "|".join(NUMBERS) + r")(?: of)?"
_UNIT = r"(?P<unit>minute|minuto|hour|hora|day|dia|week|semana)s?\b"
_IN_A_WHILE = re.compile(
    rf"\b(?:in|en|give me|denme|deme|dame|within)(?: like| about)? {_COUNT} {_UNIT}"
)
_HALF_HOUR = re.compile(r"\b(?:half an hour|media hora|half hour)\b")
_HOUR_WORDS = "|".join(word for word in NUMBERS if word not in ("a", "an", "un"))
_HOUR = re.compile(
    r"\b(?P<at>at|after|until|till|by|past|before|around|from|las|la)? ?"
    rf"(?P<hour>\d{{1,4}}|{_HOUR_WORDS})(?: ?(?P<half>am|pm)\b)?"
    r"(?! (?:hour|hora|minute|minuto|day|dia|week|semana|month|mes|time|veces|kid|hijo)s?\b)"
)
_PARTS = (
    (re.compile(r"\b(?:noon|mediodia|lunch)\b"), NOON),
    (re.compile(r"\b(?:(?:this|in the|tomorrow) morning|(?:en|por|de) la manana)\b"), DAY_BEGINS),
    (re.compile(r"\b(?:afternoons?|(?:en|por|de|a) la tarde|tardes)\b"), NOON),
    (re.compile(r"\b(?:evenings?|tonight|nights?|noches?)\b"), EVENING),
)
_IN_THE_EVENING = re.compile(r"\b(?:afternoon|evening|tonight|night|tarde|noche)\b")
_TOMORROW = re.compile(r"\btomorrow\b|(?<!la )\bmanana\b")
_NEXT_WEEK = re.compile(
    r"\b(?:next week|another week|otra semana|proxima semana|semana que (?:viene|entra))\b"
)
_CLOCK_MARKS = re.compile(r"(?<=\d)[:.](?=\d\d\b)|(?<=[ap])\.(?=m\b)")


def read_stated_time(text: str, *, now: datetime, zone: str) -> datetime | None:
    """Return the instant that a text names, seen from the writer's zone; None where it names none.

    A day without an hour begins at nine. "Before ten" in a text that puts us off means from ten on.
    """
    words = normalization.canonical_words(_CLOCK_MARKS.sub("", text))
    said = " ".join(word for word in words if word not in (".", ",", "?"))
    local = now.astimezone(ZoneInfo(zone))
    if wait := _stated_wait(said):
        return now + wait
    day, at = _stated_day(said, local.date()), _stated_hour(said)
    if day is None and at is None:
        return None
    stated = datetime.combine(day or local.date(), at or DAY_BEGINS, ZoneInfo(zone))
    if stated <= local and day is None:
        stated = datetime.combine(stated.date() + timedelta(days=1), stated.time(), ZoneInfo(zone))
    return stated.astimezone(now.tzinfo) if stated > local else None


def _stated_wait(said: str) -> timedelta | None:
    if _HALF_HOUR.search(said):
        return timedelta(minutes=30)
    match = _IN_A_WHILE.search(said)
    if match is None:
        return None
    count = NUMBERS.get(match["count"]) or int(match["count"])
    minute, hour, day, week = timedelta(minutes=1), timedelta(hours=1), timedelta(1), timedelta(7)
    return count * {"m": minute, "h": hour, "d": day, "w": week, "s": week}[match["unit"][0]]


def _stated_day(said: str, today: date) -> date | None:
    if _NEXT_WEEK.search(said):
        return today + timedelta(days=7)
    for weekday, names in enumerate(WEEKDAYS):
        if any(re.search(rf"\b{name}s?\b", said) for name in names):
            return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    return today + timedelta(days=1) if _TOMORROW.search(said) else None


def _stated_hour(said: str) -> time | None:
    for match in _HOUR.finditer(said):
        half = match["half"] or ("pm" if _IN_THE_EVENING.search(said) else None)
        if (match["at"] or match["half"]) and (at := _clock_time(match["hour"], half)):
            return at
    return next((at for part, at in _PARTS if part.search(said)), None)


def _clock_time(hour: str, half: str | None) -> time | None:
    """Return the time of day of "6", "630" or "six"."""
    number = NUMBERS.get(hour) or int(hour)
    hours, minutes = divmod(number, 100) if number >= 100 else (number, 0)  # noqa: PLR2004
    if half and hours <= 12:  # noqa: PLR2004 - of the clock's
        hours = hours % 12 + (12 if half == "pm" else 0)
    elif hours < EARLIEST_HOUR:
        hours += 12
    return time(hours, minutes) if hours < 24 and minutes < 60 else None  # noqa: PLR2004
