"""A text thread over real HTTP: what goes out, what comes back, and what not."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.messaging import outgoing_texts
from leads.models.calls import Callback, GateDecision
from leads.models.enums import AdvisorRole, TextTemplateKey
from leads.models.outbox import Outbox
from leads.models.requests import OutgoingText, Suppression
from tests.support.people import a_number_by_day
from tests.support.random_ids import without_random_ids
from tests.support.running_desk import Desk, add_advisor, eventually
from tests.support.twilio_double import CALLER_ID, Text, TwilioDouble

FORM = {
    "name": "Jordan Reyes",
    "message": "I want to stop drinking.",
    "consent": "true",
    "consent_text": "Call or text me.",
    "safe_to_text": "yes",
}


def test_a_thread_from_the_confirmation_to_the_stop(desk: Desk, twilio: TwilioDouble) -> None:
    webhook, number = opens_by_day(desk)

    # The request is confirmed, in words that give nothing away, under an address that has our id.
    asks(desk, webhook, number)
    first = twilio.wait_for_text()
    assert (first.order["To"], first.order["From"]) == (number, CALLER_ID)
    assert first.order["Body"] == (
        "We got your request and will call you from (315) 555-0199. "
        "Reply STOP to get no more texts."
    )
    assert "/hooks/sms/1/status" in first.order["StatusCallback"]

    # News of it comes twice and out of order; news of nothing that we know changes nothing.
    elsewhere = first.order["StatusCallback"].replace("/sms/1/", "/sms/999/")
    twilio.text_moves(Text("SM-other", first.order | {"StatusCallback": elsewhere}), "failed")
    twilio.text_moves(first, "delivered", times=2)
    twilio.text_moves(first, "sent")
    assert thread() == [("confirmation", "delivered")]

    # A picture is refused once, a text that asks for a call moves the callback up.
    twilio.receives_text(number, "look at this", NumMedia="2", MediaUrl0="https://example.org/1")
    assert "cannot open pictures" in twilio.wait_for_text(2).order["Body"]
    twilio.receives_text(number, "call me please", NumMedia="1")
    with reader() as session:
        assert session.exec(select(Callback.asked_again)).one() == 1

    # An advisor's answer whose outcome is unknown is found again, and never sent twice.
    twilio.faults.append("500-created")
    sends_quick_answer()
    eventually(lambda: thread()[-1] == ("call_soon", "queued"))
    assert len(twilio.messages) == 3

    # STOP counts at once. The network confirms it; we say nothing, and nothing goes out any more.
    twilio.receives_text(number, "STOP", OptOutType="STOP")
    asks(desk, webhook, number)
    assert desk.command("status")["limbo"] == 0
    assert len(twilio.messages) == 3
    assert every_text_was_allowed()
    told = [text["Body"] + text["StatusCallback"].partition("/hooks/")[2] for text in twilio.texts]
    journal = without_random_ids(" ".join(told))
    assert not re.search(r"jordan|reyes|drink|helpline|harbor|5678", journal, re.IGNORECASE)
    assert "Traceback" not in desk.printed()
    assert number[3:] not in desk.printed()


def test_a_stop_that_only_the_network_knows_closes_texts(desk: Desk, twilio: TwilioDouble) -> None:
    webhook, number = opens_by_day(desk)
    twilio.stopped.add((number, CALLER_ID))
    asks(desk, webhook, number)
    eventually(lambda: thread() == [("confirmation", "failed")])
    with reader() as session:
        text = session.exec(select(OutgoingText)).one()
        assert (text.fault, text.error_code) == ("stopped", 21610)
        assert text.handed_at is None
        assert session.exec(select(Suppression.channel)).one() == "text"
        assert (
            session.exec(select(Outbox.state).where(Outbox.kind == "send_text")).one() == "failed"
        )


def test_what_did_not_arrive_is_sent_once_more_and_not_to_a_landline(
    desk: Desk, twilio: TwilioDouble
) -> None:
    asks(desk, *opens_by_day(desk))
    text: Text = twilio.wait_for_text()
    twilio.text_moves(text, "undelivered", error_code=30003, times=2)
    with reader() as session:
        again = session.exec(select(OutgoingText).where(OutgoingText.retry_of_id == 1)).one()
        assert (again.body, again.status) == (text.order["Body"], "ordered")
    with transaction() as session:
        due = session.exec(select(Outbox).where(Outbox.key == f"text:{again.id}")).one()
        due.due_at = datetime.now(UTC)
    second = twilio.wait_for_text(2)
    twilio.text_moves(second, "undelivered", error_code=30006)
    assert thread() == [("confirmation", "undelivered"), ("confirmation", "undelivered")]
    with reader() as session:
        callback = session.exec(select(Callback)).one()
        refusal = outgoing_texts.may_text_now(session, callback, now=datetime.now(UTC))
        assert refusal == "This number cannot receive texts."


def asks(desk: Desk, webhook: str, number: str, name: str = "Jordan Reyes") -> None:
    desk.http.post(webhook, json=FORM | {"phone": number, "name": name}).raise_for_status()


def opens_by_day(desk: Desk) -> tuple[str, str]:
    """A helpline that calls abroad, and a number where it is day now, whatever our clock says."""
    webhook = desk.opens()
    with transaction() as session:
        return webhook, a_number_by_day(session)


def sends_quick_answer() -> None:
    with transaction() as session:
        callback = session.exec(select(Callback)).one()
        key, now = TextTemplateKey.CALL_SOON, datetime.now(UTC)
        supervisor = add_advisor(session, 50, now=now, role=AdvisorRole.SUPERVISOR)
        outgoing_texts.send_quick_answer(session, callback, key, supervisor, now=now)


def thread() -> list[tuple[str, str]]:
    with reader() as session:
        sent = session.exec(select(OutgoingText).order_by(OutgoingText.id)).all()
        return [(text.template, text.status) for text in sent]


def every_text_was_allowed() -> bool:
    """Whether for each text that was handed over the gate allowed texts at that instant."""
    with reader() as session:
        allowed = set(
            session.exec(
                select(GateDecision.asked_at).where(
                    GateDecision.channel == "text",
                    GateDecision.moment == "relay",
                    GateDecision.allowed,
                )
            )
        )
        handed = session.exec(select(OutgoingText.handed_at)).all()
    return allowed.issuperset(at for at in handed if at)
