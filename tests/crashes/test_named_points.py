"""A process dies at each named point of a request's way, and what it began is still kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from leads.database.transactions import transaction
from leads.models.calls import CallAttempt
from leads.models.enums import OutboxState
from leads.models.outbox import Outbox
from tests.support.dying import DIE_AT
from tests.support.killed_desks import Installation, People, installation
from tests.support.running_desk import eventually
from tests.support.twilio_simulator import Phone

POINTS = {
    "after the raw commit": "leads.intake.raw_inbox:store_arrivals after 1",
    "between the take of an offer's order and its request": (
        "notifications.call_relay:CallRelay._send_order before 1"
    ),
    "between the request and the settling of an offer": (
        "notifications.call_relay:CallRelay._send_order after 1"
    ),
    "between the take of the order to dial them and its request": (
        "notifications.call_relay:CallRelay._send_order before 2"
    ),
    "between the request and the settling of the order to dial them": (
        "notifications.call_relay:CallRelay._send_order after 2"
    ),
    "inside the webhook of a key": "leads.calls.offers:advisor_accepted after 1",
    "inside the webhook of a leg": "leads.calls.progress:apply_leg_report after 4",
    "inside the webhook of a conference": "leads.calls.conference_news:note_participant after 1",
    "while its advisor is offered": "leads.outbox.orders:put_orders after 1",
    "while it is admitted": "leads.intake.processing:_admission_candidate_of after 1",
}
DIALED = "between the request and the settling of the order to dial them"
ALWAYS = ("after the raw commit", DIALED, "inside the webhook of a key")
AGES = timedelta(seconds=40)  # longer than anybody waits for whoever was sending


@pytest.mark.parametrize(
    "point",
    [pytest.param(name, marks=() if name in ALWAYS else pytest.mark.soak) for name in POINTS],
)
def test_what_a_process_had_begun_that_died_is_kept(database: str, point: str) -> None:
    settings = {DIE_AT: POINTS[point]}
    with installation(database, people=1, advisors=2, **settings) as desks:
        desks.twilio.phones["+12122000000"] = Phone(ring=0.3, talk=12.5, is_lead=True)
        with People(desks.webhook, senders=1, most=1) as people:
            let_it_die(desks)
            looked = desks.come_to_rest(people)
        assert looked.broken == []
        assert looked.figures["forms"] == 1
        assert looked.figures["conversations"] + looked.figures["lost calls, said so"] >= 1


def let_it_die(desks: Installation) -> None:
    """Wait until the process is dead, and start it again when what it had in hand is over."""
    [desk] = desks.desks
    process = desk.process
    eventually(lambda: not process.is_alive(), "it never came to the point", within=60)
    desks.kills += 1
    del desk.environment[DIE_AT]
    let_time_pass()
    desk.start()


def let_time_pass() -> None:
    """Let what was in hand be as old as if nobody had started the process for a while."""
    with transaction() as session:
        for row in session.exec(select(Outbox).where(Outbox.state == OutboxState.SENDING)):
            row.taken_until -= AGES
        for attempt in session.exec(select(CallAttempt)):
            attempt.heard_at -= AGES
