"""Disclosures

What was told about somebody, to whom, and by what right.

Revision ID: 0101
Revises: 0100
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0101"
down_revision: str | None = "0100"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "disclosure",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("lead_id", sa.Integer(), sa.ForeignKey("lead.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("information", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column(
            "consent_id", sa.Integer(), sa.ForeignKey("disclosure_consent.id"), nullable=True
        ),
        sa.Column("notice", sa.String(), nullable=False),
        sa.Column("leg_id", sa.Integer(), sa.ForeignKey("call_leg.id"), nullable=True),
        sa.Column("corrects_id", sa.Integer(), sa.ForeignKey("disclosure.id"), nullable=True),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("corrects_id", name="uq_disclosure_corrects_id"),
    )
    op.create_index("disclosure_of_lead", "disclosure", ["lead_id", "at"])
    op.create_index("ix_disclosure_consent_id", "disclosure", ["consent_id"])
    op.create_index("ix_disclosure_leg_id", "disclosure", ["leg_id"])


def downgrade() -> None:
    op.drop_table("disclosure")
