"""Where a person may be, and when their phone may ring there.

Zones, nights, and both clock changes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.contact_rules.calling_hours import (
    callable_spans,
    closed_rules,
    next_callable_time,
    rules_of_place,
)
from leads.contact_rules.possible_location import PossibleLocation, possible_location
from tests.support.people import HOUR, MINUTE, NUMBER

NEW_YORK, CHICAGO, DENVER, PHOENIX = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
)
LOS_ANGELES, ANCHORAGE, ADAK, HONOLULU = (
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Adak",
    "Pacific/Honolulu",
)
EVERYWHERE = (NEW_YORK, CHICAGO, DENVER, PHOENIX, LOS_ANGELES, ANCHORAGE, HONOLULU)
ALASKAN, TOLL_FREE = "+19075550142", "+18005550142"
SPRING, AUTUMN = "2026-03-08", "2026-11-01"  # the clocks change at two in the morning
PLACES = (
    PossibleLocation((NEW_YORK,)),
    PossibleLocation((PHOENIX, DENVER), ("US-AZ",)),
    PossibleLocation((ANCHORAGE, ADAK), ("US-AK",)),
    PossibleLocation(EVERYWHERE),
)


@pytest.mark.parametrize(
    ("local", "opens"),
    [
        ("07:59:59", "2026-03-03 08:00"),
        ("08:00:00", None),
        ("20:59:59", None),
        ("21:00:00", "2026-03-04 08:00"),
        ("00:00:00", "2026-03-03 08:00"),
        ("23:59:59", "2026-03-04 08:00"),
    ],
)
@pytest.mark.parametrize("zone", [NEW_YORK, PHOENIX, HONOLULU])
def test_phones_may_ring_from_eight_until_nine_where_they_are(
    zone: str, local: str, opens: str | None
) -> None:
    at, place = _at(f"2026-03-03 {local}", zone), PossibleLocation((zone,))
    assert _is_open(place, at) == (opens is None)
    assert next_callable_time(place, at) == (_at(opens, zone) if opens else at)


@pytest.mark.parametrize(
    ("place", "opens", "closes"),
    [
        (possible_location(ALASKAN), ("08:00", ADAK), ("21:00", ANCHORAGE)),
        (possible_location(NUMBER, region="Florida"), ("08:00", CHICAGO), ("20:00", NEW_YORK)),
        (possible_location(NUMBER, region="Hawaii"), ("08:00", HONOLULU), ("21:00", NEW_YORK)),
        (possible_location(TOLL_FREE), ("08:00", HONOLULU), ("21:00", NEW_YORK)),
        (possible_location("+16025550142", region="AZ"), ("08:00", PHOENIX), ("21:00", PHOENIX)),
    ],
)
def test_where_they_may_be_in_several_zones_all_must_be_open(
    place: PossibleLocation, opens: tuple[str, str], closes: tuple[str, str]
) -> None:
    first, last = _at(f"2026-03-03 {opens[0]}", opens[1]), _at(f"2026-03-03 {closes[0]}", closes[1])
    assert not _is_open(place, first - timedelta(seconds=1))
    assert _is_open(place, first)
    assert _is_open(place, last - timedelta(seconds=1))
    assert not _is_open(place, last)
    assert next_callable_time(place, first - 3 * HOUR) == first


@pytest.mark.parametrize(
    ("day", "zone", "opens", "night"),
    [
        (SPRING, NEW_YORK, "12:00", 10),
        (AUTUMN, NEW_YORK, "13:00", 12),
        (SPRING, LOS_ANGELES, "15:00", 10),
        (AUTUMN, LOS_ANGELES, "16:00", 12),
        (SPRING, PHOENIX, "15:00", 11),
        (AUTUMN, PHOENIX, "15:00", 11),
        (SPRING, HONOLULU, "18:00", 11),
        (AUTUMN, HONOLULU, "18:00", 11),
    ],
)
def test_the_morning_after_a_clock_change_begins_at_eight_by_the_new_clock(
    day: str, zone: str, opens: str, night: int
) -> None:
    place, morning = PossibleLocation((zone,)), _at(f"{day} {opens}", "UTC")
    evening = morning - night * HOUR
    assert _is_open(place, evening - MINUTE)
    assert next_callable_time(place, evening) == morning
    assert open_time(place, evening - HOUR, morning + HOUR) == 2 * HOUR


def test_arizona_is_open_when_both_of_its_clocks_say_so() -> None:
    arizona = possible_location("+19285550142")
    for day, open_for in (("2026-03-07", 13), (SPRING, 12), ("2026-10-31", 12), (AUTUMN, 13)):
        midnight = _at(f"{day} 00:00", PHOENIX)
        assert open_time(arizona, midnight, midnight + 24 * HOUR) == open_for * HOUR, day


@pytest.mark.parametrize(
    ("place", "start", "end", "open_for"),
    [
        (PossibleLocation((NEW_YORK,)), "2026-03-03 10:00", "2026-03-03 11:30", 1.5 * HOUR),
        (PossibleLocation((NEW_YORK,)), "2026-03-03 20:00", "2026-03-04 09:00", 2 * HOUR),
        (PossibleLocation((NEW_YORK,)), "2026-03-03 21:00", "2026-03-04 08:00", 0 * HOUR),
        (PossibleLocation((NEW_YORK,)), "2026-03-03 23:00", "2026-03-04 02:00", 0 * HOUR),
        (PossibleLocation((NEW_YORK,)), "2026-03-03 11:00", "2026-03-03 10:00", 0 * HOUR),
        (PossibleLocation((NEW_YORK,)), "2026-03-02 00:00", "2026-03-16 00:00", 14 * 13 * HOUR),
        (PossibleLocation((NEW_YORK,)), "2026-10-26 00:00", "2026-11-09 00:00", 14 * 13 * HOUR),
        (
            PossibleLocation((NEW_YORK, CHICAGO)),
            "2026-03-03 00:00",
            "2026-03-05 00:00",
            2 * 12 * HOUR,
        ),
        (PossibleLocation(EVERYWHERE), "2026-03-03 00:00", "2026-03-04 00:00", 8 * HOUR),
    ],
)
def test_callable_time_leaves_the_nights_out(
    place: PossibleLocation, start: str, end: str, open_for: timedelta
) -> None:
    assert open_time(place, _at(start, NEW_YORK), _at(end, NEW_YORK)) == open_for


minutes = st.integers(0, 370 * 24 * 60).map(
    lambda count: datetime(2026, 1, 1, tzinfo=UTC) + count * MINUTE
)


@given(place=st.sampled_from(PLACES), at=minutes)
def test_the_next_opening_is_open_and_nothing_before_it_is(
    place: PossibleLocation, at: datetime
) -> None:
    opens = next_callable_time(place, at)
    assert opens is not None
    assert opens >= at
    assert all(_is_open_by_the_clock(zone, opens) for zone in place.zones)
    for quarter in range(int((opens - at) / (15 * MINUTE))):
        assert not all(
            _is_open_by_the_clock(zone, at + quarter * 15 * MINUTE) for zone in place.zones
        )


@settings(deadline=None, max_examples=25)
@given(place=st.sampled_from(PLACES), start=minutes, length=st.integers(0, 3 * 24 * 60))
def test_callable_time_is_the_count_of_the_minutes_that_are_open(
    place: PossibleLocation, start: datetime, length: int
) -> None:
    counted = sum(
        all(_is_open_by_the_clock(zone, start + minute * MINUTE) for zone in place.zones)
        for minute in range(length)
    )
    assert open_time(place, start, start + length * MINUTE) == counted * MINUTE


def _at(local: str, zone: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _is_open_by_the_clock(zone: str, at: datetime) -> bool:
    return 8 <= at.astimezone(ZoneInfo(zone)).hour < 21


def open_time(place: PossibleLocation, start: datetime, end: datetime) -> timedelta:
    spans = callable_spans(place, start, end)
    assert all(opened < closed for opened, closed in spans)
    return sum((closed - opened for opened, closed in spans), timedelta())


def _is_open(place: PossibleLocation, at: datetime) -> bool:
    return not closed_rules(rules_of_place(place), place, at)
