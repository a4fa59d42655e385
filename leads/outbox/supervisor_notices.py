"""Notices: what supervisors are told away from their screens.

A notice is written by whoever decides it and sent by the courier. A call or a text goes out at most
once. An e-mail that may or may not have gone out is sent again: it carries the same Message-ID, so
that a mailbox can tell.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, func, or_, update
from sqlmodel import Session, col, select

from leads.database.bulk_rows import insert_if_absent
from leads.errors import BadConfiguration
from leads.i18n.messages import Message, MessageKey
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.fields import message_has_key
from leads.models.watching import Alert, Notice
from leads.models.words import AlertKind, DigestFrequency, NoticeMethod, OutboxState
from leads.people.permissions import list_active_supervisors, require_supervisor

SENDING_LASTS = timedelta(minutes=2)  # longer than any sending may hang
BACK_OFF = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
)
FAILURE_WINDOW = timedelta(days=1)
TEST_KEY_PREFIX = "test:"
WEEK, MAX_RECENT_NOTICES = timedelta(days=7), 20


@dataclass(frozen=True)
class NoticeSummary:
    """One notice to a supervisor or a channel, and what became of it.

    It tells of an alert, by its kind, of a digest, or of a test.
    """

    kind: AlertKind | None
    digest: DigestFrequency | None
    is_test: bool
    way: NoticeMethod
    name: str
    at: datetime
    state: OutboxState
    settled_at: datetime | None
    problem: str


def enqueue_alert_notice(
    session: Session, alert: Alert, way: NoticeMethod, address: str, *, now: datetime
) -> None:
    """Order a notice of an alert to one address. Idempotent."""
    _enqueue_notice(
        session, f"alert:{alert.id}:{way}:{address}", way, address, now=now, alert_id=alert.id
    )


def enqueue_digest_notice(
    session: Session,
    digest: DigestFrequency,
    address: str,
    *,
    last_day: date,
    zone: str,
    now: datetime,
) -> None:
    """Order a digest of the days up to the last one to one address. Idempotent."""
    days = {"digest": digest, "last_day": last_day.isoformat(), "zone": zone}
    _enqueue_notice(
        session, f"{digest}:{last_day}:{address}", NoticeMethod.EMAIL, address, now=now, **days
    )


def enqueue_test_notice(
    session: Session, person: Advisor, way: NoticeMethod, *, now: datetime
) -> None:
    """Order a test notice to the supervisor who asks for it.

    Raises BadConfiguration where the supervisor has no phone for it.
    """
    require_supervisor(person, "send a test message")
    address = {NoticeMethod.EMAIL: person.email, NoticeMethod.CHANNEL: ""}.get(way, person.phone)
    if not address and way != NoticeMethod.CHANNEL:
        msg = Phrase("You have no phone number here: add it under Colleagues.")
        raise BadConfiguration(msg)
    _enqueue_notice(
        session, f"{TEST_KEY_PREFIX}{way}:{person.id}:{now.isoformat()}", way, address, now=now
    )


def recent_notices(session: Session, *, now: datetime) -> list[NoticeSummary]:
    """Return the notices of the last week, newest first."""
    found = select(Notice, Alert.kind).outerjoin(Alert, col(Alert.id) == col(Notice.alert_id))
    found = (
        found.where(Notice.created_at > now - WEEK)
        .order_by(col(Notice.id).desc())
        .limit(MAX_RECENT_NOTICES)
    )
    names = {
        address: one.name
        for one in list_active_supervisors(session)
        for address in (one.email, one.phone)
        if address
    }
    return [
        NoticeSummary(
            AlertKind(kind) if kind else None,
            notice.digest,
            notice.key.startswith(TEST_KEY_PREFIX),
            notice.way,
            names.get(notice.address, ""),
            notice.created_at,
            notice.state,
            notice.settled_at,
            notice.problem,
        )
        for notice, kind in session.exec(found)
    ]


def is_test_notice(notice: Notice) -> bool:
    """Whether a notice is a supervisor's test of a delivery channel."""
    return notice.key.startswith(TEST_KEY_PREFIX)


