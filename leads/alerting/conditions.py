"""What a supervisor must hear of before somebody is lost.

Promises in danger, submissions that grow old, and sources that went wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import and_, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from leads.alerting import (
    backup_conditions,
    callback_conditions,
    danger_conditions,
    destination_conditions,
    incident_conditions,
    privacy_conditions,
    reading_conditions,
    scheduler_heartbeat,
    sign_in_conditions,
    uncovered_hours,
    voicemail_conditions,
)
from leads.alerting.alert_condition import AlertCondition, condition_of_source
from leads.i18n.messages import Message, MessageKey
from leads.models.enums import (
    AlertKind,
    OutboxKind,
    OutboxState,
    SubmissionState,
    TextFault,
    TextStatus,
)
from leads.models.helplines import KINDS_WITHOUT_FORM, Brand, Source
from leads.models.outbox import Outbox
from leads.models.person_work import Task
from leads.models.requests import AlsoSaid, OutgoingText, Submission, TextMessage
from leads.outbox import call_orders, supervisor_notices
from leads.people import presence

PATIENCE = timedelta(minutes=5)  # nothing that a person or a rule has to decide grows older unheard
STATEMENT_PATIENCE = timedelta(hours=1)  # the first statement protects them meanwhile
REFUSED_LATELY = timedelta(days=1)
HABIT_PERIOD = timedelta(days=28)
FEWEST_FOR_HABIT = 20  # submissions, before a source has a habit
SILENCE_FACTOR = 1.5  # times the longest silence that was usual
SHORTEST_SILENCE = timedelta(hours=1)
NUMBERLESS_IN_A_ROW = 5  # submissions without a number, where nearly all had one
NEARLY_ALL = 0.8
GROWN_OLD: dict[str, tuple[AlertKind, MessageKey]] = {
    SubmissionState.RECEIVED: (AlertKind.UNPROCESSED, MessageKey.SUBMISSIONS_UNPROCESSED),
    SubmissionState.NEEDS_REVIEW: (AlertKind.REVIEW, MessageKey.SUBMISSIONS_WAIT),
    SubmissionState.WITHHELD: (AlertKind.WITHHELD, MessageKey.STOPPED_PEOPLE_WROTE),
}


def current_conditions(session: Session, *, now: datetime) -> list[AlertCondition]:
    """Return what needs a supervisor now, oldest first.

    A condition is not in the list any more once its cause is gone.
    """
    findings = [
        *danger_conditions.danger_conditions(session),
        *incident_conditions.incident_conditions(session, now=now),
        *callback_conditions.callback_conditions(session, now=now),
        *_infrastructure_conditions(session, now),
        *privacy_conditions.privacy_conditions(session),
        *reading_conditions.reading_conditions(session, now=now),
        *backup_conditions.backup_conditions(session, now=now),
        *sign_in_conditions.sign_in_conditions(session, now=now),
        *destination_conditions.destination_conditions(session, now=now),
        *_aging_submission_conditions(session, now),
        *_bad_signature_conditions(session, now),
        *_burst_conditions(session),
        *danger_conditions.flood_conditions(session, now=now),
        *_undecided_conditions(session, now),
        *uncovered_hours.uncovered_hours_conditions(session, now=now),
        *voicemail_conditions.voicemail_conditions(session, now=now),
    ]
    forms = select(Source).where(
        col(Source.paused_at).is_(None), col(Source.kind).not_in(KINDS_WITHOUT_FORM)
    )
    for source in session.exec(forms.order_by(col(Source.id))):
        findings += _source_conditions(session, source, now)
    return sorted(findings, key=lambda finding: finding.since)


def _infrastructure_conditions(session: Session, now: datetime) -> Iterator[AlertCondition]:
    """Yield what is wrong with the scheduler, the phone network or the delivery of notices.

    What stops one of these stops everything.
    """
    if since := scheduler_heartbeat.scheduler_silent_since(session, now=now):
        text = Message(MessageKey.SCHEDULER_SILENT)
        yield AlertCondition(AlertKind.SCHEDULER, "", text, since, since)
    if refusal := _unresolved_network_refusal(session, now):
        problem, at = refusal
        text = Message(MessageKey.NETWORK_REFUSES, problem=problem)
        yield AlertCondition(AlertKind.NETWORK, "", text, at, at)
    yield from _text_set_up_conditions(session, now)
    if since := presence.nobody_left_since(session, now=now):
        text = Message(MessageKey.NOBODY_LEFT)
        yield AlertCondition(AlertKind.NOBODY_LEFT, "", text, since, since)
    count, since, last = supervisor_notices.count_failed_notices(session, now=now)
    if count:
        text = Message(MessageKey.MESSAGES_NOT_SENT, count=count)
        yield AlertCondition(AlertKind.UNTOLD, "", text, since, last, count=count)


def _unresolved_network_refusal(session: Session, now: datetime) -> tuple[str, datetime] | None:
    """Return the phone network's last refusal, unless it has carried out an order since."""
    orders = select(Outbox.id, Outbox.problem, Outbox.due_at).where(
        Outbox.kind == OutboxKind.PLACE_CALL
    )
    refused = orders.where(call_orders.is_recent_network_problem(now - call_orders.RECENT))
    last = session.exec(refused.order_by(col(Outbox.id).desc()).limit(1)).first()
    if last is None:
        return None
    done = orders.where(Outbox.state == OutboxState.SENT, col(Outbox.id) > last[0])
    return None if session.exec(done.limit(1)).first() else (last[1], last[2])


