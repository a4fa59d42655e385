"""Somebody calls while every process of ours is down, from their ring to the board and report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlmodel import col, select

from leads.database.transactions import reader, transaction
from leads.models.enums import AdvisorRole
from leads.models.inbound import ArrivalLook, InboundCall
from leads.models.requests import Lead
from leads.read_models import callback_board
from leads.reporting import inbound_calls
from leads.reporting.service_report import ReportQuestion
from tests.support.running_desk import Desk, add_advisor, eventually
from tests.support.twilio_double import CALLER_ID, TwilioDouble

MINUTE = timedelta(minutes=1)
SAFE, STRANGER, ANONYMOUS = "+13155550142", "+13155550143", "+266696687"


def test_calls_while_the_desk_is_down_are_counted_once_it_is_back(
    desk: Desk, twilio: TwilioDouble
) -> None:
    desk.opens(advisors=0)
    now = datetime.now(UTC).replace(microsecond=0)
    with transaction() as session:
        boss = add_advisor(session, 1, now=now, role=AdvisorRole.SUPERVISOR)
        session.add(Lead(phone=SAFE, created_at=now, state="closed", safe_to_call=True))
    desk.stop(kill=True)
    _looked_last(now - 10 * MINUTE)

    twilio.misses_call(SAFE, at=now - 30 * MINUTE)  # before the desk was there
    rang_at = now - 2 * MINUTE
    callers = [twilio.misses_call(one, at=rang_at) for one in (STRANGER, ANONYMOUS, SAFE)]
    talks = twilio.misses_call(STRANGER, at=rang_at, status="in-progress")
    desk.start()
    eventually(lambda: _known() >= {one.sid for one in callers}, "nobody counted them")

    # The webhook of one of them was only late, and the list is read once more.
    again = {"CallStatus": "completed", "To": CALLER_ID}
    assert twilio.posts(callers[0], f"{desk.url}/hooks/voice/inbound", **again).status_code == 200
    desk.stop()
    talks.status, talks.ended_at = "completed", now
    desk.start()
    eventually(lambda: talks.sid in _known(), "nobody counted the last one")

    with reader() as session:
        calls = session.exec(select(InboundCall)).all()
        waiting = callback_board.list_open_callbacks(session, boss, now=now)
        question = ReportQuestion(rang_at.date(), rang_at.date(), "UTC", 5 * MINUTE)
        report = inbound_calls.read_inbound_calls(session, question)
        safe = session.exec(select(Lead.id).where(Lead.phone == SAFE)).one()
    assert {(one.state, one.rang_at) for one in calls} == {("abandoned", rang_at)}
    assert [row.lead_id for row in waiting] == [safe]
    assert len(inbound_calls.inbound_missed(report)) == len(callers) + 1
    assert twilio.calls == []  # nobody is on duty, and nobody else is promised anything
    assert desk.command("status")["limbo"] == 0


def _looked_last(at: datetime) -> None:
    with transaction() as session:
        for look in session.exec(select(ArrivalLook).where(col(ArrivalLook.phone) == CALLER_ID)):
            look.since = at


def _known() -> set[str]:
    with reader() as session:
        return set(session.exec(select(InboundCall.provider_call_id)))
