"""Whoever opens a desk in the demo has a call, somebody who calls in and a text in two minutes."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from leads.callbacks import callback_offers, completion
from leads.calls import conference_news, inbound, inbound_news, offers, parties, progress
from leads.commands import demo_data
from leads.config.settings import PhoneKind, Settings
from leads.database.transactions import reader, transaction
from leads.free_text.danger import DangerKind
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.dispositions import Disposition
from leads.models.enums import LIVE_ATTEMPT, CallbackState, LegStatus
from leads.models.inbound import InboundCall
from leads.models.requests import Lead, OutgoingText, Submission, TextMessage
from leads.people import availability, presence
from notifications import rehearsal_phone, rehearsal_texts
from notifications.call_relay import CallRelay
from notifications.rehearsal_phone import RehearsalPhone
from notifications.rehearsal_texts import RehearsalTexts
from notifications.rehearsed_welcome import HELD_PEOPLE, REPLY, RehearsedWelcome
from notifications.text_relay import TextRelay
from notifications.worker import Worker
from tests.conftest import NOW
from tests.support.people import (
    a_callback,
    a_lead,
    a_source,
    accept_and_dial,
    an_advisor,
    of_advisor,
    of_lead,
)
from tests.support.running_desk import eventually
from tests.support.sent_forms import rows

pytestmark = pytest.mark.usefixtures("database")


TWO_MINUTES = timedelta(minutes=2)
SECOND = timedelta(seconds=1)
CALLED, CALLED_IN = "called", "called in"


def test_whoever_looks_for_a_colleague_in_the_first_two_minutes_finds_one() -> None:
    demo_data.fill_demo_database(now=NOW)
    with transaction() as session:
        waiting = session.exec(select(Callback).where(Callback.state == CallbackState.WAITING))
        called = [one for one in waiting if not one.is_held and one.due_at <= NOW + TWO_MINUTES]
        free = availability.list_available_advisors(session, now=NOW)
    assert 0 < len(called) < len(free) == len(demo_data.ADVISORS)


class Demo:
    """A demo's database with one colleague on duty by phone, a guest, and the time."""

    def __init__(self, source: str = demo_data.SOURCE, *, now: datetime = NOW) -> None:
        self.began_at = self.now = now
        self.met: list[str] = []
        with transaction() as session:
            a_source(session).name = source
            self.colleague = an_advisor(session).id
            self.guest = an_advisor(session).id
        self.starts_the_colleagues_shift()
        self.welcome = RehearsedWelcome(self._call_in, now=lambda: self.now)
        self.callers = 0

    def _call_in(self, *, waits: bool = False) -> None:
        self.callers += 1
        self.last_waits = waits
        with transaction() as session:
            inbound.receive_call(
                session, f"CA-in-{self.callers}", f"+1607555010{self.callers}", "", now=self.now
            )

    def starts_the_colleagues_shift(self) -> None:
        with transaction() as session:
            colleague = session.get_one(Advisor, self.colleague)
            until = self.now + timedelta(hours=1)
            presence.put_on_duty(session, colleague, until=until, now=self.now)

    def ends_the_colleagues_shift(self) -> None:
        with transaction() as session:
            colleague = session.get_one(Advisor, self.colleague)
            presence.take_off_duty(session, colleague, now=self.now)

    def opens_desk(self) -> None:
        with transaction() as session:
            guest = session.get_one(Advisor, self.guest)
            presence.set_advisor_available(session, guest, now=self.now)

    def goes_on(self, seconds: int = 1) -> None:
        """Let the clock of the demo and its scheduler run."""
        for _ in range(seconds):
            self.now += SECOND
            self.welcome.welcome_guests()
            with transaction() as session:
                callback_offers.offer_due_callbacks(session, 5, now=self.now)
            with transaction() as session:
                presence.record_presence_heartbeat(session, self.guest, now=self.now)

    def rung_for(self, advisor: int | None = None) -> CallAttempt | None:
        """Return the call for which somebody's phone rings: the guest's, if nobody is named."""
        ringing = select(CallAttempt).where(
            CallAttempt.advisor_id == (advisor or self.guest),
            col(CallAttempt.state).in_(LIVE_ATTEMPT),
        )
        with reader() as session:
            return session.exec(ringing).first()

    def talks(self, advisor: int | None = None) -> None:
        """Let whoever is rung be connected, talk for ten seconds, and hang up."""
        with transaction() as session:
            attempt = session.get_one(CallAttempt, self.rung_for(advisor).id)
            is_guest = attempt.advisor_id == self.guest
            if attempt.inbound_call_id:
                self._answer_caller(session, attempt)
            else:
                accept_and_dial(session, attempt, now=self.now)
                answered = of_lead(attempt, LegStatus.IN_PROGRESS)
                progress.apply_leg_report(session, answered, now=self.now)
            if is_guest:
                self.met.append(CALLED_IN if attempt.inbound_call_id else CALLED)
        self.goes_on(10)
        with transaction() as session:
            attempt = session.get_one(CallAttempt, attempt.id)
            if attempt.inbound_call_id:
                call = session.get_one(InboundCall, attempt.inbound_call_id)
                inbound_news.apply_call_report(
                    session, call.provider_call_id, LegStatus.COMPLETED, now=self.now
                )
            else:
                ended = of_lead(attempt, LegStatus.COMPLETED)
                progress.apply_leg_report(session, ended, now=self.now)
            hung_up = of_advisor(attempt, LegStatus.COMPLETED)
            progress.apply_leg_report(session, hung_up, now=self.now)

    def _answer_caller(self, session: Session, attempt: CallAttempt) -> None:
        call = session.get_one(InboundCall, attempt.inbound_call_id)
        offers.advisor_accepted(session, attempt.id, f"CA-advisor-{attempt.id}", now=self.now)
        inbound.keep_waiting(session, call.id, now=self.now)
        conference_news.note_participant(session, attempt.id, call.provider_call_id, now=self.now)

    def ends_the_call_while_it_rings(self) -> None:
        with transaction() as session:
            attempt = session.get_one(CallAttempt, self.rung_for().id)
            accept_and_dial(session, attempt, now=self.now)
            guest = session.get_one(Advisor, self.guest)
            parties.end_call(session, attempt, guest, now=self.now)
            for end in (of_lead(attempt, LegStatus.CANCELED), of_advisor(attempt, COMPLETED)):
                progress.apply_leg_report(session, end, now=self.now)

    def finishes(self, disposition: Disposition = Disposition.HELPED) -> None:
        with transaction() as session:
            callback, by = self._wrapped_up(session), f"advisor:{self.guest}"
            completion.complete_callback(session, callback, disposition, actor=by, now=self.now)

    def agrees_on_another_call(self) -> None:
        with transaction() as session:
            guest, at = session.get_one(Advisor, self.guest), self.now + timedelta(hours=2)
            completion.reschedule_callback(
                session, self._wrapped_up(session), guest, due_at=at, now=self.now
            )

    def _wrapped_up(self, session: Session) -> Callback:
        return session.exec(
            select(Callback).where(
                Callback.state == CallbackState.WRAP_UP, Callback.advisor_id == self.guest
            )
        ).one()

    def meets_next(self) -> None:
        """Be rung, talk and finish."""
        self.goes_on()
        self.talks()
        self.finishes()

    @property
    def took(self) -> timedelta:
        return self.now - self.began_at


