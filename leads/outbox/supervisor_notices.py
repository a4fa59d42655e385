"""Notices: what supervisors are told away from their screens.

A notice is ordered by whoever decides it and sent by the courier. A call or a text goes out at most
once. An e-mail that may or may not have gone out is sent again: it carries the same Message-ID, so
that a mailbox can tell.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, col, select

from leads.errors import BadConfiguration, FailureKind, TelephonyError
from leads.i18n.languages import DEFAULT_LANGUAGE
from leads.i18n.messages import Message, MessageKey
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor, OnCall
from leads.models.enums import AlertKind, DigestFrequency, NoticeMethod, OutboxKind, OutboxState
from leads.models.outbox import Outbox
from leads.models.watching import Alert
from leads.outbox import orders
from leads.outbox.retry_schedule import NOTICE_RETRIES
from leads.people import shifts
from leads.people.accounts import language_of_advisor
from leads.people.permissions import Permission, list_active_people_who_may, require_permission

NOTICE_SENDING_LASTS = timedelta(minutes=2)  # longer than any sending may hang
FAILURE_WINDOW = timedelta(days=1)
WEEK, MAX_RECENT_NOTICES = timedelta(days=7), 20
KIND_OF_WAY = {
    NoticeMethod.EMAIL: OutboxKind.EMAIL_NOTICE,
    NoticeMethod.TEXT: OutboxKind.TEXT_NOTICE,
    NoticeMethod.CALL: OutboxKind.CALL_NOTICE,
    NoticeMethod.CHANNEL: OutboxKind.CHANNEL_NOTICE,
}
WAY_OF_KIND = {kind: way for way, kind in KIND_OF_WAY.items()}
NOTICE_KINDS = tuple(WAY_OF_KIND)

# Made once: building a statement costs more than running it.
_MAY_BE_SENT_AGAIN = and_(
    col(Outbox.kind) == OutboxKind.EMAIL_NOTICE, col(Outbox.tries) <= len(NOTICE_RETRIES.waits)
)
NOTICES_SENT_AGAIN = orders.update_interrupted_orders(
    NOTICE_KINDS, OutboxState.PENDING, due_at=orders.NOW
).where(_MAY_BE_SENT_AGAIN)
NOTICES_IN_DOUBT = orders.update_interrupted_orders(
    NOTICE_KINDS, OutboxState.UNKNOWN, settled_at=orders.NOW
).where(~_MAY_BE_SENT_AGAIN)


@dataclass(frozen=True)
class Notice:
    """One thing to tell one supervisor, or a channel: an alert, a digest, or a test.

    A digest is of the days up to `last_day` in its zone.
    """

    id: int
    way: NoticeMethod
    address: str
    written_at: datetime
    alert_id: int | None
    digest: DigestFrequency | None
    last_day: date | None
    zone: str

    @property
    def is_test(self) -> bool:
        """Whether somebody only tries whether notices arrive: it is about nothing."""
        return self.alert_id is None and self.digest is None


@dataclass(frozen=True)
class NoticeReader:
    """In which language and by the clock of which zone somebody reads a notice."""

    language: str
    zone: str


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


def find_notice_reader(session: Session, address: str, *, zone: str = "UTC") -> NoticeReader:
    """Return how a notice is written to whoever has an address or a phone.

    The clock is that of their hours on call, else of the shift plan, else `zone`. Who has no
    account reads English.
    """
    theirs = or_(col(Advisor.email) == address, col(Advisor.phone) == address)
    first = (col(Advisor.language) == "", col(Advisor.id))
    person = session.exec(select(Advisor).where(theirs).order_by(*first)).first()
    clock = shifts.find_plan_zone(session) or zone
    if person is None or not address:
        return NoticeReader(DEFAULT_LANGUAGE, clock)
    on_call = select(OnCall.zone).where(OnCall.advisor_id == person.id).order_by(col(OnCall.id))
    return NoticeReader(language_of_advisor(person), session.exec(on_call).first() or clock)


def enqueue_alert_notice(
    session: Session, alert: Alert, way: NoticeMethod, address: str, *, now: datetime
) -> None:
    """Order a notice of an alert to one address. Idempotent while no more is told of it."""
    key = f"alert:{alert.id}:{alert.told_at}:{way}:{address}"
    _enqueue_notice(session, key, way, {"address": address}, now=now, alert_id=alert.id)


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
    key = f"{digest}:{last_day}:{address}"
    days = {"digest": digest, "last_day": last_day.isoformat(), "zone": zone}
    _enqueue_notice(session, key, NoticeMethod.EMAIL, {"address": address, **days}, now=now)


def enqueue_test_notice(
    session: Session, person: Advisor, way: NoticeMethod, *, now: datetime
) -> None:
    """Order a test notice to the supervisor who asks for it.

    Raises BadConfiguration where the supervisor has no phone for it.
    """
    require_permission(person, Permission.TEST_CHANNEL)
    address = {NoticeMethod.EMAIL: person.email, NoticeMethod.CHANNEL: ""}.get(way, person.phone)
    if not address and way != NoticeMethod.CHANNEL:
        msg = Phrase("You have no phone number on file: add it under Colleagues.")
        raise BadConfiguration(msg)
    key = f"test:{way}:{person.id}:{now.isoformat()}"
    _enqueue_notice(session, key, way, {"address": address}, now=now)


def recent_notices(session: Session, *, now: datetime) -> list[NoticeSummary]:
    """Return the notices of the last week, newest first."""
    recent = (
        select(Outbox, Alert.kind)
        .outerjoin(Alert, col(Alert.id) == col(Outbox.alert_id))
        .where(_is_notice(), Outbox.created_at > now - WEEK)
        .order_by(col(Outbox.created_at).desc(), col(Outbox.id).desc())
        .limit(MAX_RECENT_NOTICES)
    )
    names = {
        address: person.name
        for person in list_active_people_who_may(session, Permission.BE_ON_CALL)
        for address in (person.email, person.phone)
        if address
    }
    return [
        _summarize_notice(row, AlertKind(kind) if kind else None, names)
        for row, kind in session.exec(recent)
    ]


def find_notice(session: Session, notice_id: int) -> Notice | None:
    """Return a notice by the id of its order; None where there is none."""
    row = session.get(Outbox, notice_id)
    return _notice_of_order(row) if row and row.kind in WAY_OF_KIND else None


def take_due_notices(
    session: Session, most: int, *, ways: Collection[NoticeMethod], now: datetime
) -> list[Notice]:
    """Lock the notices that are due by these methods, and mark them as being sent.

    A notice that nobody needs to hear any more is settled here and not returned.
    """
    _recover_interrupted_notices(session, now=now)
    due = orders.restrict_to_due_orders(
        select(Outbox).with_for_update(skip_locked=True), [KIND_OF_WAY[way] for way in ways]
    )
    rows = session.scalars(due, params={"now": now, "most": most}).all()
    wanted = [row for row in rows if _confirm_wanted_or_drop(session, row, now=now)]
    orders.mark_orders_sending(session, wanted, until=now + NOTICE_SENDING_LASTS)
    return [_notice_of_order(row) for row in wanted]


def settle_or_retry_notice(
    session: Session, notice_id: int, error: TelephonyError, *, now: datetime
) -> OutboxState:
    """Settle a notice that was not sent, or put it off; returns its state.

    Where it may have gone out, only an e-mail is sent again. A notice that was tried often enough
    is settled as failed.
    """
    row = session.get_one(Outbox, notice_id)
    cause: dict[str, Any] = {"problem": error.sentence, "failure": error.failure, "now": now}
    if error.unknown and row.kind != OutboxKind.EMAIL_NOTICE:
        orders.settle_unsent_order(session, row, OutboxState.UNKNOWN, **cause)
    elif error.permanent or not orders.put_order_back(session, row, NOTICE_RETRIES, **cause):
        orders.settle_unsent_order(session, row, OutboxState.FAILED, **cause)
    return row.state


def count_failed_notices(session: Session, *, now: datetime) -> tuple[int, datetime, datetime]:
    """Return how many notices did not go out lately, and when the first and the last failed.

    Neither what nobody needed to hear any more, nor tests: whoever tries sees what came of it.
    """
    at = col(Outbox.settled_at)
    failed = and_(col(Outbox.state) == OutboxState.FAILED, col(Outbox.failure) != FailureKind.OURS)
    lost = select(func.count(), func.min(at), func.max(at)).where(
        _is_notice(),
        at > now - FAILURE_WINDOW,
        or_(
            col(Outbox.alert_id).is_not(None),
            col(Outbox.payload)["digest"].as_string().is_not(None),
        ),
        or_(failed, col(Outbox.state) == OutboxState.UNKNOWN),
    )
    count, first, last = session.exec(lost).one()
    return count, first or now, last or now


def _is_notice() -> ColumnElement[bool]:
    """All notices have a key: its index finds them among many more orders about calls."""
    return and_(col(Outbox.key).is_not(None), col(Outbox.kind).in_(NOTICE_KINDS))


def _enqueue_notice(
    session: Session,
    key: str,
    way: NoticeMethod,
    payload: dict[str, str],
    *,
    now: datetime,
    alert_id: int | None = None,
) -> None:
    orders.put_order_once(session, KIND_OF_WAY[way], key, payload, now=now, alert_id=alert_id)


def _notice_of_order(row: Outbox) -> Notice:
    digest, last_day = row.payload.get("digest"), row.payload.get("last_day")
    return Notice(
        id=row.id,
        way=WAY_OF_KIND[row.kind],
        address=row.payload["address"],
        written_at=row.created_at,
        alert_id=row.alert_id,
        digest=DigestFrequency(digest) if digest else None,
        last_day=date.fromisoformat(last_day) if last_day else None,
        zone=row.payload.get("zone", ""),
    )


def _summarize_notice(row: Outbox, kind: AlertKind | None, names: dict[str, str]) -> NoticeSummary:
    notice = _notice_of_order(row)
    return NoticeSummary(
        kind=kind,
        digest=notice.digest,
        is_test=notice.is_test,
        way=notice.way,
        name=names.get(notice.address, ""),
        at=notice.written_at,
        state=row.state,
        settled_at=row.settled_at,
        problem="" if row.state == OutboxState.SENT else row.problem,
    )


def _recover_interrupted_notices(session: Session, *, now: datetime) -> None:
    """Settle, or send again, the notices that a courier was sending when it died."""
    orders.recover_interrupted_orders(session, NOTICES_SENT_AGAIN, NOTICES_IN_DOUBT, now=now)


def _confirm_wanted_or_drop(session: Session, row: Outbox, *, now: datetime) -> bool:
    if row.alert_id is None:
        return True
    over = or_(col(Alert.closed_at).is_not(None), col(Alert.acknowledged_at).is_not(None))
    if session.exec(select(Alert.id).where(Alert.id == row.alert_id, over)).first() is None:
        return True
    orders.settle_unsent_order(
        session,
        row,
        OutboxState.FAILED,
        problem=Message(MessageKey.OVER_BEFORE_SENT),
        failure=FailureKind.OURS,
        now=now,
    )
    return False
