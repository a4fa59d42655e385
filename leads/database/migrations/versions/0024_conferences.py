"""Conferences

A call may have any number of legs, each with what was ordered for it last.

Revision ID: 0024
Revises: 0023
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INSTANT = sa.DateTime(timezone=True)
ONE_OF_A_KIND = sa.text("party IN ('advisor', 'lead')")
ON_THE_LINE_BESIDE = sa.text("phone <> '' AND left_at IS NULL")


def upgrade() -> None:
    op.add_column("call_attempt", sa.Column("conference_id", sa.String(), nullable=True))
    op.add_column("call_attempt", sa.Column("help_wanted_at", INSTANT, nullable=True))
    op.drop_index("leg_of_attempt", "call_leg")
    with op.batch_alter_table("call_leg") as leg:
        leg.alter_column("provider_call_id", existing_type=sa.String(), nullable=True)
        leg.add_column(sa.Column("advisor_id", sa.Integer(), nullable=True))
        leg.create_foreign_key("call_leg_advisor_id_fkey", "advisor", ["advisor_id"], ["id"])
        leg.add_column(_words("phone"))
        leg.add_column(_words("audience", "everyone"))
        for name in ("is_on_hold", "is_muted", "ends_call"):
            leg.add_column(sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
        leg.add_column(_words("requested_by"))
        for name in ("requested_at", "joined_at", "left_at"):
            leg.add_column(sa.Column(name, INSTANT, nullable=True))
        leg.add_column(_words("answered_by"))
    op.execute(
        "UPDATE call_leg SET advisor_id ="
        " (SELECT advisor_id FROM call_attempt WHERE call_attempt.id = call_leg.attempt_id)"
        " WHERE party = 'advisor' AND status IN ('queued', 'initiated', 'ringing', 'in-progress')"
    )
    op.create_index("leg_of_attempt", "call_leg", ["attempt_id", "party"])
    op.create_index("ix_call_leg_advisor_id", "call_leg", ["advisor_id"])
    _create_unique_index("leg_once", ["attempt_id", "party"], ONE_OF_A_KIND)
    _create_unique_index("leg_one_live_per_phone", ["phone"], ON_THE_LINE_BESIDE)


def downgrade() -> None:
    """Go back, without the legs of those who were asked in, and without those never made."""
    op.execute(
        "DELETE FROM call_leg WHERE party NOT IN ('advisor', 'lead') OR provider_call_id IS NULL"
    )
    for name in ("leg_one_live_per_phone", "leg_once", "ix_call_leg_advisor_id", "leg_of_attempt"):
        op.drop_index(name, "call_leg")
    with op.batch_alter_table("call_leg") as leg:
        for name in ("answered_by", "left_at", "joined_at", "requested_at", "requested_by"):
            leg.drop_column(name)
        for name in ("ends_call", "is_muted", "is_on_hold", "audience", "phone"):
            leg.drop_column(name)
        leg.drop_constraint("call_leg_advisor_id_fkey", type_="foreignkey")
        leg.drop_column("advisor_id")
        leg.alter_column("provider_call_id", existing_type=sa.String(), nullable=False)
    op.create_index("leg_of_attempt", "call_leg", ["attempt_id", "party"], unique=True)
    op.drop_column("call_attempt", "help_wanted_at")
    op.drop_column("call_attempt", "conference_id")


def _words(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.String(), server_default=default, nullable=False)


def _create_unique_index(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(
        name, "call_leg", columns, unique=True, sqlite_where=where, postgresql_where=where
    )
