"""Who works when: weeks, single days, swaps, both clock changes, and duty by phone that follows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from leads.alerting import conditions, escalation, uncovered_hours
from leads.contact_rules.own_hours import OwnHours
from leads.database.transactions import transaction, write_deferred_inserts
from leads.errors import BadConfiguration, LostRace, NotAllowed, NotNow
from leads.helplines import phone_lines
from leads.i18n.messages import dump_message, load_message, message_as_data, own_words
from leads.i18n.translatable import translate
from leads.models.advisors import Advisor
from leads.models.enums import AlertKind, NoticeMethod
from leads.models.helplines import Brand
from leads.models.inbound import InboundSettings
from leads.models.shifts import ShiftChange
from leads.models.watching import Alert, Transition
from leads.people import availability, presence, shift_duty, shifts
from leads.people.shift_calendar import make_planned_shift
from leads.read_models import shift_plan
from tests.conftest import NOW
from tests.support.people import DAY, HOUR, MINUTE, a_source, a_supervisor, an_advisor
from tests.support.races import at_once

NEW_YORK = "America/New_York"
TUESDAY = date(2026, 3, 3)  # NOW is noon there
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)  # Sundays on which its clock changes


def works(
    session: Session,
    advisor: Advisor,
    begins: str = "09:00",
    ends: str = "17:00",
    days: Iterable[int] = range(7),
) -> None:
    hours = {"begins": begins, "ends": ends, "zone": NEW_YORK}
    boss = a_supervisor(session)
    shifts.add_weekly_shifts(session, advisor, boss, weekdays=days, **hours, now=NOW)


def planned(session: Session, first: date, last: date | None = None) -> list[tuple[int, str]]:
    rows = shifts.read_planned_shifts(session, first, last or first)
    return [(one.advisor_id, f"{one.day:%a} {one.begins}") for one in rows]


def test_a_week_repeats_a_day_off_takes_away_and_an_extra_shift_adds(session: Session) -> None:
    ana, boss = an_advisor(session), a_supervisor(session)
    works(session, ana, days=range(2))
    assert planned(session, TUESDAY, TUESDAY + 7 * DAY) == [
        (ana.id, "Tue 09:00"),
        (ana.id, "Mon 09:00"),
        (ana.id, "Tue 09:00"),
    ]
    shifts.add_day_off(session, ana, boss, day=TUESDAY, now=NOW)
    hours = {"begins": "20:00", "ends": "02:00", "zone": NEW_YORK}
    shifts.add_extra_shift(session, ana, boss, day=TUESDAY + DAY, **hours, now=NOW)
    assert planned(session, TUESDAY, TUESDAY + DAY) == [(ana.id, "Wed 20:00")]
    [night] = shifts.read_planned_shifts(session, TUESDAY + DAY, TUESDAY + DAY)
    assert night.ends_at - night.starts_at == 6 * HOUR
    for change in shifts.list_shift_changes(session, ana.id, since=TUESDAY):
        shifts.end_shift_change(session, change.id, boss, now=NOW)
    assert planned(session, TUESDAY, TUESDAY + DAY) == [(ana.id, "Tue 09:00")]
    ana.deactivated_at = NOW
    session.flush()
    assert planned(session, TUESDAY) == []


@pytest.mark.parametrize(
    ("day", "begins", "ends", "hours"),
    [
        (SPRING - DAY, "22:00", "06:00", 7),
        (AUTUMN - DAY, "22:00", "06:00", 9),
        (SPRING, "00:00", "00:00", 23),
        (AUTUMN, "00:00", "00:00", 25),
        (SPRING, "01:00", "02:30", 1.5),  # half past two is half past three
        (SPRING, "02:30", "04:00", 0.5),  # and who relieves them comes at that instant
        (SPRING, "02:00", "03:00", 0),
        (AUTUMN, "00:30", "01:30", 1),  # the first of the two
        (AUTUMN, "01:30", "03:00", 2.5),
    ],
)
def test_a_shift_is_as_long_as_the_clock_makes_it(
    day: date, begins: str, ends: str, hours: float
) -> None:
    shift = make_planned_shift(1, day, begins, ends, NEW_YORK)
    assert (shift.ends_at - shift.starts_at if shift else timedelta()) == hours * HOUR


def test_a_swap_moves_a_shift_and_can_go_on_or_be_taken_back(session: Session) -> None:
    ana, ben, cleo = an_advisor(session), an_advisor(session), an_advisor(session)
    works(session, ana, days=range(1, 2))
    for _twice in range(2):
        shifts.offer_shift(session, ana, day=TUESDAY, begins="09:00", now=NOW)
    [offer] = session.exec(select(ShiftChange))
    assert planned(session, TUESDAY) == [(ana.id, "Tue 09:00")], "hers until somebody takes it"
    shifts.take_shift(session, offer.id, ben, now=NOW)
    assert planned(session, TUESDAY) == [(ben.id, "Tue 09:00")]
    with pytest.raises(LostRace):
        shifts.take_shift(session, offer.id, cleo, now=NOW)
    with pytest.raises(NotNow):
        shifts.offer_shift(session, ana, day=TUESDAY, begins="09:00", now=NOW)
    for giver, taker in ((ben, ana), (ana, cleo)):
        shifts.offer_shift(session, giver, day=TUESDAY, begins="09:00", now=NOW)
        last = session.exec(select(ShiftChange).order_by(col(ShiftChange.id).desc())).first()
        shifts.take_shift(session, last.id, taker, now=NOW)
    assert planned(session, TUESDAY) == [(cleo.id, "Tue 09:00")]
    week = shift_plan.read_shift_week(session, cleo, TUESDAY - DAY, zone="UTC", now=NOW)
    [cell] = next(one for one in week.advisors if one.advisor_id == cleo.id).days[1]
    assert cell.instead_of == ana.name, "a supervisor sees whose it was"
    shifts.offer_shift(session, cleo, day=TUESDAY, begins="09:00", now=NOW)
    last = session.exec(select(ShiftChange).order_by(col(ShiftChange.id).desc())).first()
    with pytest.raises(NotAllowed):
        shifts.withdraw_shift_offer(session, last.id, ben, now=NOW)
    shifts.withdraw_shift_offer(session, last.id, cleo, now=NOW)
    with pytest.raises(LostRace):
        shifts.take_shift(session, last.id, ben, now=NOW)


def test_a_shift_that_is_taken_on_a_day_off_is_theirs(session: Session) -> None:
    ana, ben = an_advisor(session), an_advisor(session)
    works(session, ana, days=range(1, 2))
    works(session, ben, "18:00", "20:00", days=range(1, 2))
    shifts.offer_shift(session, ana, day=TUESDAY, begins="09:00", now=NOW)
    shifts.add_day_off(session, ben, a_supervisor(session), day=TUESDAY, now=NOW + MINUTE)
    [offer] = session.exec(select(ShiftChange).where(col(ShiftChange.begins) != "")).all()
    shifts.take_shift(session, offer.id, ben, now=NOW + 2 * MINUTE)
    assert planned(session, TUESDAY) == [(ben.id, "Tue 09:00")]


def test_nobody_takes_a_shift_while_they_work_or_one_that_is_over(session: Session) -> None:
    ana, ben = an_advisor(session), an_advisor(session)
    works(session, ana)
    works(session, ben, "16:00", "22:00", days=range(1, 2))
    for day in (TUESDAY, TUESDAY + DAY):
        shifts.offer_shift(session, ana, day=day, begins="09:00", now=NOW)
    busy, free = session.exec(select(ShiftChange).order_by(col(ShiftChange.id)))
    for offer, at in ((busy, NOW), (free, NOW + 3 * DAY)):
        with pytest.raises(NotNow):
            shifts.take_shift(session, offer.id, ben, now=at)


@pytest.mark.usefixtures("database")
def test_of_two_who_take_a_shift_at_once_one_is_told_that_it_is_gone() -> None:
    with transaction() as session:
        ana, ben, cleo = (an_advisor(session) for _ in range(3))
        works(session, ana)
        shifts.offer_shift(session, ana, day=TUESDAY, begins="09:00", now=NOW)
        write_deferred_inserts(session)
        [offer] = session.exec(select(ShiftChange.id))
        takers = (ben.id, cleo.id)

    def take(number: int) -> None:
        with transaction() as session:
            shifts.take_shift(session, offer, session.get_one(Advisor, takers[number]), now=NOW)

    raised = at_once(2, take)
    assert sorted(type(one).__name__ for one in raised) == ["LostRace", "NoneType"]


def test_what_is_no_hour_no_day_or_no_supervisors_is_refused(session: Session) -> None:
    ana, boss = an_advisor(session), a_supervisor(session)
    hours = {"begins": "09:00", "ends": "17:00", "zone": NEW_YORK}
    for wrong in ({"begins": "9 am"}, {"zone": "Mars/Olympus"}, {"weekdays": []}):
        given = {"weekdays": [0], **hours, **wrong}
        with pytest.raises(BadConfiguration):
            shifts.add_weekly_shifts(session, ana, boss, **given, now=NOW)
    with pytest.raises(NotAllowed):
        shifts.add_weekly_shifts(session, ana, ana, weekdays=[0], **hours, now=NOW)


# Duty by phone.


def on_phone(session: Session, **shift: str) -> Advisor:
    ana = an_advisor(session)
    shifts.set_ringing_on_shifts(session, ana, ana, is_rung=True, now=NOW)
    works(session, ana, **shift)
    return ana


def at(hour: int, minute: int = 0) -> datetime:
    """A time of that Tuesday in New York."""
    return datetime(2026, 3, 3, 5, tzinfo=UTC) + hour * HOUR + minute * MINUTE


def trail(session: Session, advisor: Advisor) -> list[tuple[str, str]]:
    write_deferred_inserts(session)
    rows = select(Transition).where(
        Transition.record_id == str(advisor.id), col(Transition.event).like("%_duty")
    )
    return [(row.event, row.actor) for row in session.exec(rows.order_by(col(Transition.id)))]


def test_a_shift_puts_on_duty_by_phone_and_takes_off_and_says_so(session: Session) -> None:
    ana, other = on_phone(session), an_advisor(session)
    works(session, other)
    assert shift_duty.apply_shift_duties(session, now=at(8, 59)) == 0
    assert shift_duty.apply_shift_duties(session, now=at(9)) == 1
    assert shift_duty.apply_shift_duties(session, now=at(9, 1)) == 0
    assert presence.phone_duty_until(ana, now=at(9)) == at(17)
    assert other.on_duty_until is None, "who has not chosen it is at a desk"
    assert shift_duty.apply_shift_duties(session, now=at(17)) == 1
    assert (ana.on_duty_until, ana.shift_duty_until) == (None, None)
    assert trail(session, ana) == [("put_on_duty", "shifts"), ("take_off_duty", "shifts")]


def test_duty_that_a_person_began_is_never_shortened(session: Session) -> None:
    ana = on_phone(session)
    presence.put_on_duty(session, ana, until=at(20), now=at(8))
    for now in (at(9), at(16), at(17), at(18)):
        shift_duty.apply_shift_duties(session, now=now)
        assert ana.on_duty_until == at(20)
    ben = on_phone(session)
    presence.put_on_duty(session, ben, until=at(10), now=at(8))
    shift_duty.apply_shift_duties(session, now=at(9))
    assert ben.on_duty_until == at(10)
    shift_duty.apply_shift_duties(session, now=at(10))
    assert ben.on_duty_until == at(17), "and the shift goes on after it"
    presence.put_on_duty(session, ben, until=at(22), now=at(11))
    shift_duty.apply_shift_duties(session, now=at(17))
    assert ben.on_duty_until == at(22)


def test_whoever_ends_duty_in_a_shift_is_left_alone_until_the_next(session: Session) -> None:
    ana = on_phone(session)
    shift_duty.apply_shift_duties(session, now=at(9))
    presence.take_off_duty(session, ana, now=at(10))
    shift_duty.apply_shift_duties(session, now=at(11))
    assert ana.on_duty_until is None
    shift_duty.apply_shift_duties(session, now=at(9) + DAY)
    assert ana.on_duty_until == at(17) + DAY


def test_duty_follows_a_shift_that_is_taken_away_or_swapped_in_its_midst(
    session: Session,
) -> None:
    ana, ben = on_phone(session), an_advisor(session)
    shifts.set_ringing_on_shifts(session, ben, ben, is_rung=True, now=NOW)
    shift_duty.apply_shift_duties(session, now=at(9))
    shifts.offer_shift(session, ana, day=TUESDAY, begins="09:00", now=at(10))
    [offer] = session.exec(select(ShiftChange))
    shifts.take_shift(session, offer.id, ben, now=at(11))
    assert shift_duty.apply_shift_duties(session, now=at(11)) == 2
    assert (ana.on_duty_until, ben.on_duty_until) == (None, at(17))
    shifts.set_ringing_on_shifts(session, ben, ben, is_rung=False, now=NOW)
    shift_duty.apply_shift_duties(session, now=at(12))
    assert ben.on_duty_until is None


def test_a_shift_over_midnight_and_a_clock_change_ends_on_time(session: Session) -> None:
    ana = on_phone(session, begins="22:00", ends="06:00")
    evening = datetime(2026, 3, 8, 3, 0, tzinfo=UTC)  # ten on Saturday evening
    assert shift_duty.apply_shift_duties(session, now=evening) == 1
    assert ana.on_duty_until == datetime(2026, 3, 8, 10, 0, tzinfo=UTC), "seven hours later"


def test_a_break_at_an_open_desk_stays_a_break(session: Session) -> None:
    ana = on_phone(session)
    presence.set_advisor_available(session, ana, now=at(8, 59))
    presence.set_advisor_away(session, ana, reason=own_words("Lunch"), now=at(8, 59))
    shift_duty.apply_shift_duties(session, now=at(9))
    assert ana.presence == "away"
    assert availability.list_available_advisors(session, now=at(9)) == []


# Hours that nobody covers.


def calls(session: Session, *hours: str) -> Brand:
    brand = session.get_one(Brand, a_source(session).brand_id)
    windows = [list(hours)] * 7
    brand.calling_hours = {"windows": windows, "closed_dates": []}
    assert OwnHours.from_data(brand.calling_hours)
    session.flush()
    return brand


def uncovered(session: Session, now: datetime = NOW) -> list[str]:
    return [
        one.sentence
        for one in conditions.current_conditions(session, now=now)
        if one.kind is AlertKind.UNCOVERED
    ]


def test_hours_that_nobody_covers_are_told_two_days_before(session: Session) -> None:
    calls(session, "08:00", "20:00")
    assert uncovered(session) == [], "nobody plans shifts here"
    ana = an_advisor(session)
    works(session, ana, "08:00", "14:00")
    works(session, ana, "14:00", "20:00")
    assert uncovered(session) == []
    boss, friday = a_supervisor(session), date(2026, 3, 6)
    shifts.add_day_off(session, ana, boss, day=friday, now=NOW)
    assert uncovered(session) == [], "Friday at eight is more than two days ahead"
    begins = datetime(2026, 3, 6, 13, 0, tzinfo=UTC)
    now = begins - 48 * HOUR + MINUTE
    [said] = uncovered(session, now)
    assert "for 12 of its hours on Fri, Mar 6, from 8:00\u00a0AM on" in said
    [found] = [
        one
        for one in conditions.current_conditions(session, now=now)
        if one.kind is AlertKind.UNCOVERED
    ]
    assert found.since == begins - 48 * HOUR
    assert uncovered(session, begins + HOUR), "and while it lasts"
    assert uncovered(session, begins + 13 * HOUR) == []


def test_a_day_that_comes_open_is_told_while_another_is_known_and_acknowledged(
    session: Session,
) -> None:
    calls(session, "08:00", "20:00")
    ana, boss = an_advisor(session), a_supervisor(session)
    works(session, ana, "08:00", "20:00")
    open_alerts = select(Alert).where(
        Alert.kind == AlertKind.UNCOVERED, col(Alert.closed_at).is_(None)
    )
    for day, at in ((5, NOW), (4, NOW + HOUR)):
        shifts.add_day_off(session, ana, boss, day=date(2026, 3, day), now=at)
        escalation.evaluate_alerts(session, ways=(NoticeMethod.EMAIL,), now=at + MINUTE)
        alert = session.exec(open_alerts.order_by(col(Alert.id).desc())).first()
        assert alert is not None
        assert alert.about.endswith(f":2026-03-0{day}")
        escalation.acknowledge_alert(
            session, boss, kind=alert.kind, about=alert.about, now=at + 2 * MINUTE
        )
    assert len(session.exec(open_alerts).all()) == 2


def test_hours_of_a_phone_that_nobody_answers_are_told_by_its_own_clock(session: Session) -> None:
    brand = calls(session, "09:00", "17:00")
    works(session, an_advisor(session), "09:00", "17:00")
    assert uncovered(session) == []
    answered = {"windows": [["06:00", "16:00"]] * 7, "closed_dates": []}
    session.add(InboundSettings(brand_id=brand.id, hours=answered, zone="America/Los_Angeles"))
    tuesday, wednesday = uncovered(session)  # from 17:00 to 19:00 in New York
    assert "for 2 of its hours on Tue, Mar 3, from 5:00\u00a0PM on" in tuesday
    assert "on Wed, Mar 4" in wednesday
    stored = load_message(dump_message(tuesday))
    assert message_as_data(stored)["values"]["day"] == "2026-03-03"
    assert "el mar, 3 de mar, desde las 5:00\u00a0p.m. (Nueva York)" in translate("es", stored)


def test_the_hours_of_a_night_line_go_on_after_midnight(session: Session) -> None:
    brand_id = a_source(session).brand_id
    nights = {"windows": [None, ["20:00", "04:00"], *[None] * 5], "closed_dates": []}
    settings = InboundSettings(brand_id=brand_id, hours=nights, zone=NEW_YORK)
    session.add(settings)
    works(session, an_advisor(session), "21:00", "03:00", days=range(1, 2))
    answers = {
        hour: phone_lines.is_phone_answered(settings, now=at(hour)) for hour in (19, 20, 27, 28)
    }
    assert answers == {19: False, 20: True, 27: True, 28: False}
    tuesday, wednesday = uncovered(session)
    assert "for 1 of its hours on Tue, Mar 3, from 8:00\u00a0PM on" in tuesday
    assert "for 1 of its hours on Wed, Mar 4, from 3:00\u00a0AM on" in wednesday


def test_the_week_shows_by_hour_who_works_and_what_is_open(session: Session) -> None:
    brand = calls(session, "08:00", "10:00")
    ana, ben = an_advisor(session), an_advisor(session)
    works(session, ana, "09:00", "17:00")
    works(session, ben, "16:30", "02:00", days=range(1, 2))
    week = shift_plan.read_shift_week(session, ana, TUESDAY - DAY, zone="UTC", now=NOW)
    assert week.zone == NEW_YORK
    tuesday = [cells[1] for cells in week.hours]
    assert [(c.count, c.is_uncovered) for c in tuesday[7:11]] == [
        (0, False),
        (0, True),
        (1, False),
        (1, False),
    ]
    assert [tuesday[16].count, tuesday[23].count] == [2, 1]
    assert week.hours[1][2].count == 1, "what began on Tuesday goes on until two"
    [found] = week.uncovered
    assert (found.brand, len(found.spans)) == (brand.name, 7)
    sunday = shift_plan.read_shift_week(session, ana, SPRING - 6 * DAY, zone="UTC", now=NOW).hours
    assert [cells[6] is None for cells in sunday[1:4]] == [False, True, False]
    spans = uncovered_hours.list_open_hours(
        OwnHours.from_data(brand.calling_hours), AUTUMN, AUTUMN, NEW_YORK
    )
    assert spans == [
        (datetime(2026, 11, 1, 13, 0, tzinfo=UTC), datetime(2026, 11, 1, 15, 0, tzinfo=UTC))
    ]
