"""A key for what is sealed

Kept under the keys of SECRET_KEY or of the key file, so that those can change and no row does.

Revision ID: 0046
Revises: 0045
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0046"
down_revision: str | None = "0045"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NO_WAY_BACK = "This database is sealed: what came before cannot read it. Restore a backup instead."


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("wrapped", sa.String(), nullable=False),
    )


def downgrade() -> None:
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM data_key")):
        raise RuntimeError(NO_WAY_BACK)
    op.drop_table("data_key")
