"""The kinds of danger

What kind of danger the words of a submission, a text and a callback speak of, in place of whether
they do. Of callbacks from before, the kind is not known; submissions from before are not read
again. The trail of merged files keeps the same word as their callbacks.

Revision ID: 0017
Revises: 0015
"""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CALLBACK = sa.table(
    "callback",
    sa.column("in_danger", sa.Boolean),
    sa.column("danger", sa.String),
    sa.column("danger_at", sa.DateTime(timezone=True)),
    sa.column("received_at", sa.DateTime(timezone=True)),
)
TRANSITION = sa.table(
    "transition",
    sa.column("id", sa.Integer),
    sa.column("record", sa.String),
    sa.column("event", sa.String),
    sa.column("changes", sa.JSON),
)
UNSPECIFIED = "unspecified"


def upgrade() -> None:
    # As they are, not in a batch: SQLite would make the table anew, without its triggers.
    for table in ("submission", "callback", "text_message"):
        op.add_column(table, sa.Column("danger", sa.String(), nullable=True))
    op.add_column("callback", sa.Column("danger_at", sa.DateTime(timezone=True), nullable=True))
    op.get_bind().execute(
        sa.update(CALLBACK)
        .where(CALLBACK.c.in_danger)
        .values(danger=UNSPECIFIED, danger_at=CALLBACK.c.received_at)
    )
    op.drop_column("callback", "in_danger")
    _rewrite_merges(
        "in_danger", lambda state: {"danger": UNSPECIFIED if state["in_danger"] else None}
    )


def downgrade() -> None:
    op.add_column(
        "callback",
        sa.Column("in_danger", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.get_bind().execute(
        sa.update(CALLBACK).where(CALLBACK.c.danger.is_not(None)).values(in_danger=sa.true())
    )
    op.drop_column("callback", "danger_at")
    for table in ("submission", "callback", "text_message"):
        op.drop_column(table, "danger")
    _rewrite_merges("danger", lambda state: {"in_danger": state["danger"] is not None})


def _rewrite_merges(name: str, rewrite: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Put another column in a column's place in the queue states before and after each merge."""
    merges = sa.select(TRANSITION.c.id, TRANSITION.c.changes).where(
        TRANSITION.c.record == "callback", TRANSITION.c.event == "take_over"
    )
    for row_id, changes in op.get_bind().execute(merges).all():
        states = {when: changes[when] for when in ("before", "after") if name in changes[when]}
        for when, state in states.items():
            others = {key: value for key, value in state.items() if key != name}
            changes[when] = others | rewrite(state)
        if states:
            op.get_bind().execute(
                sa.update(TRANSITION).where(TRANSITION.c.id == row_id).values(changes=changes)
            )
