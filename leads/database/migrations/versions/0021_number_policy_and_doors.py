"""Number policy, budgets of new numbers, doors, and answers in the address

Revision ID: 0021
Revises: 0015
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INSTANT = sa.DateTime(timezone=True)
LIVE = sa.text("state IN ('requested', 'ringing_advisor', 'ringing_lead', 'bridged')")
ONE_LIVE_CALL = {
    "attempt_one_live_per_phone": "phone",
    "attempt_one_live_per_advisor_phone": "advisor_phone",
}


def upgrade() -> None:
    """Every source keeps its form's address; a source with a secret closes its hosted form."""
    _add("brand", sa.Column("called_countries", sa.JSON(), server_default="[]", nullable=False))
    _add("brand", sa.Column("called_kinds", sa.JSON(), server_default="[]", nullable=False))
    _add("brand", _count("new_numbers_per_hour", 600))
    _add("source", _count("new_numbers_per_hour", 300))
    _add("source", _yes_no("takes_hosted_form", sa.true()))
    op.execute(
        "UPDATE source SET takes_hosted_form = false "
        "WHERE CAST(secrets AS VARCHAR) NOT IN ('[]', 'null')"
    )
    _add("submission", sa.Column("query", sa.String(), server_default="", nullable=False))
    _add("submission", _yes_no("is_query_read", sa.false()))
    _add("submission", _yes_no("is_of_burst", sa.false()))
    _add("callback", _yes_no("is_of_burst", sa.false()))
    _add("call_attempt", sa.Column("advisor_phone", sa.String(), nullable=True))
    for name, column in ONE_LIVE_CALL.items():
        op.create_index(
            name,
            "call_attempt",
            [column],
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        )
    op.drop_index("callback_received", table_name="callback")
    op.create_index("callback_received", "callback", ["received_at", "brand_id", "source_id"])
    op.create_table(
        "confirmed_number",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("phone"),
    )


def downgrade() -> None:
    """Forget policies, budgets, doors and what came in addresses."""
    op.drop_table("confirmed_number")
    op.drop_index("callback_received", table_name="callback")
    op.create_index("callback_received", "callback", ["received_at"])
    for name in ONE_LIVE_CALL:
        op.drop_index(name, table_name="call_attempt")
    for table, columns in {
        "call_attempt": ("advisor_phone",),
        "callback": ("is_of_burst",),
        "submission": ("is_of_burst", "is_query_read", "query"),
        "source": ("takes_hosted_form", "new_numbers_per_hour"),
        "brand": ("new_numbers_per_hour", "called_kinds", "called_countries"),
    }.items():
        for column in columns:
            op.drop_column(table, column)


def _add(table: str, column: sa.Column[Any]) -> None:
    """Add a column in place: a table of many rows is not copied."""
    op.add_column(table, column)


def _count(name: str, default: int) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default=str(default), nullable=False)


def _yes_no(name: str, default: sa.ColumnElement[bool]) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=default, nullable=False)
