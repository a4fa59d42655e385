"""One outbox for calls and notices

Revision ID: 0014
Revises: 0013
"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INSTANT = sa.DateTime(timezone=True)
HAS_KEY = sa.text("key IS NOT NULL")
CHUNK = 500
KIND_OF_WAY = {
    "email": "email_notice",
    "text": "text_notice",
    "call": "call_notice",
    "channel": "channel_notice",
}
WAY_OF_KIND = {kind: way for way, kind in KIND_OF_WAY.items()}

# What the sentences say that were stored so far, in English or by their keys: who has to act.
FAILURE_OF_CALLS = """
    CASE WHEN lower(problem) LIKE '%caller_id%' THEN 'configuration'
         WHEN lower(problem) LIKE '%twilio%' THEN 'network'
         WHEN problem <> '' THEN 'ours' END
"""
FAILURE_OF_NOTICES = """
    CASE WHEN lower(problem) LIKE '%over_before%sent%' THEN 'ours'
         WHEN problem LIKE '%sender_stopped%' THEN 'ours'
         WHEN problem LIKE '%stopped while it was sending%' THEN 'ours'
         WHEN lower(problem) LIKE '%caller_id%' THEN 'configuration'
         WHEN lower(problem) LIKE '%smtp_security%' THEN 'configuration'
         WHEN problem LIKE '%mail_insecure%' THEN 'configuration'
         WHEN problem <> '' THEN 'network' END
"""

SETTLED_BOTH_WAYS = (
    sa.column("key", sa.String),
    sa.column("alert_id", sa.Integer),
    sa.column("state", sa.String),
    sa.column("tries", sa.Integer),
    sa.column("created_at", INSTANT),
    sa.column("due_at", INSTANT),
    sa.column("taken_until", INSTANT),
    sa.column("settled_at", INSTANT),
    sa.column("problem", sa.String),
)
NAMES = [column.name for column in SETTLED_BOTH_WAYS]
OUTBOX = sa.table(
    "outbox",
    sa.column("id", sa.Integer),
    sa.column("kind", sa.String),
    sa.column("payload", sa.JSON),
    *(sa.column(column.name, column.type) for column in SETTLED_BOTH_WAYS),
)
NOTICE = sa.table(
    "notice",
    sa.column("id", sa.Integer),
    sa.column("way", sa.String),
    sa.column("address", sa.String),
    sa.column("digest", sa.String),
    sa.column("last_day", sa.String),
    sa.column("zone", sa.String),
    *SETTLED_BOTH_WAYS,
)


def upgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.alter_column("attempt_id", existing_type=sa.String(), nullable=True)
        batch_op.add_column(
            sa.Column("payload", sa.JSON(), nullable=False, server_default=sa.text("'{}'"))
        )
        batch_op.add_column(sa.Column("key", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("alert_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("created_at", INSTANT, nullable=True))
        batch_op.add_column(sa.Column("failure", sa.String(), nullable=True))
        batch_op.create_foreign_key("outbox_alert_id_fkey", "alert", ["alert_id"], ["id"])
    op.execute(
        "UPDATE outbox SET created_at = (SELECT requested_at FROM call_attempt"
        " WHERE call_attempt.id = outbox.attempt_id)"
    )
    op.execute(sa.text(f"UPDATE outbox SET failure = {FAILURE_OF_CALLS}"))
    for rows in _chunks(NOTICE):
        op.bulk_insert(OUTBOX, [_order_of_notice(row) for row in rows])
    op.execute(sa.text(f"UPDATE outbox SET failure = {FAILURE_OF_NOTICES} WHERE key IS NOT NULL"))
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.alter_column("created_at", existing_type=INSTANT, nullable=False)
    op.create_index(
        "outbox_key_once",
        "outbox",
        ["key"],
        unique=True,
        sqlite_where=HAS_KEY,
        postgresql_where=HAS_KEY,
    )
    op.drop_table("notice")


def downgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("last_day", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("taken_until", INSTANT, nullable=True),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("notice_due", "notice", ["state", "due_at"])
    for rows in _chunks(OUTBOX, OUTBOX.c.kind.in_(WAY_OF_KIND)):
        op.bulk_insert(NOTICE, [_notice_of_order(row) for row in rows])
    op.execute(OUTBOX.delete().where(OUTBOX.c.kind.in_(WAY_OF_KIND)))
    op.drop_index("outbox_key_once", "outbox")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_constraint("outbox_alert_id_fkey", type_="foreignkey")
        for column in ("failure", "created_at", "alert_id", "key", "payload"):
            batch_op.drop_column(column)
        batch_op.alter_column("attempt_id", existing_type=sa.String(), nullable=False)


def _chunks(table: sa.TableClause, *conditions: Any) -> Iterator[Sequence[Any]]:
    """Yield the rows of a table in the order in which they were written, some at a time."""
    last = 0
    while True:
        some = sa.select(table).where(table.c.id > last, *conditions)
        rows = op.get_bind().execute(some.order_by(table.c.id).limit(CHUNK)).all()
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _order_of_notice(row: Any) -> dict[str, Any]:
    payload = {"address": row.address}
    if row.digest:
        payload |= {"digest": row.digest, "last_day": row.last_day, "zone": row.zone}
    return _both(row) | {"kind": KIND_OF_WAY[row.way], "payload": payload}


def _notice_of_order(row: Any) -> dict[str, Any]:
    about = {"digest": None, "last_day": "", "zone": ""} | row.payload
    return _both(row) | {"way": WAY_OF_KIND[row.kind], **about}


def _both(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in NAMES}
