"""Given up index

Whom every try missed, by when: alerts and the work list read the last thirty days of them alone.

Revision ID: 0104
Revises: 0103
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0104"
down_revision: str | None = "0103"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

EXHAUSTED = sa.text("state = 'exhausted'")


def upgrade() -> None:
    op.create_index(
        "callback_given_up",
        "callback",
        ["state", "finished_at", "brand_id", "close_reason"],
        sqlite_where=EXHAUSTED,
        postgresql_where=EXHAUSTED,
    )


def downgrade() -> None:
    op.drop_index("callback_given_up", "callback")
