"""What the clock brings: every job of the background work, a line each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from leads.alerting import escalation
from leads.audit import chain
from leads.callbacks import queue, unplaced_calls
from leads.calls import unheard_calls
from leads.config.delivery_channels import DeliveryChannels
from leads.config.retention_plan import RetentionPlan
from leads.config.settings import PhoneKind, Settings
from leads.database.field_encryption import Vault
from leads.database.transactions import reader, transaction
from leads.intake import rejected_signatures
from leads.messaging import missed_texts
from leads.models.enums import ArrivalKind, NoticeMethod
from leads.people import presence, sessions, shift_duty
from leads.privacy import retention
from leads.reporting import cohort, digest
from notifications import delivery_channels
from notifications.arrival_looks import ArrivalLooks
from notifications.call_relay import CallRelay
from notifications.event_courier import EventCourier
from notifications.notice_delivery import NoticeCourier
from notifications.recording_courier import RecordingCourier
from notifications.rehearsal_phone import RehearsalPhone
from notifications.rehearsal_recordings import RehearsalRecordings
from notifications.rehearsed_welcome import RehearsedWelcome
from notifications.text_relay import TextRelay
from notifications.twilio.number_pointing import build_number_pointer
from notifications.twilio.recordings import build_twilio_recordings

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
DAYS_PACKED_PER_RUN = 5
BATCHES_PER_RUN = 25  # of a class: there is other work

log = logging.getLogger(__name__)

Now = Callable[[], datetime]


@dataclass(frozen=True)
class ClockJob:
    """Something that is done every so often, first `delay` after the start."""

    name: str
    every: timedelta
    work: Callable[[], None]
    delay: timedelta = timedelta()


def desk_jobs(settings: Settings, *, now: Now) -> list[ClockJob]:
    """Return what every process does: a scheduler that has fallen silent cannot say so itself.

    Several processes do it once.
    """
    ways = delivery_channels.configured_senders(settings)
    courier = NoticeCourier(
        ways, public_url=settings.public_url, zone=settings.channels.digest_zone, now=now
    )
    jobs = [
        ClockJob("alerts", 5 * SECOND, partial(check_alerts, ways, now=now)),
        ClockJob("notices", 5 * SECOND, courier.deliver_due_notices, delay=SECOND),
        ClockJob("audit log", 5 * SECOND, seal_audit_log),
    ]
    if settings.channels.smtp:
        order = partial(order_digests, settings.channels, now=now)
        jobs.append(ClockJob("digests", 5 * SECOND, order))
    return jobs


def queue_jobs(
    relay: CallRelay,
    texts: TextRelay | None = None,
    *,
    record_heartbeat: Callable[[], None],
    plan: RetentionPlan,
    now: Now,
) -> list[ClockJob]:
    """Return what the processes do that ring and text people."""
    return [
        *(text_jobs(texts) if texts else ()),
        *arrival_jobs(relay, texts, now=now),
        ClockJob("leases", 2 * SECOND, partial(expire_leases_and_presence, now=now)),
        ClockJob("heartbeat", 2 * SECOND, record_heartbeat),
        ClockJob("shifts", 10 * SECOND, partial(apply_shifts, now=now)),
        ClockJob("expired records", 60 * SECOND, partial(delete_expired_records, now=now)),
        ClockJob(
            "retention", HOUR, partial(delete_what_is_not_kept, plan, now=now), delay=5 * MINUTE
        ),
        ClockJob("day snapshots", 10 * SECOND, partial(snapshot_finished_days, now=now)),
        ClockJob("reconciliation", SECOND, relay.reconcile_with_network, delay=SECOND),
    ]


def text_jobs(texts: TextRelay) -> list[ClockJob]:
    """Return what looks for texts of which the network did not say enough, or nothing."""
    return [
        ClockJob("lost texts", SECOND, texts.search_lost_texts),
        ClockJob("unreported texts", 10 * SECOND, texts.ask_about_unreported_texts),
    ]


def arrival_jobs(relay: CallRelay, texts: TextRelay | None, *, now: Now) -> list[ClockJob]:
    """Return what looks for calls and texts of which the network told nobody here."""
    calls = ArrivalLooks(
        ArrivalKind.CALL,
        relay.phone.list_received_calls,
        unheard_calls.record_unheard_call,
        now=now,
    )
    jobs = [ClockJob("unheard calls", 60 * SECOND, calls.take_missed_arrivals)]
    if texts:
        received = texts.network.list_received_texts
        missed = ArrivalLooks(ArrivalKind.TEXT, received, missed_texts.receive_missed_text, now=now)
        jobs.append(ClockJob("missed texts", 60 * SECOND, missed.take_missed_arrivals))
    return jobs


def number_jobs(settings: Settings, *, now: Now) -> list[ClockJob]:
    """Return what looks after the helplines' numbers; nothing without an account."""
    if settings.phone is not PhoneKind.TWILIO:
        return []
    pointer = build_number_pointer(settings, now=now)
    every, after = 5 * SECOND, 10 * SECOND
    return [ClockJob("numbers", every, pointer.check_and_point, after)] if pointer else []