def _text_set_up_conditions(session: Session, now: datetime) -> Iterator[AlertCondition]:
    """Yield a condition for each helpline whose texts our account or its registration keeps back.

    It ends with the next text that goes out, or an hour later.
    """
    at, arrived = col(OutgoingText.status_at), aliased(OutgoingText)
    has_gone_out = select(arrived.id).where(
        arrived.brand_id == OutgoingText.brand_id,
        col(arrived.status).in_((TextStatus.SENT, TextStatus.DELIVERED)),
        col(arrived.id) > col(OutgoingText.id),
    )
    kept_back = (
        select(Brand, func.count(), func.min(at), func.max(at))
        .join(OutgoingText, col(OutgoingText.brand_id) == col(Brand.id))
        .where(
            col(OutgoingText.fault).in_((TextFault.NOT_REGISTERED, TextFault.ACCOUNT)),
            at > now - call_orders.RECENT,
            ~has_gone_out.exists(),
        )
        .group_by(col(Brand.id))
        .order_by(col(Brand.id))
    )
    for brand, count, since, last in session.exec(kept_back):
        text = Message(MessageKey.TEXTS_KEPT_BACK, brand=brand.name, count=count)
        about = f"texts:{brand.id}"
        yield AlertCondition(AlertKind.NETWORK, about, text, since, last, brand.id, count)


def _aging_submission_conditions(session: Session, now: datetime) -> Iterator[AlertCondition]:
    at = col(Submission.received_at)
    old = select(Submission.state, func.count(), func.min(at), func.max(at)).group_by(
        col(Submission.state)
    )
    for state, count, since, last in session.exec(
        old.where(col(Submission.state).in_(GROWN_OLD), at < now - PATIENCE),
    ):
        kind, key = GROWN_OLD[state]
        text = Message(key, count=count)
        yield AlertCondition(kind, "", text, since, last + PATIENCE, count=count)


def _undecided_conditions(session: Session, now: datetime) -> Iterator[AlertCondition]:
    """Yield what waits for a decision of a person: texts, statements about somebody, tasks.

    A text waits as soon as it came, for somebody may have asked for help; a statement once it is
    older than the patience with it, for the first one protects them meanwhile; a task once it is
    overdue.
    """
    texted, said, due = TextMessage.received_at, AlsoSaid.at, Task.due_at
    waiting = col(TextMessage.waits).is_(True)
    undecided = and_(col(AlsoSaid.decided_at).is_(None), col(said) < now - STATEMENT_PATIENCE)
    overdue = and_(col(Task.done_at).is_(None), col(due) < now - PATIENCE)
    for kind, key, at, waits, patience in (
        (AlertKind.TEXT, MessageKey.TEXTS_WAIT, texted, waiting, timedelta()),
        (AlertKind.ALSO_SAID, MessageKey.STATEMENTS_WAIT, said, undecided, STATEMENT_PATIENCE),
        (AlertKind.TASK, MessageKey.TASKS_OVERDUE, due, overdue, PATIENCE),
    ):
        old = select(func.count(), func.min(at), func.max(at)).where(waits)
        count, since, last = session.exec(old).one()
        if count:
            text = Message(key, count=count)
            yield AlertCondition(kind, "", text, since, last + patience, count=count)


