"""Days in one piece say what their callbacks say, whoever changed what and how.

Compared after every change.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import delete, text
from sqlmodel import Session, col, select

from leads.__main__ import main
from leads.config.settings import Settings
from leads.database.transactions import reader, transaction
from leads.helplines import brands_and_sources
from leads.intake.csv_import import from_file
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.dispositions import Disposition
from leads.models.enums import CallbackState
from leads.models.helplines import Source
from leads.models.watching import DaySnapshot
from leads.reporting import cohort, day_snapshots
from leads.reporting.cohort import CohortRow
from leads.reporting.filters import ReportFilter
from notifications.call_relay import CallRelay
from notifications.manual_phone import LogPhone
from notifications.worker import Worker
from tests.conftest import NOW
from tests.support.history_files import a_csv, a_row
from tests.support.people import DAY, HOUR, MINUTE, a_callback, a_lead, an_advisor, an_attempt
from tests.support.running_desk import eventually

DAYS, STEPS, SOME = 5, 16, 0.5
SAID = (None, *Disposition)
ENDS = [state for state in CallbackState if state not in ("claimed", "calling", "wrap_up")]


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 20))]
)
def test_packed_days_say_what_their_callbacks_say_after_every_change(
    session: Session, seed: int
) -> None:
    chance = random.Random(seed)
    for name in ("Harbor Line", "Quiet Line"):
        brands_and_sources.add_brand(session, name, now=NOW)
        brands_and_sources.add_source(session, f"Site of {name}", brand_name=name, now=NOW)
    session.flush()
    for _ in range(25):
        _somebody(session, chance)
    read_packed = 0
    for _ in range(STEPS):
        _pack_all(session)
        changed, only = _change(session, chance), chance.choice(_whom(session))
        after = chance.randrange(48) * HOUR
        was = _figures_of(session, only, after)
        read_packed += DAYS - len(cohort.days_to_snapshot(session, now=NOW))
        day_snapshots.delete_day_snapshots(session)
        assert was == _figures_of(session, only, after), changed
    assert read_packed > STEPS * (DAYS - 3)


@pytest.mark.parametrize(
    "database", ["postgresql"], indirect=True
)  # on SQLite whoever writes is alone
# where it is
def test_a_day_that_somebody_is_changing_is_not_packed(database: str) -> None:
    with transaction() as session:
        callback = a_callback(session, received_at=NOW - 3 * DAY)
    day = _unpacked_days(NOW)[0]
    with transaction() as writer:
        writer.execute(text("UPDATE callback SET first_rung_at = received_at"))
        with transaction() as session:
            assert not cohort.snapshot_cohort_day(session, day)
    with transaction() as session:
        assert cohort.snapshot_cohort_day(session, day)
        (row,) = cohort.read_cohort(session, start=NOW - 3 * DAY, end=NOW, now=NOW)
    assert row.first_rung_at == callback.received_at


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
# where it is
def test_who_changes_two_packed_days_waits_for_nobody(database: str) -> None:
    days = [NOW - 3 * DAY, NOW - 2 * DAY]
    with transaction() as session:
        one, other = ([a_callback(session, received_at=at).id for at in days] for _ in range(2))
        _pack_all(session)
    change = text("UPDATE callback SET first_rung_at = received_at WHERE id = :id")
    with transaction() as first, transaction() as second:
        for writer, number in (
            (first, one[0]),
            (second, other[1]),
            (first, one[1]),
            (second, other[0]),
        ):
            writer.execute(text("SET LOCAL lock_timeout = '2s'"))
            writer.execute(change, {"id": number})
    with reader() as session:
        assert len(_unpacked_days(NOW)) == 2
        assert all(
            row.first_rung_at
            for row in cohort.read_cohort(session, start=days[0], end=NOW, now=NOW)
        )


def test_history_that_comes_later_is_counted(
    database: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    then = _now().replace(hour=1) - 9 * DAY
    with transaction() as session:
        a_callback(session, received_at=then, state="exhausted", finished_at=then + HOUR)
        a_callback(session, received_at=then + DAY, state="exhausted", finished_at=then + 2 * DAY)
    assert main(["rollup", "--json"]) == 0
    assert '"left_for_later": 0' in capsys.readouterr().out
    file = tmp_path / "past.csv"
    file.write_bytes(a_csv([a_row(then, rung=3, talked=4, closed=20, close_reason="helped")]))
    from_file.import_csv_file(file, brand_name="", now=_now())
    with reader() as session:
        people = cohort.read_cohort(session, start=then - DAY, end=then + 3 * DAY, now=_now())
        assert [row.outcome for row in people] == ["exhausted", "helped", "exhausted"]
        assert cohort.days_to_snapshot(session, now=then + DAY) == [
            (then - day_snapshots.DAY_ZERO) // DAY
        ]


def test_a_layout_of_another_version_is_passed_over_and_packed_anew(session: Session) -> None:
    a_callback(session, received_at=NOW - 2 * DAY)
    _pack_all(session)
    session.execute(text("UPDATE packed_day SET layout = 'callback_id |'"))
    assert len(cohort.read_cohort(session, start=NOW - 3 * DAY, end=NOW, now=NOW)) == 1
    assert len(cohort.days_to_snapshot(session, now=NOW)) == 2
    _pack_all(session)
    assert cohort.days_to_snapshot(session, now=NOW) == []


def test_a_packed_day_says_itself_what_its_columns_are(session: Session) -> None:
    at = NOW - 2 * DAY
    a_callback(session, received_at=at, state="completed", disposition="helped", finished_at=NOW)
    a_callback(session, received_at=at, state="cancelled", withdrawn=True, finished_at=NOW)
    _pack_all(session)
    packed = session.exec(select(DaySnapshot).order_by(col(DaySnapshot.day))).first()
    told = pa.ipc.open_stream(packed.content).read_all().to_pylist()
    assert [row["received_at"] for row in told] == [at, at]
    assert {row["standing"] for row in told} == {"helped", cohort.ASKED_US_TO_STOP}


# where it does
def test_the_scheduler_packs_days_that_are_over(database: str) -> None:
    today = _now()
    with transaction() as session:
        a_callback(session, received_at=today - 3 * DAY, state="exhausted", finished_at=today)
    worker = Worker(Settings(), CallRelay(LogPhone(), ring_seconds=20, now=_now), now=_now)
    worker.start()
    try:
        eventually(lambda: not _unpacked_days(today))
    finally:
        worker.stop()


def _change(session: Session, chance: random.Random) -> str:
    """Do one thing to somebody, as the desk, a person or an SQL prompt might."""
    someone = chance.choice(session.exec(select(Callback.id).order_by(Callback.id)).all())
    callback = session.get_one(Callback, someone)
    at = callback.received_at + chance.randrange(200) * MINUTE
    kinds: dict[str, Any] = {
        "rung": {"first_rung_at": at},
        "talked": {"first_rung_at": at, "first_conversation_at": at + MINUTE},
        "over": {
            "state": chance.choice(ENDS),
            "finished_at": at,
            "disposition": chance.choice(SAID),
        },
        "withdrawn": {"withdrawn": not callback.withdrawn},
        "received": {"received_at": NOW - timedelta(minutes=chance.randrange(DAYS * 1440))},
        "source": {"source_id": chance.choice(session.exec(select(Source.id)).all())},
        "brand": {"brand_id": 3 - callback.brand_id},
    }
    kind = chance.choice([*kinds, "added", "removed", "in SQL", "a test"])
    if kind == "added":
        _somebody(session, chance)
    elif kind == "removed":
        session.exec(delete(CallAttempt).where(col(CallAttempt.callback_id) == someone))
        session.delete(callback)
    elif kind == "in SQL":
        session.execute(
            text("UPDATE callback SET first_rung_at = NULL WHERE id = :id"), {"id": someone}
        )
        session.expire_all()
    elif kind == "a test":
        source = session.get_one(Source, callback.source_id)
        source.kind = "generic" if source.kind == "test" else "test"
    for name, value in kinds.get(kind, {}).items():
        setattr(callback, name, value)
    session.flush()
    return kind


def _somebody(session: Session, chance: random.Random) -> None:
    received_at = NOW - timedelta(
        seconds=chance.randrange(DAYS * 86400), microseconds=chance.randrange(10**6)
    )
    brand = chance.choice((1, 2))
    source = session.exec(select(Source.id).where(Source.brand_id == brand)).first()
    made = a_callback(session, a_lead(session), received_at=received_at)
    made.brand_id, made.source_id = brand, source
    if chance.random() < SOME:
        made.first_rung_at = received_at + MINUTE
        an_attempt(session, made, _the_advisor(session), state="ended", rung_at=made.first_rung_at)
    session.flush()


def _the_advisor(session: Session) -> Advisor:
    return session.exec(select(Advisor)).first() or an_advisor(session)


def _whom(session: Session) -> list[ReportFilter]:
    sources = session.exec(select(Source.id).order_by(col(Source.id))).all()
    return [
        ReportFilter(),
        ReportFilter(brand="Quiet Line"),
        ReportFilter(source_id=sources[0]),
        ReportFilter(advisor_id=_the_advisor(session).id),
    ]


def _figures_of(session: Session, only: ReportFilter, after: timedelta) -> list[list[CohortRow]]:
    """Everybody, a piece of the time, and a piece of it as it stood in the middle."""
    start = NOW - DAYS * DAY + after
    periods = [
        (NOW - 9 * DAY, NOW + DAY, NOW),
        (start, start + 2 * DAY, NOW),
        (start, NOW, start + 50 * HOUR),
    ]
    return [
        list(cohort.read_cohort(session, start=a, end=b, now=now, only=only))
        for a, b, now in periods
    ]


def _pack_all(session: Session) -> None:
    for day in cohort.days_to_snapshot(session, now=NOW):
        assert cohort.snapshot_cohort_day(session, day)


def _unpacked_days(at: datetime) -> list[int]:
    with reader() as session:
        return cohort.days_to_snapshot(session, now=at)


def _now() -> datetime:
    return datetime.now(UTC)
