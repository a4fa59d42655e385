"""Whatever is kept of very many people who asked for help, made inside the database.

The same number of people came each day, so that more of them are more of the past: whoever waits,
and what a day or a month holds, is as much however many there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, DateTime, Integer, LargeBinary, text
from sqlmodel import Session, SQLModel

from leads import person_search
from leads.database.bulk_rows import table_of
from leads.models.calls import Callback, CallLeg, GateDecision, ProviderEvent
from leads.models.fields import EnumText
from leads.models.inbound import InboundCall
from leads.models.outbox import Outbox
from leads.models.requests import Consent, Lead, LeadWord, OutgoingText, Submission, TextMessage
from leads.models.watching import Transition
from tests.bench import many_leads
from tests.bench.many_leads import ASKED, AT, COUNT, KEY

WAITING, FINDABLE = 50, 50  # people: the last who came, and the first
PHONE = "'+1' || (2120000000 + n)"
GROWN: Mapping[type[SQLModel], Mapping[str, str]] = {
    Submission: {
        "id": "n",
        "source_id": "n % 5 + 1",
        "lead_id": "n",
        "callback_id": "n",
        "state": "'admitted'",
        "body_sha256": "{key}",
        "content_sha256": "{key}",
        "vendor_id": "CASE WHEN n % 2 = 0 THEN '' || n END",
        "delivery_id": "CASE WHEN n % 3 = 0 THEN '' || n END",
    },
    Consent: {"id": "n", "submission_id": "n", "lead_id": "n", "phone": PHONE},
    Transition: {"id": "n", "record": "'callback'", "record_id": "'' || n", "event": "'claim'"},
    Outbox: {"id": "n", "kind": "'place_call'", "state": "'sent'", "attempt_id": "{key}"},
    CallLeg: {"id": "n", "attempt_id": "{key}", "party": "'lead'", "status": "'completed'"},
    ProviderEvent: {"id": "n", "attempt_id": "{key}", "provider_call_id": "'CA' || n"},
    GateDecision: {"id": "n", "lead_id": "n", "callback_id": "n"},
    InboundCall: {
        "id": "{key}",
        "provider_call_id": "'CA' || n",
        "phone": PHONE,
        "brand_id": "1",
        "callback_id": "n",
        "state": "'abandoned'",
    },
    TextMessage: {"id": "n", "phone": PHONE, "message_id": "'SM' || n", "lead_id": "n"},
    OutgoingText: {"id": "n", "phone": PHONE, "lead_id": "n", "brand_id": "1"},
    LeadWord: {"word": "n * 7919", "lead_id": "n"},
}
"""What there is of each person, in the database's words; what is not named is empty."""


def fill_every_table(session: Session, *, leads: int, a_day: int, now: datetime) -> None:
    """Make so many people, of whom `a_day` came each day, and what is kept of each."""
    many_leads.WAITS = f"n > {leads - WAITING}"
    many_leads.fill(session, leads=leads, days=leads // a_day, now=now)
    for kind, values in GROWN.items():
        _insert_for_each(session, kind, values, leads=leads, days=leads // a_day, now=now)
    if session.connection().dialect.name == "postgresql":
        _number_what_follows(session, leads)
    person_search.write_search_words(session, range(1, FINDABLE + 1))


def _number_what_follows(session: Session, last: int) -> None:
    """Let new rows have ids beyond those that were given here."""
    numbered = [kind for kind, values in GROWN.items() if values.get("id") == "n"]
    for kind in (Lead, Callback, *numbered):
        known = {"kind": f'"{kind.__tablename__}"', "last": last}
        session.connection().execute(
            text("SELECT setval(pg_get_serial_sequence(:kind, 'id'), :last)"), known
        )


def _insert_for_each(
    session: Session,
    kind: type[SQLModel],
    values: Mapping[str, str],
    *,
    leads: int,
    days: int,
    now: datetime,
) -> None:
    dialect = session.connection().dialect
    at, key = AT[dialect.name].format(ASKED), KEY[dialect.name].format("n", "0")
    columns = {
        column.name: values.get(column.name) or _nothing(column, at, dialect)
        for column in table_of(kind).columns
        if column.name in values or not column.nullable
    }
    names, spelled = ", ".join(f'"{name}"' for name in columns), ", ".join(columns.values())
    period, into = days * 86400, f'INSERT INTO "{kind.__tablename__}" ({names})'
    statement = f"{into} {COUNT[dialect.name]} SELECT {spelled} FROM n"
    about = {"leads": leads, "start": now.timestamp() - period, "step": period / (leads + 1)}
    known = text(statement.format(key=key))
    used = {name: value for name, value in about.items() if f":{name}" in known.text}
    session.connection().execute(known, used)


def _nothing(column: Column[Any], at: str, dialect: Any) -> str:
    """Return the words of the database for a column that says nothing."""
    if isinstance(column.type, EnumText):
        is_set = column.default is not None and column.default.is_scalar
        return f"'{column.default.arg if is_set else next(iter(column.type.words))}'"
    stored = column.type.dialect_impl(dialect)
    stored = getattr(stored, "impl", stored)
    kinds: dict[type[Any], str] = {
        DateTime: at,
        Boolean: "false",
        Integer: "0",
        LargeBinary: "''" if dialect.name == "sqlite" else "''::bytea",
        JSON: "'{{}}'",
    }
    return next((words for kind, words in kinds.items() if isinstance(stored, kind)), "''")
