"""Supervisors set on a page when they are told and who is on call, and try out the messages."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import Session, select
from streamlit.testing.v1 import AppTest

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
from tests.support.mail_server import HOST, running_mailbox
from tests.support.pagers import URL, pager
from tests.support.people import MINUTE, a_live_call, a_source, a_supervisor, an_advisor
from tests.support.running_desk import add_advisor, eventually, running_desk
from tests.support.streamlit_page import dashboard_of, labeled, open_page, press, texts_on
from tests.support.twilio_double import CALLER_ID, TwilioDouble


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_supervisor_sets_alerts_up_and_tries_them(
    database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with transaction() as session:
        a_source(session)
        call_orders.enqueue_call_orders(
            session, OutboxKind.PLACE_CALL, a_live_call(session, "requested"), now=NOW
        )
        call_orders.take_due_orders(session, now=NOW)  # by a process that is gone
        boss_id = add_advisor(session, 1, now=NOW, role=AdvisorRole.SUPERVISOR).id
    with running_mailbox(encrypted=False, folder=tmp_path) as mailbox:
        mail = {"SMTP_HOST": HOST, "SMTP_PORT": str(mailbox.port), "SMTP_SECURITY": "none"}
        mail["SMTP_FROM"] = "desk@example.org"
        for name, value in mail.items():
            monkeypatch.setenv(name, value)
        with running_desk(database, ROLE="web", **mail):
            page = open_page(dashboard_of(boss_id, monkeypatch), "alert_settings")
            for told in ("Call to an advisor", "Looks for the call"):
                assert told in texts_on(page)
            sets_when_they_are_told_and_who_is_on_call(page)
            assert texts_on(page).count("Not set up: a Twilio account is needed.") == 2
            assert "Not set up: ALERT_URLS is empty." in texts_on(page)
            press(page, "Send me a test message")
            eventually(lambda: "Check that it arrived." in texts_on(page.run()))
        press(page, "Remove")
        assert "6:00 PM to 8:00 AM" not in texts_on(page)
    assert mailbox.recipients == ["advisor1@example.org"]
    assert mailbox.messages[0]["Subject"].strip() == "Ringback: a test message"
    with reader() as session:
        assert session.exec(select(Brand.messages_after, Brand.call_after)).one() == (12, 15)
        assert session.exec(select(OnCall)).all() == []


def sets_when_they_are_told_and_who_is_on_call(page: AppTest) -> None:
    labeled(page, "Text and e-mail, minutes").set_value(12)
    press(page, "Save")
    assert "Saved." in texts_on(page)
    labeled(page, "Call, minutes").set_value(7)
    press(page, "Save")
    assert "each step later than the one before" in texts_on(page)
    press(page, "Add")
    shift = "Mon, Tue, Wed, Thu, Fri, 6:00 PM to 8:00 AM (New York time)"
    assert shift in texts_on(page)


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
