"""Calls that come in

Who calls, at which number, how the helpline answers; and how a callback came to be.

Revision ID: 0026
Revises: 0024
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | None = "0024"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "inbound_call",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("brand_id", sa.Integer(), sa.ForeignKey("brand.id"), nullable=False),
        sa.Column("lead_id", sa.Integer(), sa.ForeignKey("lead.id"), nullable=True),
        sa.Column("callback_id", sa.Integer(), sa.ForeignKey("callback.id"), nullable=True),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("provider_call_id", sa.String(), nullable=False, unique=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("rang_at", INSTANT, nullable=False),
        sa.Column("heard_at", INSTANT, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
    )
    op.create_index("inbound_state", "inbound_call", ["state", "rang_at"])
    op.create_index("inbound_rang", "inbound_call", ["rang_at", "brand_id"])
    op.create_index("ix_inbound_call_lead_id", "inbound_call", ["lead_id"])
    op.create_index("ix_inbound_call_callback_id", "inbound_call", ["callback_id"])
    op.create_table(
        "helpline_number",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("brand_id", sa.Integer(), sa.ForeignKey("brand.id"), nullable=False),
        sa.Column("phone", sa.String(), nullable=False, unique=True),
        sa.Column("points_to_us", sa.Boolean(), nullable=True),
        sa.Column("checked_at", INSTANT, nullable=True),
        sa.Column("pointing_asked_at", INSTANT, nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
    )
    op.create_index("ix_helpline_number_brand_id", "helpline_number", ["brand_id"])
    op.create_table(
        "inbound_settings",
        sa.Column("brand_id", sa.Integer(), sa.ForeignKey("brand.id"), primary_key=True),
        sa.Column("greetings", sa.JSON(), nullable=False),
        sa.Column("closed_messages", sa.JSON(), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("outside_hours", sa.String(), nullable=False),
        sa.Column("longest_wait", sa.Integer(), server_default="10", nullable=False),
        sa.Column("takes_voicemail", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    origin = sa.Column("origin", sa.String(), server_default="request", nullable=False)
    op.add_column("callback", origin)
    with op.batch_alter_table("call_attempt") as attempt:
        attempt.add_column(sa.Column("inbound_call_id", sa.String(), nullable=True))
        attempt.create_foreign_key(
            "call_attempt_inbound_call_id_fkey", "inbound_call", ["inbound_call_id"], ["id"]
        )
    op.create_index("ix_call_attempt_inbound_call_id", "call_attempt", ["inbound_call_id"])


def downgrade() -> None:
    """Go back, without the calls that came in; what was promised to a caller stays promised.

    Whoever withheld their number cannot be called: the version before does not know that.
    """
    op.execute("UPDATE lead SET safe_to_call = false WHERE phone LIKE 'withheld-%'")
    op.execute("UPDATE source SET kind = 'generic' WHERE kind = 'phone'")
    op.drop_index("ix_call_attempt_inbound_call_id", "call_attempt")
    with op.batch_alter_table("call_attempt") as attempt:
        attempt.drop_constraint("call_attempt_inbound_call_id_fkey", type_="foreignkey")
        attempt.drop_column("inbound_call_id")
    op.drop_column("callback", "origin")
    for name in ("inbound_settings", "helpline_number", "inbound_call"):
        op.drop_table(name)
