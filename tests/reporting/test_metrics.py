"""The figures: the design's check value, curves against another method, everybody counted once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from leads.callbacks import completion, opt_out
from leads.i18n.messages import Message, MessageKey
from leads.models.calls import Callback
from leads.models.dispositions import Disposition
from leads.models.enums import CallbackState
from leads.read_models import system_status
from leads.reporting import callable_time, cohort, metrics, survival_analysis, waiting_now
from leads.reporting.calendar_days import day_bounds
from leads.reporting.cohort import Cohort, CohortRow, read_cohort
from leads.reporting.survival_analysis import Percentiles, Wait, WaitEnd
from tests.conftest import NOW
from tests.support.lifelines_oracle import FAR, about, by_aalen_johansen, by_lifelines
from tests.support.people import (
    DAY,
    HOUR,
    MINUTE,
    a_callback,
    a_conversation,
    a_lead,
    advisor_of,
    callback_of,
    lead_of,
)

RUNG = (1, 1, 2, 2, 3, 3, 4, 4, 6, 9, 14, 40)
STILL_OPEN = (3, 8, 20, 65, 130, 240)
OPTED_OUT = (5, 12)
LATE = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)  # ten in the evening in New York
EIGHT = datetime(2026, 3, 3, 13, 0, tzinfo=UTC)
UNFINISHED = [end for end in WaitEnd if end != WaitEnd.HAPPENED]


def test_the_check_value_of_the_design(session: Session) -> None:
    for wait in RUNG:
        _callback(
            session, NOW - 5 * HOUR, state="completed", first_rung_at=NOW - 5 * HOUR + wait * MINUTE
        )
    for age in STILL_OPEN:
        _callback(session, NOW - age * MINUTE)
    for wait in OPTED_OUT:
        stopped = {"state": "cancelled", "close_reason": "opt_out", "withdrawn": True}
        _callback(session, NOW - 5 * HOUR, finished_at=NOW - 5 * HOUR + wait * MINUTE, **stopped)
    rows = _rows(session)
    assert len(rows) == 20
    assert metrics.naive_first_attempt(rows) == 3 * MINUTE
    assert metrics.naive_service_level(rows, target=5 * MINUTE) == pytest.approx(0.67, abs=0.005)
    true = metrics.time_to_first_attempt(rows, now=NOW)
    assert (true.p50, true.p90) == (9 * MINUTE, None)
    for level in (
        metrics.service_level(rows, target=5 * MINUTE, now=NOW),
        metrics.service_level_callable(rows, target=5 * MINUTE),
    ):
        assert [
            len(part) for part in (level.hits, level.misses, level.pending, level.excluded)
        ] == [8, 10, 1, 1]
        assert level.share == 8 / 18
    assert [len(found) for found in metrics.first_attempt_bands(rows).values()] == [
        2,
        6,
        3,
        1,
        0,
        8,
    ]
    assert waiting_now.longest_waiting_since(session) == NOW - 240 * MINUTE


def test_without_anybody_waiting_the_true_figures_are_the_naive_ones() -> None:
    found = survival_analysis.kaplan_meier_percentiles(
        survival_analysis.waits_from_list([Wait(wait * MINUTE, WaitEnd.HAPPENED) for wait in RUNG])
    )
    assert found == Percentiles(3 * MINUTE, 14 * MINUTE, 40 * MINUTE)


waits = st.lists(
    st.builds(Wait, st.integers(0, 12).map(lambda count: count * MINUTE), st.sampled_from(WaitEnd)),
    max_size=25,
)


@given(waits=waits)
def test_the_curve_is_what_handing_on_the_weight_of_the_unknown_gives(waits: list[Wait]) -> None:
    lost, falls = Fraction(0), []
    for at, weight in _weights(waits, unknown={WaitEnd.STILL_WAITING, WaitEnd.WITHDRAWN}):
        lost += weight
        falls.append((at, float(1 - lost)))
    curve = survival_analysis.kaplan_meier_curve(survival_analysis.waits_from_list(waits))
    assert [at for at, _ in curve] == [at for at, _ in falls]
    assert [share for _, share in curve] == pytest.approx([share for _, share in falls])


@settings(deadline=None, max_examples=15)
@given(waits=waits.filter(bool))
def test_the_percentiles_are_those_of_lifelines(waits: list[Wait]) -> None:
    found = survival_analysis.kaplan_meier_percentiles(survival_analysis.waits_from_list(waits))
    told = [
        (FAR if wait.end == WaitEnd.NEVER else wait.length / MINUTE, wait.end == WaitEnd.HAPPENED)
        for wait in waits
    ]
    reached = [None if at is None else at / MINUTE for at in (found.p50, found.p90, found.p95)]
    assert reached == about(by_lifelines(told))


@given(waits=waits)
def test_the_probability_is_the_weight_that_happened_with_those_who_stopped_us_counted(
    waits: list[Wait],
) -> None:
    happened = float(sum(weight for _, weight in _weights(waits, unknown={WaitEnd.STILL_WAITING})))
    assert survival_analysis.aalen_johansen_probability(
        survival_analysis.waits_from_list(waits)
    ) == (pytest.approx(happened) if waits else None)


@settings(deadline=None, max_examples=15)
@given(
    lengths=st.lists(
        st.tuples(st.integers(1, 10**6), st.sampled_from(WaitEnd)),
        min_size=1,
        unique_by=lambda w: w[0],
    )
)
def test_the_probability_is_that_of_lifelines(lengths: list[tuple[int, WaitEnd]]) -> None:
    codes = {WaitEnd.HAPPENED: 1, WaitEnd.WITHDRAWN: 2}
    told = [
        (FAR if end == WaitEnd.NEVER else float(length), codes.get(end, 0))
        for length, end in lengths
    ]
    found = survival_analysis.aalen_johansen_probability(
        survival_analysis.waits_from_list([Wait(length * MINUTE, end) for length, end in lengths])
    )
    assert found == pytest.approx(by_aalen_johansen(told), abs=1e-6)


@given(waits=waits)
def test_the_curve_falls_and_the_percentiles_rise(waits: list[Wait]) -> None:
    curve = survival_analysis.kaplan_meier_curve(survival_analysis.waits_from_list(waits))
    assert all(early < late and high > low for (early, high), (late, low) in pairwise(curve))
    assert all(-1e-9 < share < 1 for _, share in curve)
    found = survival_analysis.kaplan_meier_percentiles(survival_analysis.waits_from_list(waits))
    reached = [timedelta.max if at is None else at for at in (found.p50, found.p90, found.p95)]
    assert reached == sorted(reached)


def test_a_curve_of_very_many_is_drawn_from_some_of_its_points_and_ends_where_it_ends() -> None:
    everybody = survival_analysis.waits_from_list(
        [Wait(minute * MINUTE, WaitEnd.HAPPENED) for minute in range(1, 1001)]
    )
    whole, drawn = (
        survival_analysis.kaplan_meier_curve(everybody),
        survival_analysis.kaplan_meier_curve(everybody, most=300),
    )
    assert len(drawn) in range(200, 302)
    assert set(drawn) < set(whole)
    assert (drawn[0], drawn[-1]) == (whole[0], whole[-1])


@given(waits=st.lists(st.builds(Wait, st.just(MINUTE), st.sampled_from(UNFINISHED))))
def test_where_nothing_has_happened_yet_no_percentile_is_reached(waits: list[Wait]) -> None:
    assert survival_analysis.kaplan_meier_percentiles(
        survival_analysis.waits_from_list(waits)
    ) == Percentiles(None, None, None)
    assert survival_analysis.kaplan_meier_curve(survival_analysis.waits_from_list(waits)) == []


@given(waits=waits)
def test_whom_we_gave_up_on_counts_as_waiting_for_ever(waits: list[Wait]) -> None:
    for_ever = [
        Wait(DAY, WaitEnd.STILL_WAITING) if wait.end == WaitEnd.NEVER else wait for wait in waits
    ]
    assert survival_analysis.kaplan_meier_curve(
        survival_analysis.waits_from_list(waits)
    ) == survival_analysis.kaplan_meier_curve(survival_analysis.waits_from_list(for_ever))
    assert survival_analysis.aalen_johansen_probability(
        survival_analysis.waits_from_list(waits)
    ) == pytest.approx(
        survival_analysis.aalen_johansen_probability(survival_analysis.waits_from_list(for_ever))
    )


@given(found=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 30), st.sampled_from(WaitEnd))))
def test_the_service_level_counts_everybody_exactly_once(
    found: list[tuple[int, int, WaitEnd]],
) -> None:
    rows = cohort.cohort_from_rows(
        [_row(number, wait, later, end) for number, (wait, later, end) in enumerate(found)]
    )
    for level in (
        metrics.service_level(rows, target=5 * MINUTE, now=NOW),
        metrics.service_level_callable(rows, target=5 * MINUTE),
    ):
        counted = [*level.hits, *level.misses, *level.pending, *level.excluded]
        assert sorted(row.callback_id for row in counted) == list(range(len(rows)))
        assert all(row.first_rung_at for row in level.hits)
        assert all(row.is_open and not row.first_rung_at for row in level.pending)
        assert not any(row.is_open or row.first_rung_at for row in level.excluded)
        assert (level.share is None) == (not level.hits and not level.misses)
    assert sorted(
        row.callback_id for part in metrics.first_attempt_bands(rows).values() for row in part
    ) == list(range(len(rows)))


@pytest.mark.parametrize(
    ("minutes", "band"),
    [
        (0, "0-1 min"),
        (1, "0-1 min"),
        (1.1, "1-5 min"),
        (5, "1-5 min"),
        (15, "5-15 min"),
        (60, "15-60 min"),
        (60.1, "60+ min"),
        (None, "not rung"),
    ],
)
def test_a_band_includes_its_upper_edge(minutes: float | None, band: str) -> None:
    rung = _row(
        1,
        0,
        0,
        WaitEnd.STILL_WAITING,
        first_rung_at=None if minutes is None else NOW + minutes * MINUTE,
    )
    assert [
        name
        for name, rows in metrics.first_attempt_bands(cohort.cohort_from_rows([rung])).items()
        if len(rows)
    ] == [band]


def test_nobody_at_all_has_no_figures() -> None:
    nobody = cohort.cohort_from_rows([])
    assert (
        metrics.naive_first_attempt(nobody)
        is metrics.naive_service_level(nobody, target=MINUTE)
        is None
    )
    assert metrics.contact_rate(nobody) is metrics.contact_probability(nobody, now=NOW) is None
    assert metrics.service_level(nobody, target=MINUTE, now=NOW).share is None
    assert metrics.time_to_first_contact(nobody, now=NOW) == Percentiles(None, None, None)


@pytest.mark.parametrize(
    ("promised", "rung", "wish", "counted"),
    [
        (EIGHT, EIGHT + 3 * MINUTE, {}, 3 * MINUTE),
        (LATE, EIGHT + 3 * MINUTE, {}, 3 * MINUTE),
        (EIGHT + 12 * HOUR + 50 * MINUTE, EIGHT + DAY + 2 * MINUTE, {}, 12 * MINUTE),
        (EIGHT, EIGHT - HOUR, {}, timedelta()),
        (EIGHT, EIGHT - HOUR, {"any_hour": True}, timedelta()),
        (EIGHT, EIGHT + 3 * MINUTE, {"region": "Florida"}, timedelta()),
        (LATE, LATE + 3 * MINUTE, {"any_hour": True}, 3 * MINUTE),
    ],
)
def test_callable_time_runs_from_the_promise_and_rests_at_night(
    session: Session, promised: datetime, rung: datetime, wish: dict[str, Any], counted: timedelta
) -> None:
    place = {name: value for name, value in wish.items() if name != "any_hour"}
    when = {"received_at": LATE, "promised_at": promised, "first_rung_at": rung}
    a_callback(session, a_lead(session, **place), any_hour="any_hour" in wish, **when)
    rows = _callable(session, start=LATE, end=LATE + MINUTE, now=rung + 9 * DAY)
    assert [row.callable_wait for row in rows] == [counted]
    assert metrics.time_to_first_attempt_callable(rows, now=NOW).p50 == counted
    assert metrics.time_to_first_attempt(rows, now=NOW).p50 == rung - LATE


def test_a_night_is_a_miss_on_the_wall_and_a_hit_in_callable_time(session: Session) -> None:
    a_callback(session, received_at=LATE, promised_at=EIGHT, first_rung_at=EIGHT + 3 * MINUTE)
    rows = _callable(session, start=LATE, end=EIGHT, now=NOW)
    assert metrics.service_level(rows, target=5 * MINUTE, now=NOW).share == 0
    assert metrics.service_level_callable(rows, target=5 * MINUTE).share == 1


@pytest.mark.parametrize(
    ("on", "zone", "hours"),
    [
        (date(2026, 3, 3), "America/New_York", 24),
        (date(2026, 3, 8), "America/New_York", 23),
        (date(2026, 11, 1), "America/New_York", 25),
        (date(2026, 3, 8), "America/Phoenix", 24),
        (date(2026, 3, 29), "Europe/Berlin", 23),
        (date(2026, 10, 25), "Europe/Berlin", 25),
    ],
)
def test_a_day_is_as_long_as_the_clocks_make_it(on: date, zone: str, hours: int) -> None:
    start, end = day_bounds(on, zone)
    assert end - start == hours * HOUR
    local = [at.astimezone(ZoneInfo(zone)) for at in (start, end)]
    assert [(at.hour, at.date()) for at in local] == [(0, on), (0, on + DAY)]


def test_a_day_holds_what_was_received_in_it_and_days_do_not_overlap(session: Session) -> None:
    start, end = day_bounds(date(2026, 3, 8), "America/New_York")
    received = [instant.astimezone(UTC) for instant in (start - MINUTE, start, end - MINUTE, end)]
    made = [_callback(session, at) for at in received]
    found = read_cohort(session, start=start, end=end, now=end)
    assert [row.callback_id for row in found] == [made[1].id, made[2].id]


def test_whoever_was_talked_to_counts_and_every_end_has_its_name(session: Session) -> None:
    callback = callback_of(session, a_conversation(session))
    completion.dispose_callback(
        session, callback, advisor_of(session, callback), Disposition.HELPED, notes="", now=NOW
    )
    _callback(session, NOW, state="exhausted", finished_at=NOW)
    _callback(session, NOW, state="cancelled", finished_at=NOW, close_reason="cancelled")
    stopped = _callback(session, NOW)
    opt_out.stop_contact(
        session,
        lead_of(session, stopped).phone,
        reason=Message(MessageKey.SAID_SO),
        actor="advisor:1",
        now=NOW,
    )
    _callback(session, NOW)
    rows = read_cohort(session, start=NOW, end=NOW + MINUTE, now=NOW)
    assert metrics.outcome_counts(rows) == {
        "helped": 1,
        "exhausted": 1,
        "cancelled": 1,
        "opt-out": 1,
    }
    assert metrics.contact_rate(rows) == metrics.contact_probability(rows, now=NOW) == 1 / 5
    assert system_status.count_records_by_state(session)["callback"] == {
        "completed": 1,
        "exhausted": 1,
        "cancelled": 2,
        "waiting": 1,
    }


def test_what_happens_later_has_not_happened_yet(session: Session) -> None:
    later = {
        "first_rung_at": NOW + MINUTE,
        "first_conversation_at": NOW + 2 * MINUTE,
        "finished_at": NOW + HOUR,
    }
    _callback(session, NOW, state="cancelled", withdrawn=True, **later)
    _callback(session, NOW + MINUTE)
    (before,) = read_cohort(session, start=NOW, end=NOW + DAY, now=NOW)
    assert before.is_open is True
    assert before.withdrawn is False
    assert before.outcome == ""
    assert before.first_rung_at is before.first_conversation_at is before.finished_at is None
    after, _ = read_cohort(session, start=NOW, end=NOW + DAY, now=NOW + HOUR)
    assert after.is_open is False
    assert after.withdrawn is True
    assert after.outcome == "opt-out"
    assert (after.first_rung_at, after.finished_at) == (NOW + MINUTE, NOW + HOUR)


def test_an_open_lead_without_an_open_callback_is_in_limbo(session: Session) -> None:
    a_callback(session)
    a_lead(session, state="closed")
    assert len(waiting_now.list_limbo_leads(session)) == 0
    forgotten = a_lead(session)
    a_callback(session, forgotten, state="completed")
    assert len(waiting_now.list_limbo_leads(session)) == 1


def _callback(session: Session, received_at: datetime, **changes: Any) -> Callback:
    return a_callback(
        session,
        any_hour=True,
        received_at=received_at,
        promised_at=received_at,
        due_at=received_at,
        **changes,
    )


def _rows(session: Session) -> Cohort:
    return _callable(session, start=NOW - DAY, end=NOW, now=NOW)


def _callable(session: Session, *, start: datetime, end: datetime, now: datetime) -> Cohort:
    return callable_time.add_callable_wait(
        session, read_cohort(session, start=start, end=end, now=now), now=now
    )


def _row(number: int, wait: int, later: int, end: WaitEnd, **changes: Any) -> CohortRow:
    """Somebody who has waited so many minutes, and what it came to."""
    received_at, waited = NOW - (wait + later) * MINUTE, wait * MINUTE
    values: dict[str, Any] = dict.fromkeys(
        ("first_rung_at", "first_conversation_at", "finished_at")
    )
    if end != WaitEnd.STILL_WAITING:
        values["first_rung_at" if end == WaitEnd.HAPPENED else "finished_at"] = received_at + waited
    state = {
        WaitEnd.HAPPENED: "completed",
        WaitEnd.STILL_WAITING: "waiting",
        WaitEnd.NEVER: "exhausted",
    }.get(end, "cancelled")
    values |= {"withdrawn": end == WaitEnd.WITHDRAWN, "callable_wait": waited, **changes}
    words = {"outcome": "", "state": CallbackState(state)}
    return CohortRow(callback_id=number, received_at=received_at, source_id=1, **words, **values)


def _weights(waits: Sequence[Wait], *, unknown: set[WaitEnd]) -> list[tuple[timedelta, Fraction]]:
    """Return the weights by Efron's method: everybody weighs the same at first.

    Whose end is unknown hands their weight to those who wait longer.
    """
    ended = sorted(
        (wait for wait in waits if wait.end != WaitEnd.NEVER),
        key=lambda wait: (wait.length, wait.end in unknown),
    )
    weight, falls = Fraction(1, len(waits) or 1), dict[timedelta, Fraction]()
    for longer, wait in zip(range(len(waits) - 1, -1, -1), ended, strict=False):
        if wait.end in unknown:
            weight += weight / longer if longer else 0
        elif wait.end == WaitEnd.HAPPENED:
            falls[wait.length] = falls.get(wait.length, Fraction(0)) + weight
    return list(falls.items())
