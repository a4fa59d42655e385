"""Requests by hand, safe times and tasks

Who entered a request by hand, and was told what its consent says; how people were reached without a
call, and when they agreed that one is safe; what colleagues are to do for a person.

Revision ID: 0039
Revises: 0038
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0039"
down_revision: str | None = "0038"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NOT_DONE, BY_HAND = sa.text("done_at IS NULL"), sa.text("entered_by <> ''")


def _instant(name: str, *, optional: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def upgrade() -> None:
    for table, column in (("submission", "entered_by"), ("consent", "recorded_by")):
        op.add_column(table, sa.Column(column, sa.String(), server_default="", nullable=False))
    op.create_index(
        "submission_entered_by",
        "submission",
        ["entered_by"],
        sqlite_where=BY_HAND,
        postgresql_where=BY_HAND,
    )
    for name in ("safe_from", "safe_until"):
        op.add_column("callback", _instant(name, optional=True))
    op.create_table(
        "outreach",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("lead_id", sa.Integer(), sa.ForeignKey("lead.id"), nullable=False),
        sa.Column("callback_id", sa.Integer(), sa.ForeignKey("callback.id"), nullable=True),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        _instant("at"),
        sa.Column("agreed_with", sa.String(), nullable=False),
        _instant("safe_from", optional=True),
        _instant("safe_until", optional=True),
    )
    op.create_index("ix_outreach_lead_id", "outreach", ["lead_id"])
    op.create_index("ix_outreach_callback_id", "outreach", ["callback_id"])
    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("lead_id", sa.Integer(), sa.ForeignKey("lead.id"), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("advisor_id", sa.Integer(), sa.ForeignKey("advisor.id"), nullable=False),
        _instant("due_at"),
        sa.Column("created_by", sa.String(), nullable=False),
        _instant("created_at"),
        sa.Column("done_by", sa.String(), nullable=False),
        _instant("done_at", optional=True),
    )
    op.create_index("ix_task_lead_id", "task", ["lead_id"])
    for name, column in (("task_due", "due_at"), ("task_of_advisor", "advisor_id")):
        op.create_index(name, "task", [column], sqlite_where=NOT_DONE, postgresql_where=NOT_DONE)


def downgrade() -> None:
    op.drop_table("task")
    op.drop_table("outreach")
    for name in ("safe_until", "safe_from"):
        op.drop_column("callback", name)
    op.drop_index("submission_entered_by", "submission")
    op.drop_column("consent", "recorded_by")
    op.drop_column("submission", "entered_by")
