"""Keys of call presets

What is pressed once somebody whom a helpline brings into calls answers, such as a client code.

Revision ID: 0035
Revises: 0034
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0035"
down_revision: str | None = "0034"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("call_preset", sa.Column("keys", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("call_preset", "keys")
