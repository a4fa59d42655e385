"""The audit trail: its only writer. It keeps ids, states and names of fields, never words.

What it may keep is declared: numbers, instants, codes of ours, and texts that are set-up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, SQLModel, col

from leads.database.bulk_rows import execute_and_count
from leads.database.transactions import defer_insert
from leads.i18n.messages import Message
from leads.lifecycle.audit_log import record_access
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.enums import AuditKind
from leads.models.watching import Transition

WORDS = ("notes", "reading", "close_note")  # what people wrote stays in its own column
TEXTS: Mapping[str, frozenset[str]] = {
    "source": frozenset({"name", "kind", "region", "mapping"}),  # what a supervisor set up
    "brand": frozenset({"called_countries", "called_kinds", "calling_hours", "skills"}),
    "advisor": frozenset({"languages", "skills", "gender"}),
    "weekly_shift": frozenset({"begins", "ends", "zone"}),
    "shift_change": frozenset({"day", "begins", "ends", "zone"}),
    "submission": frozenset({"corrected"}),  # names of fields of ours
    "lead": frozenset({"inbound_call"}),  # an id of ours
    "callback": frozenset({"inbound_call"}),
}
HAND_OVER = "hand_over"  # of a call: it is another's of us from then on
AUDITED: Mapping[tuple[str, str], AuditKind] = {
    ("lead", "reveal"): AuditKind.REVEAL,
    ("lead", "show_name"): AuditKind.REVEAL,
    ("text_message", "reveal"): AuditKind.REVEAL,
    ("voicemail", "play"): AuditKind.PLAY,
    ("lead", "export"): AuditKind.EXPORT,
    ("advisor", "add"): AuditKind.ACCOUNT,
    ("advisor", "change_role"): AuditKind.ACCOUNT,
    ("advisor", "set_helplines"): AuditKind.ACCOUNT,
    ("advisor", "deactivate"): AuditKind.ACCOUNT,
    ("advisor", "activate"): AuditKind.ACCOUNT,
    ("advisor", "know_subject"): AuditKind.ACCOUNT,
    ("advisor", "invite"): AuditKind.LINK_MADE,
    ("advisor", "change_password"): AuditKind.PASSWORD,
    ("advisor", "sign_out"): AuditKind.SESSIONS_ENDED,
    ("advisor", "end_session"): AuditKind.SESSIONS_ENDED,
    ("advisor", "end_other_sessions"): AuditKind.SESSIONS_ENDED,
    ("television", "let_in"): AuditKind.SIGN_IN,
    ("api_token", "add"): AuditKind.ACCOUNT,
    ("api_token", "revoke"): AuditKind.ACCOUNT,
}
"""What of the trail is about who saw what or came in, and in the audit log as well."""


class SystemActor(StrEnum):
    """Who acts where no colleague and no operator does, as the trail names them."""

    NETWORK = "network"  # somebody by their own phone, or the phone network itself
    CLOCK = "clock"
    SCHEDULER = "scheduler"
    RELAY = "relay"
    INTAKE = "intake"
    IMPORT = "import"
    ERASURE = "erasure"  # what an erased person forbade is kept


def record_event(
    session: Session, row: SQLModel, event: str, *, actor: str, now: datetime, **changes: Any
) -> None:
    """Write down what somebody did with a row, beside the moves of its state."""
    state = str(getattr(row, "state", ""))
    subject = TrailSubject.of_row(row)
    record_move(session, subject, event, (state, state), actor=actor, now=now, changes=changes)


def record_move(
    session: Session,
    subject: TrailSubject,
    event: str,
    states: tuple[str, str],
    *,
    actor: str,
    now: datetime,
    changes: Mapping[str, Any],
) -> None:
    """Write down an event with the states before and after it, for the commit.

    Raises TypeError for a text that is not declared as one that the trail may keep.
    """
    if kind := AUDITED.get((subject.record, event)):
        record_access(session, kind, subject, actor=actor, now=now)
    before, after = states
    texts = TEXTS.get(subject.record, frozenset())
    audited = {
        name: _audited_value(name, value, may_be_text=name in texts)
        for name, value in changes.items()
        if name not in WORDS
    }
    defer_insert(
        session,
        Transition,
        {
            "record": subject.record,
            "record_id": subject.record_id,
            "event": event,
            "before": before,
            "after": after,
            "actor": actor,
            "at": now,
            "changes": audited,
        },
    )


def delete_old_events(session: Session, ids: Sequence[int]) -> int:
    """Delete events whose time is over, by their ids; returns how many there were."""
    return execute_and_count(session, delete(Transition).where(col(Transition.id).in_(ids)))


def _audited_value(name: str, value: Any, *, may_be_text: bool) -> Any:
    match value:
        case None | "" | bool() | int() | float() | Enum():
            return value
        case datetime():
            return value.isoformat()
        case Message():
            return value.as_data(with_own_words=False)
        case str() if may_be_text:
            return value
        case Mapping() if all(str(key).isidentifier() for key in value):
            items = value.items()
            return {key: _audited_value(name, one, may_be_text=may_be_text) for key, one in items}
        case list() | tuple():
            return [_audited_value(name, one, may_be_text=may_be_text) for one in value]
    msg = f"{name}: the audit trail keeps no words; store them in a row and give its id"
    raise TypeError(msg)
