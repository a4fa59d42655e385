"""Operators with files of their own

Who answers for a helpline has an identity, which no rewording changes; helplines of the same words
have the same. A person who asked helplines of two operators gets a file with each: the older one
stays with whom they asked first, and what belongs to another operator's helplines moves to a copy.
Files that were merged stay as they are.

Revision ID: 0091
Revises: 0102
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0091"
down_revision: str | None = "0102"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ASKED = """
    SELECT lead_id, brand_id, received_at AS at FROM callback
    UNION ALL SELECT submission.lead_id, source.brand_id, submission.received_at
        FROM submission JOIN source ON source.id = submission.source_id
    UNION ALL SELECT lead_id, brand_id, rang_at FROM inbound_call
    UNION ALL SELECT lead_id, brand_id, received_at FROM text_message
    UNION ALL SELECT lead_id, brand_id, ordered_at FROM outgoing_text
"""
SHARED_BY_TWO = f"""
    SELECT asked.lead_id, brand.operator_id, min(asked.at) AS since
    FROM ({ASKED}) AS asked JOIN brand ON brand.id = asked.brand_id
    WHERE asked.lead_id IN (
        SELECT two.lead_id FROM ({ASKED}) AS two JOIN brand ON brand.id = two.brand_id
        WHERE two.lead_id IS NOT NULL
        GROUP BY two.lead_id HAVING count(DISTINCT brand.operator_id) > 1)
    AND asked.lead_id NOT IN (SELECT lead_id FROM merge)
    AND asked.lead_id NOT IN (SELECT survivor_id FROM merge)
    GROUP BY asked.lead_id, brand.operator_id
    ORDER BY asked.lead_id, since, brand.operator_id
"""
THEIR_BRANDS = "SELECT id FROM brand WHERE operator_id = :operator"
THEIR_SOURCES = f"SELECT id FROM source WHERE brand_id IN ({THEIR_BRANDS})"
WITH_SUBMISSION = ("also_said", "consent")
WITH_CALLBACK = ("gate_decision", "outreach")
WITH_BRAND = ("callback", "inbound_call", "text_message", "outgoing_text")
COPIED = ("lead_word", "legal_hold", "retention_mark")
IS_OPEN = "state IN ('waiting', 'claimed', 'calling', 'wrap_up')"


def upgrade() -> None:
    op.create_table(
        "helpline_operator",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    _give_brands_operators()
    for lead_id, operators in _leads_of_several_operators().items():
        for operator_id in operators[1:]:
            _split_file(lead_id, operator_id)
        _settle_state(lead_id)


def downgrade() -> None:
    """Go back; files stay apart, as those of two people at one number."""
    with op.batch_alter_table("brand") as brand:
        brand.drop_constraint("brand_operator_id_fkey", type_="foreignkey")
        brand.drop_column("operator_id")
    op.drop_table("helpline_operator")


def _run(statement: str, **values: Any) -> Any:
    return op.get_bind().execute(sa.text(statement), values)


def _give_brands_operators() -> None:
    op.add_column("brand", sa.Column("operator_id", sa.Integer(), nullable=True))
    by_words: dict[str, int] = {}
    brands = _run("SELECT id, operator, created_at FROM brand ORDER BY id").all()
    for brand_id, words, created_at in brands:
        key = " ".join(str(words).casefold().split())
        if key not in by_words:
            by_words[key] = len(by_words) + 1
            new = "INSERT INTO helpline_operator (id, created_at) VALUES (:id, :at)"
            _run(new, id=by_words[key], at=created_at)
        given = "UPDATE brand SET operator_id = :operator WHERE id = :id"
        _run(given, operator=by_words[key], id=brand_id)
    if op.get_bind().dialect.name == "postgresql" and by_words:
        _run("SELECT setval('helpline_operator_id_seq', :last)", last=len(by_words))
    with op.batch_alter_table("brand") as brand:
        brand.alter_column("operator_id", existing_type=sa.Integer(), nullable=False)
        brand.create_foreign_key(
            "brand_operator_id_fkey", "helpline_operator", ["operator_id"], ["id"]
        )


def _leads_of_several_operators() -> dict[int, list[int]]:
    """Return the leads who asked several operators, each with these, the first asked first."""
    operators: defaultdict[int, list[int]] = defaultdict(list)
    for lead_id, operator_id, _since in _run(SHARED_BY_TWO).all():
        operators[lead_id].append(operator_id)
    return operators


def _split_file(lead_id: int, operator_id: int) -> None:
    """Give an operator a file of its own of somebody, with what they asked its helplines."""
    new_id = _copy_lead(lead_id)
    about = {"old": lead_id, "new": new_id, "operator": operator_id}
    of_old = "SET lead_id = :new WHERE lead_id = :old"
    _run(f"UPDATE submission {of_old} AND source_id IN ({THEIR_SOURCES})", **about)
    for table in WITH_BRAND:
        _run(f"UPDATE {table} {of_old} AND brand_id IN ({THEIR_BRANDS})", **about)
    about.pop("operator")
    for kind, tables in (("submission", WITH_SUBMISSION), ("callback", WITH_CALLBACK)):
        for table in tables:
            moved = f"SELECT id FROM {kind} WHERE lead_id = :new"
            _run(f"UPDATE {table} {of_old} AND {kind}_id IN ({moved})", **about)
    for table in COPIED:
        _copy_rows(table, lead_id, new_id)
    _settle_state(new_id)


def _copy_lead(lead_id: int) -> int:
    names = [one["name"] for one in sa.inspect(op.get_bind()).get_columns("lead")]
    kept = ", ".join(name for name in names if name not in ("id", "nth_at_number"))
    place = "SELECT max(nth_at_number) + 1 FROM lead AS other WHERE other.phone = lead.phone"
    copied = f"""INSERT INTO lead ({kept}, nth_at_number)
        SELECT {kept}, ({place}) FROM lead WHERE id = :id RETURNING id"""
    return int(_run(copied, id=lead_id).scalar_one())


def _copy_rows(table: str, old_id: int, new_id: int) -> None:
    columns = sa.inspect(op.get_bind()).get_columns(table)
    kept = ", ".join(one["name"] for one in columns if one["name"] not in ("id", "lead_id"))
    copied = f"INSERT INTO {table} (lead_id, {kept}) SELECT :new, {kept} FROM {table}"
    _run(f"{copied} WHERE lead_id = :old", new=new_id, old=old_id)


def _settle_state(lead_id: int) -> None:
    """Close a file that is open and to which no open callback is left."""
    last = f"""FROM callback WHERE lead_id = :id AND NOT {IS_OPEN}
        ORDER BY finished_at DESC, id DESC LIMIT 1"""
    _run(
        f"""UPDATE lead SET state = 'closed', closed_at = (SELECT finished_at {last}),
        close_reason = (SELECT close_reason {last}) WHERE id = :id AND state = 'open'
        AND NOT EXISTS (SELECT 1 FROM callback WHERE lead_id = :id AND {IS_OPEN})""",
        id=lead_id,
    )
