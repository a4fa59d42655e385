"""Whoever opens a desk in the demo is called before others: two forms, a caller and a text."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from leads.callbacks import completion, due_order
from leads.commands import demo_data
from leads.database.transactions import transaction
from leads.free_text.danger import DangerKind
from leads.intake import processing
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.dispositions import Disposition
from leads.models.enums import CallbackState
from leads.models.requests import Lead, Submission, TextMessage
from leads.people import availability, presence
from notifications.rehearsed_welcome import HELD_PEOPLE, REPLY, RehearsedWelcome
from tests.conftest import NOW
from tests.support.people import a_callback, a_conversation, a_source, an_advisor, on_duty
from tests.support.sent_forms import rows

pytestmark = pytest.mark.usefixtures("database")


TWO_MINUTES = timedelta(minutes=2)


def test_whoever_looks_for_a_colleague_in_the_first_two_minutes_finds_one() -> None:
    demo_data.fill_demo_database(now=NOW)
    with transaction() as session:
        waiting = session.exec(select(Callback).where(Callback.state == CallbackState.WAITING))
        called = [one for one in waiting if not one.is_held and one.due_at <= NOW + TWO_MINUTES]
        free = availability.list_available_advisors(session, now=NOW)
    assert 0 < len(called) < len(free) == len(demo_data.ADVISORS)


class Demo:
    """A demo's database with one colleague on duty by phone, a guest, and the time."""

    def __init__(self, source: str = demo_data.SOURCE) -> None:
        self.now, self.callers = NOW, 0
        with transaction() as session:
            a_source(session).name = source
            self.colleague = on_duty(session, idle_since=NOW - timedelta(hours=1)).id
            self.guest = an_advisor(session).id
        self.welcome = RehearsedWelcome(self._call_in, now=lambda: self.now)

    def _call_in(self, *, waits: bool = False) -> None:
        self.callers += 1
        self.last_waits = waits

    def ends_the_colleagues_shift(self) -> None:
        with transaction() as session:
            colleague = session.get_one(Advisor, self.colleague)
            colleague.on_duty_until = self.now
            session.add(colleague)

    def opens_desk(self) -> None:
        with transaction() as session:
            guest = session.get_one(Advisor, self.guest)
            presence.set_advisor_available(session, guest, now=self.now)

    def goes_on(self) -> None:
        self.now += timedelta(minutes=1)
        self.welcome.welcome_guests()
        processing.process_received_submissions(now=lambda: self.now)
        self.opens_desk()  # it still is

    def rings(self) -> bool:
        """Offer what is due; whether it is the guest's phone that rings, and they talk."""
        with transaction() as session:
            waiting = select(Callback).where(Callback.state == CallbackState.WAITING)
            first = session.exec(waiting.order_by(*due_order.offer_order())).first()
            attempt = a_conversation(session, first, now=self.now)
            return attempt.advisor_id == self.guest

    def finishes(self) -> None:
        with transaction() as session:
            wrapped = select(Callback).where(Callback.state == CallbackState.WRAP_UP)
            by = f"advisor:{self.guest}"
            end = Disposition.HELPED
            callback = session.exec(wrapped).one()
            completion.complete_callback(session, callback, end, actor=by, now=self.now)


def test_a_guest_is_rung_before_colleagues_by_a_form_a_caller_and_a_form() -> None:
    demo = Demo()
    demo.goes_on()
    assert rows(Submission) == []  # nobody writes while no desk is open

    demo.opens_desk()
    demo.goes_on()
    assert demo.rings()
    demo.goes_on()
    assert (demo.callers, rows(TextMessage)) == (0, [])  # they are in a call

    demo.finishes()
    demo.goes_on()
    [text] = rows(TextMessage)
    assert (demo.callers, text.body) == (1, REPLY)
    demo.goes_on()
    assert demo.callers == 1  # once, however long it takes to bring them together

    with transaction() as session:
        a_callback(session)  # of whoever called in
    assert demo.rings()
    demo.finishes()
    demo.goes_on()
    assert demo.rings()
    assert [lead.name for lead in rows(Lead)][::2] == [one["name"] for one in HELD_PEOPLE]

    demo.finishes()
    demo.goes_on()
    assert (demo.callers, len(rows(Submission))) == (1, 2)  # the visit is over


def test_a_text_comes_from_somebody_who_was_called_before() -> None:
    """Whoever waited longer, or is in danger, may be the first whom the guest talks to."""
    demo = Demo()
    with transaction() as session:
        a_callback(session, danger=DangerKind.SELF)
    demo.opens_desk()
    demo.goes_on()
    assert demo.rings()
    demo.finishes()
    demo.goes_on()
    assert (demo.callers, rows(TextMessage)) == (0, [])

    assert demo.rings()
    demo.finishes()
    demo.goes_on()
    assert (demo.callers, len(rows(TextMessage))) == (1, 1)


def test_nobody_writes_into_a_database_that_is_not_the_demos() -> None:
    demo = Demo(source="Site")
    demo.opens_desk()
    demo.goes_on()
    assert rows(Submission) == []


def test_no_stranger_calls_in_before_the_people_who_are_held_for_a_guest() -> None:
    demo = Demo()
    demo.welcome.let_a_stranger_call()
    assert (demo.callers, demo.last_waits) == (1, False)  # the colleague answers
    demo.opens_desk()
    demo.welcome.let_a_stranger_call()
    assert demo.callers == 1


def test_no_stranger_waits_for_the_first_guest_to_come() -> None:
    demo = Demo()
    demo.ends_the_colleagues_shift()
    demo.welcome.let_a_stranger_call()
    assert demo.callers == 0
