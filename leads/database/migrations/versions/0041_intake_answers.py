"""Intake answers

What an advisor heard on a call, by question, and which questions a helpline asks.

Revision ID: 0041
Revises: 0039
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0041"
down_revision: str | None = "0039"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "intake_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("callback_id", sa.Integer(), nullable=False),
        sa.Column("advisor_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["callback_id"], ["callback.id"]),
        sa.ForeignKeyConstraint(["advisor_id"], ["advisor.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    keys = ["callback_id", "advisor_id", "question"]
    op.create_index("intake_answer_once", "intake_answer", keys, unique=True)
    op.add_column("brand", sa.Column("intake_questions", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("brand", "intake_questions")
    op.drop_table("intake_answer")
