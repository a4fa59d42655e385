"""Told of alerts

When supervisors were last told of an alert. Of an open one that was when it was opened, or later.

Revision ID: 0043
Revises: 0041
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0043"
down_revision: str | None = "0041"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("alert", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE alert SET told_at = opened_at WHERE closed_at IS NULL AND step <> 'screens'")


def downgrade() -> None:
    op.drop_column("alert", "told_at")
