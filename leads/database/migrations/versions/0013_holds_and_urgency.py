"""Holds and urgency

Revision ID: 0013
Revises: 0012
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INSTANT = sa.DateTime(timezone=True)
ONE_REASON_IN_FORCE = sa.text("lifted_at IS NULL AND reason <> 'other'")
UPGRADE = "upgrade"  # who placed the holds of which nobody knows any more who did
CHUNK = 1000

# The sentences as they were when they were stored.
REASONS = {
    "suppressed": "This number asked not to be contacted.",
    "no_consent": "They did not agree to be called: a person has to decide how to answer.",
    "not_safe_to_call": "They said that it is not safe to call this number.",
    "quiet_hours": "It is outside the hours in which their phone may ring.",
    "attempt_cap": "This number was rung {count} times in the last 24 hours.",
    "stopped_elsewhere": (
        "They said stop at another number of theirs: decide whether to ring this one."
    ),
    "refused_elsewhere": (
        "They wrote from another number of theirs that they do not want to be called there."
    ),
    "entry_deleted": "The form tool says that this entry was deleted: do they still want a call?",
    "number_changed": (
        "The form tool says that their phone number was changed: see the submissions to review."
    ),
    "call_lost": "A call was lost after their phone was dialled: look before ringing again.",
    "stopped_before": "They had asked not to be contacted before this: a person decides.",
    "stale_import": (
        "They asked more than 90 days before the import: a person decides whether to ring."
    ),
    "talked_before_import": (
        "They were talked to before the import: a person decides whether to ring again."
    ),
}
OTHER = "other"
UNKNOWN_REASON = "A person has to look: nobody knows why."  # on the way back
# A sentence of ours is whole: it begins the text or follows another sentence.
SENTENCE = re.compile(
    r"(?:^|(?<=[.!?]))\s*(?:"
    + "|".join(
        f"(?P<{reason}>{re.escape(words).replace(re.escape('{count}'), '(?P<count>[0-9]+)')})"
        for reason, words in REASONS.items()
    )
    + r")(?=\s|$)"
)
CALLBACK = sa.table(
    "callback",
    *(sa.column(name, sa.Integer) for name in ("id", "urgency", "asked_again", "priority")),
    *(sa.column(name, sa.Boolean) for name in ("is_held", "in_danger")),
    sa.column("hold", sa.String),
    sa.column("received_at", INSTANT),
)
TRANSITION = sa.table(
    "transition",
    sa.column("id", sa.Integer),
    *(sa.column(name, sa.String) for name in ("record", "record_id", "event")),
    sa.column("changes", sa.JSON),
)
HOLD = sa.table(
    "hold",
    sa.column("id", sa.Integer),
    sa.column("callback_id", sa.Integer),
    *(sa.column(name, sa.String) for name in ("reason", "by", "lifted_by")),
    sa.column("values", sa.JSON),
    *(sa.column(name, INSTANT) for name in ("since", "lifted_at")),
)


def upgrade() -> None:
    op.create_table(
        "hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("callback_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["callback_id"], ["callback.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_hold_callback_id", "hold", ["callback_id"])
    op.create_index(
        "hold_once",
        "hold",
        ["callback_id", "reason"],
        unique=True,
        sqlite_where=ONE_REASON_IN_FORCE,
        postgresql_where=ONE_REASON_IN_FORCE,
    )
    # As they are, not in a batch: SQLite would make the table anew, without 0008's triggers.
    for name in ("in_danger", "is_held"):
        op.add_column(
            "callback", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    for name in ("asked_again", "priority"):
        op.add_column("callback", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    moves = _moves_up()
    _fill_callbacks(moves)
    _rewrite_trail(moves)
    op.drop_column("callback", "hold")
    op.drop_column("callback", "urgency")


def downgrade() -> None:
    op.add_column(
        "callback", sa.Column("urgency", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("callback", sa.Column("hold", sa.String(), server_default="", nullable=False))
    bind = op.get_bind()
    bind.execute(
        sa.update(CALLBACK).values(
            urgency=sa.case((CALLBACK.c.in_danger, 100), else_=0)
            + CALLBACK.c.asked_again
            + CALLBACK.c.priority
        )
    )
    sentences: dict[int, list[str]] = {}
    in_force = sa.select(HOLD).where(HOLD.c.lifted_at.is_(None)).order_by(HOLD.c.id)
    for hold in bind.execute(in_force).mappings():
        own_words = hold["values"].get("text", UNKNOWN_REASON)
        template = REASONS.get(hold["reason"])
        words = template.format(**hold["values"]) if template else own_words
        sentences.setdefault(hold["callback_id"], []).append(words)
    for callback_id, said in sentences.items():
        bind.execute(
            sa.update(CALLBACK).where(CALLBACK.c.id == callback_id).values(hold=" ".join(said))
        )
    for name in ("in_danger", "is_held", "asked_again", "priority"):
        op.drop_column("callback", name)
    op.drop_table("hold")


def causes_of(text: str) -> list[dict[str, Any]]:
    """Return the reasons in a hold's text, in its order; what is none of ours stays one text."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    at = 0
    for match in SENTENCE.finditer(text):
        _add_own_words(found, text[at : match.start()])
        reason = str(match.lastgroup)
        values = {"count": int(match["count"])} if reason == "attempt_cap" else {}
        found.setdefault((reason, ""), {"reason": reason, "values": values})
        at = match.end()
    _add_own_words(found, text[at:])
    return list(found.values())


