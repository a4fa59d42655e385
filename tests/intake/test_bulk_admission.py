"""People of whom nothing is known are admitted together, as if it were one after the other."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import SQLModel, col, select

from leads.contact_rules import suppression
from leads.database.engine import current_engine, has_one_writer
from leads.database.transactions import reader, transaction
from leads.helplines import brands_and_sources
from leads.i18n.messages import own_words
from leads.intake import processing, raw_inbox
from leads.intake.raw_inbox import Arrival
from leads.models.calls import Callback, GateDecision, Hold
from leads.models.requests import Consent, Lead, Submission
from leads.models.watching import Transition
from leads.models.words import SubmissionState
from tests.conftest import NOW

NIGHT = NOW.replace(hour=3)
TOLD: dict[type[SQLModel], tuple[str, ...]] = {
    Submission: ("state", "reason", "vendor_id", "reading"),
    Lead: ("phone", "name", "any_hour", "safe_to_call", "zip", "state", "close_reason"),
    Consent: ("phone", "granted", "wording", "channels"),
    Callback: (
        "state",
        "received_at",
        "promised_at",
        "due_at",
        "in_danger",
        "asked_again",
        "is_held",
    ),
    Hold: ("reason", "values", "since", "by", "lifted_at"),
    GateDecision: ("moment", "allowed", "reasons", "rules", "not_before"),
    Transition: ("record", "event", "before", "after", "actor", "at"),
}
STOPPED = 7


def a_mixed_lot(prefix: str) -> list[dict[str, Any]]:
    """Return people who are new, ask twice, share an id, may not be rung, or cannot be read."""
    number = [f"{prefix}{which}" for which in range(10)]
    return [
        {
            "phone": number[0],
            "name": "Ann",
            "any_hour": True,
            "consent": True,
            "consent_text": "Call me.",
        },
        {"phone": number[1], "name": "Bob", "best_time": "evening", "zip": "13202"},
        {"phone": number[2], "message": "I want to kill myself"},
        {"phone": number[3], "id": "v-1001", "name": "Dan"},
        {"phone": number[4], "id": "v-1001", "name": "Eve"},
        {"phone": number[5], "name": "Flo"},
        {"phone": number[5], "name": "Flo", "message": "Please call."},
        {"phone": number[6], "safe_to_call": False},
        {"phone": number[STOPPED], "name": "Hal"},
        {"id": "v-1002", "name": "Ida"},
        {"phone": number[8], "id": "v-1002", "name": "Ida"},
        {"phone": number[9], "consent": False, "consent_text": "Call me."},
        {"message": "no number at all"},
    ]


@pytest.mark.parametrize("now", [NOW, NIGHT], ids=["day", "night"])
@pytest.mark.usefixtures("database")
def test_many_at_once_come_to_the_same_as_one_after_the_other(now: datetime) -> None:
    one_by_one, together = _source("one by one", "+1315555110"), _source("together", "+1315555120")
    for body in a_mixed_lot("+1315555110"):
        _store(one_by_one, body, now=now)
        with transaction() as session:
            received = select(Submission).where(Submission.state == SubmissionState.RECEIVED)
            processing.process_submission(session, session.exec(received).one(), now=now)
    before = _rows()
    _admit(together, *a_mixed_lot("+1315555120"), now=now)
    came = {kind: rows[len(before[kind]) :] for kind, rows in _rows().items()}
    assert _without_order(came) == _without_order(before)


@pytest.mark.usefixtures("database")
def test_fifty_strangers_take_hardly_more_statements_than_one() -> None:
    source = _source("site", "+1315555110")
    with_one = _statements_to_admit(source, {"phone": "+13155551100"})
    with_fifty = _statements_to_admit(
        source, *({"phone": f"+131555512{which:02d}"} for which in range(50))
    )
    each = 3 if has_one_writer() else 1  # there a lead and a callback come to their ids one by one
    assert with_fifty - with_one <= 49 * each


def _source(name: str, prefix: str) -> int:
    with transaction() as session:
        brands_and_sources.add_brand(session, f"{name} line", now=NOW)
        suppression.suppress_number(
            session, f"{prefix}{STOPPED}", reason=own_words("STOP"), actor="network", now=NOW
        )
        return brands_and_sources.add_source(session, name, brand_name=f"{name} line", now=NOW).id


def _admit(source: int, *bodies: dict[str, Any], now: datetime = NOW) -> None:
    _store(source, *bodies, now=now)
    processing.process_received_submissions(now=lambda: now)


def _store(source: int, *bodies: dict[str, Any], now: datetime) -> None:
    raw_inbox.store_arrivals(
        [Arrival(source, now, "application/json", json.dumps(body).encode()) for body in bodies]
    )


def _statements_to_admit(source: int, *bodies: dict[str, Any]) -> int:
    statements: list[str] = []

    def note(*about: Any) -> None:
        statements.append(about[2])

    event.listen(current_engine(), "before_cursor_execute", note)
    _admit(source, *bodies)
    event.remove(current_engine(), "before_cursor_execute", note)
    return len(statements)


def _rows() -> dict[str, list[str]]:
    """Return what is told of everything, oldest first.

    There are no ids in it, and every lot's numbers are alike.
    """
    with reader() as session:
        found = {kind: session.exec(select(kind).order_by(col(kind.id))).all() for kind in TOLD}  # type: ignore[attr-defined] # all have one
    return {
        kind.__name__: [str([getattr(row, name) for name in TOLD[kind]]) for row in rows]
        for kind, rows in found.items()
    }


def _without_order(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    alike = {
        kind: [re.sub(r"submission \d+", "submission", row) for row in those]
        for kind, those in rows.items()
    }
    return {
        kind: sorted(row.replace("315555120", "315555110") for row in those)
        for kind, those in alike.items()
    }
