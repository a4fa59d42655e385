"""Nobody who has the database alone reads who asked for help, how to reach them, or what they said.

What is still in clear: who works here, a form's campaign and its tool's own id for it, the wording
that was agreed to, what kind of danger was seen, and when everything was.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import MetaData
from sqlmodel import SQLModel, select

from leads.commands import demo_data
from leads.database.engine import current_engine
from leads.database.opening import open_data_keys
from leads.database.transactions import reader, transaction
from leads.intake.raw_inbox import Arrival, store_arrivals
from leads.models.advisors import Advisor
from leads.models.helplines import Brand
from leads.models.requests import Consent, Lead, Submission, TextMessage
from tests.conftest import NOW
from tests.support.backed_up import read_all_rows, read_words_of_people
from tests.support.databases import open_unsealed
from tests.support.people import NUMBER
from tests.support.whole_person import MARK, a_whole_person

OUTSIDE_WORDS = {b"social", b"search", b"partner"}  # campaigns
PEOPLE = (
    (Lead.name, Lead.phone, Lead.email, Lead.best_time, Lead.city, Lead.zip),
    (TextMessage.body, TextMessage.phone),
    (Submission.body,),
)
OF_THE_HOUSE = (
    (Advisor.name, Advisor.email),
    (Brand.name, Brand.operator, Brand.consent_text),
    (Consent.wording,),
    (Submission.vendor_id,),
)
IN_CLEAR = {
    ("consent", "wording"),
    ("intake_answer", "choice"),  # a word of ours
    ("lead", "language"),
    ("lead", "wished_gender"),
    ("lead", "wished_skill"),
    ("outbox", "problem"),  # a sentence of ours, as the next and each reason
    ("outgoing_text", "problem"),
    ("submission", "body_sha256"),
    ("submission", "content_sha256"),
    ("submission", "content_type"),
    ("submission", "reason"),
    ("submission", "suspicion"),
    ("suppression", "reason"),
    ("voicemail", "sealed"),  # by whoever fetches it
}
"""Columns of people that are in clear, by table and name."""
RAW = Arrival(1, NOW, "application/json", b'{"message": "the heron is awake"}')


@pytest.fixture
def filled_demo(database: str) -> str:
    """A database that is sealed with a key, with the demo's people in it, on both engines."""
    open_unsealed()
    open_data_keys(("what the operator chose",))
    demo_data.fill_demo_database(now=NOW)
    store_arrivals([RAW])  # whose words nobody has read yet
    return database


def test_the_demos_people_are_in_no_file_and_no_row(filled_demo: str) -> None:
    words = {word for columns in PEOPLE for word in read_words_of_people(*columns)}
    known = {word for columns in OF_THE_HOUSE for word in read_words_of_people(*columns)}
    secret = words - known - OUTSIDE_WORDS - _field_names()
    numbers = {word[-7:] for word in secret if word.startswith(b"+1")}
    assert {b"Walker", b"options", b"brother", b"evening", b"heron"} <= secret
    assert len(secret) > 100
    assert len(numbers) > 50
    for place, content in _all_that_is_stored(filled_demo).items():
        found = {word for word in secret | numbers if word in content}
        assert {word for word in found if word not in _schema()} == set(), place


def test_what_is_in_every_column_of_somebody_is_in_no_row(database: str) -> None:
    open_unsealed()
    open_data_keys(("what the operator chose",))
    with transaction() as session:
        a_whole_person(session)
    with current_engine().connect() as connection:
        tables = MetaData()
        tables.reflect(connection)
        in_clear = {
            (table.name, name)
            for table in tables.sorted_tables
            for row in connection.execute(table.select()).mappings()
            for name, value in row.items()
            if any(mark in repr(value) for mark in (MARK, NUMBER))
        }
    assert in_clear == IN_CLEAR


def _field_names() -> set[bytes]:
    with reader() as session:
        bodies = [json.loads(body) for body in session.exec(select(Submission.body))]
    return {name.encode() for body in bodies for name in body}


def _schema() -> bytes:
    """Return the names of tables and columns, which an SQLite file begins with."""
    names = (
        name
        for table in SQLModel.metadata.sorted_tables
        for name in (table.name, *table.columns.keys())
    )
    return " ".join(names).encode()


def _all_that_is_stored(database: str) -> dict[str, bytes]:
    """Return what can be read of a database without its key: its rows, its file and its log."""
    rows = {name: str(some).encode() for name, some in read_all_rows(database).items()}
    if not database.startswith("sqlite"):
        return rows
    path = Path(database.removeprefix("sqlite:///"))
    files = {one.name: one.read_bytes() for one in path.parent.glob(f"{path.name}*")}
    assert f"{path.name}-wal" in files
    current_engine().dispose()
    return rows | {name: content for name, content in files.items() if not name.endswith(".key")}
