"""Somebody calls in while there is no account: the rehearsal plays them, and the desk answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from leads.callbacks import callback_offers
from leads.calls import offers
from leads.config.settings import PhoneKind, Settings
from leads.database.transactions import reader, transaction
from leads.models.calls import Callback
from leads.models.enums import CallbackState, LegStatus
from leads.models.inbound import InboundCall, InboundSettings
from leads.models.voicemails import Voicemail
from leads.models.watching import Transition
from leads.people import presence
from notifications import rehearsal_phone
from notifications.call_relay import CallRelay
from notifications.rehearsal_phone import RehearsalPhone
from notifications.worker import Worker
from tests.support.people import a_callback, a_lead, a_source, an_advisor
from tests.support.running_desk import eventually

LATER = datetime.now(UTC) + timedelta(hours=1)


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("database")
def test_somebody_who_calls_in_talks_with_an_advisor(monkeypatch: pytest.MonkeyPatch) -> None:
    # Their patience runs at the rehearsal's pace, and whoever comes for them does not.
    monkeypatch.setattr(rehearsal_phone, "CALLER_PATIENCE", 10_000)
    with transaction() as session:
        a_source(session)
        advisor = an_advisor(session)
        presence.set_advisor_available(session, advisor, now=_now() + timedelta(minutes=5))
    phone = RehearsalPhone(now=_now, pace=0.02)
    relay = CallRelay(phone, ring_seconds=20, now=_now)
    worker = Worker(Settings(phone=PhoneKind.REHEARSAL), relay, now=_now)
    worker.start()
    try:
        phone.let_somebody_call()
        eventually(_is_over)
    finally:
        worker.stop()
    with reader() as session:
        call = session.exec(select(InboundCall)).one()
    assert call.state == "ended"
    assert call.answered_at


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("database")
def test_who_asks_as_an_advisor_is_there_is_brought_to_them_by_the_answer() -> None:
    with transaction() as session:
        a_source(session)
        presence.set_advisor_available(session, an_advisor(session), now=_now())
    phone = RehearsalPhone(now=_now, pace=0.02)
    phone.let_somebody_call()
    eventually(_is_on_the_line)
    with transaction() as session:
        attempt = callback_offers.offer_next_callback(session, now=_now())
        assert attempt
        offers.advisor_answered(session, attempt.id, "their phone", now=_now())
        assert offers.advisor_accepted(session, attempt.id, "their phone", now=_now())
    eventually(_is_over)  # and nobody carries out an order
    with reader() as session:
        assert session.exec(select(InboundCall.state)).one() == "ended"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("database")
def test_whom_nobody_comes_for_may_leave_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal_phone, "IMPATIENT_CALLERS", {"2": 1})
    with transaction() as session:
        brand_id = a_source(session).brand_id
        session.add(InboundSettings(brand_id=brand_id, takes_voicemail=True))
    phone = RehearsalPhone(now=_now, pace=0.02, keeps_recordings=True)
    relay = CallRelay(phone, ring_seconds=20, now=_now)
    settings = Settings(phone=PhoneKind.REHEARSAL, content_keys=("what seals",))
    worker = Worker(settings, relay, now=_now)
    worker.start()
    try:
        phone.let_somebody_call()
        eventually(_is_promised)
    finally:
        worker.stop()


def test_no_colleague_of_the_demo_lets_a_call_ring() -> None:
    """Who misses two in a row rests for a quarter of an hour, and cannot be asked in meanwhile."""
    assert "" not in rehearsal_phone.ADVISOR_ANSWERS


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("database")
def test_a_call_is_handed_over_to_a_colleague(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("HANDED_OVER", 1.0),
        ("ADVISOR_ANSWERS", {"1": 1}),
        ("LEAD_ENDS", {LegStatus.IN_PROGRESS: 1}),
        ("WRAP_UP_KEYS", {"1": 1}),
    ):
        monkeypatch.setattr(rehearsal_phone, name, value)
    with transaction() as session:
        a_callback(session, a_lead(session), due_at=_now(), any_hour=True)
        for _ in range(2):
            presence.put_on_duty(session, an_advisor(session), until=LATER, now=_now())
    relay = CallRelay(RehearsalPhone(now=_now, pace=0.05), ring_seconds=20, now=_now)
    worker = Worker(Settings(phone=PhoneKind.REHEARSAL), relay, now=_now)
    worker.start()
    try:
        eventually(_is_handed_over)
        eventually(_is_callback_over, within=30)
    finally:
        worker.stop()


def _is_on_the_line() -> bool:
    with reader() as session:
        return session.exec(select(InboundCall)).first() is not None


def _is_handed_over() -> bool:
    with reader() as session:
        return bool(session.exec(select(Transition).where(Transition.event == "hand_over")).all())


def _is_callback_over() -> bool:
    with reader() as session:
        return session.exec(select(Callback)).one().state in (
            CallbackState.WRAP_UP,
            CallbackState.COMPLETED,
        )


def _is_promised() -> bool:
    with reader() as session:
        left = session.exec(select(Voicemail)).all()
        return any(one.callback_id and one.state == "deleted_at_provider" for one in left)


def _is_over() -> bool:
    with reader() as session:
        return any(call.ended_at for call in session.exec(select(InboundCall)))
