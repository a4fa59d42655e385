"""Words of a person

By these, the hashes of somebody who is erased go without a look through everybody's.

Revision ID: 0063
Revises: 0062
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0063"
down_revision: str | None = "0062"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("ix_lead_word_lead_id", "lead_word", ["lead_id"])


def downgrade() -> None:
    op.drop_index("ix_lead_word_lead_id", "lead_word")
