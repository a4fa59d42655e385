"""The report's parts and calls.

Every part is counted like the whole, and the calls as they happened.
"""

from __future__ import annotations

import csv
import io
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from leads.callbacks import completion, opt_out
from leads.i18n.messages import Message, MessageKey, own_words
from leads.i18n.translatable import translate
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import CallDoubt
from leads.models.requests import Suppression
from leads.people.permissions import OPERATOR
from leads.reporting import (
    breakdowns,
    calendar_days,
    call_statistics,
    close_reasons,
    cohort,
    cohort_csv,
    drill_down,
    filters,
    metrics,
    printable_report,
    service_report,
    trends,
)
from leads.reporting.filters import ReportFilter
from leads.reporting.service_report import ReportQuestion
from tests.conftest import NOW
from tests.support.people import (
    DAY,
    HOUR,
    MINUTE,
    a_callback,
    a_lead,
    a_submission,
    a_supervisor,
    an_advisor,
    an_attempt,
)

NEW_YORK = "America/New_York"
TARGET = 5 * MINUTE
WEEK = ReportQuestion(NOW.date() - 6 * DAY, NOW.date(), NEW_YORK, TARGET)


def test_every_part_of_a_period_is_counted_like_the_whole(session: Session) -> None:
    _history(session, 120)
    found = service_report.read_service_report(session, WEEK, OPERATOR, now=NOW)
    assert found.whole == trends.figures_of_cohort(found.people, target=TARGET, now=NOW)
    assert sum(part.received for part in found.days.values()) == len(found.people) == 120
    assert list(found.days) == [WEEK.first + number * DAY for number in range(7)]
    local = [row.received_at.astimezone(ZoneInfo(NEW_YORK)) for row in found.people]
    for (weekday, hour), part in found.hours.items():
        then = cohort.cohort_from_rows(
            [
                r
                for r, at in zip(found.people, local, strict=True)
                if (at.weekday(), at.hour) == (weekday, hour)
            ]
        )
        assert part == trends.figures_of_cohort(then, target=TARGET, now=NOW)
    by_hour = trends.figures_by_hour(found.people, zone=NEW_YORK, target=TARGET, now=NOW)
    hours = [_hour(at) for at in local]
    assert {at: part.received for at, part in by_hour.items()} == {
        at: hours.count(at) for at in hours
    }
    counted = metrics.service_level(found.people, target=TARGET, now=NOW)
    assert found.whole.in_time == counted.share
    assert found.whole.attempt == metrics.time_to_first_attempt(found.people, now=NOW)
    assert found.whole.contact == metrics.time_to_first_contact(found.people, now=NOW)


def test_what_a_figure_shows_is_how_many_rows_it_opens(session: Session) -> None:
    _history(session, 80)
    found = service_report.read_service_report(session, WEEK, OPERATOR, now=NOW)
    named, reasons = (
        drill_down.people_by_report_figure(found.standing),
        drill_down.people_by_give_up_reason(session, found.people),
    )
    level = found.standing.callable_time
    assert level is not None
    assert len(named["Called on time"]) == found.whole.hits
    assert len(named["Called on time, in calling hours"]) == len(level.level.hits)
    assert len(named["Reached"]) == found.whole.reached
    assert len(named["Closed without contact"]) == sum(len(part) for part in reasons.values())
    over = [len(people) for people in drill_down.people_by_outcome(found.people).values()]
    assert sum(over) == len(found.people) - len(named["Still open"])
    assert sum(
        len(people) for people in drill_down.people_by_first_attempt_band(found.people).values()
    ) == len(found.people)
    numbers = {name: [row.callback_id for row in people] for name, people in named.items()}
    assert all(len(rows) == len(set(rows)) for rows in numbers.values())
    assert sorted(numbers["Not called yet"] + numbers["Called"]) == sorted(
        numbers["Requests received"]
    )
    names = service_report.source_display_names(session)
    for language in ("en", "es"):
        written = cohort_csv.render_cohort_csv(
            found.people, names, zone=NEW_YORK, language=language
        )
        header, *lines = csv.reader(io.StringIO(written.removeprefix(cohort_csv.BYTE_ORDER_MARK)))
        assert header == [translate(language, name) for name in cohort_csv.HEADER]
        assert [int(line[0]) for line in lines] == numbers["Requests received"]
        assert all(datetime.fromisoformat(line[1]).utcoffset() for line in lines)
        titles = (drill_down.CALLBACK_STATE_TITLES, drill_down.OUTCOMES)
        for column, known in zip((4, 5), titles, strict=True):
            said = {translate(language, title) for title in known.values()}
            assert {line[column] for line in lines} - {""} <= said, column
    waiting = {"en": "Still waiting for a first call", "es": "Aún esperan la primera llamada"}
    for language, words in waiting.items():
        printed = printable_report.render_printable_report(
            found, reasons=reasons, language=language
        )
        assert f"<dd>{found.whole.received}</dd>" in printed
        assert words in printed
        assert "http" not in printed
        assert "+1315" not in printed


