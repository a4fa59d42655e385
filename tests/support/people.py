"""The people and things that tests are about.

A helpline, somebody who asked for help, an advisor on duty.
"""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import object_session
from sqlmodel import Session, col, select

from leads.callbacks import callback_offers, holds, queue
from leads.calls import attempt_steps, offers, placement, progress
from leads.calls.legs import LegReport
from leads.database.transactions import reader, write_deferred_inserts
from leads.helplines import brands_and_sources
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import AdvisorRole, HoldReason, LegStatus, OutboxKind, Party
from leads.models.helplines import WRAP_UP_MINUTES, Brand, Source
from leads.models.inbound import InboundCall
from leads.models.outbox import Outbox
from leads.models.requests import Lead, Submission
from leads.models.voicemails import Voicemail
from leads.models.watching import Transition
from leads.outbox import call_orders, supervisor_notices
from leads.outbox.orders import mark_orders_sent
from leads.outbox.supervisor_notices import Notice
from leads.people import availability, presence
from tests.conftest import NOW
from tests.support.running_desk import add_advisor
from tests.support.twilio_double import CALLER_ID

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WRAP_UP = WRAP_UP_MINUTES * MINUTE  # where a helpline sets nothing else
NUMBER = "+13155550142"  # in the state of New York
TOKYO, BUENOS_AIRES = "+81312345678", "+541143215678"
TOKYO_BY_DAY = (time(23, 30), time(11, 30))  # as UTC has it
_numbers = itertools.count(1)


def a_source(session: Session, *, now: datetime = NOW) -> Source:
    """The first helpline's first door, there since an instant."""
    found = session.exec(select(Source).order_by(col(Source.id))).first()
    if found:
        return found
    brands_and_sources.add_brand(session, "Harbor Line", caller_id=CALLER_ID, now=now)
    return brands_and_sources.add_source(session, "Site", now=now)


def a_submission(session: Session, **changes: Any) -> Submission:
    number = next(_numbers)
    values = {"received_at": NOW, "body": b"{}", "body_sha256": f"{number:064}", **changes}
    return _added(session, Submission(**{"source_id": a_source(session).id, **values}))


def a_lead(session: Session, phone: str = "", **wishes: Any) -> Lead:
    """Return somebody in New York who can be rung at NOW, unless number or wishes say otherwise."""
    number = phone or f"+1315556{next(_numbers):04d}"
    return _added(session, Lead(**{"phone": number, "created_at": NOW, **wishes}))


def a_number_by_day(session: Session) -> str:
    """Return a number where it is day by the real clock, which every helpline calls from now on."""
    for brand in session.exec(select(Brand)).all():
        brand.called_countries = ["JP", "AR"]
    evening, morning = TOKYO_BY_DAY
    now = datetime.now(UTC).time()
    return TOKYO if now > evening or now < morning else BUENOS_AIRES


def a_callback(
    session: Session, lead: Lead | None = None, *, hold: str = "", **changes: Any
) -> Callback:
    """A promise that is due at NOW; `hold`: a reason, or words of somebody's own."""
    source = changes.pop("source", None) or a_source(session)
    values = {"received_at": NOW, "promised_at": NOW, "due_at": NOW, **changes}
    person = lead or a_lead(session)
    callback: Callback = _added(
        session,
        Callback(lead_id=person.id, brand_id=source.brand_id, source_id=source.id, **values),
    )
    if hold:
        hold_back(session, callback, hold)
    return callback


def hold_back(session: Session, callback: Callback, *reasons: str) -> None:
    """Hold a callback for these reasons, or for words of somebody's own."""
    for reason in reasons:
        is_ours = reason in set(HoldReason)
        code, values = (HoldReason(reason), {}) if is_ours else (HoldReason.OTHER, {"text": reason})
        holds.place_hold(session, callback, code, by="test", now=NOW, **values)
    session.flush()


def release_as_read(
    session: Session, callback: Callback, supervisor: Advisor, *, now: datetime
) -> None:
    """Put a callback back into the queue as a supervisor who has read all that holds it."""
    seen = holds.open_hold_ids_of(session, callback)
    queue.release_hold(session, callback, supervisor, seen=seen, now=now)


