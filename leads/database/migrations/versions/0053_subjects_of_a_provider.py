"""Subjects of a provider

By which of its own ids an identity provider knows a colleague. It is kept from their next sign-in
there on.

Revision ID: 0053
Revises: 0052
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0053"
down_revision: str | None = "0052"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "advisor", sa.Column("oidc_subject", sa.String(), nullable=False, server_default="")
    )
    op.create_index("ix_advisor_oidc_subject", "advisor", ["oidc_subject"])


def downgrade() -> None:
    op.drop_index("ix_advisor_oidc_subject", "advisor")
    op.drop_column("advisor", "oidc_subject")
