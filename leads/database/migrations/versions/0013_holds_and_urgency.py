"""Holds and urgency

Revision ID: 0013
Revises: 0012
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
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
    sa.column("at", INSTANT),
    sa.column("changes", sa.JSON),
)
TRAIL_TEXT = sa.cast(TRANSITION.c.changes, sa.Text)
ONE_STATE = ("call", "hand_back", "reschedule")  # with a hold beside other columns
NO_HOLD, NO_HOLDS = '"hold": ""', '"holds": []'  # as both engines keep JSON
HOLD = sa.table(
    "hold",
    sa.column("id", sa.Integer),
    sa.column("callback_id", sa.Integer),
    *(sa.column(name, sa.String) for name in ("reason", "by", "lifted_by")),
    sa.column("values", sa.JSON),
    *(sa.column(name, INSTANT) for name in ("since", "lifted_at")),
)
OF_MOVES_UP = (TRANSITION.c.record == "callback", TRANSITION.c.event == "move_up")
BEFORE_AND_AFTER = ("before", "after")
MOST_RAISED = 99  # what is more was danger, in one number


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
    _split_urgencies()
    _place_holds()
    _rewrite_trail()
    op.drop_column("callback", "hold")
    op.drop_column("callback", "urgency")


def downgrade() -> None:
    """Put urgency and holds back, in the callbacks and in the trail.

    Not as it was: whoever asked again or was moved up a hundred times counts as 99, or they would
    be in danger; a sentence that stood twice in one hold, the spaces between sentences, and the
    urgency of a move made since, of which the trail knows the priority alone. Who is held stays so.
    """
    op.add_column(
        "callback", sa.Column("urgency", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("callback", sa.Column("hold", sa.String(), server_default="", nullable=False))
    raised = CALLBACK.c.asked_again + CALLBACK.c.priority
    op.get_bind().execute(
        sa.update(CALLBACK).values(
            urgency=sa.case((CALLBACK.c.in_danger, 100), else_=0)
            + sa.case((raised > MOST_RAISED, MOST_RAISED), else_=raised)
        )
    )
    _restore_holds()
    _restore_trail()
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


def _split_urgencies() -> None:
    """Write `split_urgency` of every callback; its moves up are those that the trail knows."""
    moved_up = (
        sa.select(sa.func.count())
        .where(*OF_MOVES_UP, TRANSITION.c.record_id == sa.cast(CALLBACK.c.id, sa.Text))
        .scalar_subquery()
    )
    raised = CALLBACK.c.urgency % 100
    priority = sa.case((moved_up < raised, moved_up), else_=raised)
    op.get_bind().execute(
        sa.update(CALLBACK)
        .where(CALLBACK.c.urgency != 0)
        .values(
            in_danger=CALLBACK.c.urgency >= 100, asked_again=raised - priority, priority=priority
        )
    )


def _place_holds() -> None:
    bind = op.get_bind()
    held = sa.select(CALLBACK.c.id, CALLBACK.c.hold, CALLBACK.c.received_at)
    for chunk in _in_chunks(held.where(CALLBACK.c.hold != ""), CALLBACK.c.id):
        rows = [
            _hold_row(row.id, cause, since=row.received_at)
            for row in chunk
            for cause in causes_of(row.hold)
        ]
        if rows:
            bind.execute(sa.insert(HOLD), rows)
    is_held = sa.select(HOLD.c.callback_id)
    bind.execute(sa.update(CALLBACK).where(CALLBACK.c.id.in_(is_held)).values(is_held=True))


def _hold_row(
    callback_id: int, cause: dict[str, Any], *, since: Any, lifted_at: Any = None
) -> dict[str, Any]:
    lifted_by = UPGRADE if lifted_at else ""
    about = {"callback_id": callback_id, "since": since, "by": UPGRADE}
    return about | cause | {"lifted_at": lifted_at, "lifted_by": lifted_by}


def _rewrite_trail() -> None:
    """Say by a hold's id and by columns what the trail said in words and one number."""
    _replace_in_trail(NO_HOLD, NO_HOLDS)
    for chunk in _trail_chunks("hold", "urgency"):
        holds, moves = _find_or_create_holds(chunk), _moves_up(chunk)
        changed = []
        for row in chunk:
            moved_up = sum(one <= row.id for one in moves.get(row.record_id, ()))
            callback_id = int(row.record_id)
            states = [
                _rewritten_state(state, moved_up, holds.get(callback_id, {}))
                for state in _states_of(row)
            ]
            changed.append({"row_id": row.id, "changes": _with_states(row, states)})
        _update_rows(TRANSITION.c.changes, changed)


