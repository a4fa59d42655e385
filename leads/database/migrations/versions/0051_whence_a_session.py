"""Whence a session

From where and in which browser a session was begun, for its owner to see. Of earlier ones nobody
knows it.

Revision ID: 0051
Revises: 0050
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0051"
down_revision: str | None = "0050"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    for name in ("address", "browser"):
        op.add_column("sign_in", sa.Column(name, sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    for name in ("address", "browser"):
        op.drop_column("sign_in", name)
