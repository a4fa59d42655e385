"""What Prometheus is told, and that what is to be deployed asks for nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.testclient import TestClient

from leads.config.settings import Settings
from leads.database.transactions import transaction
from leads.lifecycle.transitions import advance
from leads.models.calls import Callback
from leads.models.enums import OutboxKind, OutboxState, SubmissionState
from leads.models.outbox import Outbox
from leads.process_metrics import MOVES
from leads.read_models.queue_depth import read_queue_depth
from notifications.call_relay import CallRelay
from notifications.health import health_routes, metrics_access
from notifications.rehearsal_phone import RehearsalPhone
from notifications.worker import Worker
from tests.conftest import NOW
from tests.support.people import HOUR, MINUTE, a_callback, a_submission
from tests.support.running_desk import Desk
from tests.support.twilio_double import TwilioDouble

ROOT = Path(__file__).parents[2]
DEPLOY, MONITORING = ROOT / "deploy", ROOT / "docs/monitoring.md"
NAME = re.compile(r"\bringback_\w+")


def moves_of(event: str) -> float:
    return MOVES.labels("callback", event, "cancelled")._value.get()  # noqa: SLF001 - a counter shows its value nowhere else


def cancel(session: Session, callback: Callback) -> None:
    advance(session, callback, "cancel", actor="system", now=NOW)


@pytest.mark.usefixtures("database")
def test_a_move_counts_once_it_is_committed_and_not_before() -> None:
    with transaction() as session:
        callback_id = a_callback(session).id
    before = moves_of("cancel")

    def fail_after_the_move() -> None:
        with transaction() as session:
            cancel(session, session.get_one(Callback, callback_id))
            raise TimeoutError

    with pytest.raises(TimeoutError):
        fail_after_the_move()
    assert moves_of("cancel") == before

    with transaction() as session:
        cancel(session, session.get_one(Callback, callback_id))
        assert moves_of("cancel") == before
    assert moves_of("cancel") == before + 1


def test_the_depth_of_a_queue_counts_what_is_open_and_nothing_that_is_over(
    session: Session,
) -> None:
    a_callback(session, due_at=NOW - 7 * MINUTE)
    a_callback(session, due_at=NOW + HOUR)
    a_callback(session, hold="Look first.")
    cancel(session, a_callback(session))
    a_submission(session, state=SubmissionState.NEEDS_REVIEW)
    a_submission(session, state=SubmissionState.ADMITTED)
    for state, kind, minutes in (
        (OutboxState.PENDING, OutboxKind.PLACE_CALL, 2),
        (OutboxState.PENDING, OutboxKind.PLACE_CALL, 1),
        (OutboxState.PENDING, OutboxKind.SEND_TEXT, -5),
        (OutboxState.UNKNOWN, OutboxKind.DIAL_LEG, 9),
        (OutboxState.UNKNOWN, OutboxKind.EMAIL_NOTICE, 9),
        (OutboxState.SENT, OutboxKind.PLACE_CALL, 90),
    ):
        at = NOW - timedelta(minutes=minutes)
        session.add(Outbox(kind=kind, state=state, created_at=at, due_at=at))

    depth = read_queue_depth(session, now=NOW)

    assert {state: count for state, count in depth.callbacks.items() if count} == {
        "due": 1,
        "later": 1,
        "held": 1,
    }
    assert depth.submissions == {"received": 0, "needs_review": 1, "withheld": 0, "refused": 0}
    assert depth.oldest_due_at == NOW - 7 * MINUTE
    assert depth.orders == {
        ("place_call", "pending"): 2,
        ("send_text", "pending"): 1,
        ("dial_leg", "unknown"): 1,
    }
    assert depth.oldest_order_due_at == {"place_call": NOW - 2 * MINUTE}


@pytest.mark.usefixtures("database")
def test_a_process_is_not_ready_while_nobody_takes_the_calls_that_are_due() -> None:
    relay = CallRelay(RehearsalPhone(now=lambda: NOW), ring_seconds=20, now=lambda: NOW)
    worker = Worker(Settings(), relay, now=lambda: NOW)
    routes = health_routes(worker, metrics_access(Settings()), now=lambda: NOW)
    client = TestClient(Starlette(routes=routes))

    def is_relay_ready() -> bool:
        answer = client.get("/health/ready")
        assert answer.status_code == 503, "nobody has started this worker"
        return bool(answer.json()["relay"])

    assert is_relay_ready()
    with transaction() as session:
        at = NOW - MINUTE
        session.add(Outbox(kind=OutboxKind.EMAIL_NOTICE, created_at=at, due_at=at))
    assert is_relay_ready()
    with transaction() as session:
        session.add(Outbox(kind=OutboxKind.PLACE_CALL, created_at=at, due_at=at))
    assert not is_relay_ready()


def test_a_call_is_seen_in_the_metrics_without_anything_of_the_person(
    desk: Desk, twilio: TwilioDouble
) -> None:
    person = {"name": "Maria Lopez", "phone": "+13155550123", "any_hour": True}
    assert desk.http.post(desk.opens(), json=person).status_code == 200
    call = twilio.wait_for_call()
    twilio.advisor_answers(call)
    twilio.presses(call, "1")
    twilio.hears(twilio.lead_of(call), "human")

    text = desk.http.get("/metrics").text
    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }

    assert samples["ringback_moves_total", "callback", "claim", "claimed"] == 1
    assert samples["ringback_first_call_wait_seconds_count",] == 1
    assert samples["ringback_responses_total", "/hooks/forms/", "200"] == 1
    assert samples["ringback_callbacks", "calling"] == 1
    assert not any(word in text for word in ("Maria", "Lopez", "5550123"))


def told_by_a_process() -> str:
    routes = health_routes(None, metrics_access(Settings()), now=lambda: NOW)
    client = TestClient(Starlette(routes=routes), client=("127.0.0.1", 1))
    return client.get("/metrics").text


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_boards_and_alert_rules_ask_for_what_a_process_tells() -> None:
    told = set(re.findall(r"^# TYPE (ringback_\w+)", told_by_a_process(), re.MULTILINE))
    documented = re.findall(r"^\| `(ringback_\w+)`", MONITORING.read_text("utf-8"), re.MULTILINE)
    assert set(documented) == {name for name in told if not name.endswith("_created")}
    told |= {f"{name}_bucket" for name in told}
    for expression in _deployed_expressions():
        assert set(NAME.findall(expression)) <= told, expression


def _deployed_expressions() -> Iterator[str]:
    rules = yaml.safe_load((DEPLOY / "prometheus/alert-rules.yml").read_text("utf-8"))
    yield from (rule["expr"] for group in rules["groups"] for rule in group["rules"])
    board = json.loads((DEPLOY / "grafana/ringback.json").read_text("utf-8"))
    yield from (target["expr"] for panel in board["panels"] for target in panel["targets"])
