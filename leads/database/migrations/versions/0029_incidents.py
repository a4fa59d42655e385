"""Incidents

Somebody in danger is an incident with steps and an outcome. Whoever waits with words of danger to
whom nobody has talked yet has one from now on.

Revision ID: 0029
Revises: 0028
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INSTANT = sa.DateTime(timezone=True)
NOT_CLOSED = sa.text("closed_at IS NULL")


def upgrade() -> None:
    op.add_column(
        "brand",
        sa.Column("crisis_line", sa.String(), server_default="+18002738255", nullable=False),
    )
    op.add_column("callback", sa.Column("hours_overridden_until", INSTANT, nullable=True))
    _create_emergency_numbers()
    _create_incidents()
    _create_overrides()
    op.execute(
        "INSERT INTO incident (callback_id, kind, protocol, opened_at, opened_by, closed_by,"
        " followed_up_by, follow_up_note)"
        " SELECT id, danger, '', COALESCE(danger_at, received_at), 'migration', '', '', ''"
        " FROM callback WHERE danger IS NOT NULL"
        " AND state IN ('waiting', 'claimed', 'calling', 'wrap_up')"
        " AND NOT is_of_burst AND (first_conversation_at IS NULL"
        " OR COALESCE(danger_at, received_at) > first_conversation_at)"
    )


def downgrade() -> None:
    for name in ("hours_override", "incident_step", "incident", "emergency_number"):
        op.drop_table(name)
    op.drop_column("callback", "hours_overridden_until")
    op.drop_column("brand", "crisis_line")


def _create_emergency_numbers() -> None:
    op.create_table(
        "emergency_number",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        *map(_words, ("county", "state", "name", "phone")),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    columns = ["brand_id", "state", "county", "phone"]
    op.create_index("emergency_number_once", "emergency_number", columns, unique=True)


def _create_incidents() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("callback_id", sa.Integer(), nullable=False),
        *map(_words, ("kind", "protocol", "opened_by", "closed_by")),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("follow_up_due", INSTANT, nullable=True),
        sa.Column("followed_up_at", INSTANT, nullable=True),
        *map(_words, ("followed_up_by", "follow_up_note")),
        sa.ForeignKeyConstraint(["callback_id"], ["callback.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("incident_of_callback", "incident", ["callback_id"])
    op.create_index("incident_opened", "incident", ["opened_at"])
    op.create_index(
        "incident_one_open_per_callback",
        "incident",
        ["callback_id"],
        unique=True,
        sqlite_where=NOT_CLOSED,
        postgresql_where=NOT_CLOSED,
    )
    op.create_table(
        "incident_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        *map(_words, ("step", "by", "note")),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_incident_step_incident_id", "incident_step", ["incident_id"])


def _create_overrides() -> None:
    instants = ("starts_at", "ends_at", "acknowledged_at", "withdrawn_at")
    people = ("acknowledged_by", "withdrawn_by")
    op.create_table(
        "hours_override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("callback_id", sa.Integer(), nullable=False),
        _words("reason"),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        *(sa.Column(name, INSTANT, nullable=True) for name in instants),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in people),
        sa.ForeignKeyConstraint(["callback_id"], ["callback.id"]),
        *(sa.ForeignKeyConstraint([name], ["advisor.id"]) for name in ("asked_by", *people)),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_hours_override_callback_id", "hours_override", ["callback_id"])


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)
