"""Somebody of whom there is a row in every table that people have, with words in every column."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Integer, LargeBinary
from sqlmodel import Session, SQLModel, select

from leads.database.bulk_rows import table_of
from leads.database.sealed_columns import MatchedText, SealedBytes, SealedJson, SealedText
from leads.database.utc_datetime import UtcDateTime
from leads.i18n.messages import own_words
from leads.models.enums import (
    AttemptState,
    CallbackState,
    InboundState,
    LeadState,
    SubmissionState,
    TextStatus,
    VoicemailState,
)
from leads.models.fields import EnumText, MessageText, SealedMessageText
from leads.models.requests import ConfirmedNumber, Lead, Suppression
from leads.privacy.data_classes import PERSONAL, DataClass, classify_columns
from leads.privacy.person_rows import PERSONAL_TABLES
from tests.conftest import NOW
from tests.support.people import NUMBER, a_source, an_advisor

MARK = "Wilhelmina"  # stands wherever something of hers can stand
CAMPAIGN = "spring"
OVER: dict[str, dict[str, Any]] = {  # nothing of hers is under way
    "callback": {"state": CallbackState.COMPLETED, "finished_at": NOW},
    "call_attempt": {"state": AttemptState.ENDED, "rung_at": NOW, "ended_at": NOW},
    "inbound_call": {"state": InboundState.ENDED},
    "incident": {"closed_at": NOW, "follow_up_due": NOW},
    "voicemail": {"state": VoicemailState.FETCHED},
    "hold": {"lifted_at": NOW},
    "legal_hold": {"lifted_at": NOW},
    "privacy_case": {"closed_at": NOW},
    "outgoing_text": {"status": TextStatus.SENT},
    "submission": {
        "reading": {"name": MARK, "phone": NUMBER, "campaign": CAMPAIGN, "message": MARK},
        "state": SubmissionState.ADMITTED,
    },
}
WHOSE_VALUE_MATTERS: dict[str, Any] = {
    "further_places": [[MARK, MARK]],
    **{name: [] for name in ("channels", "reasons", "rules")},
}
SEALED = (MatchedText, SealedBytes, SealedJson, SealedText)
VALUES: tuple[tuple[Any, Any], ...] = (
    ((MessageText, SealedMessageText), own_words(MARK)),
    (UtcDateTime, NOW),
    (Date, NOW.date()),
    (Boolean, False),
    (Integer, 1),
    ((LargeBinary, SealedBytes), MARK.encode()),
    ((JSON, SealedJson), {"text": MARK}),
)


def a_whole_person(session: Session, number: str = NUMBER) -> Lead:
    source, advisor = a_source(session), an_advisor(session)
    known: dict[str, Any] = {
        "brand": source.brand_id,
        "source": source.id,
        "advisor": advisor.id,
    }
    lead = _filled(Lead, known, number, state=LeadState.CLOSED)
    session.add(lead)
    session.flush()
    known["lead"] = lead.id
    for kind in PERSONAL_TABLES.values():
        more = OVER.get(table_of(kind).name, {})
        row = _filled(kind, known, number, **more)
        session.add(row)
        session.flush()
        known[table_of(kind).name] = row.id
    session.add(_filled(Suppression, known, number))
    session.add(_filled(ConfirmedNumber, known, number))
    session.flush()
    return lead


def find_left(session: Session, *marks: str) -> dict[str, list[str]]:
    """Return what is left of somebody in any row of any table, as whoever has the key reads it."""
    session.flush()
    left: dict[str, list[str]] = {}
    for table in SQLModel.metadata.sorted_tables:
        for row in session.execute(select(table)).mappings():
            left.setdefault(table.name, []).extend(
                str(column)
                for column, value in row.items()
                if any(mark in repr(value) for mark in marks)
            )
    return {name: columns for name, columns in left.items() if columns}


def _filled(kind: type[SQLModel], known: dict[str, Any], number: str, **more: Any) -> Any:
    table = table_of(kind)
    classes = classify_columns(table.name)
    values = {
        column.name: _value(column, classes[column.name], known, number)
        for column in table.columns
        if column.name != "id" and _is_wanted(column, classes[column.name], known)
    }
    return kind(**{**values, **more})


def _is_wanted(column: Column[Any], kind: DataClass, known: dict[str, Any]) -> bool:
    keys = [key.column.table.name for key in column.foreign_keys]
    if keys:
        own = {"merged_into_id", "changes_id", "retry_of_id", "corrects_id"}
        return column.name not in own and keys[0] in known
    is_needed = not column.nullable and column.default is None and column.server_default is None
    return _is_hers(column, kind) or kind is DataClass.SECRET or is_needed


def _value(column: Column[Any], kind: DataClass, known: dict[str, Any], number: str) -> Any:
    if column.foreign_keys:
        return known[next(iter(column.foreign_keys)).column.table.name]
    if column.name in WHOSE_VALUE_MATTERS:
        return WHOSE_VALUE_MATTERS[column.name]
    if isinstance(column.type, EnumText):
        return next(iter(column.type.words))
    by_type = (one for types, one in VALUES if isinstance(column.type, types))
    words = f"{MARK} {column.table.name}" if _is_hers(column, kind) else "advisor:1"
    return number if column.name == "phone" else next(by_type, words)


def _is_hers(column: Column[Any], kind: DataClass) -> bool:
    """Whether a column holds what is hers: what is sealed is, whatever it is declared to be."""
    is_of_staff = kind is DataClass.STAFF
    return kind in PERSONAL or (isinstance(column.type, SEALED) and not is_of_staff)
