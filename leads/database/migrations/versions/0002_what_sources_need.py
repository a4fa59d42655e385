"""What sources need

Revision ID: 0002
Revises: 0001
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mapping", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.add_column(sa.Column("content_sha256", sa.String(), nullable=True))
        batch_op.create_index("submission_content", ["source_id", "content_sha256"], unique=False)
        batch_op.create_index("submission_vendor_id", ["source_id", "vendor_id"], unique=False)
        batch_op.create_index("submission_of_source", ["source_id", "received_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_index("submission_of_source")
        batch_op.drop_index("submission_vendor_id")
        batch_op.drop_index("submission_content")
        batch_op.drop_column("content_sha256")

    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.drop_column("paused_at")
        batch_op.drop_column("mapping")
