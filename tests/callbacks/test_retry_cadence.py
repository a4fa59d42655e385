"""The waits between tries, and when a person may first expect us."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.callbacks.retry_cadence import (
    FIRST_VARIED_RETRY,
    PARTS_OF_DAY,
    next_retry_time,
    next_try_time,
    next_varied_time,
    next_wished_time,
)
from leads.contact_rules import calling_hours
from leads.contact_rules.calling_hours import OpenHours
from leads.contact_rules.possible_location import PossibleLocation
from tests.conftest import NOW
from tests.support.people import DAY, HOUR, MINUTE
from tests.support.processor_time import READ_AT_ONCE, least_processor_seconds

NEW_YORK = ZoneInfo("America/New_York")


def wished_time(received_at: datetime, best_time: str, zone: str = "America/New_York") -> datetime:
    place = PossibleLocation((zone,))
    return next_wished_time(
        received_at, hours=OpenHours.by_law(place), best_time=best_time, said_at=received_at
    )


@pytest.mark.parametrize(
    ("misses", "wait"),
    [
        (1, 10 * MINUTE),
        (2, 2 * HOUR),
        (3, 20 * HOUR),
        (4, 26 * HOUR),
        (5, 46 * HOUR),
        (6, None),
        (7, None),
    ],
)
def test_the_waits_grow_and_the_sixth_miss_is_the_last(misses: int, wait: timedelta | None) -> None:
    assert next_retry_time(misses, missed_at=NOW) == (NOW + wait if wait else None)


def test_all_six_tries_fit_into_ten_days() -> None:
    due_at = NOW
    for misses in range(1, 6):
        due_at = next_retry_time(misses, missed_at=due_at)
    assert due_at - NOW < 10 * DAY


@pytest.mark.parametrize(
    ("received", "best_time", "promised"),
    [
        # At once, where nothing is asked for that we understand, or where it is that time already.
        ("2026-03-03 12:00", "", "2026-03-03 12:00"),
        ("2026-03-03 22:30", "", "2026-03-04 08:00"),  # at night nobody is rung
        ("2026-03-03 12:00", "whenever you like", "2026-03-03 12:00"),
        ("2026-03-03 08:00", "morning", "2026-03-03 08:00"),
        ("2026-03-03 11:59", "Mornings, please", "2026-03-03 11:59"),
        ("2026-03-03 20:59", "evening", "2026-03-03 20:59"),
        # Later the same day, or the next day when it is over.
        ("2026-03-03 07:59", "In the MORNING (8 to 12)", "2026-03-03 08:00"),
        ("2026-03-03 09:15", "afternoon", "2026-03-03 12:00"),
        ("2026-03-03 09:15", "evening", "2026-03-03 17:00"),
        ("2026-03-03 12:00", "morning", "2026-03-04 08:00"),
        ("2026-03-03 17:00", "afternoon", "2026-03-04 12:00"),
        ("2026-03-03 21:00", "evening", "2026-03-04 17:00"),
        ("2026-03-31 23:59", "morning", "2026-04-01 08:00"),
        # By the clock on their wall, through both changes of it.
        ("2026-03-07 22:00", "morning", "2026-03-08 08:00"),
        ("2026-10-31 22:00", "morning", "2026-11-01 08:00"),
    ],
)
def test_a_person_is_rung_at_the_time_of_day_they_named(
    received: str, best_time: str, promised: str
) -> None:
    received_at = datetime.fromisoformat(received).replace(tzinfo=NEW_YORK).astimezone(UTC)
    found = wished_time(received_at, best_time)
    assert found == datetime.fromisoformat(promised).replace(tzinfo=NEW_YORK)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("zone", "promised"),
    [
        ("America/New_York", "2026-03-04 13:00"),
        ("Pacific/Honolulu", "2026-03-03 18:00"),
        ("America/Phoenix", "2026-03-03 17:00"),
        ("Europe/Berlin", "2026-03-04 07:00"),
    ],
)
def test_morning_is_where_the_lead_is(zone: str, promised: str) -> None:
    assert wished_time(NOW, "morning", zone) == datetime.fromisoformat(promised).replace(tzinfo=UTC)


@given(
    wait=st.integers(0, 370 * 24 * 60),
    part=st.sampled_from(sorted(PARTS_OF_DAY)),
    zone=st.sampled_from(
        ["America/New_York", "America/Anchorage", "America/Phoenix", "Europe/Berlin"]
    ),
)
def test_the_promise_is_for_that_time_of_day_and_within_a_day(
    wait: int, part: str, zone: str
) -> None:
    received_at = NOW + wait * MINUTE
    promised = wished_time(received_at, part, zone)
    opens, closes = PARTS_OF_DAY[part]
    assert opens <= promised.astimezone(ZoneInfo(zone)).time() < closes
    assert timedelta() <= promised - received_at < DAY


EASTERN = PossibleLocation(("America/New_York",), "NY")
EL_PASO = PossibleLocation(("America/Chicago", "America/Denver"), "TX")
FAR_APART = PossibleLocation(("America/New_York", "Pacific/Honolulu"))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    ("place", "best_time", "after", "expected"),
    [
        (EASTERN, "evening", "2026-03-03 10:00", "2026-03-03 17:00"),
        (EASTERN, "evening", "2026-03-03 21:30", "2026-03-04 17:00"),
        (EASTERN, "no evenings", "2026-03-03 18:00", "2026-03-04 08:00"),
        (EASTERN, "weekends", "2026-03-03 10:00", "2026-03-07 08:00"),
        (EASTERN, "at 6am", "2026-03-03 10:00", "2026-03-03 10:00"),  # never within the hours
        (EASTERN, "gibberish", "2026-03-03 22:00", "2026-03-04 08:00"),
        (EL_PASO, "evening", "2026-03-03 10:00", "2026-03-03 19:00"),  # 17:00 in El Paso
        (FAR_APART, "evening", "2026-03-03 10:00", "2026-03-03 17:00"),  # no time fits both
    ],
)
def test_a_try_comes_within_the_hours_and_the_wish(
    place: PossibleLocation, best_time: str, after: str, expected: str
) -> None:
    at = local(after)
    found = next_wished_time(at, hours=OpenHours.by_law(place), best_time=best_time, said_at=at)
    if place is not FAR_APART:
        assert found == local(expected)
    assert calling_hours.next_callable_time(place, found) == found


def test_six_tries_are_not_all_at_the_same_time_of_day() -> None:
    tried, at = [], local("2026-03-03 10:00")
    for misses in range(1, 7):
        tried.append(at)
        wait_over_at = next_retry_time(misses, missed_at=at) or at
        at = next_varied_time(wait_over_at, hours=OpenHours.by_law(EASTERN), tried_at=tried)
    parts = {
        part
        for part, (opens, closes) in PARTS_OF_DAY.items()
        if any(opens <= one.astimezone(NEW_YORK).time() < closes for one in tried)
    }
    assert parts == set(PARTS_OF_DAY)
    assert tried[-1] - tried[0] < 10 * DAY


@pytest.mark.parametrize(
    ("best_time", "apart"),
    [("after 5pm", HOUR), ("mornings", HOUR), ("between 12 and 1", 10 * MINUTE), ("Mondays", HOUR)],
)
def test_tries_within_a_wish_are_not_all_at_the_minute_at_which_it_begins(
    best_time: str, apart: timedelta
) -> None:
    hours, said_at = OpenHours.by_law(EASTERN), local("2026-03-02 09:30")
    wished = {"hours": hours, "best_time": best_time, "said_at": said_at}
    tried = [next_wished_time(said_at, **wished)]
    for misses in range(1, 6):
        wait_over_at = next_retry_time(misses, missed_at=tried[-1])
        assert wait_over_at
        is_varied = misses >= FIRST_VARIED_RETRY
        tried.append(next_try_time(wait_over_at, **wished, tried_at=tried if is_varied else []))
        assert next_wished_time(tried[-1], **wished) == tried[-1] >= wait_over_at
    clocks = sorted(
        timedelta(hours=at.hour, minutes=at.minute)
        for at in (one.astimezone(NEW_YORK) for one in tried)
    )
    assert len(set(clocks)) >= len(tried) - 1
    assert clocks[-1] - clocks[0] >= 3 * apart


@pytest.mark.parametrize("best_time", ["mornings", "tuesdays after 5pm", "saturday at 3am"])
@pytest.mark.parametrize("other_zone", ["America/New_York", "Pacific/Honolulu", "Pacific/Guam"])
def test_a_wish_that_the_hours_may_never_meet_takes_no_time(
    best_time: str, other_zone: str
) -> None:
    place = PossibleLocation(("America/New_York", "America/Los_Angeles", other_zone))

    def find_time() -> datetime:
        return next_try_time(
            NOW,
            hours=OpenHours.by_law(place),
            best_time=best_time,
            said_at=NOW,
            tried_at=[NOW - DAY, NOW - 2 * DAY],
        )

    assert least_processor_seconds(find_time) < READ_AT_ONCE
