"""Colleagues by phone

Whether a number is a colleague's own is asked of every request, offer and call.

Revision ID: 0045
Revises: 0044
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0045"
down_revision: str | None = "0044"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("ix_advisor_phone", "advisor", ["phone"])


def downgrade() -> None:
    op.drop_index("ix_advisor_phone", "advisor")