def _rewritten_state(state: dict[str, Any], moved_up: int, holds: dict[str, int]) -> dict[str, Any]:
    rewritten = {name: said for name, said in state.items() if name not in ("urgency", "hold")}
    if "hold" in state:
        rewritten["holds"] = [holds[_identity_of(one)] for one in causes_of(state["hold"])]
    if "urgency" in state:
        rewritten |= split_urgency(state["urgency"], moved_up)
    return rewritten


def _restore_trail() -> None:
    _replace_in_trail(NO_HOLDS, NO_HOLD)
    for chunk in _trail_chunks("holds", "priority"):
        states = [state for row in chunk for state in _states_of(row)]
        ids = {number for state in states for number in state.get("holds", ())}
        holds = op.get_bind().execute(sa.select(HOLD).where(HOLD.c.id.in_(ids))).mappings()
        words = {hold["id"]: _words_of(hold) for hold in holds}
        _update_rows(
            TRANSITION.c.changes,
            [
                {
                    "row_id": row.id,
                    "changes": _with_states(
                        row, [_restored_state(state, words) for state in _states_of(row)]
                    ),
                }
                for row in chunk
            ],
        )


def _restored_state(state: dict[str, Any], words: dict[int, str]) -> dict[str, Any]:
    names = ("in_danger", "asked_again", "priority", "holds")
    restored = {name: said for name, said in state.items() if name not in names}
    if "holds" in state:
        restored["hold"] = " ".join(words.get(number, UNKNOWN_REASON) for number in state["holds"])
    if "priority" in state:
        danger = 100 if state.get("in_danger") else 0
        raised = state.get("asked_again", 0) + state["priority"]
        restored["urgency"] = danger + min(raised, MOST_RAISED)
    return restored


def _restore_holds() -> None:
    held = sa.select(CALLBACK.c.id).where(CALLBACK.c.is_held)
    for chunk in _in_chunks(held, CALLBACK.c.id):
        in_force = sa.select(HOLD).where(
            HOLD.c.lifted_at.is_(None), HOLD.c.callback_id.in_([row.id for row in chunk])
        )
        sentences: dict[int, list[str]] = {row.id: [] for row in chunk}
        for hold in op.get_bind().execute(in_force.order_by(HOLD.c.id)).mappings():
            sentences[hold["callback_id"]].append(_words_of(hold))
        rows = [
            {"row_id": one, "hold": " ".join(said) or UNKNOWN_REASON}
            for one, said in sentences.items()
        ]
        _update_rows(CALLBACK.c.hold, rows)


def _words_of(hold: Any) -> str:
    """Return the sentence of a hold; one of a newer version, which is unknown here, still holds."""
    template = REASONS.get(hold["reason"])
    return (
        template.format(**hold["values"])
        if template
        else hold["values"].get("text", UNKNOWN_REASON)
    )


def _states_of(row: Any) -> list[dict[str, Any]]:
    """Return the states of a callback that a row of the trail holds: of a merge two, else one."""
    is_merge = row.event == "take_over"
    return [row.changes[when] for when in BEFORE_AND_AFTER] if is_merge else [row.changes]


def _with_states(row: Any, states: Sequence[dict[str, Any]]) -> dict[str, Any]:
    is_merge = row.event == "take_over"
    return (
        {**row.changes, **dict(zip(BEFORE_AND_AFTER, states, strict=True))}
        if is_merge
        else states[0]
    )


