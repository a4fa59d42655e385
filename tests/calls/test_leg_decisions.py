"""No lead is dialed, and no words for a machine are shown, without the gate's leave just then."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from leads.callbacks import callback_offers, opt_out, voicemail
from leads.calls import conference_news, offers
from leads.contact_rules.gate import GateMoment
from leads.contact_rules.gate_rules import ContactChannel
from leads.database.transactions import reader, transaction
from leads.i18n.messages import own_words
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, GateDecision
from leads.models.enums import AnsweredBy, Party
from leads.models.requests import Consent
from leads.outbox.call_orders import CallOrder
from leads.people import presence
from notifications.call_relay import CallRelay
from tests.support.people import DAY, a_callback, a_lead, a_submission, an_advisor

AREAS = {"NY": "315", "CA": "213", "AK": "907", "HI": "808", "TN": "615", "PR": "787", "": "800"}
STOPS = ("never", "before the offer", "before the key", "before the dial")
DENIALS = ("never", "before the machine", "while it plays")  # by somebody else at the number
HALF_HOUR = timedelta(minutes=30)
YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Person:
    """Somebody, where they are, what they said, and when which step of their call is taken."""

    region: str
    area: str
    safe_to_call: bool | None
    safe_to_voicemail: bool | None
    granted: bool | None
    best_time: str
    any_hour: bool
    at: datetime
    waits: tuple[timedelta, timedelta, timedelta, timedelta]
    stops: str
    denies: str


@dataclass
class KeptPhone:
    """A phone network that does what it is asked, and keeps whom it dialed."""

    dialed: list[CallOrder] = field(default_factory=list)

    def place_call(self, order: CallOrder) -> str:
        return f"CA-advisor-{order.attempt_id}"

    def dial_leg(self, order: CallOrder) -> str:
        self.dialed.append(order)
        return f"CA-{order.attempt_id}-{order.id}"

    def __getattr__(self, name: str) -> Any:
        return lambda *_order: None


minutes = st.integers(0, 40).map(lambda number: timedelta(minutes=number))
days = st.integers(0, 364)
halves = st.sampled_from([*range(48), *range(28, 48)])  # of an hour; rather by day in America
persons = st.builds(
    Person,
    region=st.sampled_from(["NY", "NY", *AREAS]),
    area=st.sampled_from(["315", "315", *AREAS.values()]),
    safe_to_call=st.sampled_from([None, None, True, False]),
    safe_to_voicemail=st.sampled_from([None, True, True, True, False]),
    granted=st.sampled_from([None, True, True, False]),
    best_time=st.sampled_from(["", "", "evenings", "after 6 pm", "mornings"]),
    any_hour=st.booleans(),
    at=st.builds(lambda day, half: YEAR + day * DAY + half * HALF_HOUR, days, halves),
    waits=st.tuples(minutes, minutes, minutes, minutes),
    stops=st.sampled_from(["never", "never", *STOPS]),
    denies=st.sampled_from(["never", "never", *DENIALS]),
)


@pytest.mark.parametrize(
    "database",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)],
    indirect=True,
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(person=persons)
# where they are
def test_no_lead_is_dialed_without_a_decision_of_that_instant(
    database: str,
    person: Person,
) -> None:
    phone = KeptPhone()
    number, advisor_id = _ask_for_a_call(person)
    at = person.at
    _say_stop(person, number, "before the offer", at)
    with transaction() as session:
        attempt = callback_offers.offer_next_callback(session, now=at)
        attempt_id = attempt.id if attempt else ""
    _carry_out(phone, at)
    at += person.waits[0]
    with transaction() as session:
        offers.advisor_answered(session, attempt_id, f"CA-advisor-{attempt_id}", now=at)
    at += person.waits[1]
    _say_stop(person, number, "before the key", at)
    with transaction() as session:
        offers.advisor_accepted(session, attempt_id, f"CA-advisor-{attempt_id}", now=at)
    at += person.waits[2]
    _say_stop(person, number, "before the dial", at)
    _carry_out(phone, at)
    for order in phone.dialed:
        _require_decision(order, person, number, at)
        _let_a_machine_answer(order, person, number, at)
    _forget(number, advisor_id, at)


def _ask_for_a_call(person: Person) -> tuple[str, int]:
    with transaction() as session:
        advisor = an_advisor(session)
        number = f"+1{person.area}555{advisor.id % 10000:04d}"
        wishes = {"region": person.region, "best_time": person.best_time}
        safe = {
            "safe_to_call": person.safe_to_call,
            "safe_to_voicemail": person.safe_to_voicemail,
        }
        lead = a_lead(session, number, **wishes, **safe)
        said = {"granted": person.granted, "given_at": person.at}
        submission = a_submission(session, received_at=person.at)
        session.add(Consent(submission_id=submission.id, lead_id=lead.id, phone=number, **said))
        asked = {"received_at": person.at, "promised_at": person.at, "due_at": person.at}
        a_callback(session, lead, any_hour=person.any_hour, **asked)
        presence.put_on_duty(session, advisor, until=person.at + DAY, now=person.at)
        return number, advisor.id


def _say_stop(person: Person, number: str, moment: str, at: datetime) -> None:
    if person.stops == moment:
        with transaction() as session:
            opt_out.stop_contact(session, number, reason=own_words("STOP"), actor="test", now=at)


def _carry_out(phone: KeptPhone, at: datetime) -> None:
    """Carry out what is due, and what is due after that."""
    kept: Any = phone
    for _ in range(2):
        relay = CallRelay(kept, ring_seconds=20, now=lambda: at)
        relay.settle_and_dispatch()
        relay.close()


def _require_decision(order: CallOrder, person: Person, number: str, at: datetime) -> None:
    assert order.leg
    assert (order.leg.party, order.number) == (Party.LEAD, number)
    with reader() as session:
        decisions = session.exec(
            select(GateDecision)
            .where(
                GateDecision.attempt_id == order.attempt_id,
                GateDecision.moment == GateMoment.RELAY,
                GateDecision.channel == ContactChannel.CALL,
                GateDecision.asked_at == at,
            )
            .order_by(col(GateDecision.id))
        )
        assert [decision.allowed for decision in decisions][-1:] == [True]
        attempt = session.get_one(CallAttempt, order.attempt_id)
        assert (attempt.phone, attempt.rung_at) == (number, at)
    assert person.stops not in STOPS[1:]
    assert person.safe_to_call is not False
    assert person.granted is not False


def _let_a_machine_answer(order: CallOrder, person: Person, number: str, at: datetime) -> None:
    """A machine answers and plays; whenever words are shown, the gate allowed a message then."""
    _deny_messages(person, number, "before the machine")
    with transaction() as session:
        call_id = f"CA-{order.attempt_id}-{order.id}"
        conference_news.note_answered_by(
            session, order.attempt_id, call_id, AnsweredBy.MACHINE, now=at
        )
    _require_decision_of_words(order, person, at, is_denied=person.denies == DENIALS[1])
    at += person.waits[3]
    _deny_messages(person, number, "while it plays")
    _require_decision_of_words(order, person, at, is_denied=person.denies in DENIALS[1:])


def _deny_messages(person: Person, number: str, moment: str) -> None:
    if person.denies == moment:
        with transaction() as session:
            a_lead(session, number, nth_at_number=2, safe_to_voicemail=False)


def _require_decision_of_words(
    order: CallOrder, person: Person, at: datetime, *, is_denied: bool
) -> None:
    with reader() as session:
        attempt = session.get_one(CallAttempt, order.attempt_id)
        callback = session.get_one(Callback, attempt.callback_id)
        advice = voicemail.read_voicemail_advice(session, attempt, callback, "Ann", now=at)
        decisions = session.exec(
            select(GateDecision.allowed).where(
                GateDecision.attempt_id == order.attempt_id,
                GateDecision.moment == GateMoment.MACHINE,
                GateDecision.channel == ContactChannel.VOICEMAIL,
            )
        ).all()
    assert advice is not None
    assert bool(advice.words) == advice.is_allowed
    if not advice.words:
        return
    assert decisions == [True]
    assert (person.safe_to_voicemail, is_denied) == (True, False)
    is_new_york = (person.region, person.area) == ("NY", "315")
    if is_new_york and not person.any_hour:
        assert 8 <= at.astimezone(ZoneInfo("America/New_York")).hour < 21


def _forget(number: str, advisor_id: int, at: datetime) -> None:
    """Leave nothing for the next example to be offered."""
    with transaction() as session:
        opt_out.stop_contact(session, number, reason=own_words("over"), actor="test", now=at)
        presence.take_off_duty(session, session.get_one(Advisor, advisor_id), now=at)
