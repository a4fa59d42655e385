"""Who somebody is, where, and when they can talk is unreadable in the database alone."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from leads.contact_rules.contact_history import load_stated_times
from leads.contact_rules.stated_call_times import FIELD_END, ROW_END, parse_stated_times
from leads.database.engine import current_engine
from leads.database.opening import open_data_keys
from leads.database.sealing_job import seal_stored_rows
from leads.database.transactions import reader, transaction
from leads.models.helplines import Source
from leads.models.requests import Consent, Lead, Submission
from tests.conftest import NOW
from tests.support.databases import open_unsealed
from tests.support.people import NUMBER, a_lead, a_source, a_submission

KEYS = ("what the operator chose",)
PLACE = {"city": "Heron Falls", "region": "NY", "zip": "13202", "further_places": [["OH", "44109"]]}
WISH = {"best_time": "after the heron", "for_whom": "my heron", "phone_extension": "774"}
WHENCE = {"ip": "198.51.100.7", "user_agent": "Heron/1"}
AGREED = {"page_url": "https://heron.example/help", **WHENCE}
READ = {"name": "Ana Heron", "phone": NUMBER, "campaign": "fall", "message": "call the heron"}
SECRETS = ["the heron's secret"]


@pytest.fixture
def unsealed(database: str) -> str:
    """An empty database without a key, on both engines."""
    open_unsealed()
    return database


def _write_somebody() -> None:
    with transaction() as session:
        source = a_source(session)
        source.secrets = SECRETS
        session.add(source)
        lead = a_lead(session, NUMBER, **PLACE, **WISH)
        said = {"submission_id": a_submission(session, reading=READ, **WHENCE).id, **AGREED}
        session.add(Consent(lead_id=lead.id, phone=NUMBER, given_at=NOW, **said))


def _stored(*tables: str) -> str:
    with current_engine().connect() as connection:
        return str([connection.exec_driver_sql(f"SELECT * FROM {table}").all() for table in tables])


def _require_all_sealed_and_read_as_it_was() -> None:
    stored = _stored("lead", "submission", "source", "consent")
    for word in ("eron", "13202", "44109", "'NY'", "5550142", "'774'", "198.51.100.7"):
        assert word not in stored.replace(_stored_numbers(), ""), word
    with reader() as session:
        lead, submission = session.exec(select(Lead)).one(), session.exec(select(Submission)).one()
        assert lead.model_dump(include={*PLACE, *WISH}) == PLACE | WISH
        assert submission.reading == READ
        assert submission.model_dump(include={*WHENCE}) == WHENCE
        assert session.exec(select(Consent)).one().model_dump(include={*AGREED}) == AGREED
        assert session.exec(select(Source.secrets)).one() == SECRETS
        by_campaign = col(Submission.reading)["campaign"].as_string() == "fall"
        assert session.exec(select(Submission.id).where(by_campaign)).all() == [submission.id]


def _stored_numbers() -> str:
    with current_engine().connect() as connection:
        return str(connection.exec_driver_sql("SELECT phone FROM lead").scalar_one())


def test_places_wishes_readings_and_secrets_are_sealed(unsealed: str) -> None:
    open_data_keys(KEYS)
    _write_somebody()
    _require_all_sealed_and_read_as_it_was()


def test_those_of_before_are_sealed_by_migrate(unsealed: str) -> None:
    _write_somebody()
    open_data_keys(KEYS)
    assert seal_stored_rows() == 4
    _require_all_sealed_and_read_as_it_was()


def test_what_was_left_in_clear_of_a_sealed_reading_is_sealed(unsealed: str) -> None:
    open_data_keys(KEYS)
    _write_somebody()
    with current_engine().begin() as connection:
        kept = connection.execute(text("SELECT reading FROM submission")).scalar_one()
        document = json.loads(kept) if isinstance(kept, str) else kept
        before = {"name": READ["name"], "phone": NUMBER, **document}
        connection.execute(
            text("UPDATE submission SET reading = :before"), {"before": json.dumps(before)}
        )
    assert seal_stored_rows() == 1
    _require_all_sealed_and_read_as_it_was()
    assert seal_stored_rows() == 0


def test_times_that_several_people_stated_are_read_whether_sealed_or_not(
    unsealed: str,
) -> None:
    words = [f"after six{ROW_END}or{FIELD_END}at the heron", "", "mornings"]
    with transaction() as session:
        a_lead(session, NUMBER, best_time="before sealing")
    open_data_keys(KEYS)
    with transaction() as session:
        for nth, stated in enumerate(words, 2):
            a_lead(session, NUMBER, best_time=stated, nth_at_number=nth)
    with reader() as session:
        stored = load_stated_times(session, NUMBER)
        nobody = load_stated_times(session, "+13155550199")
    read = [(one.person_id, one.said_at, one.words) for one in parse_stated_times(stored)]
    assert sorted(read) == [
        (1, NOW, "before sealing"),
        (2, NOW, "after six or at the heron"),
        (4, NOW, "mornings"),
    ]
    assert nobody is None
