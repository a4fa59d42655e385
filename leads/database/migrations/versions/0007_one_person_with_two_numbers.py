"""One person with two numbers

Revision ID: 0007
Revises: 0006
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INSTANT = sa.DateTime(timezone=True)
IN_FORCE = sa.text("undone_at IS NULL")


def upgrade() -> None:
    # As it is, not in a batch: SQLite would make the table anew, and its rows are referred to.
    op.execute("ALTER TABLE lead ADD COLUMN merged_into_id INTEGER REFERENCES lead (id)")
    op.create_index("ix_lead_merged_into_id", "lead", ["merged_into_id"])
    with op.batch_alter_table("advisor", schema=None) as batch_op:
        batch_op.add_column(sa.Column("away_at", INSTANT, nullable=True))
    op.create_table(
        "merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("survivor_id", sa.Integer(), nullable=False),
        sa.Column("moved_id", sa.Integer(), nullable=True),
        sa.Column("dropped_id", sa.Integer(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.Column("undone_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.ForeignKeyConstraint(["survivor_id"], ["lead.id"]),
        sa.ForeignKeyConstraint(["moved_id"], ["callback.id"]),
        sa.ForeignKeyConstraint(["dropped_id"], ["callback.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_merge_survivor_id", "merge", ["survivor_id"])
    op.create_index(
        "merge_once",
        "merge",
        ["lead_id"],
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )


def downgrade() -> None:
    op.drop_table("merge")
    with op.batch_alter_table("advisor", schema=None) as batch_op:
        batch_op.drop_column("away_at")
    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.drop_index("ix_lead_merged_into_id")
        batch_op.drop_column("merged_into_id")
