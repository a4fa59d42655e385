"""Open work indexes

Whom every try missed, by when, and which texts wait: what is read of them over and over is found
in an index and not among all callbacks and all texts. That of the texts is made anew, in the words
of the query: a partial index serves no other.

Revision ID: 0104
Revises: 0103
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0104"
down_revision: str | None = "0103"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

EXHAUSTED = sa.text("state = 'exhausted'")


def upgrade() -> None:
    op.create_index(
        "callback_given_up",
        "callback",
        ["state", "finished_at", "brand_id", "close_reason"],
        sqlite_where=EXHAUSTED,
        postgresql_where=EXHAUSTED,
    )
    _make_index_of_waiting_texts("waits IS 1", "waits IS true")


def downgrade() -> None:
    op.drop_index("callback_given_up", "callback")
    _make_index_of_waiting_texts("waits", "waits")


def _make_index_of_waiting_texts(sqlite: str, postgresql: str) -> None:
    op.drop_index("text_message_waits", "text_message")
    op.create_index(
        "text_message_waits",
        "text_message",
        ["id"],
        sqlite_where=sa.text(sqlite),
        postgresql_where=sa.text(postgresql),
    )
