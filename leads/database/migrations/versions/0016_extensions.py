"""Extensions

The digits behind a person's number, apart from it: they are dialed once the call is answered.

Revision ID: 0016
Revises: 0015
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    column = sa.Column("phone_extension", sa.String(), nullable=False, server_default="")
    op.add_column("lead", column)


def downgrade() -> None:
    op.drop_column("lead", "phone_extension")
