"""A helpline's own hours: they tighten what the law allows, and loosening takes two people."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlmodel import Session, select

from leads.contact_rules import gate
from leads.contact_rules.gate_rules import ContactChannel, RefusalReason
from leads.contact_rules.own_hours import OwnHours
from leads.database.transactions import write_deferred_inserts
from leads.errors import BadConfiguration, LostRace, NotAllowed
from leads.helplines import own_hours_settings
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.helplines import Brand, HoursChange
from leads.models.requests import Lead
from leads.models.watching import Transition
from tests.conftest import NOW
from tests.support.people import NUMBER, a_callback, a_lead, a_supervisor, an_advisor

NINE_TO_FIVE = OwnHours((*[(time(9), time(17))] * 5, None, None), frozenset({date(2026, 3, 5)}))
NINE_TO_SIX = OwnHours((*[(time(9), time(18))] * 5, None, None), NINE_TO_FIVE.closed_dates)
TEN_TO_FIVE = OwnHours((*[(time(10), time(17))] * 5, None, None), NINE_TO_FIVE.closed_dates)


@pytest.fixture
def sam(session: Session) -> Advisor:
    return a_supervisor(session)


@pytest.fixture
def brand(session: Session) -> Brand:
    a_callback(session)
    return session.exec(select(Brand)).one()


def test_own_hours_count_for_whoever_waits_for_the_helpline(
    session: Session, brand: Brand, sam: Advisor
) -> None:
    assert own_hours_settings.set_own_hours(session, brand, NINE_TO_FIVE, "", sam, now=NOW)
    callback = session.exec(select(Callback)).one()
    lead = session.get_one(Lead, callback.lead_id)
    for at, opens in (
        ("2026-03-03T16:59:59", None),
        ("2026-03-03T17:00:00", "2026-03-04T09:00:00"),
        ("2026-03-04T17:00:00", "2026-03-06T09:00:00"),  # the fifth is a closed date
        ("2026-03-06T17:00:00", "2026-03-09T09:00:00"),
    ):
        decision = gate.may_contact(
            session,
            lead.phone,
            ContactChannel.CALL,
            lead=lead,
            callback=callback,
            now=_new_york(at),
        )
        assert decision.not_before == (_new_york(opens) if opens else None)
        assert decision.refused_by == (("helpline-hours",) if opens else ())
    callback.any_hour = True
    at = _new_york("2026-03-03T22:00:00")
    wished = gate.may_contact(
        session, lead.phone, ContactChannel.CALL, lead=lead, callback=callback, now=at
    )
    assert wished.reasons == (RefusalReason.QUIET_HOURS,)  # nobody is there to call
    nobody_s = a_lead(session)
    other = gate.may_contact(session, NUMBER, ContactChannel.CALL, lead=nobody_s, now=NOW)
    assert "helpline-hours" not in other.rules


def test_shorter_hours_count_at_once_and_longer_ones_wait_for_somebody_else(
    session: Session, brand: Brand, sam: Advisor
) -> None:
    pat = a_supervisor(session)
    assert own_hours_settings.set_own_hours(session, brand, NINE_TO_FIVE, "", sam, now=NOW)
    assert own_hours_settings.set_own_hours(session, brand, TEN_TO_FIVE, "", sam, now=NOW)
    for longer in (NINE_TO_SIX, None):
        with pytest.raises(BadConfiguration, match="reason"):
            own_hours_settings.set_own_hours(session, brand, longer, " ", sam, now=NOW)
        reason = "We are more people now"
        assert not own_hours_settings.set_own_hours(session, brand, longer, reason, sam, now=NOW)
    [helpline] = own_hours_settings.list_helpline_hours(session, pat)
    assert helpline.hours == TEN_TO_FIVE
    assert helpline.waiting is not None
    waiting = helpline.waiting.change_id
    assert (helpline.waiting.hours, helpline.waiting.asked_by) == (None, sam.id)
    with pytest.raises(NotAllowed, match="Someone else"):
        own_hours_settings.decide_hours_change(session, waiting, sam, is_confirmed=True, now=NOW)
    own_hours_settings.decide_hours_change(session, waiting, pat, is_confirmed=True, now=NOW)
    assert brand.calling_hours is None
    with pytest.raises(LostRace):
        own_hours_settings.decide_hours_change(session, waiting, pat, is_confirmed=False, now=NOW)
    write_deferred_inserts(session)
    events = session.exec(
        select(Transition.event, Transition.actor)
        .where(Transition.record.in_(["brand", "hours_change"]))
        .order_by(Transition.id)
    ).all()
    assert [event for event, _actor in events] == [
        "set_hours",
        "set_hours",
        "ask",
        "decline",  # the second request replaced the first
        "ask",
        "confirm",
        "set_hours",
    ]
    assert events[-1][1] == f"advisor:{pat.id}"


def test_tightening_drops_longer_hours_that_wait(
    session: Session, brand: Brand, sam: Advisor
) -> None:
    own_hours_settings.set_own_hours(session, brand, NINE_TO_FIVE, "", sam, now=NOW)
    own_hours_settings.set_own_hours(session, brand, NINE_TO_SIX, "More people", sam, now=NOW)
    own_hours_settings.set_own_hours(session, brand, TEN_TO_FIVE, "", sam, now=NOW)
    [change] = session.exec(select(HoursChange)).all()
    assert change.is_confirmed is False
    assert OwnHours.from_data(brand.calling_hours) == TEN_TO_FIVE


def test_whoever_asked_may_take_it_back(session: Session, brand: Brand, sam: Advisor) -> None:
    own_hours_settings.set_own_hours(session, brand, NINE_TO_FIVE, "", sam, now=NOW)
    own_hours_settings.set_own_hours(session, brand, NINE_TO_SIX, "More people", sam, now=NOW)
    [change] = session.exec(select(HoursChange)).all()
    own_hours_settings.decide_hours_change(session, change.id, sam, is_confirmed=False, now=NOW)
    assert OwnHours.from_data(brand.calling_hours) == NINE_TO_FIVE


def test_a_closed_date_may_be_taken_out_when_it_is_over(
    session: Session, brand: Brand, sam: Advisor
) -> None:
    own_hours_settings.set_own_hours(session, brand, NINE_TO_FIVE, "", sam, now=NOW)
    open_again = OwnHours(NINE_TO_FIVE.windows)
    assert not own_hours_settings.set_own_hours(session, brand, open_again, "Staff", sam, now=NOW)
    later = NOW + timedelta(days=4)
    assert own_hours_settings.set_own_hours(session, brand, open_again, "", sam, now=later)


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        (OwnHours((None,) * 7), "at least one day"),
        (OwnHours(((time(9), time(9)), *[None] * 6)), "end after it starts"),
        (OwnHours(((time(18), time(9)), *[None] * 6)), "end after it starts"),
        (
            OwnHours(
                NINE_TO_FIVE.windows, frozenset(date(2026, 1, 1) + timedelta(n) for n in range(101))
            ),
            "up to 100",
        ),
    ],
)
def test_hours_that_cannot_be_are_refused(
    session: Session, brand: Brand, sam: Advisor, hours: OwnHours, says: str
) -> None:
    with pytest.raises(BadConfiguration, match=says):
        own_hours_settings.set_own_hours(session, brand, hours, "", sam, now=NOW)


def test_an_advisor_changes_no_hours(session: Session, brand: Brand) -> None:
    advisor = an_advisor(session)
    with pytest.raises(NotAllowed):
        own_hours_settings.set_own_hours(session, brand, NINE_TO_FIVE, "", advisor, now=NOW)
    with pytest.raises(NotAllowed):
        own_hours_settings.list_helpline_hours(session, advisor)


def _new_york(clock: str) -> datetime:
    """Return an instant of early March, five hours behind Greenwich, or four from the eighth on."""
    at = datetime.fromisoformat(clock)
    return (at + timedelta(hours=5 if at.day < 8 else 4)).replace(tzinfo=UTC)
