"""Texts to people

What we text to leads and what became of it, in each helpline's words; whose number was texted.

Revision ID: 0028
Revises: 0027
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INSTANT = sa.DateTime(timezone=True)
HAS_FAULT = sa.text("fault IS NOT NULL")
IS_RETRY = sa.text("retry_of_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "outgoing_text",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("lead_id", sa.Integer(), sa.ForeignKey("lead.id"), nullable=False),
        sa.Column("callback_id", sa.Integer(), sa.ForeignKey("callback.id"), nullable=False),
        sa.Column("brand_id", sa.Integer(), sa.ForeignKey("brand.id"), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("ordered_by", sa.String(), nullable=False),
        sa.Column("ordered_at", INSTANT, nullable=False),
        sa.Column("handed_at", INSTANT, nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_at", INSTANT, nullable=False),
        sa.Column("message_id", sa.String(), unique=True, nullable=True),
        sa.Column("fault", sa.String(), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("retry_of_id", sa.Integer(), sa.ForeignKey("outgoing_text.id"), nullable=True),
    )
    op.create_index("ix_outgoing_text_lead_id", "outgoing_text", ["lead_id"])
    op.create_index("ix_outgoing_text_callback_id", "outgoing_text", ["callback_id"])
    op.create_index("outgoing_text_to_number", "outgoing_text", ["phone", "handed_at"])
    op.create_index(
        "outgoing_text_fault",
        "outgoing_text",
        ["fault", "status_at"],
        sqlite_where=HAS_FAULT,
        postgresql_where=HAS_FAULT,
    )
    op.create_index(
        "outgoing_text_retried_once",
        "outgoing_text",
        ["retry_of_id"],
        unique=True,
        sqlite_where=IS_RETRY,
        postgresql_where=IS_RETRY,
    )
    op.create_table(
        "text_template",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("brand_id", sa.Integer(), sa.ForeignKey("brand.id"), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
    )
    op.create_index(
        "text_template_once", "text_template", ["brand_id", "language", "key"], unique=True
    )
    op.add_column("brand", sa.Column("text_sender", sa.String(), server_default="", nullable=False))
    with op.batch_alter_table("text_message") as received:
        received.add_column(sa.Column("brand_id", sa.Integer(), nullable=True))
        received.create_foreign_key("text_message_brand_id_fkey", "brand", ["brand_id"], ["id"])
        received.add_column(sa.Column("pictures", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    """Go back, without the texts that were sent and without the helplines' words for them."""
    with op.batch_alter_table("text_message") as received:
        received.drop_column("pictures")
        received.drop_constraint("text_message_brand_id_fkey", type_="foreignkey")
        received.drop_column("brand_id")
    op.drop_column("brand", "text_sender")
    op.drop_table("text_template")
    op.execute("DELETE FROM outbox WHERE kind = 'send_text'")
    op.drop_table("outgoing_text")
