"""A text and something else at the same moment: nobody is left on a call, and no news is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import Session, select

from leads.calls import attempt_steps, offers
from leads.database.transactions import reader, transaction
from leads.errors import LostRace
from leads.messaging import inbound_texts, outgoing_texts, text_delivery
from leads.messaging.text_delivery import TextReport
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import (
    LIVE_ATTEMPT,
    CallbackState,
    OutboxKind,
    OutboxState,
    TextStatus,
    TextTemplateKey,
)
from leads.models.outbox import Outbox
from leads.models.requests import OutgoingText
from tests.conftest import NOW
from tests.support.people import NUMBER, a_call, a_callback, a_lead, a_supervisor, held_for
from tests.support.races import at_once, somebody_waits
from tests.support.running_desk import eventually


@pytest.mark.parametrize("said", ["wrong number", "no calls, text me"])
def test_the_key_and_the_text_leave_no_call_and_a_held_callback(
    database: str,
    said: str,
) -> None:
    with transaction() as session:
        attempt_id = a_call(session, a_callback(session, a_lead(session, phone=NUMBER))).id
        attempt_steps.mark_call_placed(session, session.get_one(CallAttempt, attempt_id), now=NOW)

    def act(number: int) -> None:
        if number:
            _deliver_until_taken(said)
        else:
            with transaction() as session:
                offers.advisor_accepted(session, attempt_id, "CA1", now=NOW)

    [accepted, delivered] = at_once(2, act)
    assert delivered is None
    assert accepted is None or isinstance(accepted, LostRace)
    with reader() as session:
        _require_silence(session)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_news_of_a_text_that_comes_with_the_answer_is_not_lost(
    database: str,
) -> None:
    with transaction() as session:
        callback = a_callback(session, a_lead(session, safe_to_text=True))
        key, sam = TextTemplateKey.CALL_SOON, a_supervisor(session)
        outgoing_texts.send_quick_answer(session, callback, key, sam, now=NOW)
    with transaction() as session:
        [order] = text_delivery.take_wanted_texts(session, 1, now=NOW)

    def record_answer() -> None:
        with transaction() as session:
            report = TextReport("SM", TextStatus.QUEUED)
            text_delivery.record_text_handed(session, order, report, now=NOW)

    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            session.get_one(OutgoingText, order.text_id, with_for_update=True)
            answer = pool.submit(record_answer)
            eventually(somebody_waits, "the answer does not wait for its text")
            report = TextReport("SM", TextStatus.SENT)
            text_delivery.apply_text_report(session, order.text_id, report, now=NOW)
        answer.result()
    with reader() as session:
        assert session.get_one(OutgoingText, order.text_id).status is TextStatus.SENT
        assert session.get_one(Outbox, order.id).state is OutboxState.SENT


def _deliver_until_taken(said: str) -> None:
    """Deliver a text as Twilio does: again, where we could not take it."""
    for _ in range(3):
        try:
            with transaction() as session:
                inbound_texts.receive_text_message(session, NUMBER, said, message_id="SM", now=NOW)
        except LostRace:
            continue
        return


def _require_silence(session: Session) -> None:
    callback = session.exec(select(Callback)).one()
    attempt = session.exec(select(CallAttempt)).one()
    assert (callback.state, callback.advisor_id) == (CallbackState.WAITING, None)
    assert held_for(callback)
    assert attempt.state not in LIVE_ATTEMPT
    orders = session.exec(select(Outbox.kind).where(Outbox.kind == OutboxKind.HANG_UP)).all()
    assert orders == [OutboxKind.HANG_UP]