COMPLETED = LegStatus.COMPLETED


def somebody_was_helped(*, danger: DangerKind | None) -> None:
    with transaction() as session:
        lead = a_lead(session, state="closed", name="In danger" if danger else "Rosa Diaz")
        a_callback(session, lead, state="completed", disposition=Disposition.HELPED, danger=danger)


def waiting_texts() -> list[str]:
    return [one.body for one in rows(TextMessage) if one.waits]


@pytest.mark.parametrize(
    "now",
    [NOW, datetime(2026, 3, 3, 8, 0, tzinfo=UTC), datetime(2026, 3, 8, 4, 30, tzinfo=UTC)],
    ids=["by day", "at three in the morning", "on a Saturday night"],
)
def test_a_guest_is_rung_for_a_form_a_caller_and_a_form_at_any_hour(now: datetime) -> None:
    demo = Demo(now=now)
    demo.goes_on()
    assert rows(Submission) == []  # nobody writes while no desk is open

    demo.opens_desk()
    demo.meets_next()
    assert [one.name for one in rows(Lead)] == [HELD_PEOPLE[0]["name"]]
    demo.goes_on()
    assert waiting_texts() == [REPLY]
    demo.talks()
    demo.finishes()
    demo.meets_next()
    assert demo.met == [CALLED, CALLED_IN, CALLED]
    assert [one.name for one in rows(Lead)][::2] == [one["name"] for one in HELD_PEOPLE]
    assert demo.took < TWO_MINUTES

    demo.goes_on(60)
    assert (demo.callers, len(rows(Submission))) == (1, 2)  # it is over
    assert waiting_texts() == [REPLY]


def test_nobody_else_is_offered_who_is_held_and_nobody_goes_before_them() -> None:
    demo = Demo()
    with transaction() as session:
        a_callback(session, danger=DangerKind.SELF)
    demo.opens_desk()
    demo.goes_on()
    with reader() as session:
        attempt = demo.rung_for()
        assert session.get_one(Callback, attempt.callback_id).danger is None
    assert demo.rung_for(demo.colleague)


