"""A key to find by

By which the database compares phone numbers that it cannot read, and finds people by words of which
it has the hashes alone. Numbers of before are sealed by `migrate`, which remembers that until it is
done: no desk starts before.

Revision ID: 0061
Revises: 0060
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0061"
down_revision: str | None = "0060"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WHERE_NUMBERS_ARE = ("brand", "advisor", "lead", "suppression", "inbound_call")
NO_WAY_BACK = "This database is sealed: what came before cannot read it. Restore a backup instead."


def upgrade() -> None:
    op.create_table(
        "lookup_key",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("wrapped", sa.String(), nullable=False),
    )
    op.create_table(
        "lead_word",
        sa.Column("word", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column(
            "lead_id", sa.Integer(), sa.ForeignKey("lead.id", ondelete="CASCADE"), primary_key=True
        ),
        sqlite_with_rowid=False,
    )
    if any(map(_has_rows, WHERE_NUMBERS_ARE)):
        op.execute("INSERT INTO sealing_task (name) VALUES ('matched_columns')")
    if _has_rows("lead"):
        op.execute("INSERT INTO sealing_task (name) VALUES ('search_words')")


def downgrade() -> None:
    if _has_rows("lookup_key"):
        raise RuntimeError(NO_WAY_BACK)
    op.execute("DELETE FROM sealing_task")
    op.drop_table("lead_word")
    op.drop_table("lookup_key")


def _has_rows(table: str) -> bool:
    some = sa.select(sa.text("1")).select_from(sa.table(table)).limit(1)
    return op.get_bind().scalar(some) is not None
