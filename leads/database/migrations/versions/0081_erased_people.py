"""Erased people

When a person was erased, in which zones and states the figures count their hours, and the hash of
a number that must not be contacted and that nobody knows any more.

Revision ID: 0081
Revises: 0080
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0081"
down_revision: str | None = "0080"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEPT = sa.text("number_hash IS NOT NULL")


def upgrade() -> None:
    op.add_column("lead", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("lead", sa.Column("kept_place", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("suppression", sa.Column("number_hash", sa.BigInteger(), nullable=True))
    op.create_index(
        "suppression_kept",
        "suppression",
        ["number_hash"],
        sqlite_where=KEPT,
        postgresql_where=KEPT,
    )


def downgrade() -> None:
    op.drop_index("suppression_kept", "suppression")
    op.drop_column("suppression", "number_hash")
    op.drop_column("lead", "kept_place")
    op.drop_column("lead", "erased_at")
