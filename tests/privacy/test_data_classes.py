"""Data classes: nothing is stored of which nobody said what kind of content it is."""

from __future__ import annotations

import re

import pytest
from sqlmodel import SQLModel

from leads.database.sealing_job import sealed_columns_of
from leads.privacy import data_classes
from leads.privacy.data_classes import ALL_OTHERS, PERSONAL, DataClass, classify_columns
from leads.privacy.person_rows import PERSONAL_TABLES

TABLES = sorted(SQLModel.metadata.tables)
OF_PEOPLE = ["lead", *(str(kind.__tablename__) for kind in PERSONAL_TABLES.values())]
PERSONAL_NAME = re.compile(
    r"name|phone|email|zip|city|body|message|note|words|text|ip|user_agent|page_url"
)
NO_PERSONS_NAME = {  # columns that are called so and hold nothing of a person's
    ("call_attempt", "advisor_phone"),
    ("fact_change", "fact"),
    ("gate_decision", "not_before"),
    ("lead", "safe_to_text"),
    ("outgoing_text", "message_id"),
    ("text_message", "message_id"),
}


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_a_class(table: str) -> None:
    columns = {column.name for column in SQLModel.metadata.tables[table].columns}
    assert classify_columns(table).keys() == columns


def test_nothing_is_declared_that_is_not_stored() -> None:
    assert sorted(data_classes.DECLARED) == TABLES


@pytest.mark.parametrize("table", OF_PEOPLE)
def test_a_new_column_of_a_person_needs_a_class_of_its_own(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = dict(data_classes.DECLARED[table])
    if ALL_OTHERS in declared.values():  # nothing but ids of ours
        kinds = {str(column.type) for column in SQLModel.metadata.tables[table].columns}
        assert kinds <= {"INTEGER", "DATETIME", "VARCHAR"}
        return
    kind, names = next(iter(declared.items()))
    declared[kind] = " ".join(names.split()[1:])
    monkeypatch.setitem(data_classes.DECLARED, table, declared)
    with pytest.raises(KeyError):
        classify_columns(table)


@pytest.mark.parametrize("table", TABLES)
def test_what_is_sealed_is_personal_or_a_secret_or_whose_number_rings(table: str) -> None:
    classes = classify_columns(table)
    sealed = {column.name for column in sealed_columns_of(SQLModel.metadata.tables[table])}
    ours = {DataClass.SECRET, DataClass.STAFF, DataClass.SETUP}
    assert {classes[name] for name in sealed} <= PERSONAL | ours


@pytest.mark.parametrize("table", OF_PEOPLE)
def test_a_column_that_is_called_as_a_persons_is_personal(table: str) -> None:
    kept = {
        (table, name)
        for name, kind in classify_columns(table).items()
        if kind not in PERSONAL and set(PERSONAL_NAME.findall(name)) & set(name.split("_"))
    }
    assert kept - NO_PERSONS_NAME == set()


def test_secrets_are_in_no_table_of_a_persons_export_but_the_key_of_a_change_link() -> None:
    secret = {
        (table, name)
        for table in OF_PEOPLE
        for name, its_class in classify_columns(table).items()
        if its_class is DataClass.SECRET
    }
    assert secret == {("submission", "change_key_sha256")}
