"""Supervisors are told over real wires.

Once, encrypted, and nothing about anybody who asked for help.
"""

from __future__ import annotations

import functools
import http.server
import json
import re
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urldefrag

import pytest
from sqlmodel import Session, select
from starlette.applications import Starlette
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from leads.alerting import escalation, on_call
from leads.config.settings import load_settings
from leads.database.transactions import reader, transaction
from leads.errors import BadConfiguration, TelephonyError
from leads.models.advisors import Advisor, OnCall
from leads.models.enums import NoticeMethod
from leads.models.outbox import Outbox
from leads.models.shifts import WeeklyShift
from leads.models.watching import Alert, SchedulerHeartbeat
from leads.outbox import supervisor_notices
from leads.outbox.retry_schedule import NOTICE_RETRIES
from leads.outbox.supervisor_notices import NoticeReader
from notifications.apprise_channel import AppriseChannel
from notifications.email import SmtpMailer
from notifications.letter import Letter, Send
from notifications.messages import alert_call_twiml, trial_message
from notifications.notice_delivery import NoticeCourier
from notifications.twilio import webhooks as voice
from tests.conftest import NOW
from tests.support.mail_server import HOST, PASSWORD, Mailbox, running_mailbox
from tests.support.pagers import URL, pager
from tests.support.people import MINUTE, a_callback, a_lead, a_supervisor
from tests.support.running_desk import eventually, running_desk
from tests.support.twilio_double import CALLER_ID, SID, TOKEN, TwilioDouble

SENTENCE = "Harbor Line: callbacks more than 3 minutes overdue: 1."


@pytest.fixture
def mailbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with running_mailbox(folder=tmp_path) as mailbox:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        yield mailbox


class Desk:
    """Somebody has waited for five minutes, and one supervisor is to be told in some way."""

    def __init__(self, way: NoticeMethod, send: Send) -> None:
        self.at, self.way, self.send = NOW + 15 * MINUTE, way, send
        with transaction() as session:
            a_callback(
                session,
                a_lead(session, "+13155550142", name="Jordan Reyes", email="jordan@example.org"),
            )
            self.boss = a_supervisor(session)
            for minutes in (3, 5, 15):
                escalation.evaluate_alerts(session, ways={way}, now=NOW + minutes * MINUTE)

    def delivers(self, at: datetime | None = None) -> Outbox:
        self.at = at or self.at
        NoticeCourier(
            {self.way: self.send}, public_url=URL, now=lambda: self.at
        ).deliver_due_notices()
        with reader() as session:
            return session.exec(select(Outbox)).one()


pytestmark = pytest.mark.usefixtures("database")


def test_an_e_mail_is_encrypted_says_what_is_wrong_and_names_nobody(mailbox: Mailbox) -> None:
    desk = Desk(NoticeMethod.EMAIL, SmtpMailer(mailbox.smtp()).send)
    assert desk.delivers().state == desk.delivers().state == "sent"
    [message], [text] = mailbox.messages, mailbox.texts()
    assert (mailbox.recipients, mailbox.were_encrypted) == ([desk.boss.email], [True])
    assert message["Subject"].strip() == f"Ringback: {SENTENCE}"
    assert message["From"] == "desk@example.org"
    assert message["Auto-Submitted"] == "auto-generated"
    assert f"{URL}/work" in text
    assert "Since March 3, 2026, 5:00\u00a0PM\u00a0UTC." in text
    assert not re.search(r"Jordan|Reyes|jordan@|315\W{0,2}55", message.as_string())


@pytest.mark.parametrize("address", ["sam@", "a@[b", "sam@x.org\nBcc: all@x.org"])
def test_a_letter_to_what_is_no_address_is_a_failure_of_its_own(
    mailbox: Mailbox, address: str
) -> None:
    letter = Letter(1, NoticeMethod.EMAIL, address, "", NOW, trial_message(), brief="")
    with pytest.raises(TelephonyError, match="No e-mail can be sent to this address") as failure:
        SmtpMailer(mailbox.smtp()).send(letter)
    assert failure.value.permanent
    assert mailbox.messages == []