def test_no_spreadsheet_carries_out_the_name_of_a_source(session: Session) -> None:
    _history(session, 3)
    people = service_report.read_service_report(session, WEEK, OPERATOR, now=NOW).people
    names = dict.fromkeys((row.source_id for row in people), "=1+A1")
    written = cohort_csv.render_cohort_csv(people, names, zone=NEW_YORK, language="en")
    _header, *lines = csv.reader(io.StringIO(written))
    assert {line[-1] for line in lines} == {"'=1+A1"}


def test_an_hour_of_the_week_is_named_as_its_reader_writes_it() -> None:
    named = breakdowns.name_hour_of_week(4, 14)
    assert (named, translate("es", named)) == ("Friday, 2:00\u00a0PM", "viernes, 2:00\u00a0p.m.")
    assert [breakdowns.PLACES[hour] for hour in breakdowns.HOURS_OF_DAY] == list(range(7, 31))


@pytest.mark.parametrize(
    "by",
    [
        breakdowns.label_by_source,
        breakdowns.label_by_weekday,
        breakdowns.label_by_hour,
        breakdowns.label_by_advisor,
    ],
)
def test_every_part_is_made_of_the_people_it_counts(
    session: Session, by: breakdowns.Breakdown
) -> None:
    _history(session, 60)
    ana, rung = (
        an_advisor(session),
        service_report.read_service_report(session, WEEK, OPERATOR, now=NOW).people,
    )
    for row in rung[rung.rung]:
        callback = session.get_one(Callback, row.callback_id)
        changes = {
            "requested_at": row.first_rung_at,
            "rung_at": row.first_rung_at,
            "ended_at": row.first_rung_at,
        }
        result = "conversation" if row.first_conversation_at else "lead_busy"
        an_attempt(session, callback, ana, state="ended", result=result, **changes)
    found, calls = (
        service_report.read_service_report(session, WEEK, OPERATOR, now=NOW),
        service_report.read_call_statistics(session, WEEK, now=NOW),
    )
    split = breakdowns.break_down_report(session, found, by, calls)
    assert sorted(row.callback_id for part in split for row in part.people) == sorted(
        row.callback_id for row in found.people
    )
    for part in split:
        assert part.figures == trends.figures_of_cohort(part.people, target=TARGET, now=NOW)
        rows = drill_down.people_by_part_figure(part.people, target=TARGET, now=NOW)
        assert (len(rows["Called on time"]), len(rows["Called"])) == (
            part.figures.hits,
            part.figures.rung,
        )
        assert part.tries is not None
        assert set(part.tries.callback_id.tolist()) == {
            row.callback_id for row in part.people if row.first_rung_at
        }
    assert sum(len(part.tries or ()) for part in split) == calls.reaching.tries
    if by is breakdowns.label_by_advisor:
        assert [part.name for part in split] == [ana.name, "No one yet"]
    if by is breakdowns.label_by_weekday:
        assert [part.name for part in split] == [
            day for day in breakdowns.WEEKDAYS if day in {p.name for p in split}
        ]
    weekday, hour = next(iter(found.hours))
    assert (
        len(breakdowns.people_in_hour_of_week(found, weekday, hour))
        == found.hours[weekday, hour].received
    )


