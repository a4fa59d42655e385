"""Voicemails

What callers said after the tone, sealed, and who has listened to it.

Revision ID: 0027
Revises: 0026
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "voicemail",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("inbound_call_id", sa.String(), sa.ForeignKey("inbound_call.id"), nullable=False),
        sa.Column("provider_recording_id", sa.String(), nullable=True, unique=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("is_empty", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("expected_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=True),
        sa.Column("fetched_at", INSTANT, nullable=True),
        sa.Column("deleted_at", INSTANT, nullable=True),
        sa.Column("callback_id", sa.Integer(), sa.ForeignKey("callback.id"), nullable=True),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("settled_by", sa.Integer(), sa.ForeignKey("advisor.id"), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
    )
    op.create_index("ix_voicemail_inbound_call_id", "voicemail", ["inbound_call_id"])
    op.create_index("ix_voicemail_callback_id", "voicemail", ["callback_id"])
    op.create_index("ix_voicemail_settled_at", "voicemail", ["settled_at"])
    op.create_table(
        "voicemail_play",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("voicemail_id", sa.Integer(), sa.ForeignKey("voicemail.id"), nullable=False),
        sa.Column("advisor_id", sa.Integer(), sa.ForeignKey("advisor.id"), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_index("ix_voicemail_play_voicemail_id", "voicemail_play", ["voicemail_id"])
    words = sa.Column("voicemail_messages", sa.JSON(), server_default="{}", nullable=False)
    op.add_column("inbound_settings", words)


def downgrade() -> None:
    """Go back, without the recordings: what they promised stays promised.

    Orders about recordings go as well: a version that does not know their kind could read no order.
    """
    op.execute("DELETE FROM outbox WHERE kind IN ('fetch_recording', 'delete_recording')")
    op.drop_column("inbound_settings", "voicemail_messages")
    op.drop_table("voicemail_play")
    op.drop_table("voicemail")