def test_an_alert_is_told_in_the_language_of_the_supervisors_screens(mailbox: Mailbox) -> None:
    desk = Desk(NoticeMethod.EMAIL, SmtpMailer(mailbox.smtp()).send)
    with transaction() as session:
        session.get_one(Advisor, desk.boss.id).language = "es"
    assert desk.delivers().state == "sent"
    [message], [text] = mailbox.messages, mailbox.texts()
    assert "de atraso: 1." in message["Subject"]
    assert "Desde el 3 de marzo de 2026, a las 5:00\u00a0p.m.\u00a0UTC. Atiéndala" in text
    assert 'language="es-US"' in alert_call_twiml(action="/", language="es")
    assert "Marque 1" in alert_call_twiml(action="/", language="es")


def test_an_alert_is_told_by_the_clock_of_its_reader(mailbox: Mailbox) -> None:
    desk = Desk(NoticeMethod.EMAIL, SmtpMailer(mailbox.smtp()).send)
    with transaction() as session:
        boss = session.get_one(Advisor, desk.boss.id)
        hours = {"days": "mon", "begins": "18:00", "ends": "08:00", "zone": "America/Los_Angeles"}
        on_call.add_on_call_shift(session, boss, **hours, actor=boss, now=NOW)
    assert desk.delivers().state == "sent"
    assert "Since March 3, 2026, 9:00\u00a0AM\u00a0PST." in mailbox.texts()[0]


def test_the_clock_of_a_notice_is_that_of_the_reader_then_of_the_shifts(session: Session) -> None:
    boss, other = a_supervisor(session), a_supervisor(session)
    boss.language = "es"
    read = functools.partial(supervisor_notices.find_notice_reader, session)
    assert read(boss.phone, zone="America/Denver") == NoticeReader("es", "America/Denver")
    assert (read(""), read("ops@example.org")) == 2 * (NoticeReader("en", "UTC"),)
    hours = {"begins": "09:00", "ends": "17:00"}
    session.add(WeeklyShift(advisor_id=other.id, weekday=0, zone="America/Chicago", **hours))
    session.add(OnCall(advisor_id=other.id, days=[0], zone="Pacific/Honolulu", **hours))
    assert read(boss.email) == NoticeReader("es", "America/Chicago")
    assert read(other.email, zone="UTC") == NoticeReader("en", "Pacific/Honolulu")


def test_an_e_mail_that_was_put_off_comes_later_under_the_same_id(mailbox: Mailbox) -> None:
    desk = Desk(NoticeMethod.EMAIL, SmtpMailer(mailbox.smtp()).send)
    mailbox.faults = ["451 later"]
    notice = desk.delivers()
    assert (notice.state, notice.problem) == ("pending", "The mail server rejected it (451).")
    assert desk.delivers(notice.due_at).state == "sent"
    [message] = mailbox.messages
    assert (
        message["Message-ID"]
        == f"<notice-{notice.id}-{int(notice.created_at.timestamp())}@example.org>"
    )


def test_an_e_mail_that_is_refused_for_good_is_heard_of_on_the_screens(mailbox: Mailbox) -> None:
    desk = Desk(NoticeMethod.EMAIL, SmtpMailer(mailbox.smtp()).send)
    mailbox.faults = ["554 never"]
    assert desk.delivers().state == "failed"
    with reader() as session:
        assert [shown.kind for shown in escalation.list_current_alerts(session, now=desk.at)] == [
            "overdue",
            "untold",
        ]


def test_a_password_is_never_sent_to_a_server_that_does_not_encrypt() -> None:
    with running_mailbox(encrypted=False) as mailbox:
        letter_of = Desk(NoticeMethod.EMAIL, SmtpMailer(mailbox.smtp()).send)
        assert (
            letter_of.delivers().problem
            == "The mail server does not support encryption or sign-in: see SMTP_SECURITY."
        )
        assert mailbox.messages == []


