"""What a text asks for

A stop may be of calls or of texts alone; a text may come from somebody whom nobody knows, and wait
for a person.

Revision ID: 0018
Revises: 0015
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

IN_FORCE = sa.text("lifted_at IS NULL")
WAITS = sa.text("waits")


def upgrade() -> None:
    op.add_column(
        "suppression", sa.Column("channel", sa.String(), nullable=False, server_default="all")
    )
    _index_suppressions("phone", "channel")
    with op.batch_alter_table("text_message") as table:
        table.drop_index("text_message_once")
        table.alter_column("lead_id", existing_type=sa.Integer(), nullable=True)
        table.add_column(
            sa.Column("waits", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.create_index("text_message_once", "text_message", ["phone", "message_id"], unique=True)
    op.create_index("ix_text_message_lead_id", "text_message", ["lead_id"])
    op.create_index(
        "text_message_waits",
        "text_message",
        ["id"],
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )


def downgrade() -> None:
    """Go back: texts of nobody go, and a stop of one channel becomes a stop of all."""
    op.execute("DELETE FROM text_message WHERE lead_id IS NULL")
    op.drop_index("text_message_waits", "text_message")
    op.drop_index("ix_text_message_lead_id", "text_message")
    with op.batch_alter_table("text_message") as table:
        table.drop_index("text_message_once")
        table.drop_column("waits")
        table.alter_column("lead_id", existing_type=sa.Integer(), nullable=False)
    op.create_index("text_message_once", "text_message", ["lead_id", "message_id"], unique=True)
    op.execute(
        "DELETE FROM suppression WHERE lifted_at IS NULL AND id NOT IN"
        " (SELECT min(id) FROM suppression WHERE lifted_at IS NULL GROUP BY phone)"
    )
    _index_suppressions("phone")
    op.drop_column("suppression", "channel")


def _index_suppressions(*columns: str) -> None:
    """Keep a number suppressed once, by these columns."""
    op.drop_index("suppression_in_force", "suppression")
    op.create_index(
        "suppression_in_force",
        "suppression",
        list(columns),
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )
