"""Unreported texts: asked about ever more rarely, a few at a time, and never sent again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads.messaging import text_delivery, unreported_texts
from leads.messaging.text_delivery import TextReport
from leads.messaging.unreported_texts import MOST_ASKED
from leads.models.enums import TextFault, TextStatus, TextTemplateKey
from leads.models.requests import OutgoingText
from tests.conftest import NOW
from tests.support.people import HOUR, MINUTE, a_callback, a_lead

QUEUED = TextReport("SM1", TextStatus.QUEUED)
SENT = TextReport("SM1", TextStatus.SENT)


def handed(session: Session, news: TextReport = QUEUED) -> OutgoingText:
    callback = a_callback(session, a_lead(session, phone="+13155550142"))
    text = OutgoingText(
        lead_id=callback.lead_id,
        callback_id=callback.id,
        brand_id=callback.brand_id,
        phone="+13155550142",
        template=TextTemplateKey.THANKS,
        body="Thank you.",
        ordered_by="system",
        ordered_at=NOW,
        handed_at=NOW,
        status_at=NOW,
    )
    session.add(text)
    session.flush()
    text_delivery.apply_text_report(session, text.id, news, now=NOW)
    return text


def ask(session: Session, answer: TextReport | None, *, now: datetime) -> int:
    asked = unreported_texts.take_unreported_texts(session, now=now)
    for one in asked:
        unreported_texts.record_text_answer(session, one, answer, now=now)
    return len(asked)


def test_it_is_asked_about_after_twice_the_time_each_and_not_for_ever(session: Session) -> None:
    text = handed(session)
    looks = [minute for minute in range(24 * 60) if ask(session, QUEUED, now=NOW + minute * MINUTE)]
    assert looks == [5, 10, 20, 40, 80, 160, 320]
    assert (text.status, text.ask_at) == (TextStatus.QUEUED, None)


def test_an_outage_of_the_network_loses_nothing(session: Session) -> None:
    handed(session)
    for _ in range(3):  # taken, and no answer came
        now = NOW + timedelta(days=1)
        assert len(unreported_texts.take_unreported_texts(session, now=now)) <= 1
    assert ask(session, SENT, now=NOW + 49 * HOUR) == 1
    assert ask(session, SENT, now=NOW + 999 * HOUR) == 0


def test_what_is_over_is_not_asked_about(session: Session) -> None:
    text = handed(session, SENT)
    text_delivery.apply_text_report(
        session, text.id, TextReport("SM1", TextStatus.DELIVERED), now=NOW
    )
    assert ask(session, None, now=NOW + HOUR) == 0
    assert text.status == TextStatus.DELIVERED


def test_that_it_was_sent_stays_true_when_the_network_forgets_it(session: Session) -> None:
    text = handed(session, SENT)
    assert ask(session, None, now=NOW + HOUR) == 1
    assert (text.status, text.ask_at) == (TextStatus.SENT, None)


def test_late_news_of_a_loss_sends_nothing_stale_again(session: Session) -> None:
    text = handed(session)
    lost = TextReport(
        "SM1", TextStatus.UNDELIVERED, error_code=30003, fault=TextFault.PHONE_OFF, may_retry=True
    )
    assert ask(session, lost, now=NOW + 2 * HOUR) == 1
    assert text.status == TextStatus.UNDELIVERED
    again = select(OutgoingText.id).where(col(OutgoingText.retry_of_id).is_not(None))
    assert session.exec(again).all() == []


def test_few_are_asked_about_at_once(session: Session) -> None:
    first = handed(session)
    for number in range(MOST_ASKED + 5):
        row = first.model_dump(exclude={"id"}) | {"message_id": f"SM-{number}"}
        session.add(OutgoingText.model_validate(row))
    session.flush()
    counts = [len(unreported_texts.take_unreported_texts(session, now=NOW + HOUR)) for _ in "123"]
    assert counts == [MOST_ASKED, 6, 0]
