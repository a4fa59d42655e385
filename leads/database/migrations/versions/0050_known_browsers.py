"""Known browsers

Browsers in which a colleague has signed in: wrong passwords from elsewhere do not lock them out.
Nobody knows one before they have signed in there again.

Revision ID: 0050
Revises: 0046
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0050"
down_revision: str | None = "0046"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "known_browser",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("advisor_id", sa.Integer(), nullable=False),
        sa.Column("browser_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["advisor_id"], ["advisor.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("browser_hash", "advisor_id"),
    )
    op.create_index("ix_known_browser_advisor_id", "known_browser", ["advisor_id"])
    op.create_index("ix_known_browser_seen_at", "known_browser", ["seen_at"])
    op.add_column("lockout", sa.Column("locked_since", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE lockout SET locked_since = failed_at WHERE locked_until IS NOT NULL")


def downgrade() -> None:
    op.drop_column("lockout", "locked_since")
    op.drop_table("known_browser")
