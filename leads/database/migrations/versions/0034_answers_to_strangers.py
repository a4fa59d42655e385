"""Answers to strangers

A text may be an answer to somebody who was promised no call.

Revision ID: 0034
Revises: 0033
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0034"
down_revision: str | None = "0033"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TEXT = sa.table(
    "outgoing_text",
    sa.column("id", sa.Integer),
    sa.column("lead_id", sa.Integer),
    sa.column("callback_id", sa.Integer),
)
IS_STRANGERS = TEXT.c.callback_id.is_(None)
OUTBOX = sa.table("outbox", sa.column("key", sa.String))
TRANSITION = sa.table(
    "transition",
    sa.column("id", sa.Integer),
    sa.column("record", sa.String),
    sa.column("record_id", sa.String),
    sa.column("event", sa.String),
    sa.column("changes", sa.JSON),
)


def upgrade() -> None:
    with op.batch_alter_table("outgoing_text") as texts:
        texts.alter_column("callback_id", existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    """Go back, without the answers to strangers: there is no callback that they could name."""
    bind = op.get_bind()
    strangers = bind.execute(sa.select(TEXT.c.id, TEXT.c.lead_id).where(IS_STRANGERS)).all()
    ids = {row.id for row in strangers}
    ordered = sa.select(TRANSITION.c.id, TRANSITION.c.changes).where(
        TRANSITION.c.record == "lead",
        TRANSITION.c.event == "text_ordered",
        TRANSITION.c.record_id.in_([str(row.lead_id) for row in strangers]),
    )
    moves = [row.id for row in bind.execute(ordered) if row.changes["outgoing_text"] in ids]
    bind.execute(sa.delete(TRANSITION).where(TRANSITION.c.id.in_(moves)))
    bind.execute(sa.delete(OUTBOX).where(OUTBOX.c.key.in_([f"text:{one}" for one in ids])))
    bind.execute(sa.delete(TEXT).where(IS_STRANGERS))
    with op.batch_alter_table("outgoing_text") as texts:
        texts.alter_column("callback_id", existing_type=sa.Integer(), nullable=False)
