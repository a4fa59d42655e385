"""Somebody calls in while there is no account: the rehearsal plays them, and the desk answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from leads.config.settings import PhoneKind, Settings
from leads.database.transactions import reader, transaction
from leads.models.inbound import InboundCall, InboundSettings
from leads.models.voicemails import Voicemail
from leads.people import presence
from notifications import rehearsal_phone
from notifications.call_relay import CallRelay
from notifications.rehearsal_phone import RehearsalPhone
from notifications.worker import Worker
from tests.support.people import a_source, an_advisor
from tests.support.running_desk import eventually


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("database")
def test_somebody_who_calls_in_talks_with_an_advisor_or_leaves() -> None:
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


def _is_promised() -> bool:
    with reader() as session:
        left = session.exec(select(Voicemail)).all()
        return any(one.callback_id and one.state == "deleted_at_provider" for one in left)


def _is_over() -> bool:
    with reader() as session:
        return any(call.ended_at for call in session.exec(select(InboundCall)))
