"""Notice delivery: the courier takes notices to whoever is to be told.

No transaction is open while something is being sent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from sqlmodel import Session, col, select

from leads.database.transactions import reader, transaction
from leads.errors import TelephonyError
from leads.models.enums import NoticeMethod
from leads.models.helplines import Brand
from leads.models.watching import Alert
from leads.outbox import orders, supervisor_notices
from leads.outbox.supervisor_notices import Notice, NoticeReader
from leads.reporting import digest
from notifications import messages
from notifications.letter import Letter, Send
from notifications.messages import MessageContent

log = logging.getLogger(__name__)

NOTICES_AT_ONCE = 4


class NoticeCourier:
    """Sends the notices that are due, several at once, and records what came of each."""

    def __init__(
        self,
        ways: Mapping[NoticeMethod, Send],
        *,
        public_url: str,
        zone: str = "UTC",
        now: Callable[[], datetime],
    ) -> None:
        """Send by these methods; `zone` is the clock of readers of whom none is known."""
        self._ways, self._public_url, self._zone, self._now = ways, public_url, zone, now

    def deliver_due_notices(self) -> None:
        """Send notices until none is due any more."""
        with ThreadPoolExecutor(NOTICES_AT_ONCE, thread_name_prefix="courier") as pool:
            while taken := self._claim_notices_to_send():
                list(pool.map(self._deliver_notice, taken))

    def _claim_notices_to_send(self) -> list[Notice]:
        with transaction() as session:
            return supervisor_notices.take_due_notices(
                session, NOTICES_AT_ONCE, ways=self._ways, now=self._now()
            )

    def _deliver_notice(self, notice: Notice) -> None:
        try:
            self._compose_and_send(notice)
        except TelephonyError as error:
            log.warning("%s Notice %s, %s.", error, notice.id, notice.way)
            with transaction() as session:
                supervisor_notices.settle_or_retry_notice(
                    session, notice.id, error, now=self._now()
                )
            return
        with transaction() as session:
            orders.mark_orders_sent(session, notice.id, now=self._now())

    def _compose_and_send(self, notice: Notice) -> None:
        with reader() as session:
            letter = self._compose_letter(session, notice)
        self._ways[notice.way](letter)

    def _compose_letter(self, session: Session, notice: Notice) -> Letter:
        reads = supervisor_notices.find_notice_reader(session, notice.address, zone=self._zone)
        words, brief, caller_id = self._notice_content(session, notice, reads)
        return Letter(
            notice.id,
            notice.way,
            notice.address,
            caller_id,
            notice.written_at,
            words,
            brief,
            notice.is_test,
            reads.language,
        )

    def _notice_content(
        self, session: Session, notice: Notice, reads: NoticeReader
    ) -> tuple[MessageContent, str, str]:
        if notice.digest and notice.last_day:
            reports = digest.read_digest_reports(
                session,
                notice.digest,
                last_day=notice.last_day,
                zone=notice.zone,
                now=notice.written_at,
                address=notice.address,
            )
            for_whom = {"language": reads.language, "public_url": self._public_url}
            content = messages.digest_message(notice.digest, notice.last_day, reports, **for_whom)
            return content, "", ""
        if notice.is_test:
            trial = messages.trial_message(reads.language)
            return trial, trial.text, _notice_caller_id(session, None)
        alert = session.get_one(Alert, notice.alert_id)
        said = {"language": reads.language, "public_url": self._public_url}
        return (
            messages.alert_message(alert, zone=reads.zone, **said),
            messages.alert_text_message(alert, **said),
            _notice_caller_id(session, alert.brand_id),
        )


def _notice_caller_id(session: Session, brand_id: int | None) -> str:
    """Return the caller ID of the notice's helpline, or any helpline's where it concerns all."""
    known = select(Brand.caller_id).where(Brand.caller_id != "")
    return (
        session.exec(
            known.order_by(col(Brand.id) != (brand_id or 0), col(Brand.id)).limit(1)
        ).first()
        or ""
    )
