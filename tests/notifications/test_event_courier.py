"""Events over real https: signed, once, to a checked address, and no lane waits for another."""

from __future__ import annotations

import ipaddress
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select
from standardwebhooks import Webhook

from leads.database.transactions import reader, transaction
from leads.i18n.messages import Message, MessageKey
from leads.models.enums import DestinationStop, EventType, OutboxKind, OutboxState
from leads.models.outbound import Destination
from leads.models.outbox import Outbox
from leads.outbox import destinations
from leads.people.permissions import OPERATOR
from notifications.event_courier import EventCourier
from notifications.event_sender import EventSender, parse_retry_after, sign_content
from tests.conftest import NOW
from tests.support.event_receivers import LOOPBACK, Receiver, running_receiver
from tests.support.people import HOUR, MINUTE, a_lead
from tests.support.running_desk import eventually
from tests.support.set_clock import SetClock

DESK = "https://desk.example.org"
HERE = (ipaddress.ip_network("127.0.0.0/8"),)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW + MINUTE)


@pytest.fixture
def receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with running_receiver(tmp_path) as receiver:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        yield receiver


@pytest.fixture
def courier(database: str, receiver: Receiver, clock: SetClock) -> Iterator[EventCourier]:
    courier = EventCourier(a_sender(receiver), now=clock)
    yield courier
    courier.close()


def a_sender(receiver: Receiver, **changes: Any) -> EventSender:
    given = {"allowed": HERE, "resolve": receiver.resolve, **changes}
    return EventSender(public_url=DESK, **given)


def a_destination(url: str, name: str = "CRM") -> int:
    with transaction() as session:
        return destinations.add_destination(
            session,
            OPERATOR,
            name,
            url=url,
            event_types=[EventType.LEAD_CREATED],
            basis_kind="contract",
            basis_name="QSOA with County Health, 2026-01-02",
            now=NOW,
        ).id


def somebody_asks() -> int:
    with transaction() as session:
        return a_lead(session, name="Zanzibar", created_at=NOW + MINUTE).id


def deliver(courier: EventCourier) -> list[Outbox]:
    """Send what is due; returns the orders as they are then, oldest first."""
    courier.dispatch_due_events()
    courier.wait_until_idle()
    with reader() as session:
        events = select(Outbox).where(Outbox.kind == OutboxKind.SEND_EVENT)
        return list(session.exec(events.order_by(col(Outbox.id))))