def take_due_notices(
    session: Session, most: int, *, ways: Collection[NoticeMethod], now: datetime
) -> list[Notice]:
    """Lock the notices that are due by these methods, and mark them as being sent.

    A notice that nobody needs to hear any more is settled here and not returned.
    """
    _recover_interrupted_notices(session, now=now)
    due = select(Notice).where(
        Notice.state == OutboxState.PENDING, Notice.due_at <= now, col(Notice.way).in_(ways)
    )
    due = (
        due.order_by(col(Notice.due_at), col(Notice.id))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    found = [
        notice for notice in session.exec(due) if _confirm_wanted_or_drop(session, notice, now=now)
    ]
    for notice in found:
        notice.state, notice.taken_until, notice.tries = (
            OutboxState.SENDING,
            now + SENDING_LASTS,
            notice.tries + 1,
        )
    session.flush()
    return found


def mark_notice_sent(session: Session, notice_id: int, *, now: datetime) -> None:
    """Record that a notice was sent."""
    _settle_notice(session.get_one(Notice, notice_id), OutboxState.SENT, "", now=now)


def settle_or_retry_notice(
    session: Session,
    notice_id: int,
    *,
    problem: Message,
    permanent: bool,
    unknown: bool,
    now: datetime,
) -> OutboxState:
    """Settle a notice that was not sent, or put it off; returns its state.

    `permanent`: sending again cannot help. `unknown`: it may have gone out, so that only an e-mail
    is sent again. A notice that was tried often enough is settled as failed.
    """
    notice = session.get_one(Notice, notice_id)
    if unknown and notice.way != NoticeMethod.EMAIL:
        _settle_notice(notice, OutboxState.UNKNOWN, problem, now=now)
    elif permanent or notice.tries > len(BACK_OFF):
        _settle_notice(notice, OutboxState.FAILED, problem, now=now)
    else:
        notice.state, notice.problem = OutboxState.PENDING, problem
        notice.due_at = now + BACK_OFF[notice.tries - 1]
    return notice.state


def count_failed_notices(session: Session, *, now: datetime) -> tuple[int, datetime, datetime]:
    """Return how many notices did not go out lately, and when the first and the last failed."""
    at = col(Notice.settled_at)
    lost = select(func.count(), func.min(at), func.max(at)).where(
        at > now - FAILURE_WINDOW, ~message_has_key(Notice.problem, MessageKey.OVER_BEFORE_SENT)
    )
    lost = lost.where(
        ~col(Notice.key).startswith(TEST_KEY_PREFIX)
    )  # whoever tries sees what came of it
    lost = lost.where(col(Notice.state).in_((OutboxState.FAILED, OutboxState.UNKNOWN)))
    count, first, last = session.exec(lost).one()
    return count, first or now, last or now


def _enqueue_notice(
    session: Session, key: str, way: NoticeMethod, address: str, *, now: datetime, **about: object
) -> None:
    row = {"alert_id": None, "digest": None, "last_day": "", "zone": "", **about}
    row |= {
        "state": OutboxState.PENDING,
        "tries": 0,
        "created_at": now,
        "due_at": now,
        "problem": "",
    }
    insert_if_absent(session, Notice, {"key": key, "way": way, "address": address, **row})


def _recover_interrupted_notices(session: Session, *, now: datetime) -> None:
    """Settle, or send again, the notices that a courier was sending when it died."""
    died = update(Notice).where(
        col(Notice.state) == OutboxState.SENDING, col(Notice.taken_until) < now
    )
    problem = Message(MessageKey.SENDER_STOPPED)
    is_email = col(Notice.way) == NoticeMethod.EMAIL
    again = and_(is_email, col(Notice.tries) <= len(BACK_OFF))
    session.execute(
        died.where(again).values(state=OutboxState.PENDING, due_at=now, problem=problem)
    )
    session.execute(
        died.where(~again).values(state=OutboxState.UNKNOWN, settled_at=now, problem=problem)
    )


def _confirm_wanted_or_drop(session: Session, notice: Notice, *, now: datetime) -> bool:
    if notice.alert_id is None:
        return True
    over = or_(col(Alert.closed_at).is_not(None), col(Alert.acknowledged_at).is_not(None))
    if session.exec(select(Alert.id).where(Alert.id == notice.alert_id, over)).first() is None:
        return True
    unwanted = Message(MessageKey.OVER_BEFORE_SENT)
    _settle_notice(notice, OutboxState.FAILED, unwanted, now=now)
    return False


def _settle_notice(notice: Notice, state: OutboxState, problem: str, *, now: datetime) -> None:
    notice.state, notice.settled_at, notice.problem = state, now, problem
