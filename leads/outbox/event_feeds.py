"""Event feeds: what happened that a destination may be told of, as the tables have it.

Whoever works on the queue writes nothing for it and waits for nobody: rows that are there anyway
are looked through afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, SQLModel, col, select

from leads.lifecycle.state_tables import CallbackEvent, LeadEvent
from leads.models.calls import Callback
from leads.models.enums import OPEN_CALLBACK, CallbackState, EventType
from leads.models.outbound import EventCursor
from leads.models.requests import Lead
from leads.models.watching import Transition

PAGE = 500
STILL_OPEN = timedelta(minutes=5)  # no transaction lasts so long
CLOSED_CALLBACK = tuple(state for state in CallbackState if state not in OPEN_CALLBACK)
TYPES_OF_MOVES = {
    ("callback", CallbackEvent.CONVERSE.value): EventType.CALLBACK_ANSWERED,
    ("lead", LeadEvent.SUPPRESS.value): EventType.SUPPRESSION_ADDED,
    ("lead", LeadEvent.REINSTATE.value): EventType.SUPPRESSION_LIFTED,
}


@dataclass(frozen=True)
class DeskEvent:
    """One thing that happened. `event_id`: its feed and row, the same whoever is told of it.

    `helpline_ids`: of a callback its own, of a person those of all their callbacks.
    """

    event_id: str
    type: EventType
    at: datetime
    lead_id: int
    callback_id: int | None = None
    state: str | None = None
    helpline_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Feed:
    """A table whose rows are events, or some of them: by `select_rows`, whose first column is `id`.

    `make_events`: of rows, without the helplines.
    """

    name: str
    kind: type[SQLModel]
    select_rows: Callable[[], Any]
    make_event: Callable[[Any], DeskEvent]


def begin_feeds(session: Session, *, now: datetime) -> None:
    """Pass over everything that has happened so far."""
    for feed in FEEDS:
        last = _last_id(session, feed)
        before = max(last - PAGE, 0)  # what is not committed yet may have a lower id
        session.merge(EventCursor(feed=feed.name, through=before, ahead=last, looked_at=now))
    session.flush()


def read_feed_pages(session: Session, *, since: datetime) -> Sequence[Sequence[DeskEvent]]:
    """Return what may have happened since an instant and nobody may have been told of, in pages.

    What was returned lately is returned again.
    """
    return [page for feed in FEEDS for page in _read_feed(session, feed, since=since)]


def advance_cursors(session: Session, *, now: datetime) -> None:
    """Look no more at rows before which none can still come."""
    for feed in FEEDS:
        cursor = _cursor_of(session, feed, now=now)
        if cursor.looked_at <= now - STILL_OPEN:
            cursor.through, cursor.ahead = cursor.ahead, _last_id(session, feed)
            cursor.looked_at = now
            session.add(cursor)


def _read_feed(session: Session, feed: _Feed, *, since: datetime) -> list[list[DeskEvent]]:
    cursor, pages = session.get(EventCursor, feed.name), []
    after = cursor.through if cursor else 0
    row_id: Any = getattr(feed.kind, "id")  # noqa: B009 - of every table
    while True:
        rows = session.execute(
            feed.select_rows().where(row_id > after).order_by(row_id).limit(PAGE)
        ).all()
        events = [feed.make_event(row) for row in rows]
        pages.append(_with_places(session, [event for event in events if event.at >= since]))
        if len(rows) < PAGE:
            return [page for page in pages if page]
        after = rows[-1][0]


def _with_places(session: Session, events: Sequence[DeskEvent]) -> list[DeskEvent]:
    """Return events with whom they are about, and with their helplines."""
    callback_ids = {event.callback_id for event in events if event.callback_id}
    of_callback = {
        callback_id: (lead_id, brand_id)
        for callback_id, lead_id, brand_id in session.exec(
            select(Callback.id, Callback.lead_id, Callback.brand_id).where(
                col(Callback.id).in_(callback_ids)
            )
        )
    }
    of_lead = _helplines_of_people(session, {event.lead_id for event in events})
    placed = []
    for event in events:
        if event.callback_id is None:
            placed.append(replace(event, helpline_ids=of_lead.get(event.lead_id, ())))
        elif event.callback_id in of_callback:
            lead_id, brand_id = of_callback[event.callback_id]
            placed.append(replace(event, lead_id=lead_id, helpline_ids=(brand_id,)))
    return placed


def _helplines_of_people(session: Session, lead_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    theirs = select(Callback.lead_id, Callback.brand_id).where(col(Callback.lead_id).in_(lead_ids))
    for lead_id, brand_id in session.exec(theirs.distinct().order_by(col(Callback.brand_id))):
        found[lead_id] = (*found.get(lead_id, ()), brand_id)
    return found


def _last_id(session: Session, feed: _Feed) -> int:
    row_id: Any = getattr(feed.kind, "id")  # noqa: B009 - of every table
    return session.execute(select(func.max(row_id))).scalar() or 0


def _cursor_of(session: Session, feed: _Feed, *, now: datetime) -> EventCursor:
    found = session.get(EventCursor, feed.name)
    return found or EventCursor(feed=feed.name, through=0, ahead=0, looked_at=now)


def _select_moves() -> Any:
    columns = (Transition.id, Transition.at, Transition.record, Transition.record_id)
    told: tuple[Any, ...] = (*columns, Transition.event, Transition.after)
    return select(*told).where(_is_told_move())


def _is_told_move() -> ColumnElement[bool]:
    record, event = col(Transition.record), col(Transition.event)
    closes = and_(
        record == "callback",
        col(Transition.after).in_(CLOSED_CALLBACK),
        col(Transition.before).not_in(CLOSED_CALLBACK),
    )
    return or_(closes, *(and_(record == on, event == what) for on, what in TYPES_OF_MOVES))


def _event_of_move(row: Any) -> DeskEvent:
    move_id, at, record, record_id, event, after = row
    is_callback = record == "callback"
    return DeskEvent(
        event_id=f"transition-{move_id}",
        type=TYPES_OF_MOVES.get((record, event), EventType.CALLBACK_CLOSED),
        at=at,
        lead_id=0 if is_callback else int(record_id),
        callback_id=int(record_id) if is_callback else None,
        state=after,
    )


FEEDS = (
    _Feed(
        "lead",
        Lead,
        lambda: select(Lead.id, Lead.created_at),
        lambda row: DeskEvent(f"lead-{row[0]}", EventType.LEAD_CREATED, row[1], row[0]),
    ),
    _Feed(
        "callback",
        Callback,
        lambda: select(Callback.id, Callback.received_at, Callback.lead_id),
        lambda row: DeskEvent(
            f"callback-{row[0]}", EventType.CALLBACK_CREATED, row[1], row[2], row[0]
        ),
    ),
    _Feed(
        "transition",
        Transition,
        _select_moves,
        _event_of_move,
    ),
)
"""What is looked through, in the order in which it happens."""