def rehearsal_jobs(phone: RehearsalPhone, *, now: Now) -> list[ClockJob]:
    """Return what happens in a rehearsal without anybody's doing: people write and call in."""
    welcome = RehearsedWelcome(phone.let_somebody_call, now=now)
    return [
        ClockJob("callers", 90 * SECOND, welcome.let_a_stranger_call, delay=20 * SECOND),
        ClockJob("welcome", SECOND, welcome.welcome_guests),
    ]


def recording_jobs(settings: Settings, *, now: Now) -> list[ClockJob]:
    """Return what brings voicemails here; nothing where none are made, or none could be kept."""
    if settings.phone is PhoneKind.LOG or not settings.content_keys:
        return []
    is_rehearsal = settings.phone is PhoneKind.REHEARSAL
    recordings = RehearsalRecordings() if is_rehearsal else build_twilio_recordings(settings)
    courier = RecordingCourier(recordings, Vault(settings.content_keys), now=now)
    return [ClockJob("recordings", SECOND, courier.carry_out_due_orders, delay=SECOND)]


def event_jobs(courier: EventCourier) -> list[ClockJob]:
    """Return what tells destinations of what happened here."""
    return [ClockJob("events", SECOND, courier.dispatch_due_events, delay=SECOND)]


def check_alerts(ways: Collection[NoticeMethod], *, now: Now) -> None:
    """Open and close alerts, and escalate those that stay."""
    with transaction() as session:
        escalation.evaluate_alerts(session, ways=ways, now=now())


def seal_audit_log() -> None:
    """Link what was committed to the audit log since: nobody who looks or signs in waits for it."""
    with transaction() as session:
        chain.seal_new_entries(session)


def order_digests(channels: DeliveryChannels, *, now: Now) -> None:
    """Order the digests that are due."""
    with transaction() as session:
        digest.order_due_digests(session, channels=channels, now=now())


def expire_leases_and_presence(*, now: Now) -> None:
    """Take callbacks back from advisors who no longer hold them, and mark who has gone or is back.

    What was held for a fault of ours goes on once the fault is mended.
    """
    with transaction() as session:
        presence.expire_stale_presence(session, now=now())
        presence.end_rests(session, now=now())
        queue.expire_leases(session, now=now())
        unplaced_calls.lift_mended_faults(session, now=now())


def apply_shifts(*, now: Now) -> None:
    """Put advisors on duty by phone whose shift begins, and take them off at its end."""
    with transaction() as session:
        shift_duty.apply_shift_duties(session, now=now())


def delete_expired_records(*, now: Now) -> None:
    """Delete rejected submissions and sign-ins whose time is over."""
    with transaction() as session:
        rejected_signatures.delete_expired_rejections(session, now=now())
        sessions.delete_expired_sign_ins(session, now=now())


def delete_what_is_not_kept(plan: RetentionPlan, *, now: Now) -> None:
    """Delete some of what has been kept for as long as the operator's retention plan says."""
    if not plan.is_decided:
        return
    for batch in retention.delete_expired_content(plan, now=now, most=BATCHES_PER_RUN):
        log.info("retention class=%s people=%s rows=%s", batch.kept, batch.people, batch.rows)


def snapshot_finished_days(*, now: Now) -> None:
    """Pack a few of the days that are over or have changed, for the figures."""
    with reader() as session:
        days = cohort.days_to_snapshot(session, now=now())
    for day in days[:DAYS_PACKED_PER_RUN]:
        with transaction() as session:
            cohort.snapshot_cohort_day(session, day)
