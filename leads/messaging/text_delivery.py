"""Text delivery: a text on its way to the network, and what the network says of it.

The gate is asked at the instant at which a text is handed over. What may have gone out is never
sent again: it is looked for, and shown as unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, select

from leads.callbacks import opt_out
from leads.contact_rules import gate, own_numbers
from leads.contact_rules.gate import GateMoment
from leads.contact_rules.gate_rules import ContactChannel
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import FailureKind, TelephonyError
from leads.i18n.messages import Message, MessageKey
from leads.lifecycle.audit_trail import SystemActor
from leads.messaging import outgoing_texts
from leads.messaging.outgoing_texts import TextWords
from leads.models.enums import OutboxState, TextFault, TextStatus
from leads.models.fields import word_or_unknown
from leads.models.helplines import Brand
from leads.models.outbox import Outbox
from leads.models.requests import Lead, OutgoingText
from leads.outbox import orders, text_orders
from leads.outbox.text_orders import TextOrder

RETRY_AFTER = timedelta(minutes=10)
FIRST_LOOK_AFTER = timedelta(minutes=5)  # without news from the network
GOOD_FOR = timedelta(hours=1)  # what a text says is not true for ever: a relay may have been away
ORDER_OF_STATUS = {
    TextStatus.ORDERED: 0,
    TextStatus.UNKNOWN: 1,
    TextStatus.QUEUED: 2,
    TextStatus.SENT: 3,
    TextStatus.DELIVERED: 4,
    TextStatus.UNDELIVERED: 4,
    TextStatus.FAILED: 4,
}
"""News of a status that is no further than the known one changes nothing."""
FINAL_STATUSES = (TextStatus.DELIVERED, TextStatus.UNDELIVERED, TextStatus.FAILED)


@dataclass(frozen=True)
class TextReport:
    """News of one text from the network: the answer to our request, a webhook, or what was found.

    `may_retry`: it did not arrive, and once more may help.
    """

    message_id: str
    status: TextStatus
    parts: int | None = None
    error_code: int | None = None
    fault: TextFault | None = None
    may_retry: bool = False


def take_wanted_texts(session: Session, most: int, *, now: datetime) -> list[TextOrder]:
    """Take the texts that are due and that the gate allows at this instant, for the relay.

    One that it refuses is settled here as failed.
    """
    rows = [
        row
        for row in text_orders.lock_due_text_orders(session, most, now=now)
        if _confirm_or_fail(session, row, now=now)
    ]
    text_orders.mark_text_sending(session, rows, now=now)
    return [_text_order(session, row) for row in rows]


def take_doubtful_texts(session: Session, *, now: datetime) -> list[TextOrder]:
    """Return the texts of unknown outcome that are due for another look at the network."""
    rows = text_orders.collect_doubtful_text_orders(session, now=now)
    for row in rows:
        _show_unknown(session, _text_of_order(session, row), now=now)
    return [_text_order(session, row) for row in rows]


def record_text_handed(
    session: Session, order: TextOrder, report: TextReport, *, now: datetime
) -> None:
    """Record that the network took a text, of which it may be telling us at this moment.

    Whoever changes both locks the text before its order.
    """
    apply_text_report(session, order.text_id, report, now=now)
    orders.mark_orders_sent(session, order.id, now=now)


def record_text_failure(
    session: Session, order: TextOrder, error: TelephonyError, *, now: datetime
) -> None:
    """Record that a text was not sent, will be sent later, or that nobody knows.

    Where the network says that its owner stopped texts, they are stopped here from now on.
    """
    row = session.get_one(Outbox, order.id)
    text = _text_of_order(session, row)
    if text.message_id:  # a webhook was faster than the answer
        orders.mark_orders_sent(session, order.id, now=now)
    elif row.state not in (OutboxState.SENDING, OutboxState.UNKNOWN):
        return  # it took so long that it was looked for, and given up
    elif error.unknown:
        text_orders.mark_text_unknown(session, row, error, now=now)
        _show_unknown(session, text, now=now)
    elif error.permanent or not text_orders.put_text_back(session, row, error, now=now):
        _record_failure(session, row, text, error.sentence, failure=error.failure, now=now)
        text.fault = word_or_unknown(error.fault, TextFault.UNKNOWN) if error.fault else None
        text.error_code = error.code or None
        _apply_fault(session, text, now=now)
    else:
        text.handed_at = None  # not yet, after all
        session.add(text)


def record_text_search(
    session: Session, order: TextOrder, found: list[TextReport] | None, *, now: datetime
) -> None:
    """Record what a look for a text found; None where the network could not be asked.

    What belongs to another text is not this one.
    """
    row = session.get_one(Outbox, order.id)
    text = _text_of_order(session, row)
    theirs = [one for one in found or () if not _is_known_message(session, one.message_id)]
    if text.message_id:
        orders.mark_orders_sent(session, order.id, now=now)
    elif theirs:
        record_text_handed(session, order, theirs[0], now=now)
    elif not text_orders.look_again_later(session, row, is_answered=found is not None, now=now):
        problem = Message(MessageKey.TEXT_NOT_FOUND)
        text_orders.settle_failed_text(session, row, problem, failure=FailureKind.NETWORK, now=now)


def apply_text_report(session: Session, text_id: int, report: TextReport, *, now: datetime) -> None:
    """Take news of a text into account, in any order and however often it comes."""
    text = session.get(OutgoingText, text_id, with_for_update=True, populate_existing=True)
    if text is None or text.message_id not in (None, report.message_id):
        return
    if text.message_id is None:
        text.ask_at = now + FIRST_LOOK_AFTER
    text.message_id = report.message_id
    text.parts = report.parts or text.parts
    session.add(text)
    text_orders.confirm_text_handed(session, text, now=now)
    if ORDER_OF_STATUS[report.status] <= ORDER_OF_STATUS[text.status]:
        return
    note_status(session, text, report.status, now=now)
    if report.status in FINAL_STATUSES:
        text.ask_at = None
    text.fault, text.error_code = report.fault, report.error_code
    _apply_fault(session, text, now=now)
    is_timely = now - text.ordered_at < GOOD_FOR
    if report.may_retry and is_timely and text.retry_of_id is None:
        _retry_once(session, text, now=now)


def _confirm_or_fail(session: Session, row: Outbox, *, now: datetime) -> bool:
    """Whether a text may go out at this instant; if so, it counts as a contact from now on."""
    text = _text_of_order(session, row)
    callback = outgoing_texts.callback_of_text(session, text, now=now)
    lead = session.get_one(Lead, callback.lead_id)
    brand = session.get_one(Brand, callback.brand_id)
    session.refresh(lead, with_for_update=True)  # two texts at once ask one after the other
    decision = gate.decide_and_record(
        session, callback, lead, GateMoment.RELAY, now=now, channel=ContactChannel.TEXT
    )
    is_meant = lead.phone == text.phone and row.created_at > now - GOOD_FOR
    obstacle = outgoing_texts.find_text_obstacle(session, callback, lead, brand)
    is_open = is_meant and obstacle is None
    if decision.allowed and is_open:
        text.handed_at = now
        session.add(text)
        session.flush()
        return True
    problem = decision.refusal if decision.reasons else Message(MessageKey.OVER_BEFORE_SENT)
    _record_failure(session, row, text, problem, failure=FailureKind.OURS, now=now)
    return False


def _record_failure(
    session: Session,
    row: Outbox,
    text: OutgoingText,
    problem: Message,
    *,
    failure: FailureKind,
    now: datetime,
) -> None:
    """Record that a text was not sent: it was no contact."""
    text_orders.settle_failed_text(session, row, problem, failure=failure, now=now)
    text.handed_at, text.problem = None, problem
    note_status(session, text, TextStatus.FAILED, now=now)


def _show_unknown(session: Session, text: OutgoingText, *, now: datetime) -> None:
    if text.status == TextStatus.ORDERED:
        note_status(session, text, TextStatus.UNKNOWN, now=now)


def note_status(session: Session, text: OutgoingText, status: TextStatus, *, now: datetime) -> None:
    """Show where a text stands from now on. It is locked."""
    text.status, text.status_at = status, now
    session.add(text)
    wake_after_commit(session, Wakeup.DESK)


def _apply_fault(session: Session, text: OutgoingText, *, now: datetime) -> None:
    """Stop texts to a number whose owner stopped them at the network."""
    if text.fault is TextFault.STOPPED:
        reason = Message(MessageKey.STOP_AT_NETWORK)
        opt_out.stop_texts(session, text.phone, reason=reason, actor=SystemActor.NETWORK, now=now)


def _retry_once(session: Session, text: OutgoingText, *, now: datetime) -> None:
    """Order a text that did not arrive once more, where the gate still allows it."""
    outgoing_texts.order_text(
        session,
        outgoing_texts.callback_of_text(session, text, now=now),
        TextWords(text.template, text.body),
        outgoing_texts.SYSTEM,
        GateMoment.SCHEDULING,
        now=now,
        retry_of_id=text.id,
        after=RETRY_AFTER,
    )


def _is_known_message(session: Session, message_id: str) -> bool:
    known = select(OutgoingText.id).where(OutgoingText.message_id == message_id)
    return session.exec(known).first() is not None


def _text_of_order(session: Session, row: Outbox) -> OutgoingText:
    return session.get_one(
        OutgoingText, row.payload["text_id"], with_for_update=True, populate_existing=True
    )


def _text_order(session: Session, row: Outbox) -> TextOrder:
    text = session.get_one(OutgoingText, row.payload["text_id"])
    brand = session.get_one(Brand, text.brand_id)
    caller_id = own_numbers.caller_id_of(brand.caller_id)
    return TextOrder(row.id, text.id, text.phone, caller_id, text.body, text.ordered_at)
