"""Supervisors set on a page when they are told and who is on call, and try out the messages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, select

from leads.alerting import escalation, escalation_settings, on_call
from leads.database.transactions import reader, transaction
from leads.errors import BadConfiguration, NotAllowed
from leads.models.advisors import OnCall
from leads.models.enums import AdvisorRole, AlertKind, NoticeMethod, OutboxKind, OutboxState
from leads.models.helplines import Brand
from leads.models.outbox import Outbox
from leads.outbox import call_orders, supervisor_notices
from notifications.notice_delivery import NoticeCourier
from notifications.twilio.pager import TwilioPager
from tests.conftest import NOW
from tests.support.chromium import problems_of, sign_in
from tests.support.mail_server import HOST, running_mailbox
from tests.support.pagers import URL, pager
from tests.support.people import MINUTE, a_live_call, a_source, a_supervisor, an_advisor
from tests.support.running_desk import running_desk
from tests.support.twilio_double import CALLER_ID, TwilioDouble


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_supervisor_sets_alerts_up_and_tries_them(
    database: str, page: Page, tmp_path: Path
) -> None:
    with transaction() as session:
        a_source(session)
        call_orders.enqueue_call_orders(
            session, OutboxKind.PLACE_CALL, a_live_call(session, "requested"), now=NOW
        )
        call_orders.take_due_orders(session, now=NOW)  # by a process that is gone
    with running_mailbox(encrypted=False, folder=tmp_path) as mailbox:
        mail = {"SMTP_HOST": HOST, "SMTP_PORT": str(mailbox.port), "SMTP_SECURITY": "none"}
        with running_desk(database, ROLE="web", SMTP_FROM="desk@example.org", **mail) as desk:
            sign_in(page, desk, AdvisorRole.SUPERVISOR, at="alerts")
            doubt = page.get_by_role("table").first.get_by_role("row").last
            expect(doubt).to_contain_text("Call to an advisor")
            expect(doubt).to_contain_text("Looks for the call")
            page.get_by_label("Text and e-mail, minutes").fill("12")
            page.get_by_role("button", name="Save").click()
            expect(page.get_by_text("Saved.")).to_be_visible()
            page.get_by_label("Call, minutes").fill("7")
            page.get_by_role("button", name="Save").click()
            expect(page.get_by_text("each step later than the one before")).to_be_visible()

            page.reload()
            expect(
                page.get_by_text("Not set up: ALERT_URLS is empty.")
            ).to_be_visible()  # the last thing on the page
            page.get_by_text("Add hours").click()
            assert (
                page.evaluate("document.querySelector(`details[open]`).getAnimations().length") == 0
            )  # reduced motion
            expect(page.get_by_label("Supervisor")).to_be_visible()
            page.get_by_role("button", name="Add", exact=True).click()
            expect(
                page.get_by_text("Mon, Tue, Wed, Thu, Fri, 6:00 PM to 8:00 AM (New York time)")
            ).to_be_visible()
            assert problems_of(page) == []

            expect(page.get_by_text("Not set up: a Twilio account is needed.")).to_have_count(2)
            page.get_by_role("button", name="Send me a test message").click()
            expect(page.get_by_text("Check that it arrived.")).to_be_visible()
            page.get_by_role("button", name="Remove").click()
            expect(page.get_by_text("6:00 PM to 8:00 AM")).to_be_hidden()
    assert mailbox.recipients == ["advisor1@example.org"]
    assert mailbox.messages[0]["Subject"].strip() == "Ringback: a test message"
    with reader() as session:
        assert session.exec(select(Brand.messages_after, Brand.call_after)).one() == (12, 15)
        assert session.exec(select(OnCall)).all() == []


@pytest.mark.parametrize("way", [NoticeMethod.TEXT, NoticeMethod.CALL])
def test_a_test_goes_to_whoever_asks_and_raises_no_alert(
    database: str,
    twilio: TwilioDouble,
    way: NoticeMethod,
) -> None:
    with transaction() as session:
        a_source(session)
        boss = a_supervisor(session)
        supervisor_notices.enqueue_test_notice(session, boss, way, now=NOW)
        supervisor_notices.enqueue_test_notice(session, boss, way, now=NOW + MINUTE)
    phone: TwilioPager = pager(twilio)
    twilio.faults = ["", "refuse-21211"]
    courier = NoticeCourier(
        {way: {NoticeMethod.TEXT: phone.send_text, NoticeMethod.CALL: phone.ring_supervisor}[way]},
        public_url=URL,
        now=lambda: NOW + MINUTE,
    )
    courier.deliver_due_notices()
    told = [one.asked("Twiml") for one in twilio.calls] or [text["Body"] for text in twilio.texts]
    assert len(told) == 1
    assert "This is a test from the callback desk." in told[0]
    assert "Press 1" not in told[0]
    with reader() as session:
        lately = supervisor_notices.recent_notices(session, now=NOW + MINUTE)
        assert {(one.is_test, one.way, one.name, one.kind) for one in lately} == {
            (True, way, boss.name, None)
        }
        assert {(one.state, one.problem) for one in lately} == {
            (OutboxState.SENT, ""),
            (OutboxState.FAILED, "Twilio rejected it (error 21211)."),
        }
        assert AlertKind.UNTOLD not in [
            one.kind for one in escalation.list_current_alerts(session, now=NOW + 2 * MINUTE)
        ]
        numbers = {one.asked("From") for one in twilio.calls} | {
            text["From"] for text in twilio.texts
        }
        assert numbers == {CALLER_ID}


def test_only_supervisors_change_alerts(session: Session) -> None:
    a_source(session)
    boss, advisor = a_supervisor(session), an_advisor(session)
    hours = {"days": "mon", "begins": "09:00", "ends": "17:00", "zone": "UTC", "now": NOW}
    shift = on_call.add_on_call_shift(session, boss, actor=boss, **hours)
    assert (
        on_call.add_on_call_shift(session, boss, actor=boss, **hours).id == shift.id
    )  # pressed twice
    for refused in (
        lambda: on_call.add_on_call_shift(session, boss, actor=advisor, **hours),
        lambda: on_call.remove_on_call_shift(session, shift.id, advisor, now=NOW),
        lambda: escalation_settings.set_escalation_steps(
            session, "Harbor Line", call=30, actor=advisor
        ),
        lambda: supervisor_notices.enqueue_test_notice(
            session, advisor, NoticeMethod.EMAIL, now=NOW
        ),
    ):
        with pytest.raises(NotAllowed):
            refused()
    boss.phone = ""
    with pytest.raises(BadConfiguration, match="no phone number"):
        supervisor_notices.enqueue_test_notice(session, boss, NoticeMethod.CALL, now=NOW)
    on_call.remove_on_call_shift(session, shift.id, boss, now=NOW)
    assert on_call.list_on_call_shifts(session) == []
    assert session.exec(select(Outbox)).all() == []
