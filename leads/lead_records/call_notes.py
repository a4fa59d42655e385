"""What advisors write about somebody they have in hand: kept while they type, each one's words as their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads.database.transactions import write_deferred_inserts
from leads.errors import NotAllowed
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, Note
from leads.models.watching import Transition
from leads.people.permissions import actor_of_id

LONGEST = 10_000  # characters
MAY_COME_LATE = timedelta(hours=12)
"""Words typed while the server was away arrive after the lease expired or the work was finished: a session's length."""


@dataclass(frozen=True)
class Written:
    """Somebody's notes about a callback; `by` is empty where nobody knows any more."""

    by: str
    at: datetime
    text: str


def keep(session: Session, callback_id: int, advisor_id: int, text: str, *, now: datetime) -> None:
    """Keep all that an advisor has written so far about a callback; saying it again changes nothing.

    Nobody's words are ever replaced by somebody else's. Raises NotAllowed when the callback was not in their hands.
    """
    callback = session.get(Callback, callback_id, with_for_update=True)
    if callback is None or not _had_it(session, callback, advisor_id, now=now):
        msg = Phrase("Notes are written by whoever has the callback.")
        raise NotAllowed(msg)
    note = own(session, callback_id, advisor_id)
    if note is None and not text.strip():
        return
    note = note or Note(callback_id=callback_id, advisor_id=advisor_id, text="", written_at=now)
    note.text, note.written_at = text[:LONGEST], now
    session.add(note)
    session.flush()
    kept = session.exec(select(Note.text).where(Note.callback_id == callback_id).order_by(col(Note.id)))
    callback.notes = _together(kept)
    session.add(callback)


def own(session: Session, callback_id: int, advisor_id: int) -> Note | None:
    """Return what this advisor has written about a callback."""
    mine = select(Note).where(Note.callback_id == callback_id, Note.advisor_id == advisor_id)
    return session.exec(mine).first()


def of_others(session: Session, callback: Callback, advisor_id: int) -> list[Written]:
    """Return what others wrote about the person's callbacks, and this advisor about earlier ones, oldest first."""
    found = session.exec(
        select(Callback, Note, Advisor.name)
        .join(Note, col(Note.callback_id) == col(Callback.id), isouter=True)
        .join(Advisor, col(Advisor.id) == col(Note.advisor_id), isouter=True)
        .where(Callback.lead_id == callback.lead_id, Callback.notes != "")
        .order_by(col(Callback.id), col(Note.id))
    ).all()
    return [
        Written(name or "", note.written_at if note else about.ended_at or about.received_at, text)
        for about, note, name in found
        if (text := note.text if note else about.notes).strip()
        and not (note and note.advisor_id == advisor_id and about.id == callback.id)
    ]


def _had_it(session: Session, callback: Callback, advisor_id: int, *, now: datetime) -> bool:
    """Whether it is in the advisor's hands, or was not long ago: taken by them, or offered to them."""
    if callback.advisor_id == advisor_id:
        return True
    write_deferred_inserts(session)
    since = now - MAY_COME_LATE
    taken = select(Transition.id).where(Transition.record == "callback", Transition.record_id == str(callback.id))
    taken = taken.where(Transition.actor == actor_of_id(advisor_id), Transition.event == "claim", Transition.at > since)
    offered = select(CallAttempt.id).where(CallAttempt.callback_id == callback.id)
    offered = offered.where(CallAttempt.advisor_id == advisor_id, col(CallAttempt.requested_at) > since)
    return bool(session.exec(select(taken.exists() | offered.exists())).one())


def _together(texts: Iterable[str]) -> str:
    return "\n\n".join(text.strip() for text in texts if text.strip())
