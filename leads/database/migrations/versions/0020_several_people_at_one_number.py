"""Several people at one number

A number may be given by several people, a lead may have a callback at each helpline, a wish for any
hour belongs to one callback, and what is said later without proof stands beside what was said
first.

Revision ID: 0020
Revises: 0015
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INSTANT = sa.DateTime(timezone=True)
IS_OPEN = sa.text("state IN ('waiting', 'claimed', 'calling', 'wrap_up')")
UNDECIDED = sa.text("decided_at IS NULL")
HAS_KEY = sa.text("change_key_sha256 IS NOT NULL")
# SQLite gave the constraint no name: it is found by one that follows a pattern.
NAMES = {"uq": "uq_%(table_name)s_%(column_0_name)s"}


def upgrade() -> None:
    _move_any_hour_to_callbacks()
    with op.batch_alter_table("lead", naming_convention=NAMES) as lead:
        lead.drop_constraint(_name_of_unique_phone(), type_="unique")
        lead.drop_column("any_hour")
        lead.add_column(
            sa.Column("nth_at_number", sa.Integer(), server_default="1", nullable=False)
        )
        lead.add_column(
            sa.Column("further_places", sa.JSON(), server_default=sa.text("'[]'"), nullable=False)
        )
    op.create_index("lead_at_number", "lead", ["phone", "nth_at_number"], unique=True)
    op.drop_index("callback_one_open_per_lead", "callback")
    _create_open_index("callback_one_open_per_lead_and_brand", ["lead_id", "brand_id"])
    op.add_column("consent", sa.Column("lifted_at", INSTANT, nullable=True))
    op.add_column("consent", sa.Column("lifted_by", sa.String(), server_default="", nullable=False))
    op.create_index(
        "consent_refused",
        "consent",
        ["phone"],
        sqlite_where=sa.text("granted IS 0 AND lifted_at IS NULL"),
        postgresql_where=sa.text("granted IS false AND lifted_at IS NULL"),
    )
    op.add_column("fact_change", sa.Column("why", sa.String(), server_default="", nullable=False))
    _let_senders_change_submissions()
    _create_also_said()


def downgrade() -> None:
    """Go back; it fails, and changes nothing, where a number has two people.

    Nor where a lead has two callbacks.
    """
    op.drop_table("also_said")
    with op.batch_alter_table("fact_change") as fact_change:
        fact_change.drop_column("why")
    op.drop_index("submission_change_key", "submission")
    with op.batch_alter_table("submission") as submission:
        submission.drop_column("changes_id")
        submission.drop_column("change_key_sha256")
    op.drop_index("consent_refused", "consent")
    with op.batch_alter_table("consent") as consent:
        consent.drop_column("lifted_by")
        consent.drop_column("lifted_at")
    op.drop_index("callback_one_open_per_lead_and_brand", "callback")
    _create_open_index("callback_one_open_per_lead", ["lead_id"])
    op.drop_index("lead_at_number", "lead")
    with op.batch_alter_table("lead") as lead:
        lead.drop_column("further_places")
        lead.drop_column("nth_at_number")
        lead.add_column(
            sa.Column("any_hour", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        lead.create_unique_constraint(_name_of_unique_phone(), ["phone"])
    op.execute(
        "UPDATE lead SET any_hour = true"
        " WHERE id IN (SELECT lead_id FROM callback WHERE any_hour AND finished_at IS NULL)"
    )
    op.execute("ALTER TABLE callback DROP COLUMN any_hour")


def _move_any_hour_to_callbacks() -> None:
    """Let every callback keep the hours that it was promised with, for the figures as well."""
    # As it is, not in a batch: SQLite would make the table anew, without 0008's triggers.
    op.add_column(
        "callback", sa.Column("any_hour", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.execute(
        "UPDATE callback SET any_hour = true WHERE lead_id IN (SELECT id FROM lead WHERE any_hour)"
    )


def _name_of_unique_phone() -> str:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    return "uq_lead_phone" if is_sqlite else "lead_phone_key"


def _create_open_index(name: str, columns: list[str]) -> None:
    op.create_index(
        name, "callback", columns, unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN
    )


def _let_senders_change_submissions() -> None:
    # As they are, not in a batch: the table is the largest of all.
    op.add_column("submission", sa.Column("change_key_sha256", sa.String(), nullable=True))
    op.execute("ALTER TABLE submission ADD COLUMN changes_id INTEGER REFERENCES submission (id)")
    op.create_index(
        "submission_change_key",
        "submission",
        ["change_key_sha256"],
        unique=True,
        sqlite_where=HAS_KEY,
        postgresql_where=HAS_KEY,
    )


def _create_also_said() -> None:
    op.create_table(
        "also_said",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("fact", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("accepted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"]),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "also_said_once",
        "also_said",
        ["lead_id", "fact", "value"],
        unique=True,
        sqlite_where=UNDECIDED,
        postgresql_where=UNDECIDED,
    )