def held_for(callback: Callback) -> list[str]:
    """What a callback is held for, by code or in somebody's own words, oldest first."""
    if session := object_session(callback):
        return _held_for(session, callback)
    with reader() as session:
        return _held_for(session, callback)


def an_attempt(
    session: Session, callback: Callback, advisor: Advisor, **changes: Any
) -> CallAttempt:
    """A row of the past, or in a state of the test's choice.

    Calls in progress come from `a_call`.
    """
    phone = session.get_one(Lead, callback.lead_id).phone
    values = {
        "phone": phone,
        "requested_by": "test",
        "requested_at": NOW,
        "heard_at": NOW,
        **changes,
    }
    return _added(session, CallAttempt(callback_id=callback.id, advisor_id=advisor.id, **values))


def an_inbound_call(session: Session, **changes: Any) -> InboundCall:
    """A row of a call that came in, in a state of the test's choice."""
    values = {
        "brand_id": a_source(session).brand_id,
        "phone": NUMBER,
        "provider_call_id": f"CA-in-{next(_numbers)}",
        "rang_at": NOW,
        "heard_at": NOW,
        **changes,
    }
    return _added(session, InboundCall(**values))


def a_voicemail(session: Session, call: InboundCall | None = None, **changes: Any) -> Voicemail:
    """A row of a voicemail, in a state of the test's choice."""
    call = call or an_inbound_call(session, state="voicemail")
    values = {"received_at": call.rang_at, "expected_at": call.rang_at, **changes}
    return _added(session, Voicemail(inbound_call_id=call.id, **values))


def an_advisor(session: Session, role: AdvisorRole = AdvisorRole.ADVISOR) -> Advisor:
    """A colleague who is offline."""
    return add_advisor(session, next(_numbers), now=NOW, role=role)


def a_supervisor(session: Session) -> Advisor:
    return an_advisor(session, AdvisorRole.SUPERVISOR)


def on_duty(session: Session, *, idle_since: datetime = NOW) -> Advisor:
    """A colleague who takes callbacks on the phone for the next month."""
    advisor = an_advisor(session)
    presence.put_on_duty(session, advisor, until=NOW + 30 * DAY, now=idle_since)
    return advisor


def a_claim(session: Session, *, now: datetime = NOW, **changes: Any) -> tuple[Callback, Advisor]:
    """A due callback in an advisor's hands."""
    callback, advisor = a_callback(session, **changes), on_duty(session)
    queue.claim_callback(session, callback, advisor, now=now)
    return callback, advisor


def a_call(
    session: Session, callback: Callback | None = None, *, now: datetime = NOW
) -> CallAttempt:
    """The next callback is offered; the advisor's phone is to be rung."""
    callback = callback or a_callback(session)
    if not availability.list_available_advisors(session, now=now):
        on_duty(session)
    attempt = callback_offers.offer_next_callback(session, now=now)
    assert attempt is not None
    assert attempt.callback_id == callback.id
    return attempt


def a_call_passed_on(session: Session) -> CallAttempt:
    """The advisor listened, pressed 2 and has not hung up yet."""
    attempt = a_call(session)
    assert offers.advisor_answered(session, attempt.id, advisor_call(attempt), now=NOW)
    offers.advisor_declined_offer(session, attempt.id, advisor_call(attempt), now=NOW)
    return attempt


def an_accepted_call(
    session: Session, callback: Callback | None = None, *, now: datetime = NOW
) -> CallAttempt:
    """The advisor pressed 1, and the lead's phone is being dialed."""
    attempt = a_call(session, callback, now=now)
    accept_and_dial(session, attempt, now=now)
    return attempt


def accept_and_dial(session: Session, attempt: CallAttempt, *, now: datetime) -> None:
    assert offers.advisor_accepted(session, attempt.id, advisor_call(attempt), now=now)
    mark_orders_sent(session, orders(session, OutboxKind.DIAL_LEG)[-1].id, now=now)
    attempt_steps.mark_lead_dialed(session, attempt, now=now)


