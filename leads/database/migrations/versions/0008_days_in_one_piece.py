"""Days in one piece

Revision ID: 0008
Revises: 0007
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# On SQLite a later migration that makes the callback table anew must run the triggers of
# `upgrade` again.
READ = (
    "id, brand_id, source_id, state, disposition, withdrawn, "
    "received_at, first_rung_at, first_conversation_at, finished_at"
)
EVENTS = {"insert": ("NEW",), "delete": ("OLD",), f"update OF {READ}": ("OLD", "NEW")}
# A mark, not a deletion: writers of the same two days would wait for each other. One is enough
# until the day is packed.
MARK = """INSERT INTO packed_day (day, layout, content) SELECT {day}, '', {nothing}
WHERE '' < (SELECT min(layout) FROM packed_day WHERE day = {day});"""
ON_SQLITE = "CAST(strftime('%s', {}.received_at) AS INTEGER) / 86400"
TAKE_APART = f"""
CREATE FUNCTION take_day_apart(received_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE the_day integer := floor(extract(epoch FROM received_at) / 86400);
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7001, the_day);
    {MARK.format(day="the_day", nothing="''")}
END $$
"""
CALLBACK_CHANGED = """
CREATE FUNCTION callback_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM take_day_apart(OLD.received_at); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM take_day_apart(NEW.received_at); END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_index("lead_state", "lead", ["state"], unique=False)
    op.create_table(
        "packed_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("layout", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_packed_day_day", "packed_day", ["day"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for event, rows in EVENTS.items():
            marks = " ".join(MARK.format(day=ON_SQLITE.format(row), nothing="x''") for row in rows)
            op.execute(
                f"CREATE TRIGGER callback_{event.split()[0]} AFTER {event} ON callback"
                f" BEGIN {marks} END"
            )
        return
    op.execute("ALTER TABLE packed_day ALTER COLUMN content SET STORAGE EXTERNAL")
    op.execute(TAKE_APART)
    op.execute(CALLBACK_CHANGED)
    op.execute(
        f"CREATE TRIGGER callback_changed AFTER {' OR '.join(EVENTS)} ON callback "
        "FOR EACH ROW EXECUTE FUNCTION callback_changed()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for event in EVENTS:
            op.execute(f"DROP TRIGGER callback_{event.split()[0]}")
    else:
        op.execute("DROP TRIGGER callback_changed ON callback")
        op.execute("DROP FUNCTION callback_changed()")
        op.execute("DROP FUNCTION take_day_apart(timestamptz)")
    op.drop_table("packed_day")
    op.drop_index("lead_state", table_name="lead")
