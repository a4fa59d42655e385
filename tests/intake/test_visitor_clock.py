"""Times as a visitor reads them, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leads.intake.visitor_clock import VisitorClock

NEW_YORK = "America/New_York"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return an instant of March 2026 by the clock of New York, in winter time."""
    return datetime(2026, 3, day, hour + 5 if hour < 19 else hour - 19, minute, tzinfo=UTC)


NOON = at(3, 12)  # a Tuesday


@pytest.mark.parametrize(
    ("first", "last", "english", "spanish"),
    [
        (
            at(3, 8),
            at(3, 9),
            "between 8 and 9 this morning",
            "hoy entre las 8 y las 9 de la mañana",
        ),
        (
            at(3, 12, 30),
            at(3, 13),
            "between 12:30 and 1 this afternoon",
            "hoy entre las 12:30 y la 1 de la tarde",
        ),
        (
            at(4, 8),
            at(4, 12),
            "between 8 and noon tomorrow morning",
            "mañana entre las 8 y las 12 de la mañana",
        ),
        (
            at(7, 17),
            at(7, 18),
            "Saturday, between 5 and 6 in the evening",
            "el sábado entre las 5 y las 6 de la tarde",
        ),
        (
            at(17, 17),
            at(17, 18),
            "Tuesday, March 17, between 5 and 6 in the evening",
            "el martes 17 de marzo entre las 5 y las 6 de la tarde",
        ),
    ],
)
def test_a_span_is_told_as_people_say_it(
    first: datetime, last: datetime, english: str, spanish: str
) -> None:
    if first.day == 17:  # the clocks were moved forward on the 8th
        first, last = first.replace(hour=21), last.replace(hour=22)
    said = [VisitorClock(one, NEW_YORK, NOON).say_between(first, last) for one in ("en", "es")]
    assert said == [english, spanish]


def test_an_opening_and_a_closing_are_told_by_the_day() -> None:
    clock = VisitorClock("en", NEW_YORK, NOON)
    assert clock.say_at(at(4, 8)) == "8 tomorrow morning"
    assert clock.say_at(at(4, 12)) == "noon tomorrow"
    assert clock.say_at(at(4, 0)) == "midnight tonight"
    assert clock.say_at(at(5, 0)) == "midnight tomorrow night"
    assert clock.say_until(at(3, 17)) == "until 5 this afternoon"
    closing = datetime(2026, 3, 4, 2, tzinfo=UTC)
    assert clock.say_until(closing) == "until 9 tonight"
    assert clock.say_until(at(4, 0)) == "until midnight tonight"
    assert VisitorClock("es", NEW_YORK, NOON).say_until(at(4, 0)) == "hoy hasta la medianoche"


def test_who_may_live_by_another_clock_is_told_by_which_one() -> None:
    clock = VisitorClock("en", "America/Chicago", NOON, names_zone=True)
    assert clock.say_at(at(4, 9)) == "8 tomorrow morning (Central Time)"
