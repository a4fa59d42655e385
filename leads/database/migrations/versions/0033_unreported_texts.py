"""Unreported texts

When the network is to be asked what became of a text, because it may have told us in vain.

Revision ID: 0033
Revises: 0032
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0033"
down_revision: str | None = "0032"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

IS_TO_ASK = sa.text("ask_at IS NOT NULL")


def upgrade() -> None:
    """What stands as with the network is asked about at once; it says that others were sent."""
    op.add_column("outgoing_text", sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE outgoing_text SET ask_at = status_at"
        " WHERE status = 'queued' AND message_id IS NOT NULL"
    )
    op.create_index(
        "outgoing_text_to_ask_about",
        "outgoing_text",
        ["ask_at"],
        sqlite_where=IS_TO_ASK,
        postgresql_where=IS_TO_ASK,
    )


def downgrade() -> None:
    op.drop_index("outgoing_text_to_ask_about", "outgoing_text")
    op.drop_column("outgoing_text", "ask_at")
