"""Every morning and every Monday the figures come by e-mail.

The report's own, once, to whoever wants them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from leads.config.delivery_channels import DeliveryChannels, SmtpSecurity
from leads.config.settings import Settings
from leads.database.transactions import reader, transaction
from leads.errors import BadConfiguration, NotAllowed
from leads.helplines import brands_and_sources
from leads.i18n.readable_times import format_instant
from leads.intake.csv_import import from_file
from leads.models.enums import NoticeMethod
from leads.people import accounts
from leads.reporting import digest, service_report, terminal_report
from leads.reporting.service_report import ReportQuestion
from notifications.clock_jobs import desk_jobs
from notifications.email import SmtpMailer
from notifications.notice_delivery import NoticeCourier
from tests.support.history_files import THEN, a_csv, the_check_value
from tests.support.mail_server import Mailbox, plain, running_mailbox
from tests.support.people import DAY, HOUR, MINUTE, a_supervisor, an_advisor, notices

NEW_YORK = "America/New_York"
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with running_mailbox(encrypted=False) as mailbox:
        yield mailbox


def orders(channels: DeliveryChannels, at: datetime) -> list[tuple[str, str, str]]:
    """What has been ordered once two processes have looked."""
    for _ in range(2):
        with transaction() as session:
            digest.order_due_digests(session, channels=channels, now=at)
    with reader() as session:
        return [
            (notice.digest, notice.last_day.isoformat(), notice.address)
            for notice in notices(session)
        ]


def test_yesterdays_figures_come_in_the_morning_and_last_weeks_on_monday() -> None:
    channels = DeliveryChannels(
        digest_to=("ops@example.org",), digest_zone=NEW_YORK, digest_at=time(7)
    )
    sunday = datetime(
        2026, 3, 8, 10, 59, 59, tzinfo=UTC
    )  # a second to seven, the clocks having gone forward
    first = [
        ("daily", "2026-03-06", "ops@example.org"),
        ("weekly", "2026-03-01", "ops@example.org"),
    ]
    assert orders(channels, sunday) == first
    second = [*first, ("daily", "2026-03-07", "ops@example.org")]
    assert orders(channels, sunday + timedelta(seconds=1)) == second
    assert orders(channels, sunday + 23 * HOUR) == second
    third = [
        *second,
        ("daily", "2026-03-08", "ops@example.org"),
        ("weekly", "2026-03-08", "ops@example.org"),
    ]
    assert orders(channels, sunday + DAY + MINUTE) == third


def test_a_supervisor_chooses_what_to_get_and_gets_it_once() -> None:
    with transaction() as session:
        daily, weekly, nothing = a_supervisor(session), a_supervisor(session), a_supervisor(session)
        digest.choose_digests(session, daily, ["daily", "daily"], now=THEN)
        digest.choose_digests(session, weekly, ["weekly"], now=THEN)
        digest.choose_digests(session, nothing, [], now=THEN)
        with pytest.raises(NotAllowed):
            digest.choose_digests(session, an_advisor(session), ["daily"], now=THEN)
        with pytest.raises(BadConfiguration):
            digest.choose_digests(session, nothing, ["hourly"], now=THEN)
    channels = DeliveryChannels(digest_to=(daily.email,))
    assert [(word, address) for word, _, address in orders(channels, THEN)] == [
        ("daily", daily.email),
        ("weekly", daily.email),
        ("weekly", weekly.email),
    ]


def test_the_figures_are_those_of_the_report_with_what_they_mean(
    mailbox: Mailbox, tmp_path: Path
) -> None:
    path = tmp_path / "history.csv"
    path.write_bytes(a_csv(the_check_value()))
    from_file.import_csv_file(path, brand_name="", now=THEN)
    at = THEN.replace(hour=7) + DAY
    smtp = mailbox.smtp(SmtpSecurity.NONE)
    settings = Settings(
        public_url="https://desk.example.org",
        channels=DeliveryChannels(smtp, digest_to=("ops@example.org",)),
    )
    for _ in range(2):
        jobs = {job.name: job for job in desk_jobs(settings, now=lambda: at)}
        jobs["digests"].work()
        jobs["notices"].work()

    by_subject = {message["Subject"].strip(): message for message in mailbox.messages}
    assert set(by_subject) == {
        "Ringback: wait times, March 4, 2025",
        "Ringback: wait times, February 24, 2025 to March 2, 2025",
    }
    message = by_subject["Ringback: wait times, March 4, 2025"]
    text = plain(message)
    day = date(2025, 3, 4)
    with reader() as session:
        question = ReportQuestion(day, day, "UTC", digest.TARGET)
        period = service_report.read_period_figures(session, question, now=at)
    assert len(mailbox.messages) == 2
    assert terminal_report.render_period_figures(period) in text
    assert terminal_report.render_definitions() in text
    assert "https://desk.example.org/report" in text
    html = message.get_body(("html",)).get_content()
    for figure in ("0:09:00", "not reached", "hits 8, misses 11, pending 0", "Kaplan-Meier"):
        assert figure in html
    assert "555" not in text + html  # a boundary between parts may have any digits


def test_whoever_reads_spanish_gets_the_figures_in_spanish(mailbox: Mailbox) -> None:
    with transaction() as session:
        ana = a_supervisor(session)
        accounts.set_advisor_language(session, ana, "es")
        digest.choose_digests(session, ana, ["weekly"], now=THEN)
        for name in ("Open", "North"):
            brands_and_sources.add_brand(session, name, now=THEN)
        digest.order_due_digests(session, channels=DeliveryChannels(), now=THEN)
    smtp = mailbox.smtp(SmtpSecurity.NONE)
    NoticeCourier(
        {NoticeMethod.EMAIL: SmtpMailer(smtp).send}, public_url="http://x", now=lambda: THEN
    ).deliver_due_notices()
    (message,) = mailbox.messages
    html, text = message.get_body(("html",)).get_content(), plain(message)
    days = "24 de febrero de 2025 al 2 de marzo de 2025"
    assert "".join(message["Subject"].splitlines()).strip() == (
        f"Ringback: tiempos de espera, {days}"
    )
    assert f"Tiempos de espera, {days}" in html
    assert f"Solicitudes recibidas del {days}" in text
    as_of = format_instant(THEN, zone="UTC", language="es")
    assert f"<p>Datos al {as_of}.</p>" in html
    assert not re.search(r"\d{4}-\d\d", html + text)
    assert '<html lang="es">' in html
    assert ">Open</h2>" in html
    for english in (
        "received",
        "attempt",
        "reached",
        "nobody",
        "hits",
        "stood",
        "Open the",
        "All requests",
        "figures",
    ):
        assert english not in html + text


def test_several_helplines_have_a_part_each(mailbox: Mailbox) -> None:
    with transaction() as session:
        for name in ("Harbor & Line", "North"):
            brands_and_sources.add_brand(session, name, now=THEN)
        digest.order_due_digests(
            session, channels=DeliveryChannels(digest_to=("ops@example.org",)), now=THEN
        )
    smtp = mailbox.smtp(SmtpSecurity.NONE)
    NoticeCourier(
        {NoticeMethod.EMAIL: SmtpMailer(smtp).send}, public_url="http://x", now=lambda: THEN
    ).deliver_due_notices()
    html = mailbox.messages[0].get_body(("html",)).get_content()
    parts = [html.index(f">{name}</h2>") for name in ("All requests", "Harbor &amp; Line", "North")]
    assert parts == sorted(parts)
    assert mailbox.texts()[0].count(terminal_report.render_definitions()) == 1
