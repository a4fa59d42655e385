"""Words out of the trail

What people texted, and what their facts were before and after a correction, in tables of their own:
the audit trail keeps ids and the names of fields.

Revision ID: 0015
Revises: 0014
"""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CHUNK = 500
STOP_WORDS = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}

lead = sa.table("lead", sa.column("id", sa.Integer), sa.column("phone", sa.String))
transition = sa.table(
    "transition",
    sa.column("id", sa.Integer),
    sa.column("record", sa.String),
    sa.column("record_id", sa.String),
    sa.column("event", sa.String),
    sa.column("actor", sa.String),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("changes", sa.JSON),
)


def upgrade() -> None:
    text_message = op.create_table(
        "text_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("meaning", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("text_message_once", "text_message", ["lead_id", "message_id"], unique=True)
    fact_change = op.create_table(
        "fact_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("fact", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_fact_change_lead_id", "fact_change", ["lead_id"])
    _take_texts_out(text_message)
    _take_corrections_out(fact_change)


def downgrade() -> None:
    tables = sa.MetaData()
    tables.reflect(op.get_bind(), only=["text_message", "fact_change"])
    text_message, fact_change = tables.tables["text_message"], tables.tables["fact_change"]
    for moves in _chunks_of_moves("text"):
        rows = _rows_by_id(text_message, [move.changes["text_message"] for move in moves])
        _rewrite({move.id: _message_and_words(move, rows) for move in moves})
    for moves in _chunks_of_moves("correct"):
        ids = [number for move in moves for number in move.changes["corrected"].values()]
        rows = _rows_by_id(fact_change, ids)
        _rewrite({move.id: _before_and_after(move, rows) for move in moves})
    op.drop_table("fact_change")
    op.drop_table("text_message")


def _take_texts_out(text_message: sa.Table) -> None:
    """Move every text to its own row.

    A text that two deliveries at once wrote into the trail twice becomes one row, which both name.
    """
    ids = count(1)
    for moves in _chunks_of_moves("text", "said"):
        stored = _stored_texts(text_message, moves)
        phones = _phones_of_leads(moves)
        rows = []
        for move in moves:
            key = (int(move.record_id), move.changes["message"])
            if key not in stored:
                stored[key] = next(ids)
                rows.append({"id": stored[key], **_text_message_row(move, phones[key[0]])})
        _insert(text_message, rows)
        _rewrite(
            {
                move.id: {"text_message": stored[int(move.record_id), move.changes["message"]]}
                for move in moves
            }
        )
    _count_on(text_message)


def _take_corrections_out(fact_change: sa.Table) -> None:
    ids = count(1)
    for moves in _chunks_of_moves("correct", "after"):
        corrected = {move.id: {fact: next(ids) for fact in move.changes["after"]} for move in moves}
        rows = [
            {"id": number, **_fact_change_row(move, fact)}
            for move in moves
            for fact, number in corrected[move.id].items()
        ]
        _insert(fact_change, rows)
        _rewrite({number: {"corrected": facts} for number, facts in corrected.items()})
    _count_on(fact_change)


def _chunks_of_moves(event: str, key: str = "") -> Iterator[list[Any]]:
    """Yield the moves of leads by this event, some at a time; with a key, those that have it."""
    record = transition.c.record.concat("")  # not by its index, which has no order of ids
    theirs = sa.select(transition).where(record == "lead", transition.c.event == event)
    theirs = theirs.order_by(transition.c.id).limit(CHUNK)
    last = 0
    while moves := op.get_bind().execute(theirs.where(transition.c.id > last)).all():
        yield [move for move in moves if not key or key in move.changes]
        last = moves[-1].id


def _stored_texts(text_message: sa.Table, moves: Sequence[Any]) -> dict[tuple[int, str], int]:
    """Return the ids of the texts of these moves that earlier chunks stored."""
    key = sa.tuple_(text_message.c.lead_id, text_message.c.message_id)
    keys = [(int(move.record_id), move.changes["message"]) for move in moves]
    stored = sa.select(text_message).where(key.in_(keys))
    return {(row.lead_id, row.message_id): row.id for row in op.get_bind().execute(stored)}


def _phones_of_leads(moves: Sequence[Any]) -> dict[int, str]:
    phones = sa.select(lead).where(lead.c.id.in_({int(move.record_id) for move in moves}))
    return {row.id: row.phone for row in op.get_bind().execute(phones)}


def _rows_by_id(table: sa.Table, ids: Sequence[int]) -> dict[int, Any]:
    rows = op.get_bind().execute(table.select().where(table.c.id.in_(ids)))
    return {row.id: row for row in rows}


def _insert(table: sa.Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        op.get_bind().execute(table.insert(), rows)


def _rewrite(changes: dict[int, dict[str, Any]]) -> None:
    """Give moves other changes, by the id of the move."""
    if changes:
        one = transition.update().where(transition.c.id == sa.bindparam("number"))
        rows = [{"number": number, "changed": new} for number, new in changes.items()]
        op.get_bind().execute(one.values(changes=sa.bindparam("changed")), rows)


def _count_on(table: sa.Table) -> None:
    """Let PostgreSQL number new rows after those that were inserted with their ids."""
    if op.get_bind().dialect.name == "postgresql":
        following = sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0) + 1).scalar_subquery()
        sequence = sa.func.pg_get_serial_sequence(table.name, "id")
        op.get_bind().execute(sa.select(sa.func.setval(sequence, following, False)))


def _text_message_row(move: Any, phone: str) -> dict[str, Any]:
    body = move.changes["said"]
    word = "".join(letter for letter in body.lower() if letter.isalpha())
    return {
        "lead_id": int(move.record_id),
        "phone": phone,
        "message_id": move.changes["message"],
        "body": body,
        "meaning": "stop" if word in STOP_WORDS else "words",
        "received_at": move.at,
    }


def _fact_change_row(move: Any, fact: str) -> dict[str, Any]:
    return {
        "lead_id": int(move.record_id),
        "fact": fact,
        "before": move.changes["before"][fact],
        "after": move.changes["after"][fact],
        "by": move.actor,
        "at": move.at,
    }


def _message_and_words(move: Any, rows: dict[int, Any]) -> dict[str, Any]:
    row = rows[move.changes["text_message"]]
    return {"message": row.message_id, "said": row.body}


def _before_and_after(move: Any, rows: dict[int, Any]) -> dict[str, Any]:
    facts = {fact: rows[number] for fact, number in move.changes["corrected"].items()}
    return {
        "before": {fact: row.before for fact, row in facts.items()},
        "after": {fact: row.after for fact, row in facts.items()},
    }
