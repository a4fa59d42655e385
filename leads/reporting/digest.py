"""Digests: the figures that supervisors get by e-mail.

Yesterday's come every morning, last week's every Monday.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from leads.config.delivery_channels import DeliveryChannels
from leads.errors import BadConfiguration
from leads.helplines import brands_and_sources
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.enums import DigestFrequency
from leads.models.helpline_scope import limited_to_helplines
from leads.outbox import supervisor_notices
from leads.people.permissions import (
    Operator,
    Permission,
    actor_of,
    list_active_people_who_may,
    require_permission,
    served_helplines,
)
from leads.reporting import service_report
from leads.reporting.filters import ReportFilter
from leads.reporting.service_report import PeriodFigures, ReportQuestion

TARGET = timedelta(minutes=5)
EVERYTHING = Phrase("All requests")
DAYS = {DigestFrequency.DAILY: 1, DigestFrequency.WEEKLY: 7}


def choose_digests(
    session: Session,
    person: Advisor,
    words: Sequence[str],
    *,
    now: datetime,
    operator: Operator | None = None,
) -> None:
    """Set which digests a supervisor gets: the daily one, the weekly one, both or none.

    The audit trail names the supervisor, or the `operator` who chose for them.
    """
    require_permission(person, Permission.GET_DIGEST)
    if not set(words) <= set(DigestFrequency):
        msg = Phrase("A digest is daily or weekly.")
        raise BadConfiguration(msg)
    person.digests = sorted(set(words))
    session.add(person)
    chosen = [DigestFrequency(word) for word in person.digests]
    actor = actor_of(operator or person)
    record_event(session, person, "choose_digests", actor=actor, now=now, digests=chosen)


def order_due_digests(session: Session, *, channels: DeliveryChannels, now: datetime) -> None:
    """Order every digest that is due, for everybody who wants it.

    Idempotent: each is ordered once, however often and in however many processes this runs.
    """
    for digest, last_day in _latest_due_digests(channels, now):
        for address in _digest_addresses(session, digest, channels):
            supervisor_notices.enqueue_digest_notice(
                session, digest, address, last_day=last_day, zone=channels.digest_zone, now=now
            )


def read_digest_reports(
    session: Session,
    digest: DigestFrequency,
    *,
    last_day: date,
    zone: str,
    now: datetime,
    address: str = "",
) -> list[tuple[str, PeriodFigures]]:
    """Return the figures of a digest's days: of everything, then of each of several helplines.

    A colleague who gets it at this `address` gets the figures of what they serve.
    """
    colleague = session.exec(select(Advisor).where(Advisor.email == address)).first()
    helplines = served_helplines(colleague) if colleague else None
    with limited_to_helplines(session, helplines):
        return _read_reports(session, digest, last_day, zone, now)


def _read_reports(
    session: Session, digest: DigestFrequency, last_day: date, zone: str, now: datetime
) -> list[tuple[str, PeriodFigures]]:
    brands = brands_and_sources.list_brand_names(session)
    first = last_day - timedelta(days=DAYS[digest] - 1)
    parts = [""] + (brands if len(brands) > 1 else [])
    return [
        (
            brand or EVERYTHING,
            service_report.read_period_figures(
                session,
                ReportQuestion(first, last_day, zone, TARGET, ReportFilter(brand=brand)),
                now=now,
                most_callable=None,
            ),
        )
        for brand in parts
    ]


def _latest_due_digests(
    channels: DeliveryChannels, now: datetime
) -> Iterator[tuple[DigestFrequency, date]]:
    """Yield each digest with its last day, whose morning has come."""
    local = now.astimezone(ZoneInfo(channels.digest_zone))
    yesterday = local.date() - timedelta(days=1 if local.time() >= channels.digest_at else 2)
    yield DigestFrequency.DAILY, yesterday
    yield DigestFrequency.WEEKLY, yesterday - timedelta(days=(yesterday.weekday() + 1) % 7)


def _digest_addresses(
    session: Session, digest: DigestFrequency, channels: DeliveryChannels
) -> list[str]:
    chosen = [
        person.email
        for person in list_active_people_who_may(session, Permission.GET_DIGEST)
        if digest in person.digests
    ]
    return list(dict.fromkeys([*channels.digest_to, *chosen]))