def _bad_signature_conditions(session: Session, now: datetime) -> Iterator[AlertCondition]:
    """Yield a condition for each source of which deliveries failed their signature check lately.

    A secret that was pasted wrongly refuses everybody, so that a person has to hear of it at once.
    """
    at = col(Submission.received_at)
    lately = select(Source, func.count(), func.min(at), func.max(at)).group_by(col(Source.id))
    lately = lately.join(Submission, col(Source.id) == col(Submission.source_id))
    lately = lately.where(Submission.state == SubmissionState.REFUSED, at > now - REFUSED_LATELY)
    for source, count, since, newest in session.exec(lately):
        key = MessageKey.ONE_SIGNATURE_FAILED if count == 1 else MessageKey.SIGNATURES_FAILED
        yield condition_of_source(
            AlertKind.REFUSED, key, source, topic="source", count=count, since=since, newest=newest
        )


def _burst_conditions(session: Session) -> Iterator[AlertCondition]:
    """Yield a condition for each source whose new numbers wait because there are so many."""
    at = col(Submission.received_at)
    waiting = select(Source, func.count(), func.min(at), func.max(at)).group_by(col(Source.id))
    waiting = waiting.join(Submission, col(Source.id) == col(Submission.source_id)).where(
        Submission.state == SubmissionState.NEEDS_REVIEW, col(Submission.is_of_burst)
    )
    for source, count, since, newest in session.exec(waiting):
        yield condition_of_source(
            AlertKind.BURST,
            MessageKey.NEW_NUMBERS_WAIT,
            source,
            topic="source",
            count=count,
            since=since,
            newest=newest,
        )


def _source_conditions(session: Session, source: Source, now: datetime) -> Iterator[AlertCondition]:
    recent = select(Submission.received_at, Submission.reading, Submission.state).where(
        Submission.source_id == source.id,
        col(Submission.received_at) > now - HABIT_PERIOD,
        col(Submission.is_test).is_(False),
    )
    rows = session.exec(
        recent.order_by(col(Submission.received_at).desc()).limit(10 * FEWEST_FOR_HABIT)
    ).all()
    times = [received_at for received_at, _, _ in rows]
    if len(times) >= FEWEST_FOR_HABIT and now - times[0] > max(
        SHORTEST_SILENCE, SILENCE_FACTOR * _longest_gap_between(times)
    ):
        text = Message(MessageKey.SOURCE_IS_QUIET, source=source.name)
        yield AlertCondition(
            AlertKind.QUIET, f"source:{source.id}", text, times[0], times[0], source.brand_id
        )
    read = [
        (at, bool(reading.get("phone")))
        for at, reading, state in rows
        if state != SubmissionState.REFUSED
    ]
    if len(read) >= FEWEST_FOR_HABIT and _has_lost_phone_numbers(
        [has_number for _, has_number in read]
    ):
        text = Message(
            MessageKey.SOURCE_LOST_NUMBERS, source=source.name, count=NUMBERLESS_IN_A_ROW
        )
        since, last = read[NUMBERLESS_IN_A_ROW - 1][0], read[0][0]
        yield AlertCondition(
            AlertKind.NUMBERLESS, f"source:{source.id}", text, since, last, source.brand_id
        )


def _longest_gap_between(newest_first: Sequence[datetime]) -> timedelta:
    return max(later - earlier for later, earlier in pairwise(newest_first))


def _has_lost_phone_numbers(newest_first: Sequence[bool]) -> bool:
    lately, before = newest_first[:NUMBERLESS_IN_A_ROW], newest_first[NUMBERLESS_IN_A_ROW:]
    return not any(lately) and sum(before) >= NEARLY_ALL * len(before)