def test_an_advisors_report_is_of_whom_they_rang_first_and_of_their_calls(session: Session) -> None:
    ana, ben = an_advisor(session), an_advisor(session)
    first = _done(session, first_conversation_at=NOW + 9 * MINUTE, ended_at=NOW + 15 * MINUTE)
    _attempt(session, first, ana, (0, 3), "lead_no_answer", rung=True)
    _attempt(session, first, ben, (9, 15), "conversation", rung=True)
    _done(session)  # rung before we kept calls
    unrung = a_callback(session)
    everybody = ReportQuestion(NOW.date(), NOW.date(), "UTC", TARGET)
    found = service_report.read_service_report(session, everybody, OPERATOR, now=NOW + HOUR)
    assert found.whole.received == 3
    assert [
        (part.name, part.figures.received)
        for part in breakdowns.break_down_report(session, found, breakdowns.label_by_advisor)
    ] == [
        (ana.name, 1),
        ("Advisor not recorded", 1),
        ("No one yet", 1),
    ]
    for advisor, people, made, rate in ((ana, [first.id], 1, 0), (ben, [], 1, 1)):
        theirs = ReportQuestion(
            NOW.date(), NOW.date(), "UTC", TARGET, ReportFilter(advisor_id=advisor.id)
        )
        cut, calls = (
            service_report.read_service_report(session, theirs, OPERATOR, now=NOW + HOUR),
            service_report.read_call_statistics(session, theirs, now=NOW + HOUR),
        )
        assert [row.callback_id for row in cut.people] == people
        assert (calls.reaching.tries, call_statistics.connect_rate(calls.reaching.made)) == (
            made,
            rate,
        )
        assert [(one.name, one.offers) for one in calls.each] == [(advisor.name, 1)]
        assert [row.callback_id for row in cut.oldest] == [unrung.id]


def test_the_period_before_is_looked_at_as_it_stood_as_long_ago(session: Session) -> None:
    past = NOW - 7 * DAY
    a_callback(session, received_at=past - HOUR, first_rung_at=past + HOUR)
    a_callback(session, received_at=past - HOUR, first_rung_at=past - 58 * MINUTE)
    found = service_report.read_service_report(session, WEEK, OPERATOR, now=NOW)
    assert found.before.received == 2
    assert found.before.rung == 1
    assert found.before.in_time == 0.5
    assert found.whole.received == 0


@pytest.mark.parametrize("campaign", ["", "spring"])
def test_a_report_is_of_one_campaign_or_of_everybody(session: Session, campaign: str) -> None:
    for number in range(3):
        callback = a_callback(session)
        words = {"campaign": "spring"} if number else {}
        a_submission(
            session, reading=words, state="admitted", callback_id=callback.id, vendor_id=str(number)
        )
    found = service_report.read_service_report(
        session,
        ReportQuestion(NOW.date(), NOW.date(), "UTC", TARGET, ReportFilter(campaign=campaign)),
        OPERATOR,
        now=NOW,
    )
    assert found.whole.received == (2 if campaign else 3)
    split = {
        part.name: part.figures.received
        for part in breakdowns.break_down_report(session, found, breakdowns.label_by_campaign)
    }
    assert split == ({"spring": 2} if campaign else {"none": 1, "spring": 2})
    (source,), (helpline,) = (
        breakdowns.break_down_report(session, found, by)
        for by in (breakdowns.label_by_source, breakdowns.label_by_helpline)
    )
    assert (source.name, source.figures) == ("Site", found.whole)
    assert (helpline.name, helpline.figures) == ("Harbor Line", found.whole)


