"""Emergency access

Files of another helpline that somebody opened because it could not wait, and what a review found.

Revision ID: 0103
Revises: 0091
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0103"
down_revision: str | None = "0091"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NOT_REVIEWED = sa.text("reviewed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "emergency_access",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("lead_id", sa.Integer(), sa.ForeignKey("lead.id"), nullable=False),
        sa.Column("advisor_id", sa.Integer(), sa.ForeignKey("advisor.id"), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.String(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("was_in_order", sa.Boolean(), nullable=True),
        sa.Column("review_words", sa.String(), nullable=False),
    )
    op.create_index("ix_emergency_access_lead_id", "emergency_access", ["lead_id"])
    op.create_index("emergency_access_of_advisor", "emergency_access", ["advisor_id", "ends_at"])
    op.create_index(
        "emergency_access_to_review",
        "emergency_access",
        ["opened_at"],
        sqlite_where=NOT_REVIEWED,
        postgresql_where=NOT_REVIEWED,
    )


def downgrade() -> None:
    op.drop_table("emergency_access")
