"""Who may come in

Revision ID: 0003
Revises: 0002
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("advisor", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("totp_secret", sa.String(), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("totp_step", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(sa.Column("deactivated_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("totp_offered", sa.String(), nullable=False, server_default="")
        )

    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("advisor_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["advisor_id"], ["advisor.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_recovery_code_advisor_id", "recovery_code", ["advisor_id"], unique=False)

    op.create_table(
        "lockout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("whom", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("whom"),
    )
    op.create_index("ix_lockout_failed_at", "lockout", ["failed_at"], unique=False)


def downgrade() -> None:
    op.drop_table("lockout")
    op.drop_table("recovery_code")

    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_column("totp_offered")

    with op.batch_alter_table("advisor", schema=None) as batch_op:
        batch_op.drop_column("deactivated_at")
        batch_op.drop_column("totp_step")
        batch_op.drop_column("totp_secret")
