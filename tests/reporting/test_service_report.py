"""The report: the design's check value, percentiles against lifelines, days as people have them."""

from __future__ import annotations

import json
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from leads.__main__ import main
from leads.callbacks import completion
from leads.database.transactions import reader, transaction
from leads.helplines import brands_and_sources
from leads.intake.csv_import import run
from leads.models.calls import Callback
from leads.models.helplines import Source
from leads.people.permissions import OPERATOR
from leads.reporting import service_report, terminal_report
from leads.reporting.filters import ReportFilter
from leads.reporting.service_report import ReportQuestion
from tests.support import warm
from tests.support.history_files import THEN, a_csv, a_row, the_check_value
from tests.support.lifelines_oracle import FAR, about, by_lifelines
from tests.support.people import DAY, HOUR, MINUTE, a_supervisor

TEN_IN_THE_EVENING = datetime(2025, 3, 4, 3, 0, tzinfo=UTC)  # in New York


@pytest.fixture(autouse=True)
def at_home(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database)


def run_command(*words: str) -> dict[str, Any]:
    """Run a command as an operator does, in a process of its own."""
    done = warm.run(dict(os.environ), *words, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def figures(
    first: str, last: str, *, now: datetime = THEN, zone: str = "UTC", **options: Any
) -> dict[str, Any]:
    with reader() as session:
        question = ReportQuestion(
            datetime.fromisoformat(first).date(),
            datetime.fromisoformat(last).date(),
            zone,
            5 * MINUTE,
            ReportFilter(**options),
        )
        return terminal_report.period_figures_as_dict(
            service_report.read_period_figures(session, question, now=now)
        )


def test_the_check_value_of_the_design_from_a_file_to_the_figures(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_bytes(a_csv(the_check_value()))
    assert run_command("import", str(path))["added"] == 20
    days = [
        "--from",
        "2025-03-04",
        "--to",
        "2025-03-04",
        "--target",
        "300",
        "--now",
        THEN.isoformat(),
    ]
    assert run_command("report", *days) == {
        "received": 20,
        "rung": 12,
        "contacted": 8,
        "open": 6,
        "excluded": 1,
        "time_to_first_attempt": {"p50_s": 540, "p90_s": None, "p95_s": None},
        "time_to_first_contact": {"p50_s": 3000, "p90_s": None, "p95_s": None},
        "service_level": {"target_s": 300, "hits": 8, "misses": 10, "pending": 1, "share": 8 / 18},
        "bands": {"0-1": 2, "1-5": 6, "5-15": 3, "15-60": 1, "60+": 0, "not_rung": 8},
        "contact_rate": 8 / 20,
    }


def test_a_random_history_has_the_figures_that_its_rows_say() -> None:
    chance = random.Random(7)
    rows, attempts, contacts = [], [], []
    for _ in range(250):
        age = chance.randint(0, 600)
        rung, talked, closed = sorted(int(chance.expovariate(1 / 60)) for _ in range(3))
        has_rung, has_talked = (
            rung <= age and chance.random() < 0.9,
            talked <= age and chance.random() < 0.9,
        )
        end = chance.choice(["", "", "no answer", "opted out"]) if closed <= age else ""
        past = {"rung": rung} if has_rung else {}
        past |= {"talked": talked} if has_rung and has_talked else {}
        rows.append(
            a_row(
                THEN - age * MINUTE,
                **past,
                **({"closed": closed, "close_reason": end} if end else {}),
            )
        )
        censored = {"": age, "no answer": FAR, "opted out": closed}[end]
        attempts.append((past.get("rung", censored), "rung" in past))
        contacts.append((past.get("talked", censored), "talked" in past))
    run.import_csv_rows(a_csv(rows), actor=OPERATOR, now=THEN)
    found = figures("2025-03-04", "2025-03-04")
    assert found["received"] == 250
    assert found["rung"] == sum(
        bands for name, bands in found["bands"].items() if name != "not_rung"
    )
    for name, waited in (("time_to_first_attempt", attempts), ("time_to_first_contact", contacts)):
        expected = [None if at is None else at * 60 for at in by_lifelines(waited)]
        assert list(found[name].values()) == about(expected)
        assert expected[0] is not None


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        ("2025-03-09", "2025-03-09T05:00Z", "2025-03-10T04:00Z"),
        ("2025-11-02", "2025-11-02T04:00Z", "2025-11-03T05:00Z"),
        ("2025-06-01", "2025-06-01T04:00Z", "2025-06-02T04:00Z"),
    ],
)
def test_a_day_begins_and_ends_with_the_clocks_of_its_zone(
    day: str, opens: str, closes: str
) -> None:
    start, end = datetime.fromisoformat(opens), datetime.fromisoformat(closes)
    second = timedelta(seconds=1)
    rows = [
        a_row(at, closed=1) for at in (start - second, start, start + 12 * HOUR, end - second, end)
    ]
    assert run.import_csv_rows(a_csv(rows), actor=OPERATOR, now=end + DAY).added == 5
    assert figures(day, day, zone="America/New_York", now=end + DAY)["received"] == 3
    before, after = start.date() - DAY, end.date()
    assert figures(str(before), day, zone="America/New_York", now=end + DAY)["received"] == 4
    assert figures(str(before), str(after), zone="America/New_York", now=end + DAY)["received"] == 5


