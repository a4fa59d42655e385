"""Holds that were ordered or carried out, and advisors in the menu of their phone

It was not written down: a lead on hold beside nobody was held by order or from the menu, and in
the menu was whoever talked without being in the conference.

Revision ID: 0036
Revises: 0035
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0036"
down_revision: str | None = "0035"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    for name in ("is_hold_ordered", "is_hold_heard", "is_in_menu"):
        column: sa.Column[bool] = sa.Column(
            name, sa.Boolean(), server_default=sa.false(), nullable=False
        )
        op.add_column("call_leg", column)
    op.execute(
        "UPDATE call_leg SET is_in_menu = true, joined_at ="
        " (SELECT answered_at FROM call_attempt WHERE call_attempt.id = call_leg.attempt_id)"
        " WHERE party = 'advisor' AND status = 'in-progress' AND joined_at IS NULL"
        " AND attempt_id IN (SELECT id FROM call_attempt WHERE state = 'bridged')"
    )
    op.execute("UPDATE call_leg SET is_hold_heard = true WHERE is_on_hold")
    op.execute(
        "UPDATE call_leg SET is_hold_ordered = true WHERE party = 'lead' AND is_on_hold"
        " AND NOT EXISTS (SELECT 1 FROM call_leg AS other"
        " WHERE other.attempt_id = call_leg.attempt_id"
        " AND (other.is_in_menu OR (other.phone <> '' AND other.left_at IS NULL)))"
    )


def downgrade() -> None:
    op.execute("UPDATE call_leg SET joined_at = NULL WHERE is_in_menu")
    for name in ("is_in_menu", "is_hold_heard", "is_hold_ordered"):
        op.drop_column("call_leg", name)