def test_a_server_with_another_ones_certificate_gets_nothing(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    desk = Desk(NoticeMethod.EMAIL, SmtpMailer(mailbox.smtp()).send)
    assert desk.delivers().state == "pending"
    assert mailbox.messages == []


def test_a_mail_server_that_is_away_is_tried_again_and_then_given_up() -> None:
    desk = Desk(NoticeMethod.EMAIL, SmtpMailer(Mailbox().smtp(port=9)).send)
    for _ in NOTICE_RETRIES.waits:
        notice = desk.delivers()
        assert (notice.state, notice.problem) == (
            "pending",
            "The mail server could not be reached, or the connection was lost.",
        )
        desk.at = notice.due_at
    assert desk.delivers().state == "failed"


def test_a_text_says_it_in_brief_from_the_helplines_number(twilio: TwilioDouble) -> None:
    desk = Desk(NoticeMethod.TEXT, pager(twilio).send_text)
    assert desk.delivers().state == desk.delivers().state == "sent"
    words = {"To": desk.boss.phone, "From": CALLER_ID, "Body": f"Ringback: {SENTENCE} {URL}/work"}
    assert twilio.texts == [words]


def test_a_call_says_that_the_desk_needs_a_look_and_nothing_else(twilio: TwilioDouble) -> None:
    desk = Desk(NoticeMethod.CALL, pager(twilio).ring_supervisor)
    assert desk.delivers().state == desk.delivers().state == "sent"
    [call] = twilio.calls
    assert (call.to, call.asked("From")) == (desk.boss.phone, CALLER_ID)
    assert "The callback desk has an alert." in call.asked("Twiml")
    assert "Harbor" not in call.asked("Twiml")


def test_whoever_is_rung_says_by_key_that_they_look_into_it(twilio: TwilioDouble) -> None:
    desk = Desk(NoticeMethod.CALL, pager(twilio).ring_supervisor)
    desk.delivers()
    [call] = twilio.calls
    action = urldefrag(ET.fromstring(call.asked("Twiml")).find("Gather").attrib["action"]).url
    account = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN, "PUBLIC_URL": URL}
    phone = TestClient(
        Starlette(routes=voice.twilio_webhook_routes(load_settings(account), now=lambda: desk.at))
    )

    def presses(digits: str, token: str = TOKEN) -> str:
        told = {"CallSid": call.sid, "To": call.to, "Digits": digits}
        signature = RequestValidator(token).compute_signature(action, told)
        return phone.post(
            action.removeprefix(URL), data=told, headers={"X-Twilio-Signature": signature}
        ).text

    assert "signature is not Twilio's" in presses("1", token="f" * 32)
    assert action in presses("5")
    assert presses("5").count("Press 1") == 2
    assert acknowledged_by() == [None]
    assert "The alert is acknowledged" in presses("1")
    assert "The alert is acknowledged" in presses("1"), "Twilio may ask twice"
    assert acknowledged_by() == [desk.boss.id]

    # Nobody else is sent for, and who comes too late is told so.
    with transaction() as session:
        other = a_supervisor(session)
        escalation.evaluate_alerts(session, ways=set(NoticeMethod), now=desk.at + MINUTE)
        session.exec(select(Outbox)).one().payload = {"address": other.phone}
    assert "someone else already acknowledged it" in presses("1")
    with transaction() as session:
        session.exec(select(Outbox)).one().payload = {"address": "+13155559999"}  # nobody's
    assert "someone else" in presses("1")
    assert acknowledged_by() == [desk.boss.id]


def acknowledged_by() -> list[int | None]:
    with reader() as session:
        return list(session.exec(select(Alert.acknowledged_by)))


