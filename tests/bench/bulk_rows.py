"""What `leads.database.bulk_rows` gains over SQLAlchemy's own ways of inserting many rows.

`make bench` runs it on both databases. A row's time includes making what describes it; both ways
take turns, so that whatever else the machine does falls on both.
"""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from leads.database.bulk_rows import insert_returning, insert_rows, table_of
from leads.database.transactions import transaction
from leads.models.enums import LeadState
from leads.models.requests import Lead
from leads.models.watching import Transition
from tests.bench.form_to_call import database
from tests.conftest import NOW

COUNTS = (1, 10, 50, 200)  # rows at once
ROUNDS = 40
COLUMNS = ("database", "what", "rows", "ours, us a row", "SQLAlchemy's", "ratio")

Insert = Callable[[Session, Sequence[Mapping[str, Any]]], object]
_numbers = itertools.count()


def main() -> None:
    """Print one line for each database, kind of insert, and count of rows."""
    print("".join(f"{column:>18}" for column in COLUMNS), flush=True)
    for name in ("sqlite", "postgresql"):
        with database(name):
            for what in WAYS:
                for count in COUNTS:
                    ours, theirs = measure(what, count, rounds=ROUNDS)
                    figures = (f"{ours:.0f}", f"{theirs:.0f}", f"{theirs / ours:.2f}")
                    line = (name, what, count, *figures)
                    print("".join(f"{cell:>18}" for cell in line), flush=True)


def measure(what: str, count: int, *, rounds: int) -> tuple[float, float]:
    """Return the median microseconds a row of our way and of SQLAlchemy's, by turns."""
    describe, ours, theirs = WAYS[what]
    spans: dict[Insert, list[float]] = {ours: [], theirs: []}
    for number in range(rounds):
        for way in (ours, theirs) if number % 2 else (theirs, ours):
            spans[way].append(_time_inserting(way, describe, count))
    return statistics.median(spans[ours]) / count, statistics.median(spans[theirs]) / count


def _time_inserting(way: Insert, describe: Callable[[], Mapping[str, Any]], count: int) -> float:
    """Return the microseconds that it takes in a transaction; what the commit takes is not ours."""
    with transaction() as session:
        session.connection()
        began = time.perf_counter()
        way(session, [describe() for _ in range(count)])
        return (time.perf_counter() - began) * 1_000_000


def _describe_transition() -> dict[str, Any]:
    moved = {"record": "callback", "record_id": str(next(_numbers)), "event": "offer"}
    states = {"before": "waiting", "after": "claimed", "changes": {"advisor_id": 1}}
    return {**moved, **states, "actor": "bench", "at": NOW}


def _describe_lead() -> dict[str, Any]:
    return {"phone": f"+1{next(_numbers):010}", "name": "Ana", "created_at": NOW, "zip": "13202"}


def _insert_transitions(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    insert_rows(session, Transition, rows)


def _insert_transitions_plainly(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    session.connection().execute(insert(table_of(Transition)), rows)


def _insert_leads(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[Lead]:
    return insert_returning(session, Lead, rows, key="phone")


def _insert_leads_plainly(
    session: Session, rows: Sequence[Mapping[str, Any]]
) -> Sequence[SQLModel]:
    whole = [STATE | dict(row) for row in rows]
    return session.scalars(INSERT_LEADS, whole).all()


STATE = {"state": LeadState.OPEN}  # the default that only the model knows
INSERT_LEADS = insert(Lead).returning(Lead, sort_by_parameter_order=True)
WAYS: dict[str, tuple[Callable[[], Mapping[str, Any]], Insert, Insert]] = {
    "transitions": (_describe_transition, _insert_transitions, _insert_transitions_plainly),
    "leads as records": (_describe_lead, _insert_leads, _insert_leads_plainly),
}


if __name__ == "__main__":
    main()
