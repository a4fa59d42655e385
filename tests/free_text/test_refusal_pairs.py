"""Two refusals of time in one wish: each counts for itself, whatever stands between them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from leads.free_text.call_times import may_refuse_time, read_call_time

MONDAY = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
WEEK = [MONDAY + timedelta(hours=hour) for hour in range(7 * 24)]  # half past each hour
MORNING, EVENING, ALL_DAY = range(12), range(17, 24), range(24)
EVERY_DAY = range(7)
Refused = tuple[Iterable[int], Iterable[int]]  # days from Monday on, hours

ENGLISH: dict[str, Refused] = {
    "no mornings": (EVERY_DAY, MORNING),
    "not in the evening": (EVERY_DAY, EVENING),
    "don't call evenings": (EVERY_DAY, EVENING),
    "mornings are bad": (EVERY_DAY, MORNING),
    "no weekends": ([5, 6], ALL_DAY),
    "weekends no": ([5, 6], ALL_DAY),
    "never on sundays": ([6], ALL_DAY),
    "no monday no tuesday": ([0, 1], ALL_DAY),
}
ENGLISH_BOUNDS: dict[str, Refused] = {
    "no before 10": (EVERY_DAY, range(10)),
    "not before 2pm": (EVERY_DAY, range(14)),
    "no sooner than 10am": (EVERY_DAY, range(10)),
    "not until after 2pm": (EVERY_DAY, range(14)),
    "never before 10am": (EVERY_DAY, range(10)),
    "not after 7pm": (EVERY_DAY, range(19, 24)),
    "no later than 6pm": (EVERY_DAY, range(18, 24)),
    "6pm at the latest": (EVERY_DAY, range(18, 24)),
    "not outside 10 to 6": (EVERY_DAY, [*range(10), *range(18, 24)]),
}
SPANISH: dict[str, Refused] = {
    "no por la mañana": (EVERY_DAY, MORNING),
    "de noche no": (EVERY_DAY, EVENING),
    "no fines de semana": ([5, 6], ALL_DAY),
    "nunca los domingos": ([6], ALL_DAY),
    "no lunes no martes": ([0, 1], ALL_DAY),
}
SPANISH_BOUNDS: dict[str, Refused] = {
    "no antes de las 10": (EVERY_DAY, range(10)),
    "no hasta después de las 2": (EVERY_DAY, range(14)),
    "nunca antes de las 10": (EVERY_DAY, range(10)),
    "no después de las 6": (EVERY_DAY, range(18, 24)),
    "no más tarde de las 7": (EVERY_DAY, range(19, 24)),
}
PAIRS = [
    *itertools.product(
        ENGLISH.items(), ENGLISH_BOUNDS.items(), [" ", ", ", ". ", " and ", " but "]
    ),
    *itertools.product(SPANISH.items(), SPANISH_BOUNDS.items(), [" ", ", ", "; ", " y ", " pero "]),
]


@pytest.mark.parametrize("is_bound_first", [False, True])
def test_no_pair_of_refusals_allows_what_one_of_them_refuses(*, is_bound_first: bool) -> None:
    wrong, unclear = [], []
    for (words, refused), (bound, beyond), joint in PAIRS:
        text = joint.join((bound, words) if is_bound_first else (words, bound))
        wish = read_call_time(text)
        if wish is None:
            assert may_refuse_time(text), text
            unclear.append(text)
        elif not all(wish.is_met(at, ["UTC"]) != _is_refused(at, refused, beyond) for at in WEEK):
            wrong.append(text)
    assert wrong == []
    assert len(unclear) <= len(PAIRS) / (4 if is_bound_first else 20), unclear


def _is_refused(at: datetime, *refusals: Refused) -> bool:
    return any(at.weekday() in days and at.hour in hours for days, hours in refusals)


@pytest.mark.parametrize(
    "text",
    [
        "no mornings not before 2pm not after 6pm",
        "no mornings, not before 2pm and not after 6pm",
        "not before 2pm no later than 6pm no mornings",
        "not after 6pm and not before 2pm",
        "mornings or afternoons, not before 2pm, not after 6pm",
        "no mornings after 2 not after 6",
    ],
)
def test_bounds_on_both_sides_are_kept(text: str) -> None:
    wish = read_call_time(text)
    assert wish is not None
    allowed = {at.hour for at in WEEK if wish.is_met(at, ["UTC"])}
    assert allowed <= {14, 15, 16, 17}
    assert allowed >= {14, 15, 16}


@pytest.mark.parametrize(
    "text",
    [
        "don't call not before 2",
        "not before 10 or after 7",
        "not after 7pm sundays no",
        "any time but not outside 9 to 5",
    ],
)
def test_a_bound_that_may_be_refused_itself_is_for_a_person(text: str) -> None:
    assert read_call_time(text) is None
    assert may_refuse_time(text)