def test_calls_are_counted_as_they_were_made(session: Session) -> None:
    ana, ben = an_advisor(session), an_advisor(session)
    reached = _done(
        session,
        first_conversation_at=NOW + 10 * MINUTE,
        ended_at=NOW + 15 * MINUTE,
        finished_at=NOW + 17 * MINUTE,
    )
    never = _done(session, state="exhausted", finished_at=NOW + HOUR)
    _attempt(session, reached, ana, (0, 1), "advisor_no_answer")
    _attempt(session, reached, ben, (1, 3), "lead_no_answer", rung=True)
    _attempt(session, reached, ana, (9, 15), "conversation", rung=True)
    _attempt(session, never, ana, (30, 32), "lead_busy", rung=True)
    days = {"start": NOW - HOUR, "end": NOW + DAY, "now": NOW + DAY, "only": ReportFilter()}
    tries = call_statistics.read_contact_attempts(session, **days)
    assert tries.tries == 3
    assert tries.answered == 1
    assert call_statistics.connect_rate(tries.made) == 1 / 3
    assert (tries.tries_to_contact, tries.median_tries_to_contact) == ((2,), 2)
    everybody, each = call_statistics.read_advisor_calls(session, **days, zone=NEW_YORK)
    assert [one.name for one in each] == sorted([ana.name, ben.name])
    hers = next(one for one in each if one.name == ana.name)
    assert hers.offers == 3
    assert hers.missed == 1
    assert hers.conversations == 1
    assert hers.handle_time == 8 * MINUTE
    assert (
        hers.occupancy == (1 + 8 + 2) / 32
    )  # with two minutes of wrap-up; between her first offer and her last
    assert hers.rung == 2
    assert call_statistics.connect_rate(hers.calls) == 1 / 2
    assert hers.dispositions == {"helped": 1}
    assert len(hers.calls[hers.calls.ended_with_disposition("helped")]) == 1
    assert [
        talk.tolist() for talk in (tries.first_talks.callback_id, tries.first_talks.advisor_id)
    ] == [
        [reached.id],
        [ana.id],
    ]
    assert everybody.offers == 4
    assert everybody.missed_share == 1 / 4
    assert everybody.handle_time == 8 * MINUTE
    early = call_statistics.read_contact_attempts(session, **days | {"now": NOW + 2 * MINUTE})
    assert early.tries == 1
    assert early.answered == 0
    assert early.median_tries_to_contact is None


def test_a_call_in_doubt_is_a_conversation_only_by_the_advisor_s_word(session: Session) -> None:
    ana = an_advisor(session)
    person = _done(session)
    said = {
        ("machine", "conversation"): 1,  # the machine that listens was wrong
        ("machine", "lead_voicemail"): 2,
        ("screened", "unknown"): 1,
        ("refused", "lead_no_answer"): 1,
        (None, "conversation"): 3,
    }
    minutes = iter(range(100))
    for (doubt, result), times in said.items():
        for at in (next(minutes) for _ in range(times)):
            attempt = _attempt(session, person, ana, (at, at + 1), result, rung=True)
            attempt.doubt = CallDoubt(doubt) if doubt else None
            session.add(attempt)
    session.flush()
    days = {"start": NOW - HOUR, "end": NOW + DAY, "now": NOW + DAY, "only": ReportFilter()}
    tries = call_statistics.read_contact_attempts(session, **days)
    counted = {why: (len(calls), int(calls.talked.sum())) for why, calls in tries.in_doubt.items()}
    assert counted == {"machine": (3, 1), "screened": (1, 0), "refused": (1, 0)}
    assert (tries.tries, tries.answered) == (8, 4)


def test_why_we_gave_up_is_told_and_who_stopped_us_is_not_among_them(session: Session) -> None:
    ended = [a_callback(session, received_at=NOW - HOUR) for _ in range(3)]
    completion.cancel_callback(
        session, ended[0], a_supervisor(session), reason="sent twice", now=NOW
    )
    number = session.get_one(type(a_lead(session)), ended[1].lead_id).phone
    opt_out.stop_contact(session, number, reason=own_words("STOP"), actor="advisor:1", now=NOW)
    a_callback(session, received_at=NOW - HOUR, state="exhausted", finished_at=NOW)
    people = service_report.read_service_report(session, WEEK, OPERATOR, now=NOW).people
    why = {
        reason: len(some)
        for reason, some in drill_down.people_by_give_up_reason(session, people).items()
    }
    assert why == {"sent twice": 1, close_reasons.TRIES_USED_UP: 1}
    assert len(metrics.given_up_callbacks(people)) == 2


