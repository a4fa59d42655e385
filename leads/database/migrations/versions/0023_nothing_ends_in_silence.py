"""Nothing ends in silence

Until when an advisor is away by a rule, and what people are held for, found by its reason.

Revision ID: 0023
Revises: 0015
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

IN_FORCE = sa.text("lifted_at IS NULL")


def upgrade() -> None:
    op.add_column("advisor", sa.Column("away_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "hold_in_force",
        "hold",
        ["reason", "callback_id"],
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )


def downgrade() -> None:
    op.drop_index("hold_in_force", "hold")
    op.drop_column("advisor", "away_until")
