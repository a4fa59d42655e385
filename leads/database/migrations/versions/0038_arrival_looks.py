"""Arrival looks

From when on the network is asked which texts and calls came to each number of ours: of texts as
before, of calls from the first look on.

Revision ID: 0038
Revises: 0037
"""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision: str = "0038"
down_revision: str | None = "0037"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INSTANT = sa.DateTime(timezone=True)
OVERLAP = timedelta(minutes=10)
LINE = sa.table("helpline_number", sa.column("phone", sa.String))
BRAND = sa.table("brand", sa.column("caller_id", sa.String))
BEAT = sa.table("beat", sa.column("texts_listed_at", INSTANT))
LOOK = sa.table(
    "arrival_look",
    sa.column("kind", sa.String),
    sa.column("phone", sa.String),
    sa.column("since", INSTANT),
)


def upgrade() -> None:
    op.create_table(
        "arrival_look",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("paused_until", INSTANT, nullable=True),
        sa.UniqueConstraint("kind", "phone", name="arrival_look_once"),
    )
    connection = op.get_bind()
    listed_at = connection.execute(sa.select(BEAT.c.texts_listed_at)).scalar()
    if listed_at is not None:
        numbers = sa.union(sa.select(LINE.c.phone), sa.select(BRAND.c.caller_id))
        rows = [
            {"kind": "text", "phone": phone, "since": listed_at - OVERLAP}
            for phone in connection.execute(numbers).scalars()
        ]
        op.bulk_insert(LOOK, rows)
    op.drop_column("beat", "texts_listed_at")


def downgrade() -> None:
    """Go back to one instant for all texts: they are listed from where the last number is."""
    op.add_column("beat", sa.Column("texts_listed_at", INSTANT, nullable=True))
    since = sa.select(sa.func.min(LOOK.c.since)).where(LOOK.c.kind == "text")
    op.execute(BEAT.update().values(texts_listed_at=since.scalar_subquery()))
    op.drop_table("arrival_look")
