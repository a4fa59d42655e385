"""The laws of each state: the first and last minute of every kind of day, and what they rest on.

The table here is written down once more, from the states' summaries, and not read from ours.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from leads.contact_rules import calling_hours, legal_holidays
from leads.contact_rules.calling_hours import closed_rules, load_calling_hours_rules
from leads.contact_rules.citations import rule_citation
from leads.contact_rules.contact_history import MOST_CALLS
from leads.contact_rules.possible_location import PossibleLocation, possible_location
from leads.contact_rules.zip_zones import HERE, area_zones

TUESDAY, SATURDAY, SUNDAY, CHRISTMAS = (
    date(2026, 11, 17),
    date(2026, 11, 21),
    date(2026, 11, 22),
    date(2026, 12, 25),
)
ALL, CLOSED = (8, 21), None
HOURS = {  # Tuesday, Saturday, Sunday, Christmas (a Friday)
    "AL": ((8, 20), (8, 20), CLOSED, CLOSED),
    "CT": ((9, 20), (9, 20), (9, 20), (9, 20)),
    "FL": ((8, 20), (8, 20), (8, 20), (8, 20)),
    "IL": (ALL, ALL, ALL, ALL),
    "KY": ((10, 21), (10, 21), (10, 21), (10, 21)),
    "LA": ((8, 20), (8, 20), CLOSED, CLOSED),
    "MD": ((8, 20), (8, 20), (8, 20), (8, 20)),
    "MA": ((8, 20), (8, 20), (8, 20), (8, 20)),
    "MI": ((9, 21), (9, 21), (9, 21), (9, 21)),
    "MN": ((9, 21), (9, 21), (9, 21), (9, 21)),
    "MS": ((8, 20), (8, 20), CLOSED, CLOSED),
    "NV": ((9, 20), (9, 20), (9, 20), (9, 20)),
    "NM": ((9, 21), (9, 21), (9, 21), (9, 21)),
    "OK": ((8, 20), (8, 20), (8, 20), (8, 20)),
    "OR": ((8, 20), (8, 20), (8, 20), (8, 20)),
    "PA": (ALL, ALL, ALL, CLOSED),
    "RI": ((9, 18), (10, 17), CLOSED, CLOSED),
    "TX": ((9, 21), (9, 21), (12, 21), (9, 21)),
    "UT": (ALL, ALL, ALL, CLOSED),
    "VA": (ALL, ALL, ALL, ALL),
    "WA": ((8, 20), (8, 20), (8, 20), (8, 20)),
    "WY": ((8, 20), (8, 20), (8, 20), (8, 20)),
}
STATES = sorted(code for code in area_zones() if code.startswith("US-") and code != "US-UM")
CAPPED = {"us-fl-hours", "us-md-hours", "us-ok-hours", "us-or-hours"}


@pytest.mark.parametrize("code", [*STATES, "CA-ON", "DE", "BB"])
@pytest.mark.parametrize("kind", range(4))
def test_every_jurisdiction_opens_and_closes_to_the_minute(code: str, kind: int) -> None:
    window = HOURS.get(code[3:], (ALL,) * 4)[kind]
    day = (TUESDAY, SATURDAY, SUNDAY, CHRISTMAS)[kind]
    for zone in area_zones()[code]:
        place = PossibleLocation((zone,), (code,))
        opened = [minute for minute in range(24 * 60) if _is_open(place, zone, day, minute)]
        assert opened == (list(range(window[0] * 60, window[1] * 60)) if window else []), zone


def test_nobody_is_called_while_a_stated_state_or_the_number_s_is_closed() -> None:
    place = possible_location("+14015550142", region="Texas")  # Rhode Island
    rules = calling_hours.rules_of_place(place)
    assert {rule.id for rule in rules} == {"us-federal-hours", "us-ri-hours", "us-tx-hours"}
    at = _local("America/New_York", SUNDAY, 15 * 60)
    assert [rule.id for rule in closed_rules(rules, place, at)] == ["us-ri-hours"]
    opens = calling_hours.next_callable_time(place, at)
    assert opens == _local("America/Denver", SUNDAY + timedelta(days=1), 9 * 60)


def test_a_rule_counts_from_its_first_day_until_its_last() -> None:
    oregon = next(rule for rule in load_calling_hours_rules() if rule.id == "us-or-hours")
    place = PossibleLocation(("America/Los_Angeles",), ("US-OR",))
    for day, closed in ((date(2025, 12, 31), []), (date(2026, 1, 1), ["us-or-hours"])):
        at = _local(place.zone, day, 20 * 60 + 30)
        rules = calling_hours.rules_of_place(place)
        assert [rule.id for rule in closed_rules(rules, place, at)] == closed
    over = replace(oregon, effective_until=date(2026, 11, 17))
    assert over.window_of(date(2026, 11, 16)) == (time(8), time(20))
    assert over.window_of(TUESDAY) == calling_hours.ALL_DAY


def test_places_that_are_never_open_together_wait_for_a_person() -> None:
    place = possible_location("+14015550142", region="Guam")
    assert calling_hours.next_callable_time(place, datetime(2026, 11, 17, tzinfo=UTC)) is None


def test_a_rule_about_calls_alone_says_nothing_about_texts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = replace(load_calling_hours_rules()[0], id="calls", applies_to=("call",))
    monkeypatch.setattr(calling_hours, "load_calling_hours_rules", lambda: (calls,))
    asked = calling_hours.calling_hours_rules.__wrapped__
    assert asked(frozenset({"US"}), "call") == (calls,)
    assert asked(frozenset({"US"}), "text") == ()


def test_every_rule_is_cited_and_dated_and_names_a_place_that_exists() -> None:
    rows = tomllib.loads((HERE / "calling_hours.toml").read_text("utf-8"))["rule"]
    assert len({row["id"] for row in rows}) == len(rows) == len(HOURS) + len({"US", "abroad"})
    for row in rows:
        assert row["where"] in {*area_zones(), "abroad"}
        assert row["confidence"] in {"high", "medium", "low"}
        assert row["citation"]
        assert rule_citation(row["id"]) == row["citation"]
        assert row["effective_from"] <= date(2026, 1, 1)
    capped = {row["id"]: row["most_per_day"] for row in rows if "most_per_day" in row}
    assert set(capped) == CAPPED
    assert min(capped.values()) >= MOST_CALLS  # the gate counts to three, and no further down


@pytest.mark.parametrize(
    ("names", "day"),
    [
        (("federal",), date(2026, 1, 19)),
        (("federal",), date(2026, 2, 16)),
        (("federal",), date(2026, 5, 25)),
        (("federal",), date(2026, 6, 19)),
        (("federal",), date(2026, 7, 3)),  # the fourth is a Saturday
        (("federal",), date(2026, 7, 4)),
        (("federal",), date(2026, 9, 7)),
        (("federal",), date(2026, 10, 12)),
        (("federal",), date(2026, 11, 11)),
        (("federal",), date(2026, 11, 26)),
        (("federal",), date(2027, 7, 5)),  # the fourth is a Sunday
        (("federal",), date(2027, 12, 31)),  # the next New Year's Day is a Saturday
        (("mardi-gras",), date(2026, 2, 17)),
        (("mardi-gras",), date(2027, 2, 9)),
        (("good-friday",), date(2026, 4, 3)),
        (("election-day",), date(2026, 11, 3)),
        (("confederate-memorial-day-al",), date(2026, 4, 27)),
        (("confederate-memorial-day-ms",), date(2026, 4, 27)),
        (("jefferson-davis-day-al",), date(2026, 6, 1)),
        (("victory-day-ri",), date(2026, 8, 10)),
        (("pioneer-day-ut",), date(2026, 7, 24)),
    ],
)
def test_holidays_fall_on_their_days_and_are_kept_beside_a_weekend(
    names: tuple[str, ...], day: date
) -> None:
    assert day in legal_holidays.holidays_in_year(names, day.year)


def test_an_ordinary_day_is_no_holiday() -> None:
    everything = ("federal", "mardi-gras", "good-friday", "election-day")
    days = sorted(legal_holidays.holidays_in_year(everything, 2025))
    assert len(days) == len({"federal"}) * 11 + 2  # the election is in even years
    assert all(first < later for first, later in pairwise(days))


def _is_open(place: PossibleLocation, zone: str, day: date, minute: int) -> bool:
    at = _local(zone, day, minute)
    return not calling_hours.closed_rules(calling_hours.rules_of_place(place), place, at)


def _local(zone: str, day: date, minute: int) -> datetime:
    clock = time(minute // 60, minute % 60)
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)
