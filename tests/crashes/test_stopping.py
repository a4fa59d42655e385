"""Told to stop, a process offers nobody any more and finishes what it was asked."""

from __future__ import annotations

import socket
from contextlib import closing
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import CallbackState
from leads.people import presence
from tests.support.people import HOUR
from tests.support.running_desk import Desk, add_advisor, eventually
from tests.support.twilio_double import TwilioDouble

OTHER = "(315) 555-0143"
FORM = b'{"name": "Jordan Reyes", "phone": "(315) 555-0142", "any_hour": "yes"}'


def test_a_call_goes_on_while_its_process_is_stopped_and_started(
    desk: Desk, twilio: TwilioDouble
) -> None:
    webhook = desk.opens()
    desk.http.post(webhook, content=FORM, headers={"content-type": "application/json"})
    desk.http.post(webhook, json={"name": "Ann Other", "phone": OTHER, "any_hour": "yes"})
    call = twilio.wait_for_call()
    twilio.advisor_answers(call)
    twilio.presses(call, "1")
    lead = twilio.lead_of(call)
    for leg in (call, lead):
        twilio.joins(leg)
    twilio.moves(lead, "in-progress")

    # Somebody is in the middle of sending a form when it is told to stop.
    with closing(begin_to_send(webhook)) as sender:
        process = desk.process
        assert process is not None
        process.terminate()
        eventually(lambda: not is_open(desk), "it takes new connections")
        now = datetime.now(UTC)
        with transaction() as session:  # of another process: it wakes nobody there
            free = add_advisor(session, 2, now=now)
            presence.put_on_duty(session, free, until=now + HOUR, now=now)
        process.join(2.5)  # longer than the tick
        assert process.is_alive(), "it left somebody in the middle of a form"
        assert len(twilio.calls) == 2, "a phone rings whose webhooks nobody would answer"
        sender.sendall(FORM[20:])
        assert sender.recv(1000).startswith(b"HTTP/1.1 200")
    assert "Traceback" not in desk.stop()

    # The call goes on meanwhile, and whoever waited is called by the next process.
    desk.start()
    assert "Press 1 if they were helped" in twilio.lead_ends(lead, "completed")
    twilio.presses(call, "1")
    assert twilio.wait_for_call(2).to != call.to
    with reader() as session:
        first = select(CallAttempt).order_by(CallAttempt.requested_at)
        assert session.exec(first).first().result == "conversation"
        states = session.exec(select(Callback.state).order_by(Callback.id)).all()
    assert states == [CallbackState.COMPLETED, CallbackState.CALLING]


def begin_to_send(webhook: str) -> socket.socket:
    """Send a form's head and the beginning of its body."""
    where = urlsplit(webhook)
    sender = socket.create_connection((where.hostname, where.port))
    lines = (
        f"POST {where.path} HTTP/1.1",
        f"Host: {where.netloc}",
        "Content-Type: application/json",
        f"Content-Length: {len(FORM)}",
    )
    sender.sendall("\r\n".join([*lines, "", ""]).encode() + FORM[:20])
    return sender


def is_open(desk: Desk) -> bool:
    where = urlsplit(desk.url)
    try:
        socket.create_connection((where.hostname, where.port)).close()
    except ConnectionRefusedError:
        return False
    return True
