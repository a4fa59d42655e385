"""After a call

How long a helpline's wrap-up is, its own words for what came of a call, when that was first said,
what was heard on a lead's phone, and why a conversation is in doubt.

Revision ID: 0030
Revises: 0029
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0030"
down_revision: str | None = "0029"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INSTANT = sa.DateTime(timezone=True)
OWN_WORDS = {"human": "person", "machine_start": "machine"}
"""What was stored of the lead's leg in Twilio's words, by ours; fax and unknown are the same."""


def upgrade() -> None:
    op.create_table(
        "brand_disposition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("disposition", sa.String(), nullable=False),
        sa.Column("english", sa.String(), nullable=False),
        sa.Column("spanish", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_brand_disposition_brand_id", "brand_disposition", ["brand_id"])
    minutes = sa.Column("wrap_up_minutes", sa.Integer(), server_default="10", nullable=False)
    op.add_column("brand", minutes)
    op.add_column(
        "brand", sa.Column("voicemail_words", sa.JSON(), server_default="{}", nullable=False)
    )
    op.execute(
        "ALTER TABLE callback ADD COLUMN own_disposition_id INTEGER"
        " REFERENCES brand_disposition (id)"
    )
    op.add_column("callback", sa.Column("said_at", INSTANT, nullable=True))
    op.create_index("callback_said", "callback", ["said_at"])
    op.add_column("call_attempt", sa.Column("doubt", sa.String(), nullable=True))
    for theirs, ours in OWN_WORDS.items():
        _rename_answer(theirs, ours)


def downgrade() -> None:
    """Forget own words, and what was in doubt; a completed call keeps its disposition."""
    for theirs, ours in OWN_WORDS.items():
        _rename_answer(ours, theirs)
    op.drop_column("call_attempt", "doubt")
    op.drop_index("callback_said", "callback")
    op.drop_column("callback", "said_at")
    op.drop_column("callback", "own_disposition_id")
    op.drop_column("brand", "voicemail_words")
    op.drop_column("brand", "wrap_up_minutes")
    op.drop_table("brand_disposition")


def _rename_answer(before: str, after: str) -> None:
    legs = sa.table("call_leg", sa.column("answered_by"))
    op.execute(legs.update().where(legs.c.answered_by == before).values(answered_by=after))