def test_stop_is_silent_at_once_or_when_the_call_under_way_is_over(session: Session) -> None:
    days = {"start": NOW - HOUR, "end": NOW + DAY, "now": NOW + DAY}
    assert close_reasons.read_opt_outs(session, **days).longest_until_silent == timedelta()
    advisor, callback = an_advisor(session), _done(session)
    attempt = _attempt(session, callback, advisor, (0, 3), "conversation", rung=True)
    said_at = NOW + 2 * MINUTE
    session.add(
        Suppression(
            phone=attempt.phone,
            reason=Message(MessageKey.SAID_SO),
            actor="advisor:1",
            since=said_at,
        )
    )
    session.flush()
    session.add(
        Suppression(
            phone="+13155550999", reason=own_words("by e-mail"), actor="advisor:1", since=said_at
        )
    )  # never asked
    session.flush()
    whole, theirs = (
        (close_reasons.OptOut(said_at, MINUTE), close_reasons.OptOut(said_at)),
        filters.ReportFilter(advisor_id=advisor.id),
    )
    assert set(close_reasons.read_opt_outs(session, **days).each) == set(whole)
    for only in (theirs, filters.ReportFilter(source_id=callback.source_id)):
        assert close_reasons.read_opt_outs(session, **days, only=only).each == whole[:1]
    for only in (
        filters.ReportFilter(advisor_id=advisor.id + 1),
        filters.ReportFilter(campaign="spring"),
        filters.ReportFilter(brand="Another"),
    ):
        assert close_reasons.read_opt_outs(session, **days, only=only).each == ()
    _attempt(session, callback, advisor, (10, 11), "lead_busy", rung=True)
    assert close_reasons.read_opt_outs(session, **days).rung_after == 1


FIRST, LAST = datetime(2026, 1, 1), datetime(2027, 1, 1)  # noqa: DTZ001 - made aware
instants = st.datetimes(FIRST, LAST, timezones=st.just(UTC))


@settings(deadline=None, max_examples=30)
@given(
    at=st.lists(instants),
    zone=st.sampled_from([NEW_YORK, "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]),
)
def test_the_wall_clock_of_a_column_is_that_of_its_instants(at: list[datetime], zone: str) -> None:
    there = [moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for moment in at]
    assert calendar_days.to_local_time(calendar_days.to_instant_column(at), zone).tolist() == there


def test_what_is_read_in_one_piece_is_what_was_stored_to_the_microsecond(session: Session) -> None:
    odd = [
        datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(1999, 12, 31, 1, 2, 3, 4, tzinfo=UTC),
    ]
    made = [
        a_callback(session, received_at=at, first_rung_at=at + timedelta(microseconds=1))
        for at in odd
    ]
    made += [a_callback(session, received_at=NOW)]
    found = {
        row.callback_id: row
        for row in cohort.read_cohort(session, start=odd[1], end=NOW + DAY, now=NOW)
    }
    for callback in made:
        row = found[callback.id]
        assert (row.received_at, row.first_rung_at) == (
            callback.received_at,
            callback.first_rung_at,
        )
        assert (row.finished_at, row.source_id) == (None, callback.source_id)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0, tzinfo=None)


def _history(session: Session, count: int) -> None:
    """People of the last days, with every kind of end."""
    chance = random.Random(3)
    for _ in range(count):
        at = NOW - timedelta(minutes=chance.randint(0, 6 * 24 * 60))
        rung = at + timedelta(seconds=chance.expovariate(1 / 400))
        end = chance.choice(["waiting", "completed", "exhausted", "cancelled", "waiting"])
        changes = {"first_rung_at": rung} if chance.random() < 0.8 else {}
        if end == "completed":
            changes |= {
                "first_rung_at": rung,
                "first_conversation_at": rung + MINUTE,
                "disposition": "helped",
            }
        if end != "waiting":
            changes |= {
                "finished_at": rung + 2 * MINUTE,
                "withdrawn": end == "cancelled" and chance.random() < 0.5,
            }
        a_callback(session, received_at=at, state=end, **changes)


def _done(session: Session, **changes: object) -> Callback:
    return a_callback(
        session, **{"state": "completed", "first_rung_at": NOW, "disposition": "helped", **changes}
    )


def _attempt(
    session: Session,
    callback: Callback,
    advisor: Advisor,
    minutes: tuple[int, int],
    result: str,
    *,
    rung: bool = False,
) -> CallAttempt:
    at = dict(
        zip(
            ("requested_at", "ended_at"), (NOW + number * MINUTE for number in minutes), strict=True
        )
    )
    state, rung_at = (
        "ended" if result == "conversation" else "missed",
        at["requested_at"] if rung else None,
    )
    return an_attempt(session, callback, advisor, result=result, state=state, rung_at=rung_at, **at)
