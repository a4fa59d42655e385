"""Requests by hand

Who entered a request by hand, and was told what its consent says.

Revision ID: 0039
Revises: 0038
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0039"
down_revision: str | None = "0038"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    for table, column in (("submission", "entered_by"), ("consent", "recorded_by")):
        op.add_column(table, sa.Column(column, sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("consent", "recorded_by")
    op.drop_column("submission", "entered_by")