def test_signatures_are_those_of_the_published_example() -> None:
    """https://github.com/standard-webhooks/standard-webhooks, the example of its libraries."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    said = sign_content(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert said == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_event_is_sent_once_signed_by_both_secrets_and_names_nobody(
    courier: EventCourier, receiver: Receiver
) -> None:
    place, lead_id = a_destination(receiver.url), somebody_asks()
    with transaction() as session:
        old = session.get_one(Destination, place).secrets[0]
        new = destinations.rotate_destination_secret(session, OPERATOR, place, now=NOW)
    [order] = deliver(courier)
    assert order.state == OutboxState.SENT
    deliver(courier)
    [request] = receiver.requests
    assert request.path == "/hook?key=zanzibar"
    assert json.loads(request.body) == {
        "type": "lead.created",
        "timestamp": "2026-03-03T17:01:00+00:00",
        "data": {
            "lead_id": lead_id,
            "callback_id": None,
            "helpline_id": None,
            "state": None,
            "url": f"{DESK}/lead?lead={lead_id}",
        },
    }
    said = {name.lower(): value for name, value in request.headers.items()}
    at = datetime.fromtimestamp(int(said["webhook-timestamp"]), UTC)
    signed = [
        Webhook(secret).sign(said["webhook-id"], at, request.body.decode()) for secret in (new, old)
    ]
    assert said["webhook-signature"].split(" ") == signed
    assert said["webhook-id"] == f"evt_lead-{lead_id}"
    assert at == NOW + MINUTE


def test_what_is_not_taken_is_sent_again_with_the_same_id_when_it_was_asked_for(
    courier: EventCourier, receiver: Receiver, clock: SetClock
) -> None:
    a_destination(receiver.url)
    somebody_asks()
    receiver.answers = [(503, {"Retry-After": "7200"}), (302, {"Location": "https://evil.example"})]
    [order] = deliver(courier)
    assert (order.state, order.tries) == (OutboxState.PENDING, 1)
    assert order.due_at == clock.at + 2 * HOUR
    deliver(courier)
    assert len(receiver.requests) == 1
    clock.at = order.due_at
    [order] = deliver(courier)
    assert order.problem == Message(MessageKey.HOOK_REFUSED, code=302)  # and was not followed
    clock.at = order.due_at
    [order] = deliver(courier)
    assert order.state == OutboxState.SENT
    ids = {request.headers["webhook-id"] for request in receiver.requests}
    assert len(receiver.requests) == 3
    assert len(ids) == 1


def test_a_destination_that_is_gone_is_sent_nothing_any_more(
    courier: EventCourier, receiver: Receiver
) -> None:
    place = a_destination(receiver.url)
    somebody_asks()
    receiver.answers = [(410, {})]
    deliver(courier)
    somebody_asks()
    deliver(courier)
    assert len(receiver.requests) == 1
    with reader() as session:
        assert session.get_one(Destination, place).stopped_because == DestinationStop.GONE


def test_a_name_that_leads_here_once_it_was_added_is_not_connected_to(
    database: str,
    receiver: Receiver,
    clock: SetClock,
) -> None:
    a_destination(receiver.url)
    somebody_asks()
    courier = EventCourier(a_sender(receiver, allowed=()), now=clock)
    [order] = deliver(courier)
    courier.close()
    assert order.state == OutboxState.FAILED
    assert order.problem == Message(MessageKey.HOOK_PRIVATE)
    assert receiver.requests == []


def test_the_name_is_asked_for_once_and_what_was_checked_is_connected_to(
    database: str,
    receiver: Receiver,
    clock: SetClock,
) -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int, **_options: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        return [(2, 1, 6, "", (LOOPBACK if len(asked) == 1 else "169.254.169.254", port))]

    a_destination(receiver.url)
    somebody_asks()
    courier = EventCourier(a_sender(receiver, resolve=rebinding), now=clock)
    [order] = deliver(courier)
    courier.close()
    assert order.state == OutboxState.SENT
    assert len(asked) == 1


def test_a_certificate_of_another_name_is_not_trusted(
    database: str,
    receiver: Receiver,
    clock: SetClock,
) -> None:
    def misled(_host: str, port: int, **_options: Any) -> list[tuple[Any, ...]]:
        return [(2, 1, 6, "", (LOOPBACK, port))]

    a_destination(f"https://other.example.org:{receiver.port}/")
    somebody_asks()
    courier = EventCourier(a_sender(receiver, resolve=misled), now=clock)
    [order] = deliver(courier)
    courier.close()
    assert order.problem == Message(MessageKey.HOOK_UNREACHABLE)
    assert receiver.requests == []


def test_who_does_not_answer_is_cut_off_and_keeps_nobody_else_waiting(
    database: str,
    receiver: Receiver,
    clock: SetClock,
) -> None:
    receiver.hangs = threading.Event()
    slow, quick = a_destination(f"{receiver.url}&slow", "Slow"), a_destination(receiver.url)
    somebody_asks()
    courier = EventCourier(a_sender(receiver, answering_lasts=1.0), now=clock)
    courier.dispatch_due_events()
    eventually(lambda: state_at(quick) == OutboxState.SENT)
    assert state_at(slow) == OutboxState.SENDING
    eventually(lambda: state_at(slow) == OutboxState.PENDING)  # though nobody ever answers
    courier.close()


def state_at(destination_id: int) -> OutboxState:
    """Return where the one event of a destination stands."""
    with reader() as session:
        rows = session.exec(select(Outbox)).all()
    return next(row.state for row in rows if row.payload["destination_id"] == destination_id)


def test_a_wait_is_understood_in_seconds_or_as_an_instant_and_no_longer_than_a_day() -> None:
    waits = {
        "90": timedelta(seconds=90),
        "Tue, 03 Mar 2026 17:02:00 GMT": 2 * MINUTE,
        "999999999": timedelta(days=1),
        "Tue, 03 Mar 2020 17:02:00 GMT": timedelta(),
        "": None,
        "soon": None,
        "Tue, 03 Mar 2026 17:02:00": None,
    }
    assert {said: parse_retry_after(said, now=NOW) for said in waits} == waits