def _add_own_words(found: dict[tuple[str, str], dict[str, Any]], text: str) -> None:
    if words := text.strip():
        found.setdefault((OTHER, words), {"reason": OTHER, "values": {"text": words}})


def split_urgency(urgency: int, moved_up: int) -> dict[str, Any]:
    """Return the columns of a number in which danger was a hundred and the rest was counted."""
    raised = urgency % 100
    priority = min(moved_up, raised)
    return {
        "in_danger": urgency >= 100,
        "asked_again": raised - priority,
        "priority": priority,
    }


def _moves_up() -> dict[str, list[int]]:
    """Return the ids of the rows that say that a supervisor moved a callback up, by callback."""
    of_move = (TRANSITION.c.record == "callback", TRANSITION.c.event == "move_up")
    found: dict[str, list[int]] = {}
    for row in op.get_bind().execute(
        sa.select(TRANSITION.c.id, TRANSITION.c.record_id)
        .where(*of_move)
        .order_by(TRANSITION.c.id)
    ):
        found.setdefault(row.record_id, []).append(row.id)
    return found


def _fill_callbacks(moves: dict[str, list[int]]) -> None:
    bind = op.get_bind()
    told = sa.select(
        CALLBACK.c.id, CALLBACK.c.urgency, CALLBACK.c.hold, CALLBACK.c.received_at
    ).where(sa.or_(CALLBACK.c.urgency != 0, CALLBACK.c.hold != ""))
    for chunk in _in_chunks(told, CALLBACK.c.id):
        held = []
        for row in chunk:
            causes = causes_of(row.hold)
            columns = split_urgency(row.urgency, len(moves.get(str(row.id), ())))
            bind.execute(
                sa.update(CALLBACK)
                .where(CALLBACK.c.id == row.id)
                .values(is_held=bool(causes), **columns)
            )
            about = {"callback_id": row.id, "since": row.received_at, "by": UPGRADE}
            held += [about | cause | {"lifted_at": None, "lifted_by": ""} for cause in causes]
        if held:
            bind.execute(sa.insert(HOLD), held)


def _rewrite_trail(moves: dict[str, list[int]]) -> None:
    """Say in the trail by code and column what it said in words and one number."""
    bind = op.get_bind()
    told = sa.select(TRANSITION).where(
        TRANSITION.c.record == "callback",
        TRANSITION.c.event.in_(("take_over", "call", "hand_back", "reschedule", "move_up")),
    )
    for chunk in _in_chunks(told, TRANSITION.c.id):
        for row in chunk:
            before = [one for one in moves.get(row.record_id, ()) if one <= row.id]
            changes = _rewritten(row.event, row.changes, len(before))
            if changes != row.changes:
                bind.execute(
                    sa.update(TRANSITION)
                    .where(TRANSITION.c.id == row.id)
                    .values(changes=changes)
                )


def _rewritten(event: str, changes: dict[str, Any], moved_up: int) -> dict[str, Any]:
    if event == "take_over":
        return changes | {
            when: _rewritten_state(changes[when], moved_up) for when in ("before", "after")
        }
    changes = dict(changes)
    if event == "move_up" and "urgency" in changes:
        del changes["urgency"]
        return changes | {"priority": moved_up}
    if causes := causes_of(changes.pop("hold", None) or ""):
        return changes | {"holds": [cause["reason"] for cause in causes]}
    return changes


def _rewritten_state(state: dict[str, Any], moved_up: int) -> dict[str, Any]:
    columns = split_urgency(state["urgency"], moved_up) | {"holds": causes_of(state["hold"])}
    return {name: said for name, said in state.items() if name not in ("urgency", "hold")} | columns


def _in_chunks(query: Any, number: Any) -> Iterator[Sequence[Any]]:
    """Read rows in the order of their number, not all of them at once."""
    last = 0
    while rows := op.get_bind().execute(query.where(number > last).order_by(number).limit(CHUNK)).all():
        yield rows
        last = rows[-1].id
