"""Escalation of an alert: shown on screens, then sent, then rung about, until somebody looks.

Messages and calls go to the supervisor on call.

An alert goes up each step once; of danger that joins it before the call, messages go again.
Acknowledged, it goes no further; what joins it more than half an hour later is a new one. So is
danger that joins one about which somebody was rung in vain. It closes by itself when its cause is
gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, select

from leads.alerting import conditions, on_call
from leads.alerting.alert_condition import AlertCondition, DangerPlace
from leads.database.bulk_rows import execute_and_count, insert_if_absent
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import LostRace
from leads.i18n.messages import Message
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.enums import AlertKind, EscalationStep, HoldReason, NoticeMethod
from leads.models.helplines import CALL_AFTER, MESSAGES_AFTER, SCREENS_AFTER, Brand
from leads.models.watching import Alert
from leads.outbox import supervisor_notices
from leads.people.permissions import Permission, require_permission, require_served

STOPS_EVERYTHING = (
    AlertKind.SCHEDULER,
    AlertKind.NETWORK,
    AlertKind.NOBODY_LEFT,
    AlertKind.NOT_PLACED,
    AlertKind.CALLER_ID,
    AlertKind.OVERDUE,
    AlertKind.BROKEN_PROMISE,
    AlertKind.OVERDUE_RETRY,
)
AT_ONCE = (AlertKind.HELP_WANTED, AlertKind.DANGER)  # messages too, and the first to be shown
MESSAGES_EVERY = timedelta(minutes=5)  # at most, of what joins one of AT_ONCE
ACKNOWLEDGED_FOR = timedelta(minutes=30)
NEVER_RUNG_ABOUT = (
    AlertKind.UNCOVERED,  # it is two days ahead: a message is enough
    AlertKind.READING,  # it is over, and somebody has to ask in the morning
    AlertKind.BACKUP,  # likewise: the next one comes at night
    AlertKind.UNDELIVERED,  # nobody who waits is any worse for it
    AlertKind.PRIVACY,  # days are left
    AlertKind.EMERGENCY_ACCESS,  # somebody who may be in danger is being helped meanwhile
    AlertKind.LOCKOUT,  # or anybody who guesses could ring supervisors at night
)
WAYS = {
    EscalationStep.MESSAGES: (NoticeMethod.TEXT, NoticeMethod.EMAIL, NoticeMethod.CHANNEL),
    EscalationStep.CALL: (NoticeMethod.CALL,),
}
STEPS = tuple(EscalationStep)
KNOWN_KINDS = tuple(kind for kind in AlertKind if kind is not AlertKind.UNKNOWN)


@dataclass(frozen=True)
class CurrentAlert:
    """An alert as a supervisor's page shows it; `looking` is who has acknowledged it.

    `helpline`, `hold`, `danger_in` and `source_id` say whom it counts, as its condition does.
    """

    kind: AlertKind
    about: str
    sentence: Message
    since: datetime
    helpline: str = ""
    hold: HoldReason | None = None
    danger_in: DangerPlace | None = None
    source_id: int | None = None
    looking: str = ""
    looking_since: datetime | None = None


def list_alerts_for_supervisor(
    session: Session, supervisor: Advisor, *, now: datetime
) -> list[CurrentAlert]:
    """Return the open alerts, as `list_current_alerts` does. Supervisors only."""
    require_permission(supervisor, Permission.SEE_ALERTS)
    return list_current_alerts(session, now=now)


def list_current_alerts(session: Session, *, now: datetime) -> list[CurrentAlert]:
    """Return the open alerts, oldest first, each with who is looking into it.

    A condition that is new is shown at once, before the clock opens an alert for it.
    """
    names = select(Alert, Advisor.name).join(Advisor, col(Advisor.id) == col(Alert.acknowledged_by))
    taken = {
        (alert.kind, alert.about): (name, alert.acknowledged_at)
        for alert, name in session.exec(names.where(col(Alert.closed_at).is_(None)))
    }
    helplines = dict(session.exec(select(Brand.id, Brand.name)).all())
    return [
        CurrentAlert(
            finding.kind,
            finding.about,
            finding.sentence,
            finding.since,
            helplines.get(finding.brand_id or 0, ""),
            finding.hold,
            finding.danger_in,
            finding.source_id,
            *taken.get((finding.kind, finding.about), ("", None)),
        )
        for finding in conditions.current_conditions(session, now=now)
    ]


def alert_sort_key(alert: CurrentAlert) -> tuple[bool, bool, bool, bool]:
    """Return what sorts alerts: first those that nobody looks into.

    Of these, an advisor who needs somebody and danger come first, then what keeps people from being
    rung.
    """
    return (
        bool(alert.looking),
        alert.kind != AlertKind.HELP_WANTED,
        alert.kind not in AT_ONCE,
        alert.kind not in STOPS_EVERYTHING,
    )


def acknowledge_alert(
    session: Session, person: Advisor, *, kind: AlertKind, about: str, now: datetime
) -> None:
    """Record that a supervisor looks into an alert, so that nobody else is told of it.

    Raises LostRace when another supervisor was faster, or the alert is over.
    """
    require_permission(person, Permission.ACKNOWLEDGE_ALERT)
    for finding in conditions.current_conditions(session, now=now):
        if (finding.kind, finding.about) == (kind, about):
            _open_alert(session, finding, now=now)  # the screen may be faster than the clock
    named = select(Alert).where(Alert.kind == kind, Alert.about == about)
    for alert in session.exec(named.where(col(Alert.closed_at).is_(None))):
        require_served(person, alert)
    if not _acknowledge_if_free(
        session, person, col(Alert.kind) == kind, col(Alert.about) == about, now=now
    ):
        msg = Phrase("Someone already acknowledged it, or it has ended.")
        raise LostRace(msg)


def acknowledge_alert_by_phone(session: Session, notice_id: int, *, now: datetime) -> bool:
    """Record that the supervisor who was rung about an alert pressed the key.

    False when the alert is over or another supervisor's. Idempotent.
    """
    notice = supervisor_notices.find_notice(session, notice_id)
    if notice is None or notice.way != NoticeMethod.CALL or notice.alert_id is None:
        return False
    person = on_call.find_supervisor_by_phone(session, notice.address, now=now)
    if person is None:
        return False
    if _acknowledge_if_free(session, person, col(Alert.id) == notice.alert_id, now=now):
        return True
    alert = session.get_one(Alert, notice.alert_id)
    return alert.acknowledged_by == person.id and alert.closed_at is None


def evaluate_alerts(session: Session, *, ways: Collection[NoticeMethod], now: datetime) -> None:
    """Open, close and escalate alerts by what is wrong now.

    Idempotent, in any number of processes.
    """
    findings = {
        (finding.kind, finding.about): finding
        for finding in conditions.current_conditions(session, now=now)
    }
    for alert in _lock_open_alerts(session):
        finding = findings.get((alert.kind, alert.about))
        if finding is None or _is_new_since_told(session, alert, finding):
            alert.closed_at = now
        else:
            alert.sentence = finding.sentence
    if any(session.is_modified(alert) for alert in session.dirty):
        wake_after_commit(session, Wakeup.DESK)
    session.flush()
    for finding in findings.values():
        _open_alert(session, finding, now=now)
    for alert in (
        _lock_open_alerts(session) if ways else ()
    ):  # who can tell nobody leaves the steps to a process that can
        finding = findings.get((alert.kind, alert.about))  # None: opened elsewhere just now
        if finding and alert.acknowledged_at is None and alert.kind != AlertKind.UNTOLD:
            _escalate_alert(session, alert, finding, ways, now=now)


def _acknowledge_if_free(
    session: Session, person: Advisor, *which: ColumnElement[bool], now: datetime
) -> bool:
    """Put an open alert that nobody has acknowledged under a supervisor's name.

    Of two supervisors at once, one is told that it is too late.
    """
    free = update(Alert).where(
        *which, col(Alert.closed_at).is_(None), col(Alert.acknowledged_at).is_(None)
    )
    if not execute_and_count(session, free.values(acknowledged_at=now, acknowledged_by=person.id)):
        return False
    wake_after_commit(session, Wakeup.DESK)
    return True


def _lock_open_alerts(session: Session) -> list[Alert]:
    """Return the open alerts, locked, but those of a kind that only another version knows."""
    open_alerts = (
        select(Alert)
        .where(col(Alert.closed_at).is_(None), col(Alert.kind).in_(KNOWN_KINDS))
        .order_by(col(Alert.id))
        .with_for_update()
    )
    return list(session.exec(open_alerts.execution_options(populate_existing=True)))


def _is_new_since_told(session: Session, alert: Alert, finding: AlertCondition) -> bool:
    """Whether something has joined an alert of which nobody is told any more.

    Somebody looks into it; or it is one of AT_ONCE, and somebody was rung about it in vain before.
    """
    if alert.acknowledged_at is not None:
        silence = timedelta() if alert.kind in AT_ONCE else ACKNOWLEDGED_FOR
        return finding.newest > alert.acknowledged_at + silence
    rung_at = _step_times(alert, _brand_of(session, alert)).get(EscalationStep.CALL)
    return alert.kind in AT_ONCE and rung_at is not None and finding.newest > rung_at


def _brand_of(session: Session, alert: Alert) -> Brand | None:
    return session.get(Brand, alert.brand_id) if alert.brand_id else None


def _open_alert(session: Session, finding: AlertCondition, *, now: datetime) -> None:
    row: dict[str, object] = {
        "kind": finding.kind,
        "about": finding.about,
        "brand_id": finding.brand_id,
        "sentence": finding.sentence,
    }
    row |= {"since": finding.since, "opened_at": now, "step": EscalationStep.SCREENS}
    if insert_if_absent(session, Alert, row):
        wake_after_commit(session, Wakeup.DESK)


def _escalate_alert(
    session: Session,
    alert: Alert,
    finding: AlertCondition,
    ways: Collection[NoticeMethod],
    *,
    now: datetime,
) -> None:
    steps = list(_due_escalation_steps(alert, _brand_of(session, alert), now))
    if _is_joined_since_told(alert, finding, now):
        steps.insert(0, EscalationStep.MESSAGES)
    for step in steps:
        alert.step, alert.told_at = step, now
        for way in WAYS[step]:
            if way in ways:
                _order_alert_notices(session, alert, way, now=now)


def _is_joined_since_told(alert: Alert, finding: AlertCondition, now: datetime) -> bool:
    """Whether messages are to go again, of what has joined one of AT_ONCE before its call."""
    if alert.kind not in AT_ONCE or alert.step != EscalationStep.MESSAGES or not alert.told_at:
        return False
    return finding.newest > alert.told_at and now >= alert.told_at + MESSAGES_EVERY


def _due_escalation_steps(
    alert: Alert, brand: Brand | None, now: datetime
) -> Iterator[EscalationStep]:
    """Yield the steps above the alert's own whose time has come."""
    reached = STEPS.index(alert.step)
    for step, at in _step_times(alert, brand).items():
        if STEPS.index(step) > reached and now >= at:
            yield step


def _step_times(alert: Alert, brand: Brand | None) -> dict[EscalationStep, datetime]:
    """Return when an alert takes each step above the screens, if nobody looks into it.

    Times are counted from when the alert was first shown; of AT_ONCE the first message goes
    at once.
    """
    minutes = {
        EscalationStep.MESSAGES: brand.messages_after if brand else MESSAGES_AFTER,
        EscalationStep.CALL: brand.call_after if brand else CALL_AFTER,
    }
    shown = brand.screens_after if brand else SCREENS_AFTER
    if alert.kind in AT_ONCE:
        shown = min((after for after in minutes.values() if after), default=shown)
    if alert.kind in NEVER_RUNG_ABOUT:
        minutes[EscalationStep.CALL] = 0
    return {
        step: alert.opened_at + timedelta(minutes=after - shown)
        for step, after in minutes.items()
        if after
    }


def _order_alert_notices(
    session: Session, alert: Alert, way: NoticeMethod, *, now: datetime
) -> None:
    addresses = (
        [""]
        if way == NoticeMethod.CHANNEL
        else on_call.addresses_to_alert(session, way, brand_id=alert.brand_id, now=now)
    )
    for address in addresses:
        supervisor_notices.enqueue_alert_notice(session, alert, way, address, now=now)
