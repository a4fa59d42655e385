"""Asks and looks

From when on the network is asked about a call of which news may be lost, and how often an order of
unknown outcome was looked for. That was counted as tries, and every such order was tried once.

Revision ID: 0044
Revises: 0043
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0044"
down_revision: str | None = "0043"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

LOOKED_FOR = "state = 'unknown' AND kind IN ('place_call', 'dial_leg', 'join_caller', 'send_text')"


def upgrade() -> None:
    op.add_column("call_attempt", sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("outbox", sa.Column("looks", sa.Integer, nullable=False, server_default="0"))
    op.execute(f"UPDATE outbox SET looks = tries, tries = 1 WHERE {LOOKED_FOR}")


def downgrade() -> None:
    op.execute(f"UPDATE outbox SET tries = looks WHERE {LOOKED_FOR}")
    op.drop_column("outbox", "looks")
    op.drop_column("call_attempt", "ask_at")
