"""Phone numbers are unreadable to whoever has the database alone, and still compared by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, col, select

from leads import person_search
from leads.contact_rules import own_numbers, suppression
from leads.database.bulk_rows import insert_returning
from leads.database.engine import current_engine
from leads.database.opening import open_current_database, open_data_keys
from leads.database.sealed_columns import PHONE_NUMBER
from leads.database.sealing_tasks import SealingTask, begin_sealing
from leads.database.transactions import reader, transaction
from leads.errors import BadConfiguration
from leads.i18n.messages import Message, MessageKey
from leads.models.requests import Lead, LeadWord, Suppression
from tests.conftest import NOW
from tests.support.databases import keys_beside, open_unsealed
from tests.support.people import NUMBER, a_lead, an_advisor

KEYS = ("what the operator chose",)
OTHER = "+13155550143"
PUBLIC = {"emergency_number"}


def _stored(column: str, table: str) -> list[str]:
    with current_engine().connect() as connection:
        query = f"SELECT {column} FROM {table}"
        return list(connection.exec_driver_sql(query).scalars())


def test_all_numbers_are_of_one_kind() -> None:
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if column.name in {"phone", "advisor_phone", "caller_id"} and table.name not in PUBLIC:
                assert column.type is PHONE_NUMBER, f"{table.name}.{column.name}"


def test_a_number_is_stored_alike_and_unread_however_it_is_written(database: str) -> None:
    with transaction() as session:
        a_lead(session, NUMBER)
        [bulk] = insert_returning(
            session, Lead, [{"phone": NUMBER, "nth_at_number": 2, "created_at": NOW}], key="phone"
        )
        suppression.suppress_number(
            session, NUMBER, reason=Message(MessageKey.STOPPED_BEFORE_IMPORT), actor="x", now=NOW
        )
        assert bulk.phone == NUMBER
    kept = {*_stored("phone", "lead"), *_stored("phone", "suppression")}
    assert len(kept) == 1
    assert "5550142" not in str(kept)
    with reader() as session:
        assert len(session.exec(select(Lead).where(Lead.phone == NUMBER)).all()) == 2
        same = select(Suppression).join(Lead, col(Lead.phone) == col(Suppression.phone))
        assert session.exec(same).first() is not None
        assert suppression.is_number_suppressed(session, NUMBER)
        assert not suppression.is_number_suppressed(session, OTHER)


def test_our_own_numbers_are_known_among_sealed_ones(database: str, process_caller_id: str) -> None:
    with transaction() as session:
        colleague = an_advisor(session)
        for number in (colleague.phone, process_caller_id):
            assert own_numbers.is_own_number(session, number)
        assert not own_numbers.is_own_number(session, NUMBER)


def test_two_of_a_number_are_still_refused(database: str) -> None:
    def add_again() -> None:
        with transaction() as session:
            session.add(Lead(phone=NUMBER, created_at=NOW))

    add_again()
    with pytest.raises(IntegrityError):
        add_again()


@pytest.mark.parametrize(
    "ask",
    [
        lambda: col(Lead.phone).endswith("0142"),
        lambda: Lead.phone > NUMBER,
        lambda: col(Lead.phone).desc(),
        lambda: col(Lead.phone) + "",
    ],
)
def test_the_database_is_asked_for_no_part_of_a_number(ask: Callable[[], Any]) -> None:
    with pytest.raises(TypeError, match="whether it is the same"):
        ask()


def test_a_stop_is_found_whether_there_is_a_key_yet_or_a_new_one(database: str) -> None:
    open_unsealed()
    with transaction() as session:
        reason = Message(MessageKey.STOPPED_BEFORE_IMPORT)
        suppression.suppress_number(session, NUMBER, reason=reason, actor="x", now=NOW)
    assert "5550142" not in str(_stored("phone", "suppression"))
    assert _stored("wrapped", "lookup_key")[0].startswith("clear:")
    for keys in (KEYS, ("a new one", *KEYS), ("a new one",)):
        open_data_keys(keys)
        assert not _stored("wrapped", "lookup_key")[0].startswith("clear:")
        with reader() as session:
            assert suppression.is_number_suppressed(session, NUMBER)
    for lost in ((), KEYS):
        with pytest.raises(BadConfiguration, match="sealed with another SECRET_KEY"):
            open_data_keys(lost)


def test_no_desk_starts_while_numbers_are_half_sealed(database: str) -> None:
    with transaction() as session:
        begin_sealing(session, SealingTask.MATCHED_COLUMNS)
    with pytest.raises(BadConfiguration, match="python -m leads migrate"):
        open_current_database(database, keys_beside(database))


def test_whoever_gets_another_number_is_found_by_that_alone(database: str) -> None:
    with transaction() as session:
        lead = a_lead(session, NUMBER)
        withheld = a_lead(session, "withheld-0142")
        person = lead.id, withheld.id
    with transaction() as session:
        lead = session.get_one(Lead, person[0])
        lead.phone = OTHER
        session.add(lead)
    with reader() as session:
        found = {
            digits: session.exec(
                select(Lead.id).where(person_search.has_last_digits_clause(session, digits))
            ).all()
            for digits in ("0142", "0143")
        }
        assert found == {"0142": [], "0143": [person[0]]}
        assert session.exec(select(LeadWord.lead_id)).all() == [person[0]]