def test_a_report_is_the_same_again_whatever_happened_after() -> None:
    rows = [
        a_row(THEN, **past)
        for past in ({}, {"rung": 3}, {"rung": 4, "talked": 9, "closed": 20}, {"closed": 12})
    ]
    rows += [a_row(THEN, closed=30, close_reason="STOP"), a_row(THEN + HOUR)]
    run.import_csv_rows(a_csv(rows), actor=OPERATOR, now=THEN + 2 * HOUR)
    at = {
        minutes: figures("2025-03-04", "2025-03-04", now=THEN + minutes * MINUTE)
        for minutes in (0, 3, 9, 25, 90)
    }
    told = {
        minutes: [found[name] for name in ("received", "rung", "contacted", "open")]
        for minutes, found in at.items()
    }
    assert told == {
        0: [5, 0, 0, 5],
        3: [5, 1, 0, 5],
        9: [5, 2, 1, 5],
        25: [5, 2, 1, 3],
        90: [6, 2, 1, 3],
    }
    assert at[3]["service_level"] == {
        "target_s": 300,
        "hits": 1,
        "misses": 0,
        "pending": 4,
        "share": 1,
    }
    with transaction() as session:
        for callback in session.exec(select(Callback).where(Callback.state == "waiting")).all():
            completion.cancel_callback(
                session, callback, a_supervisor(session), reason="sent twice", now=THEN + 3 * HOUR
            )
    assert {
        minutes: figures("2025-03-04", "2025-03-04", now=THEN + minutes * MINUTE) for minutes in at
    } == at


def test_a_night_does_not_count_in_callable_time(capsys: pytest.CaptureFixture[str]) -> None:
    run.import_csv_rows(
        a_csv([a_row(TEN_IN_THE_EVENING, rung=603, closed=700)]), actor=OPERATOR, now=THEN
    )
    assert (
        main(["report", "--from", "2025-03-04", "--to", "2025-03-04", "--now", THEN.isoformat()])
        == 0
    )
    printed = capsys.readouterr().out
    assert "first call               10:03:00     10:03:00     10:03:00" in printed
    assert "  in calling hours        0:03:00      0:03:00      0:03:00" in printed
    assert "service level within 0:05:00: 0% (hits 0, misses 1, pending 0)" in printed
    assert "  in calling hours: 100% (hits 1, misses 0, pending 0)" in printed


def test_a_brand_is_reported_alone_and_tests_are_nobodys_request() -> None:
    with transaction() as session:
        for name in ("One Line", "Two Line"):
            brands_and_sources.add_brand(session, name, now=THEN)
            brands_and_sources.add_source(session, name, brand_name=name, now=THEN)
        session.add(
            Source(
                brand_id=1,
                name="Trial",
                slug="trial",
                token="trial",
                kind="test",
                region="US",
                created_at=THEN,
            )
        )
    rows = [a_row(source=source) for source in ("One Line", "Two Line", "Two Line", "Trial")]
    assert run.import_csv_rows(a_csv(rows), actor=OPERATOR, now=THEN).added == 4
    assert figures("2025-03-04", "2025-03-04")["received"] == 3
    assert figures("2025-03-04", "2025-03-04", brand="Two Line")["received"] == 2


def test_a_period_without_requests_has_no_figures_and_still_a_shape() -> None:
    found = figures("2025-03-04", "2025-03-05")
    assert (
        found["time_to_first_attempt"]
        == found["time_to_first_contact"]
        == dict.fromkeys(["p50_s", "p90_s", "p95_s"])
    )
    assert found["received"] == 0
    assert found["contact_rate"] is None
    assert found["service_level"]["share"] is None
    assert set(found["bands"].values()) == {0}


def test_a_person_reads_a_table_with_its_definitions(capsys: pytest.CaptureFixture[str]) -> None:
    run.import_csv_rows(a_csv(the_check_value()), actor=OPERATOR, now=THEN)
    words = [
        "--from",
        "2025-03-01",
        "--to",
        "9999-12-31",
        "--now",
        THEN.isoformat(),
        "--zone",
        "America/New_York",
    ]
    assert main(["report", *words]) == 0
    printed = capsys.readouterr().out
    assert "as of March 4, 2025, 12:00\u00a0PM\u00a0EST." in printed
    assert "first call                0:09:00  not reached  not reached" in printed
    assert "service level within 0:05:00: 44% (hits 8, misses 10, pending 1)" in printed
    assert "0-1: 2, 1-5: 6, 5-15: 3, 15-60: 1, 60+: 0, not called: 8" in printed
    for figure in terminal_report.EXPLAINED:
        assert figure.definition in " ".join(printed.split())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"--from": "March"}, "--from must be a date such as 2026-03-31."),
        ({"--to": "2025-03-32"}, "--to must be a date"),
        ({"--to": "2025-03-03"}, "--to is before --from."),
        ({"--now": "2025-03-04T12:00:00"}, "--now must be an instant with its offset"),
        ({"--now": "0001-01-01T00:00:00+14:00"}, "--now must be an instant"),
        ({"--zone": "Mars/Olympus"}, "There is no time zone Mars/Olympus."),
        ({"--zone": "../etc"}, "There is no time zone"),
        ({"--zone": "America"}, "There is no time zone"),
        ({"--target": "0"}, "--target must be more than 0 seconds"),
        ({"--target": "nan"}, "--target must be more than 0 seconds"),
        ({"--brand": "Nowhere"}, "There is no helpline Nowhere."),
    ],
)
def test_a_mistake_is_a_sentence(
    changes: dict[str, str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = {"--from": "2025-03-04", "--to": "2025-03-04", **changes}
    assert main(["report", *(part for pair in words.items() for part in pair)]) == 2
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert printed.out == ""
