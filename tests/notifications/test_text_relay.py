"""Texts at the edge: what Twilio's answers mean, and one sending for each text whatever happens."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlmodel import col, select

from leads.config.settings import TwilioCredentials
from leads.database.transactions import reader, transaction
from leads.errors import FailureKind, TelephonyError
from leads.messaging import outgoing_texts
from leads.models.enums import TextFault, TextStatus, TextTemplateKey
from leads.models.outbox import Outbox
from leads.models.requests import OutgoingText
from leads.outbox.text_orders import TextOrder
from notifications.manual_phone import NoTexts
from notifications.rehearsal_texts import RehearsalTexts
from notifications.telephony import TextNetwork
from notifications.text_relay import TextRelay
from notifications.twilio.texts import TwilioTexts
from tests.conftest import NOW
from tests.support.people import MINUTE, a_callback, a_lead, a_supervisor
from tests.support.set_clock import SetClock
from tests.support.twilio_double import CALLER_ID, SID, TOKEN, TwilioDouble

ORDER = TextOrder(1, 7, "+13155550142", CALLER_ID, "We will call you soon.", NOW)
SECOND = timedelta(seconds=1)


def texts(twilio: TwilioDouble) -> TwilioTexts:
    account = TwilioCredentials(SID, (TOKEN,), twilio.url)
    timeout = twilio.client_timeout()
    return TwilioTexts(account, public_url="https://desk.example.org", timeout=timeout)


@pytest.mark.parametrize(
    ("fault", "permanent", "unknown", "named"),
    [
        ("429", False, False, ""),
        ("503", False, False, ""),
        ("500", False, True, ""),
        ("cut", False, True, ""),
        ("hang", False, True, ""),
        ("refuse-21610", True, False, TextFault.STOPPED),
        ("refuse-21614", True, False, TextFault.LANDLINE),
        ("refuse-21211", True, False, TextFault.NO_SUCH_NUMBER),
        ("refuse-21606", True, False, TextFault.ACCOUNT),
        ("refuse-21611", False, False, TextFault.LOST),
        ("refuse-20003", False, False, TextFault.ACCOUNT),
    ],
)
def test_what_each_refusal_means(
    twilio: TwilioDouble, fault: str, *, permanent: bool, unknown: bool, named: str
) -> None:
    twilio.faults.append(fault)
    with pytest.raises(TelephonyError) as caught:
        texts(twilio).send_text(ORDER)
    error = caught.value
    assert (error.permanent, error.unknown) == (permanent, unknown)
    assert error.fault == named
    is_ours = named == TextFault.ACCOUNT
    assert (error.failure is FailureKind.CONFIGURATION) == is_ours


def test_a_text_is_found_by_its_number_and_words(twilio: TwilioDouble) -> None:
    network = texts(twilio)
    sent = network.send_text(ORDER)
    assert (sent.status, sent.parts) == (TextStatus.QUEUED, 1)
    assert twilio.texts[0]["StatusCallback"].startswith(
        "https://desk.example.org/hooks/sms/7/status#"
    )
    assert [one.message_id for one in network.find_texts(ORDER)] == [sent.message_id]
    other = TextOrder(2, 8, ORDER.number, CALLER_ID, "When can we call?", NOW)
    assert network.find_texts(other) == []


@pytest.mark.parametrize("fault", ["500-created", "cut-created", "500", "429"])
def test_whatever_happens_one_text_goes_out_at_most(
    database: str,
    twilio: TwilioDouble,
    fault: str,
) -> None:
    clock = SetClock()
    twilio.faults.append(fault)
    relay = TextRelay(texts(twilio), now=clock)
    orders_one()
    for _ in range(40):
        relay.dispatch_due_texts()
        relay.close()
        relay = TextRelay(texts(twilio), now=clock)
        relay.search_lost_texts()
        clock.at += SECOND
    relay.close()
    went_out = fault != "500"
    assert len(twilio.messages) == int(went_out)
    with reader() as session:
        text = session.exec(select(OutgoingText)).one()
        state = session.exec(select(Outbox.state).where(Outbox.kind == "send_text")).one()
    assert (text.status, state) == (("queued", "sent") if went_out else ("unknown", "failed"))


def test_a_text_whose_news_was_lost_is_asked_about(
    database: str,
    twilio: TwilioDouble,
) -> None:
    clock, relay = hands_one_over(twilio)
    twilio.messages[0].status, twilio.messages[0].error_code = "undelivered", 30006
    relay.ask_about_unreported_texts()
    assert stands() == (TextStatus.QUEUED, None)
    clock.at += 6 * MINUTE
    twilio.faults.append("500")  # an outage is no answer
    relay.ask_about_unreported_texts()
    assert stands() == (TextStatus.QUEUED, None)
    clock.at += 6 * MINUTE
    relay.ask_about_unreported_texts()
    assert stands() == (TextStatus.UNDELIVERED, TextFault.LANDLINE)


def test_a_text_that_the_network_has_no_more_is_unknown(
    database: str,
    twilio: TwilioDouble,
) -> None:
    clock, relay = hands_one_over(twilio)
    twilio.messages.clear()
    clock.at += 6 * MINUTE
    relay.ask_about_unreported_texts()
    assert stands() == (TextStatus.UNKNOWN, None)


def stands() -> tuple[TextStatus, TextFault | None]:
    with reader() as session:
        return session.exec(select(OutgoingText.status, OutgoingText.fault)).one()


@pytest.mark.parametrize(
    ("network", "statuses"),
    [
        (NoTexts(), {TextStatus.FAILED}),
        (RehearsalTexts(now=lambda: NOW, pace=0.0), {TextStatus.DELIVERED, TextStatus.UNDELIVERED}),
    ],
)
def test_without_an_account_a_text_is_refused_or_rehearsed(
    database: str,
    network: TextNetwork,
    statuses: set[TextStatus],
) -> None:
    orders_one()
    relay = TextRelay(network, now=lambda: NOW)
    relay.dispatch_due_texts()
    relay.close()

    for played in threading.enumerate():
        if played.name == "rehearsal":
            played.join()
    with reader() as session:
        first = select(OutgoingText.status).order_by(col(OutgoingText.id)).limit(1)
        stands = session.exec(first).one()  # whoever replies in the rehearsal may be answered
    assert stands in statuses


def hands_one_over(twilio: TwilioDouble) -> tuple[SetClock, TextRelay]:
    """A text that the network has, and nothing told of it since."""
    clock = SetClock()
    relay = TextRelay(texts(twilio), now=clock)
    orders_one()
    relay.dispatch_due_texts()
    relay.close()
    return clock, relay


def orders_one() -> None:
    with transaction() as session:
        callback = a_callback(session, a_lead(session, safe_to_text=True))
        key, sam = TextTemplateKey.CALL_SOON, a_supervisor(session)
        outgoing_texts.send_quick_answer(session, callback, key, sam, now=NOW)
