"""An advisor reads and answers texts at the desk and in a file, and the network delivers them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from leads.callbacks import queue
from leads.database.transactions import transaction
from leads.messaging import inbound_texts
from leads.models.advisors import Advisor
from leads.models.enums import AdvisorRole, Presence, TextTemplateKey
from leads.models.helplines import Brand
from tests.support.people import a_callback, a_lead, a_number_by_day, a_source
from tests.support.running_desk import Desk, add_advisor, eventually
from tests.support.streamlit_page import dashboard_of, labeled, open_page, press, texts_on
from tests.support.twilio_double import CALLER_ID, TwilioDouble


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_advisor_answers_a_text_and_sees_it_arrive(
    desk: Desk, twilio: TwilioDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        brand = session.get_one(Brand, a_source(session).brand_id)
        brand.caller_id = CALLER_ID
        number = a_number_by_day(session)
        lead = a_lead(session, phone=number, name="Mary Poe", safe_to_text=True)
        lead_id = lead.id
        a_callback(session, lead, received_at=now, promised_at=now, due_at=now)
        words = {"message_id": "SM-1", "now": now - timedelta(minutes=3)}
        inbound_texts.receive_text_message(session, number, "are you still there", **words)
        boss_id = add_advisor(session, 1, now=now, role=AdvisorRole.SUPERVISOR).id
    with transaction() as session:
        claim_next(session, now=datetime.now(UTC))
    page = dashboard_of(boss_id, monkeypatch)
    for told in ("are you still there", "1 unanswered"):
        assert told in texts_on(page)

    labeled(page, "Reply by text").set_value(TextTemplateKey.CALL_SOON).run()
    assert "We will call you soon from (315) 555-0199." in texts_on(page)
    press(page, "Send this text")
    text = twilio.wait_for_text()
    assert (text.order["To"], text.order["From"]) == (number, CALLER_ID)
    assert "unanswered" not in texts_on(page.run())
    twilio.text_moves(text, "delivered")
    eventually(lambda: "Text delivered" in texts_on(page.run()))
    twilio.receives_text(number, "do you speak Polish")
    eventually(lambda: "do you speak Polish" in texts_on(page.run()))

    open_page(page, "lead_file", lead=lead_id)
    for words_of_hers, answer, left in (
        ("Hello Mary", "leave out names", "Hello Mary"),
        ("Yes, one of us does.", "Sending the text.", ""),
    ):
        labeled(page, "Or write your own").set_value(words_of_hers)
        press(page, "Send")
        assert answer in texts_on(page)
        assert labeled(page, "Or write your own").value == left


def claim_next(session: Session, *, now: datetime) -> None:
    advisor = session.exec(select(Advisor).where(Advisor.role == AdvisorRole.SUPERVISOR)).one()
    advisor.presence = Presence.AWAY  # nobody is rung
    claimed = queue.claim_next_callback(session, advisor, now=now)
    assert claimed is not None