def placed(session: Session, attempt: CallAttempt, *, now: datetime = NOW) -> None:
    """The relay had the provider's answer."""
    call_orders.confirm_call_placed(session, attempt, now=now)
    placement.record_placed_calls(session, {attempt.id: advisor_call(attempt)}, now=now)


def a_live_call(session: Session, state: str, *, now: datetime = NOW) -> CallAttempt:
    """A call that has come as far as `state`."""
    attempt = a_call(session, now=now)
    steps = {
        "ringing_advisor": lambda: placed(session, attempt, now=now),
        "ringing_lead": lambda: accept_and_dial(session, attempt, now=now),
        "bridged": lambda: progress.apply_leg_report(
            session, of_lead(attempt, LegStatus.IN_PROGRESS), now=now
        ),
    }
    for reached, step in steps.items():
        if attempt.state == state:
            break
        step()
        assert attempt.state == reached
    return attempt


def a_conversation(
    session: Session, callback: Callback | None = None, *, now: datetime = NOW
) -> CallAttempt:
    """They talked and hung up; the advisor wraps up."""
    attempt = an_accepted_call(session, callback, now=now)
    progress.apply_leg_report(session, of_lead(attempt, LegStatus.IN_PROGRESS), now=now)
    progress.apply_leg_report(session, of_lead(attempt, LegStatus.COMPLETED), now=now)
    return attempt


def an_open_callback(session: Session, state: str) -> Callback:
    """A callback that has come as far as `state`."""
    if state == "waiting":
        return a_callback(session)
    if state == "claimed":
        return a_claim(session)[0]
    return callback_of(session, (a_call if state == "calling" else a_conversation)(session))


def advisor_call(attempt: CallAttempt) -> str:
    """The network's id of the advisor's leg."""
    return f"CA-advisor-{attempt.id}"


def of_advisor(attempt: CallAttempt, status: LegStatus, call_id: str = "") -> LegReport:
    """What the network says about the advisor's leg."""
    return LegReport(
        attempt.id, Party.ADVISOR, call_id or advisor_call(attempt), status, "status", _rank(status)
    )


def of_lead(attempt: CallAttempt, status: LegStatus, kind: str = "leg") -> LegReport:
    """What the network says about the lead's leg."""
    return LegReport(attempt.id, Party.LEAD, f"CA-lead-{attempt.id}", status, kind, _rank(status))


def callback_of(session: Session, attempt: CallAttempt) -> Callback:
    return session.get_one(Callback, attempt.callback_id)


def lead_of(session: Session, callback: Callback) -> Lead:
    return session.get_one(Lead, callback.lead_id)


def advisor_of(session: Session, record: Callback | CallAttempt) -> Advisor:
    return session.get_one(Advisor, record.advisor_id)


def orders(session: Session, kind: OutboxKind = OutboxKind.PLACE_CALL) -> list[Outbox]:
    """What the relay was asked to do, oldest first."""
    return list(session.exec(select(Outbox).where(Outbox.kind == kind).order_by(col(Outbox.id))))


def notices(session: Session) -> list[Notice]:
    """What supervisors were to be told, oldest first."""
    ids = session.exec(select(Outbox.id).order_by(col(Outbox.id))).all()
    return [
        notice
        for one in ids
        if (notice := supervisor_notices.find_notice(session, one)) is not None
    ]


def moves(session: Session, record: Any) -> list[Transition]:
    """The record's audit trail, oldest first."""
    write_deferred_inserts(session)
    found = select(Transition).where(
        Transition.record == record.__tablename__, Transition.record_id == str(record.id)
    )
    return list(session.exec(found.order_by(col(Transition.id))))


def _rank(status: LegStatus) -> int:
    """Twilio numbers the callbacks of a call in the order in which its status changes."""
    return list(LegStatus).index(status)


def _held_for(session: Any, callback: Callback) -> list[str]:
    causes = holds.read_open_holds(session, [callback.id]).get(callback.id, ())
    assert callback.is_held == bool(causes)
    return [cause.own_words or str(cause.reason) for cause in causes]


def _added(session: Session, record: Any) -> Any:
    session.add(record)
    session.flush()
    return record