def _find_or_create_holds(rows: Sequence[Any]) -> dict[int, dict[str, int]]:
    """Return the ids of all holds that rows of the trail tell of, by callback and by cause.

    What is in force no more becomes a hold that was lifted: its words stand there and nowhere else.
    """
    wanted = {
        (int(row.record_id), _identity_of(cause)): (cause, row.at)
        for row in rows
        for state in _states_of(row)
        for cause in causes_of(state.get("hold", ""))
    }
    callback_ids = {callback_id for callback_id, _ in wanted}
    known = _hold_ids(callback_ids)
    missing = [
        _hold_row(callback_id, cause, since=at, lifted_at=at)
        for (callback_id, identity), (cause, at) in wanted.items()
        if identity not in known.get(callback_id, {})
    ]
    if not missing:
        return known
    op.get_bind().execute(sa.insert(HOLD), missing)
    return _hold_ids(callback_ids)


def _hold_ids(callback_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    ids: dict[int, dict[str, int]] = {}
    theirs = sa.select(HOLD).where(HOLD.c.callback_id.in_(callback_ids))
    for hold in op.get_bind().execute(theirs.order_by(HOLD.c.id)).mappings():
        ids.setdefault(hold["callback_id"], {}).setdefault(_identity_of(hold), hold["id"])
    return ids


def _identity_of(cause: Any) -> str:
    return json.dumps([cause["reason"], cause["values"]], sort_keys=True)


def _moves_up(rows: Sequence[Any]) -> dict[str, list[int]]:
    """Return the rows that say that a supervisor moved one of these callbacks up, by callback."""
    ids: dict[str, list[int]] = {}
    theirs = {row.record_id for row in rows if row.event in ("take_over", "move_up")}
    moves = sa.select(TRANSITION.c.id, TRANSITION.c.record_id).where(
        *OF_MOVES_UP, TRANSITION.c.record_id.in_(theirs)
    )
    for move in op.get_bind().execute(moves):
        ids.setdefault(move.record_id, []).append(move.id)
    return ids


def _replace_in_trail(words: str, others: str) -> None:
    """Write other JSON for a part of it: quotes inside of a value have a backslash before them."""
    of_json = sa.JSON() if op.get_bind().dialect.name == "postgresql" else sa.Text()
    op.get_bind().execute(
        sa.update(TRANSITION)
        .where(
            TRANSITION.c.record == "callback",
            TRANSITION.c.event.in_(ONE_STATE),
            TRAIL_TEXT.contains(words),
        )
        .values(changes=sa.cast(sa.func.replace(TRAIL_TEXT, words, others), of_json))
    )


def _trail_chunks(*names: str) -> Iterator[Sequence[Any]]:
    """Read the rows of callbacks that hold one of these names, not all of them at once."""
    rows = sa.select(TRANSITION).where(
        TRANSITION.c.record == "callback",
        TRANSITION.c.event.in_((*ONE_STATE, "take_over", "move_up")),
        sa.or_(*(TRAIL_TEXT.contains(f'"{name}":') for name in names)),
    )
    return _in_chunks(rows, TRANSITION.c.id)


def _update_rows(column: Any, rows: list[dict[str, Any]]) -> None:
    """Write one column of rows, given with their `row_id`."""
    if rows:
        value = sa.bindparam(f"new_{column.name}", type_=column.type)
        update = sa.update(column.table).where(column.table.c.id == sa.bindparam("row_id"))
        given = [{"row_id": row["row_id"], value.key: row[column.name]} for row in rows]
        op.get_bind().execute(update.values({column.name: value}), given)


def _in_chunks(query: Any, number: Any) -> Iterator[Sequence[Any]]:
    """Read rows in the order of their number, not all of them at once."""
    last = 0
    while (
        rows := op.get_bind()
        .execute(query.where(number > last).order_by(number).limit(CHUNK))
        .all()
    ):
        yield rows
        last = rows[-1].id