def test_whoever_ends_the_first_call_while_it_rings_gets_all_the_same() -> None:
    demo = Demo()
    demo.opens_desk()
    demo.goes_on()
    demo.ends_the_call_while_it_rings()
    demo.goes_on()
    demo.talks(demo.colleague)  # the first person, at once
    with transaction() as session:
        theirs = session.exec(select(Callback).order_by(col(Callback.id))).first()
        done = {"actor": f"advisor:{demo.colleague}", "now": demo.now}
        completion.complete_callback(session, theirs, Disposition.HELPED, **done)
    demo.goes_on()
    assert waiting_texts() == [REPLY]
    demo.talks()
    demo.finishes()
    demo.meets_next()
    assert demo.met == [CALLED, CALLED_IN]
    assert demo.took < TWO_MINUTES


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("is_helped_before", [True, False])
def test_whoever_leaves_the_outcome_open_still_gets_a_text(*, is_helped_before: bool) -> None:
    demo = Demo()
    if is_helped_before:
        somebody_was_helped(danger=None)
        somebody_was_helped(danger=DangerKind.SELF)
    demo.opens_desk()
    demo.goes_on()
    demo.talks()
    demo.goes_on(80)
    assert waiting_texts() == ([REPLY] if is_helped_before else [])
    names = {one.id: one.name for one in rows(Lead)}
    writers = [names[one.lead_id] for one in rows(TextMessage)]
    assert writers == ["Rosa Diaz" if is_helped_before else HELD_PEOPLE[0]["name"]]
    assert demo.callers == 0
    demo.finishes()
    demo.meets_next()
    assert demo.met == [CALLED, CALLED_IN]
    assert demo.took < TWO_MINUTES


def test_a_text_is_on_the_list_though_another_call_was_agreed_on() -> None:
    demo = Demo()
    somebody_was_helped(danger=None)
    demo.opens_desk()
    demo.goes_on()
    demo.talks()
    demo.agrees_on_another_call()
    demo.meets_next()
    demo.meets_next()
    demo.goes_on(60)
    assert (demo.met, waiting_texts()) == ([CALLED, CALLED_IN, CALLED], [REPLY])


def test_somebody_calls_in_again_where_a_colleague_has_answered() -> None:
    demo = Demo()
    demo.opens_desk()
    demo.meets_next()
    demo.ends_the_colleagues_shift()
    demo.goes_on()
    with transaction() as session:
        attempt = session.get_one(CallAttempt, demo.rung_for().id)
        offers.advisor_declined_offer(session, attempt.id, "their phone", now=demo.now)
    demo.starts_the_colleagues_shift()
    demo.goes_on(20)
    assert demo.rung_for(demo.colleague)
    assert demo.rung_for().inbound_call_id
    assert demo.callers == 2


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


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whoever_is_held_answers_and_writes_nothing_by_chance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They would be called again for "please call me", and what they text then is on no list."""
    monkeypatch.setattr(rehearsal_phone, "LEAD_ENDS", {LegStatus.NO_ANSWER: 1})
    monkeypatch.setattr(rehearsal_texts, "REPLIES", {"please call me": 1})
    monkeypatch.setattr(rehearsal_texts, "SHARE_TO_LANDLINES", 0)
    with transaction() as session:
        a_source(session).name = demo_data.SOURCE
        guest = an_advisor(session)
        presence.set_advisor_available(session, guest, now=real_time())
    texts = TextRelay(RehearsalTexts(now=real_time, pace=0.0), now=real_time)
    relay = CallRelay(RehearsalPhone(now=real_time, pace=0.02), ring_seconds=20, now=real_time)
    worker = Worker(Settings(phone=PhoneKind.REHEARSAL), relay, texts, now=real_time)
    worker.start()
    try:
        eventually(lambda: finish_what_ended(guest.id) and waiting_texts())
        eventually(lambda: finish_what_ended(guest.id) and len(rows(Submission)) == 2, within=30)
        eventually(lambda: finish_what_ended(guest.id) == 3)
    finally:
        worker.stop()
    for played in threading.enumerate():
        if played.name == "rehearsal":
            played.join()
    assert [one.body for one in rows(TextMessage)] == [REPLY]
    assert {one.status for one in rows(OutgoingText)} <= {"delivered"}
    assert "lead_no_answer" not in [one.result for one in rows(CallAttempt)]


def finish_what_ended(guest_id: int) -> int:
    """Say that everybody was helped with whom the guest talked; returns with how many so far."""
    with transaction() as session:
        by = {"actor": f"advisor:{guest_id}", "now": real_time()}
        wrapped = select(Callback).where(Callback.state == CallbackState.WRAP_UP)
        for callback in session.exec(wrapped).all():
            completion.complete_callback(session, callback, Disposition.HELPED, **by)
        return len(
            session.exec(
                select(CallAttempt.id).where(col(CallAttempt.answered_at).is_not(None))
            ).all()
        )


def real_time() -> datetime:
    return datetime.now(UTC)