@pytest.mark.parametrize("fault", ["500", "cut", "cut-created", "hang"])
@pytest.mark.parametrize("way", [NoticeMethod.TEXT, NoticeMethod.CALL])
def test_what_may_have_gone_out_is_never_repeated(
    twilio: TwilioDouble, way: NoticeMethod, fault: str
) -> None:
    twilio.faults = [fault]
    phone = pager(twilio)
    desk = Desk(way, phone.ring_supervisor if way is NoticeMethod.CALL else phone.send_text)
    assert desk.delivers().state == "unknown"
    assert desk.delivers(NOW + 60 * MINUTE).state == "unknown"
    assert len(twilio.texts) + len(twilio.calls) == (fault == "cut-created")


def test_what_surely_did_not_go_out_is_repeated(twilio: TwilioDouble) -> None:
    desk = Desk(NoticeMethod.CALL, pager(twilio).ring_supervisor)
    twilio.faults = ["429", "503"]
    for _ in range(2):
        notice = desk.delivers()
        assert notice.state == "pending"
        desk.at = notice.due_at
    assert desk.delivers().state == "sent"
    assert len(twilio.calls) == 1


def test_a_process_that_died_while_sending_repeats_an_e_mail_and_no_call() -> None:
    for way, after in ((NoticeMethod.EMAIL, "sending"), (NoticeMethod.CALL, "unknown")):
        with transaction() as session:
            alert = Alert(kind="overdue", about=way, sentence="", since=NOW, opened_at=NOW)
            session.add(alert)
            session.flush()
            supervisor_notices.enqueue_alert_notice(session, alert, way, "somebody", now=NOW)
            assert (
                len(supervisor_notices.take_due_notices(session, 1, ways=NoticeMethod, now=NOW))
                == 1
            )
        with transaction() as session:
            assert (
                supervisor_notices.take_due_notices(session, 1, ways=NoticeMethod, now=NOW + MINUTE)
                == []
            )
            supervisor_notices.take_due_notices(session, 1, ways=NoticeMethod, now=NOW + 3 * MINUTE)
            assert (
                session.exec(select(Outbox.state).where(Outbox.kind == f"{way}_notice")).one()
                == after
            )


def test_a_channel_of_apprise_gets_the_same_words() -> None:
    with a_web_service() as (url, posted):
        desk = Desk(NoticeMethod.CHANNEL, AppriseChannel([url]).send)
        assert desk.delivers().state == desk.delivers().state == "sent"
    [message] = posted
    assert message["title"] == f"Ringback: {SENTENCE}"
    assert f"{URL}/work" in message["message"]
    assert "Jordan" not in str(message)


def test_an_address_that_apprise_does_not_know_stops_the_start() -> None:
    with pytest.raises(BadConfiguration, match="ALERT_URLS"):
        AppriseChannel(["json://localhost", "pigeon://roof"])


def test_a_web_process_tells_that_the_scheduler_is_silent(database: str, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with transaction() as session:
        boss = a_supervisor(session)
        session.add(SchedulerHeartbeat(id=1, at=now - 10 * MINUTE))
        told = {"sentence": "", "since": now, "opened_at": now - 3 * MINUTE}
        session.add(Alert(kind="scheduler", **told))
    with running_mailbox(encrypted=False, folder=tmp_path) as mailbox:
        mail = {"SMTP_HOST": HOST, "SMTP_PORT": str(mailbox.port), "SMTP_SECURITY": "none"}
        with running_desk(database, ROLE="web", SMTP_FROM="desk@example.org", **mail) as desk:
            eventually(lambda: mailbox.messages, "nobody was told")
            assert desk.stop() is not None
    assert mailbox.recipients == [boss.email]
    assert "The scheduler is not responding, and no one is being called." in mailbox.texts()[0]


def test_secrets_of_the_ways_are_not_shown() -> None:
    assert PASSWORD not in repr(Mailbox().smtp())


@contextmanager
def a_web_service() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Somebody's service that takes JSON."""
    posted: list[dict[str, str]] = []

    class Take(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Take) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"json://127.0.0.1:{server.server_port}", posted
        server.shutdown()
        thread.join()
