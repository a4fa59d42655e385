"""Lost callbacks

Which callback left an advisor's hands last without their doing. What was lost before nobody asks
for any more.

Revision ID: 0054
Revises: 0053
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0054"
down_revision: str | None = "0053"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("advisor", sa.Column("lost_callback_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("advisor", "lost_callback_id")
