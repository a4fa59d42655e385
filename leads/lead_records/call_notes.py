"""Advisors' notes about a callback in their hands, kept while they type.

Each advisor's words stay their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads.database.transactions import write_deferred_inserts
from leads.errors import NotAllowed
from leads.i18n.translatable import Phrase
from leads.lead_records import note_merging
from leads.lifecycle.state_tables import CallbackEvent
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, Note
from leads.models.watching import Transition
from leads.people.permissions import Permission, actor_of_id, require_permission

MAX_NOTE_LENGTH = 10_000  # characters
LONGEST_KEPT = 2 * MAX_NOTE_LENGTH  # of two tabs
LATE_NOTE_WINDOW = timedelta(hours=12)
"""How long notes are taken after the lease expired or the work was finished: a session's length.

Words typed while the server was away arrive late.
"""


@dataclass(frozen=True)
class AttributedNote:
    """One advisor's notes about a callback; `by` is empty where the advisor is not known."""

    by: str
    at: datetime
    text: str


def save_note(
    session: Session, callback_id: int, advisor_id: int, text: str, *, now: datetime
) -> None:
    """Keep all that an advisor has written so far about a callback. Idempotent.

    No advisor's words ever replace another's. Raises NotAllowed when the callback was not in this
    advisor's hands.
    """
    callback = lock_callback_to_write(session, callback_id, advisor_id, now=now)
    note = find_own_note(session, callback_id, advisor_id)
    if note is None and not text.strip():
        return
    note = note or Note(callback_id=callback_id, advisor_id=advisor_id, text="", written_at=now)
    note.text, note.written_at = text[:LONGEST_KEPT], now
    session.add(note)
    session.flush()
    texts = session.exec(
        select(Note.text).where(Note.callback_id == callback_id).order_by(col(Note.id))
    )
    callback.notes = _join_note_texts(texts)
    session.add(callback)


def merge_into_note(
    session: Session, callback_id: int, advisor_id: int, text: str, *, base: str, now: datetime
) -> str:
    """Keep what an advisor has written in one of their tabs, and return all that is kept then.

    `base`: what the tab began with, or knows to be kept. What another tab has kept since stays.
    Raises NotAllowed as `save_note`.
    """
    lock_callback_to_write(session, callback_id, advisor_id, now=now)  # one tab after the other
    note = find_own_note(session, callback_id, advisor_id)
    merged = note_merging.merge_notes(base, text, note.text if note else "")
    save_note(session, callback_id, advisor_id, merged, now=now)
    return merged[:LONGEST_KEPT]


def lock_callback_to_write(
    session: Session, callback_id: int, advisor_id: int, *, now: datetime
) -> Callback:
    """Return the callback, locked, about which an advisor may write.

    Raises NotAllowed when it was not in their hands.
    """
    require_permission(session.get_one(Advisor, advisor_id), Permission.TAKE_CALLBACKS)
    callback = session.get(Callback, callback_id, with_for_update=True)
    write_deferred_inserts(session)  # a claim of the same transaction counts
    if callback is None or not _has_or_had_callback(session, callback, advisor_id, now=now):
        raise NotAllowed(Phrase("Only the advisor assigned to the callback can write notes."))
    return callback


def find_own_note(session: Session, callback_id: int, advisor_id: int) -> Note | None:
    """Return what this advisor has written about a callback."""
    mine = select(Note).where(Note.callback_id == callback_id, Note.advisor_id == advisor_id)
    return session.exec(mine).first()


def read_other_notes(session: Session, callback: Callback, advisor_id: int) -> list[AttributedNote]:
    """Return what others noted about the lead, and this advisor for earlier callbacks.

    The oldest note is the first.
    """
    rows = session.exec(
        select(Callback, Note, Advisor.name)
        .join(Note, col(Note.callback_id) == col(Callback.id), isouter=True)
        .join(Advisor, col(Advisor.id) == col(Note.advisor_id), isouter=True)
        .where(Callback.lead_id == callback.lead_id, Callback.notes != "")
        .order_by(col(Callback.id), col(Note.id))
    ).all()
    return [
        AttributedNote(
            name or "",
            note.written_at if note else noted_callback.ended_at or noted_callback.received_at,
            text,
        )
        for noted_callback, note, name in rows
        if (text := note.text if note else noted_callback.notes).strip()
        and not (note and note.advisor_id == advisor_id and noted_callback.id == callback.id)
    ]


def _has_or_had_callback(
    session: Session, callback: Callback, advisor_id: int, *, now: datetime
) -> bool:
    """Whether the advisor has the callback in hand, or had it not long ago.

    It was claimed by the advisor, or offered to them.
    """
    if callback.advisor_id == advisor_id:
        return True
    since = now - LATE_NOTE_WINDOW
    taken = select(Transition.id).where(
        Transition.record == "callback", Transition.record_id == str(callback.id)
    )
    taken = taken.where(
        Transition.actor == actor_of_id(advisor_id),
        Transition.event == CallbackEvent.CLAIM,
        Transition.at > since,
    )
    offered = select(CallAttempt.id).where(CallAttempt.callback_id == callback.id)
    offered = offered.where(
        CallAttempt.advisor_id == advisor_id, col(CallAttempt.requested_at) > since
    )
    return bool(session.exec(select(taken.exists() | offered.exists())).one())


def _join_note_texts(texts: Iterable[str]) -> str:
    return "\n\n".join(text.strip() for text in texts if text.strip())
