"""An audit log

Who looked at whom, and who came in. What is in it can be neither changed nor deleted, but by a row
of audit_trim, which says through which link and stays itself.

Revision ID: 0070
Revises: 0063
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0070"
down_revision: str | None = "0063"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

REFUSAL = "the audit log is append-only"
IS_KEPT = {
    "audit_entry": """NOT EXISTS (SELECT 1 FROM audit_link JOIN audit_trim
        ON audit_link.position <= audit_trim.through WHERE audit_link.entry_id = OLD.id)""",
    "audit_link": "NOT EXISTS (SELECT 1 FROM audit_trim WHERE OLD.position <= through)",
    "audit_trim": "TRUE",
}
REFUSE = f"""
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{REFUSAL}';
END $$
"""
ALLOW = """
CREATE FUNCTION refuse_{table}_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {kept} THEN RAISE EXCEPTION '{refusal}'; END IF;
    RETURN OLD;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("view", sa.String(), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("sign_in_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sqlite_autoincrement=True,  # the id of a deleted entry is no other's
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    op.create_index("audit_entry_of_actor", "audit_entry", ["actor", "at"])
    op.create_index("audit_entry_of_record", "audit_entry", ["record", "record_id"])
    op.create_table(
        "audit_link",
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("entry_id", sa.Integer(), nullable=False, unique=True),
        sa.Column("digest", sa.String(), nullable=False),
    )
    op.create_table(
        "audit_key",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("secret", sa.String(), nullable=False),
    )
    op.create_table(
        "audit_trim",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("through", sa.Integer(), nullable=False, unique=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
    )
    _refuse_on_sqlite() if op.get_bind().dialect.name == "sqlite" else _refuse_on_postgresql()


def _refuse_on_sqlite() -> None:
    for table, is_kept in IS_KEPT.items():
        raises = f"SELECT RAISE(ABORT, '{REFUSAL}');"
        op.execute(f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} BEGIN {raises} END")
        op.execute(
            f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} WHEN {is_kept}"
            f" BEGIN {raises} END"
        )


def _refuse_on_postgresql() -> None:
    op.execute(REFUSE)
    for table, is_kept in IS_KEPT.items():
        op.execute(ALLOW.format(table=table, kept=is_kept, refusal=REFUSAL))
        op.execute(
            f"CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_{table}_deletion()"
        )


def downgrade() -> None:
    for table in ("audit_trim", "audit_key", "audit_link", "audit_entry"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for table in IS_KEPT:
            op.execute(f"DROP FUNCTION refuse_{table}_deletion()")
        op.execute("DROP FUNCTION refuse_audit_change()")
