"""Words out of the trail

What people texted, and what their facts were before and after a correction, in tables of their own:
the audit trail keeps ids and the names of fields.

Revision ID: 0015
Revises: 0014
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

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
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("meaning", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_text_message_lead_id", "text_message", ["lead_id"])
    op.create_index("ix_text_message_message_id", "text_message", ["message_id"])
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
    for move in _moves("text"):
        if "said" in move.changes:
            row = _insert(text_message, _text_message_row(move))
            _rewrite(move, {"text_message": row})
    for move in _moves("correct"):
        if "after" in move.changes:
            corrected = {
                fact: _insert(fact_change, _fact_change_row(move, fact))
                for fact in move.changes["after"]
            }
            _rewrite(move, {"corrected": corrected})


def downgrade() -> None:
    connection, tables = op.get_bind(), sa.MetaData()
    tables.reflect(connection, only=["text_message", "fact_change"])
    texts = {row.id: row for row in connection.execute(tables.tables["text_message"].select())}
    facts = {row.id: row for row in connection.execute(tables.tables["fact_change"].select())}
    for move in _moves("text"):
        row = texts[move.changes["text_message"]]
        _rewrite(move, {"message": row.message_id, "said": row.body})
    for move in _moves("correct"):
        rows = {fact: facts[number] for fact, number in move.changes["corrected"].items()}
        before = {fact: row.before for fact, row in rows.items()}
        _rewrite(move, {"before": before, "after": {fact: row.after for fact, row in rows.items()}})
    op.drop_table("fact_change")
    op.drop_table("text_message")


def _moves(event: str) -> Sequence[Any]:
    theirs = sa.select(transition).where(transition.c.record == "lead")
    return op.get_bind().execute(
        theirs.where(transition.c.event == event).order_by(transition.c.id)
    ).all()


def _insert(table: sa.Table, row: dict[str, Any]) -> int:
    return int(op.get_bind().execute(table.insert().returning(table.c.id), row).scalar_one())


def _rewrite(move: Any, changes: dict[str, Any]) -> None:
    op.get_bind().execute(
        transition.update().where(transition.c.id == move.id).values(changes=changes)
    )


def _text_message_row(move: Any) -> dict[str, Any]:
    number = sa.select(lead.c.phone).where(lead.c.id == int(move.record_id))
    body = move.changes["said"]
    word = "".join(letter for letter in body.lower() if letter.isalpha())
    return {
        "lead_id": int(move.record_id),
        "phone": op.get_bind().execute(number).scalar_one(),
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
