"""Served helplines

Which helplines a colleague serves. Everybody who is there serves all of them, as before.

Revision ID: 0090
Revises: 0071
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0090"
down_revision: str | None = "0071"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("advisor", sa.Column("helplines", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("advisor", "helplines")
