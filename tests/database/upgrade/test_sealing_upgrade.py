"""A database of before is sealed by `migrate`, which may be stopped, and finds whom it found."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import inspect, text
from sqlmodel import col, func, select

from leads import person_search
from leads.contact_rules import suppression
from leads.database.engine import current_engine
from leads.database.migrate import run_migrations
from leads.database.opening import open_data_keys, require_nothing_hidden
from leads.database.sealing_job import seal_stored_rows
from leads.database.transactions import reader
from leads.errors import BadConfiguration
from leads.models.requests import Lead, LeadWord
from tests.support.upgrade_fixture import AtRevision

KEYS = ("what the operator chose",)
NUMBER = re.compile(r"\+\d{7,15}")
STOPPED = "SELECT phone FROM suppression WHERE lifted_at IS NULL"


def _stop(_progress: str) -> None:
    raise KeyboardInterrupt


def _rows(query: str) -> list[str]:
    with current_engine().connect() as connection:
        return sorted(map(str, connection.execute(text(query)).scalars()))


def test_numbers_of_before_are_sealed_and_still_found(old_database_at: AtRevision) -> None:
    old_database_at("0053")
    stopped, people = _rows(STOPPED), _rows("SELECT phone FROM lead")
    run_migrations()
    open_data_keys(KEYS)
    with pytest.raises(BadConfiguration, match="not finished"):
        require_nothing_hidden()
    with pytest.raises(KeyboardInterrupt):
        seal_stored_rows(_stop)
    with pytest.raises(BadConfiguration, match="not finished"):
        require_nothing_hidden()
    assert seal_stored_rows() > 0
    with pytest.raises(KeyboardInterrupt):
        person_search.index_stored_people(_stop)
    with pytest.raises(BadConfiguration, match="not finished"):
        require_nothing_hidden()
    person_search.index_stored_people()
    require_nothing_hidden()
    assert not NUMBER.findall(_columns_in_clear())
    with reader() as session:
        found = session.exec(select(Lead)).all()
        assert sorted(lead.phone for lead in found) == people
        assert all(suppression.is_number_suppressed(session, number) for number in stopped)
        for lead in found[:20]:
            digits = person_search.has_last_digits_clause(session, lead.phone[-4:])
            assert lead.id in session.exec(select(Lead.id).where(digits)).all()
        with_words = select(func.count(func.distinct(LeadWord.lead_id)))
        with_number = [lead for lead in found if lead.phone.startswith("+")]
        assert session.exec(with_words).one() == len(with_number) > 20
        assert session.exec(select(Lead.id).where(col(Lead.phone) == people[0])).all()


def _columns_in_clear() -> str:
    """Return all that stands in columns of phone numbers of people, as it is stored."""
    columns = [
        (table, column["name"])
        for table in inspect(current_engine()).get_table_names()
        for column in inspect(current_engine()).get_columns(table)
        if column["name"] in {"phone", "advisor_phone", "caller_id"} and table != "emergency_number"
    ]
    assert len(columns) > 10
    return json.dumps([_rows(f"SELECT {name} FROM {table}") for table, name in columns])
