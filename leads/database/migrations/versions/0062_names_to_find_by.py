"""Names to find by

Names and e-mail addresses are sealed, and people found by the hashes of how their names begin:
`migrate` writes these anew for everybody.

Revision ID: 0062
Revises: 0061
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0062"
down_revision: str | None = "0061"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ADD_TASK = """
INSERT INTO sealing_task (name) SELECT 'search_words' WHERE EXISTS (SELECT 1 FROM lead)
ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.execute("DELETE FROM lead_word")
    op.execute(ADD_TASK)


def downgrade() -> None:
    op.execute("DELETE FROM lead_word")
