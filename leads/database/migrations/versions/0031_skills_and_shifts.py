"""Skills and shifts

What advisors speak and know, whom people wish to talk to, and who works when.

Revision ID: 0031
Revises: 0030
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0031"
down_revision: str | None = "0030"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INSTANT = sa.DateTime(timezone=True)
STILL_OFFERED = sa.text("kind = 'offered' AND ended_at IS NULL AND taken_at IS NULL")
ADDED = {
    "advisor": (
        "languages",
        "skills",
        "gender",
        "is_rung_on_shifts",
        "shift_duty_until",
        "off_duty_at",
    ),
    "brand": ("skills", "wish_patience"),
    "lead": ("wished_gender", "wished_skill"),
    "callback": ("match",),
}


def upgrade() -> None:
    _add("advisor", _list("languages"), _list("skills"), _words("gender"))
    _add(
        "advisor",
        sa.Column("is_rung_on_shifts", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("shift_duty_until", INSTANT, nullable=True),
        sa.Column("off_duty_at", INSTANT, nullable=True),
    )
    _add(
        "brand",
        _list("skills"),
        sa.Column("wish_patience", sa.Integer(), server_default="10", nullable=False),
    )
    _add("lead", _words("wished_gender"), _words("wished_skill"))
    _add("callback", sa.Column("match", sa.String(), nullable=True))
    op.create_table(
        "weekly_shift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("advisor_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("begins", sa.String(), nullable=False),
        sa.Column("ends", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["advisor_id"], ["advisor.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "weekly_shift_once", "weekly_shift", ["advisor_id", "weekday", "begins"], unique=True
    )
    op.create_table(
        "shift_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("advisor_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("begins", sa.String(), nullable=False),
        sa.Column("ends", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("taken_by", sa.Integer(), nullable=True),
        sa.Column("taken_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["advisor_id"], ["advisor.id"]),
        sa.ForeignKeyConstraint(["taken_by"], ["advisor.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("shift_change_day", "shift_change", ["day"])
    op.create_index(
        "shift_offered_once",
        "shift_change",
        ["advisor_id", "day", "begins"],
        unique=True,
        sqlite_where=STILL_OFFERED,
        postgresql_where=STILL_OFFERED,
    )


def downgrade() -> None:
    op.drop_table("shift_change")
    op.drop_table("weekly_shift")
    for table, names in ADDED.items():
        for name in names:
            op.drop_column(table, name)


def _add(table: str, *columns: sa.Column[Any]) -> None:
    for column in columns:
        op.add_column(table, column)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), server_default="", nullable=False)


def _list(name: str) -> sa.Column[list[str]]:
    return sa.Column(name, sa.JSON(), server_default="[]", nullable=False)
