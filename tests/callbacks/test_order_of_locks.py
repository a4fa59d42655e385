"""Who locks a callback and its lead: the callback first, and several callbacks by their ids."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session, col, select

from leads.callbacks import opt_out
from leads.contact_rules import suppression
from leads.database.transactions import reader, transaction
from leads.forms.request import FormRequest
from leads.i18n.messages import Message, MessageKey
from leads.intake import review_reasons
from leads.messaging import waiting_texts
from leads.models.calls import Callback
from leads.models.enums import CallbackState, LeadState, SubmissionState, TextMeaning
from leads.models.requests import Lead, Submission, TextMessage
from tests.conftest import NOW
from tests.support.people import NUMBER, a_callback, a_lead, a_source, a_supervisor

PATIENCE = 20.0
STOP = Message(MessageKey.STOP_BY_TEXT)
# SQLite has one writer and no locks of rows
pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def test_a_stop_meets_a_late_callback_before_it_keeps_the_lead(
    database: str,
) -> None:
    with transaction() as session:
        lead_id = a_lead(session, phone=NUMBER).id
        a_source(session)
    late: list[Future[None]] = []
    with ThreadPoolExecutor(1) as others, transaction() as session:

        def end_late_call() -> None:
            has_callback = Event()
            late.append(others.submit(_lock_callback_then_lead, lead_id, has_callback))
            assert has_callback.wait(PATIENCE)

        _once_around_lead_lock(session, lambda: _promise(lead_id), end_late_call)
        opt_out.stop_contact(session, NUMBER, reason=STOP, actor="network", now=NOW)
    assert late[0].result(PATIENCE) is None
    with reader() as session:
        assert session.get_one(Lead, lead_id).state == LeadState.SUPPRESSED
        assert [one.state for one in session.exec(select(Callback))] == [CallbackState.CANCELLED]


def test_a_callback_that_is_asked_about_again_is_locked_with_those_before_it(
    database: str,
) -> None:
    with transaction() as session:
        first = a_callback(session, a_lead(session, phone=NUMBER)).id
        second = a_callback(session, a_lead(session, phone=NUMBER, nth_at_number=2)).id
    earlier = Submission(callback_id=second, content_sha256="1", reading={"phone": NUMBER})
    again = Submission(content_sha256="2", state=SubmissionState.RECEIVED)
    with transaction() as session, transaction() as other:
        request = FormRequest(phone=NUMBER)
        assert not review_reasons.find_late_change_reason(session, again, request, earlier)
        free = select(Callback.id).where(col(Callback.id) == first)
        assert other.exec(free.with_for_update(skip_locked=True)).all() == []


def test_a_call_that_a_text_asks_for_locks_callbacks_before_leads(
    database: str,
) -> None:
    with transaction() as session:
        stopped = a_lead(session, phone=NUMBER, state=LeadState.SUPPRESSED)
        suppression.suppress_number(session, NUMBER, reason=STOP, actor="network", now=NOW)
        a_callback(session, a_lead(session, phone=NUMBER, nth_at_number=2))
        text = TextMessage(
            phone=NUMBER,
            message_id="SM1",
            body="call me",
            meaning=TextMeaning.CALL,
            received_at=NOW,
            waits=True,
            lead_id=stopped.id,
        )
        session.add(text)
        session.flush()
        locked = _tables_locked(session)
        waiting_texts.promise_call_for_text(session, text, a_supervisor(session), seen=(), now=NOW)
        assert locked.index("callback") < locked.index("lead")


def _promise(lead_id: int) -> None:
    with transaction() as session:
        a_callback(session, session.get_one(Lead, lead_id))


def _lock_callback_then_lead(lead_id: int, has_callback: Event) -> None:
    """Do as whoever ends the last call of a lead: the callback first, and then the lead."""
    with transaction() as session:
        session.exec(select(Callback).where(Callback.lead_id == lead_id).with_for_update()).one()
        has_callback.set()
        session.get_one(Lead, lead_id, with_for_update=True)


def _once_around_lead_lock(
    session: Session, before: Callable[[], None], after: Callable[[], None]
) -> None:
    """Let others act right before and after a session locks a lead for the first time."""
    steps = {"before_cursor_execute": before, "after_cursor_execute": after}
    for moment, act in tuple(steps.items()):

        def meanwhile(*told: Any, moment: str = moment, act: Callable[[], None] = act) -> None:
            if _locked_table(told[2]) == "lead" and steps.pop(moment, None):
                act()

        event.listen(session.connection(), moment, meanwhile)


def _tables_locked(session: Session) -> list[str]:
    """Return the tables of which a session locks rows from now on, in order."""
    locked: list[str] = []

    def note(*told: Any) -> None:
        if table := _locked_table(told[2]):
            locked.append(table)

    event.listen(session.connection(), "before_cursor_execute", note)
    return locked


def _locked_table(statement: str) -> str:
    return statement.split("FROM ")[1].split(maxsplit=1)[0] if "FOR UPDATE" in statement else ""
