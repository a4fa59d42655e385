"""Sealing tasks

What `migrate` has begun to seal and not finished: it comes back to it.

Revision ID: 0060
Revises: 0054
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0060"
down_revision: str | None = "0054"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table("sealing_task", sa.Column("name", sa.String(), primary_key=True))


def downgrade() -> None:
    op.drop_table("sealing_task")
