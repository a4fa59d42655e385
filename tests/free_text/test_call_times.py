"""When people say they wish to be called, in English and Spanish."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leads.free_text.call_time_words import BESIDE_WISHED_TIME, TokenKind, read_tokens
from leads.free_text.call_times import is_stricter_wish, may_refuse_time, read_call_time

NEW_YORK = "America/New_York"
TUESDAY = "2026-03-03"


def first_time(text: str, at: str, *zones: str) -> str:
    """Return the weekday and the local time of the first instant that fits, said on a Tuesday."""
    wish = read_call_time(text)
    assert wish is not None, text
    said_at = datetime.fromisoformat(f"{TUESDAY} {at}").replace(tzinfo=ZoneInfo(NEW_YORK))
    found = wish.first_time(zones or (NEW_YORK,), said_at=said_at.astimezone(UTC))
    assert found is not None, text
    return f"{found.astimezone(ZoneInfo(NEW_YORK)):%a %H:%M}"


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("evening", "10:00", "Tue 17:00"),
        ("not in the morning please", "22:00", "Tue 22:00"),
        ("not in the morning please", "09:00", "Tue 12:00"),
        ("any time except evenings", "10:00", "Tue 10:00"),
        ("any time except evenings", "18:00", "Wed 00:00"),
        ("no evenings", "18:00", "Wed 00:00"),
        ("no evenings no weekends", "18:00", "Wed 00:00"),
        ("no en la noche no los domingos", "18:00", "Wed 00:00"),
        ("no calls mornings no calls Sundays", "09:00", "Tue 12:00"),
        ("after 5pm", "10:00", "Tue 17:00"),
        ("after 6 pm on weekdays", "10:00", "Tue 18:00"),
        ("tomorrow morning", "10:00", "Wed 08:00"),
        ("tomorrow evening", "10:00", "Wed 17:00"),
        ("mornings", "14:00", "Wed 08:00"),
        ("Good morning! Evening is best", "10:00", "Tue 17:00"),
        ("afternoon or evening", "18:00", "Tue 18:00"),
        ("por la noche", "10:00", "Tue 17:00"),
        ("por la tarde", "10:00", "Tue 12:00"),
        ("en la mañana", "14:00", "Wed 08:00"),
        ("mañana por la mañana", "14:00", "Wed 08:00"),
        ("weekends only", "10:00", "Sat 00:00"),
        ("Saturday morning", "10:00", "Sat 08:00"),
        ("lunch time", "08:30", "Tue 11:00"),
        ("12-2", "10:00", "Tue 12:00"),
        ("12-2", "15:00", "Wed 12:00"),
        ("ASAP", "10:00", "Tue 10:00"),
    ],
)
def test_the_wishes_of_the_field(text: str, at: str, expected: str) -> None:
    assert first_time(text, at) == expected


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        # Parts of the day, and how people spell them.
        ("Evenings", "10:00", "Tue 17:00"),
        ("in the afternoon", "10:00", "Tue 12:00"),
        ("late afternoon works best", "10:00", "Tue 15:00"),
        ("early evening", "20:00", "Wed 17:00"),
        ("tomorrow am", "10:00", "Wed 08:00"),
        ("weekdays a.m.", "14:00", "Wed 08:00"),
        ("any", "10:00", "Tue 10:00"),
        ("at night", "10:00", "Tue 17:00"),
        ("mid-morning", "08:00", "Tue 09:00"),
        ("mornings are good for me", "14:00", "Wed 08:00"),
        ("mornings work best", "14:00", "Wed 08:00"),
        ("during business hours", "18:00", "Wed 09:00"),
        ("lunch break", "15:00", "Wed 11:00"),
        ("around noon", "08:00", "Tue 11:30"),
        ("after work", "10:00", "Tue 17:00"),
        ("after school please", "10:00", "Tue 15:00"),
        ("PM", "10:00", "Tue 12:00"),
        # Clocks.
        ("after 5", "10:00", "Tue 17:00"),
        ("anytime after 3:30pm", "10:00", "Tue 15:30"),
        ("past six", "10:00", "Tue 18:00"),
        ("5pm or later", "10:00", "Tue 17:00"),
        ("from 9 am", "08:00", "Tue 09:00"),
        ("before noon", "14:00", "Wed 00:00"),
        ("before 10am", "14:00", "Wed 00:00"),
        ("until 4", "18:00", "Wed 00:00"),
        ("between 2 and 4", "10:00", "Tue 14:00"),
        ("between 2 and 4", "16:00", "Wed 14:00"),
        ("2-4pm", "10:00", "Tue 14:00"),
        ("10am-2pm", "14:30", "Wed 10:00"),
        ("10-2pm", "08:00", "Tue 10:00"),
        ("9-5", "18:00", "Wed 09:00"),
        ("from 6 to 8 p.m.", "10:00", "Tue 18:00"),
        ("noon to 3", "10:00", "Tue 12:00"),
        ("17:00-19:00", "10:00", "Tue 17:00"),
        ("1700-1900", "10:00", "Tue 17:00"),
        ("1700 to 1900hrs", "10:00", "Tue 17:00"),
        ("0900-1700 M-F", "18:00", "Wed 09:00"),
        ("after 1800", "10:00", "Tue 18:00"),
        ("1500 hrs", "10:00", "Tue 15:00"),
        ("a las 1500 horas", "10:00", "Tue 15:00"),
        ("not before 1400", "10:00", "Tue 14:00"),
        ("at 3pm", "10:00", "Tue 15:00"),
        ("around 3 pm", "10:00", "Tue 14:30"),
        ("9 in the morning", "14:00", "Wed 09:00"),
        ("I get off work at 5", "10:00", "Tue 17:00"),
        ("home from work at 6", "10:00", "Tue 18:00"),
        ("evenings after 6", "10:00", "Tue 18:00"),
        ("evening (after 7)", "10:00", "Tue 19:00"),
        ("afternoons, after 3", "10:00", "Tue 15:00"),
        ("before 10 or after 5", "12:00", "Tue 17:00"),
        # Refusals.
        ("not before 9", "08:00", "Tue 09:00"),
        ("no earlier than 10am", "08:00", "Tue 10:00"),
        ("don't call before 9am", "08:00", "Tue 09:00"),
        ("please do not call after 8pm", "20:30", "Wed 00:00"),
        ("no later than 8", "20:30", "Wed 00:00"),
        ("not until 5", "10:00", "Tue 17:00"),
        ("I'm at work until 5", "10:00", "Tue 17:00"),
        ("mornings don't work", "09:00", "Tue 12:00"),
        ("mornings are bad", "09:00", "Tue 12:00"),
        ("I work mornings", "09:00", "Tue 12:00"),
        ("no mornings or evenings", "09:00", "Tue 12:00"),
        ("never on Tuesdays", "10:00", "Wed 00:00"),
        ("anything but mornings", "09:00", "Tue 12:00"),
        ("Not mornings. Evenings are better.", "09:00", "Tue 17:00"),
        ("not in the morning, evening is fine", "09:00", "Tue 17:00"),
        ("evenings but not Tuesdays", "10:00", "Wed 17:00"),
        ("evenings instead of mornings", "09:00", "Tue 17:00"),
        ("not today", "10:00", "Wed 00:00"),
        ("can't talk in the afternoon", "13:00", "Tue 17:00"),
        # Days.
        ("weekdays", "10:00", "Tue 10:00"),
        ("weekday evenings", "10:00", "Tue 17:00"),
        ("Mon-Wed after 3", "10:00", "Tue 15:00"),
        ("Thursday or Friday", "10:00", "Thu 00:00"),
        ("Saturday or Sunday mornings", "10:00", "Sat 08:00"),
        ("Monday through Friday, 9am to 5pm", "18:00", "Wed 09:00"),
        ("Fridays after 4pm", "10:00", "Fri 16:00"),
        ("tomorrow", "10:00", "Wed 00:00"),
        ("tomorrow after 2pm", "10:00", "Wed 14:00"),
        ("day after tomorrow", "10:00", "Thu 00:00"),
        ("tonight", "10:00", "Tue 17:00"),
        ("this afternoon", "10:00", "Tue 12:00"),
        ("later today", "10:00", "Tue 10:00"),
        ("later", "10:00", "Tue 12:00"),
        ("in an hour", "10:00", "Tue 11:00"),
        ("in 30 minutes", "10:00", "Tue 10:30"),
        ("next week", "10:00", "Mon 00:00"),
        ("tonight or tomorrow morning", "10:00", "Tue 17:00"),
        ("weeknights", "10:00", "Tue 17:00"),
        ("Sunday afternoon or Monday morning", "10:00", "Sun 12:00"),
        ("lunes, miércoles y viernes por la tarde", "10:00", "Wed 12:00"),
        # At once.
        ("now", "10:00", "Tue 10:00"),
        ("Anytime", "10:00", "Tue 10:00"),
        ("any time is fine", "10:00", "Tue 10:00"),
        ("whenever you can", "10:00", "Tue 10:00"),
        ("no preference", "10:00", "Tue 10:00"),
        ("anytime but not mornings", "09:00", "Tue 12:00"),
        ("working until 3pm", "10:00", "Tue 15:00"),
        ("tuesday 5pm-7pm, thursday 5pm-7pm", "10:00", "Tue 17:00"),
        ("I prefer evenings over mornings", "09:00", "Tue 17:00"),
        ("nothing before 10", "08:00", "Tue 10:00"),
        ("M-F 9-5", "08:00", "Tue 09:00"),
        ("W-F 9-5", "08:00", "Wed 09:00"),
        ("Th after 4", "08:00", "Thu 16:00"),
        ("M/Th evenings", "08:00", "Thu 17:00"),
        ("MWF mornings", "08:00", "Wed 08:00"),
        ("not Tu/Th", "08:00", "Wed 00:00"),
        ("M-F after 5, Sa mornings", "10:00", "Tue 17:00"),
        ("Monday after 5, Saturday morning", "10:00", "Sat 08:00"),
        ("lunes a viernes después de las 5, sábados por la mañana", "10:00", "Tue 17:00"),
        ("L, X y V por la tarde", "10:00", "Wed 12:00"),
        ("we are home after 5", "10:00", "Tue 17:00"),
        ("as soon as possible", "10:00", "Tue 10:00"),
        # Spanish.
        ("mañana", "10:00", "Wed 00:00"),
        ("pasado mañana", "10:00", "Thu 00:00"),
        ("por las mañanas", "14:00", "Wed 08:00"),
        ("en las tardes", "10:00", "Tue 12:00"),
        ("esta noche", "10:00", "Tue 17:00"),
        ("mañana por la tarde", "10:00", "Wed 12:00"),
        ("después de las 5", "10:00", "Tue 17:00"),
        ("despues de las 6 de la tarde", "10:00", "Tue 18:00"),
        ("a partir de las 3", "10:00", "Tue 15:00"),
        ("antes de las 10 de la mañana", "14:00", "Wed 00:00"),
        ("entre las 2 y las 4", "10:00", "Tue 14:00"),
        ("de 2 a 4 de la tarde", "10:00", "Tue 14:00"),
        ("a las 10 de la mañana", "14:00", "Wed 10:00"),
        ("al mediodía", "08:00", "Tue 11:00"),
        ("fines de semana", "10:00", "Sat 00:00"),
        ("entre semana por la tarde", "10:00", "Tue 12:00"),
        ("lunes a viernes", "10:00", "Tue 10:00"),
        ("los sábados", "10:00", "Sat 00:00"),
        ("no por la mañana", "09:00", "Tue 12:00"),
        ("por la mañana no", "09:00", "Tue 12:00"),
        ("nunca por la noche", "18:00", "Wed 00:00"),
        ("no llamar antes de las 9", "08:00", "Tue 09:00"),
        ("cualquier hora menos por la mañana", "09:00", "Tue 12:00"),
        ("Buenos días, mejor por la noche", "10:00", "Tue 17:00"),
        ("Buenas tardes. Prefiero en la mañana", "14:00", "Wed 08:00"),
        ("después del trabajo", "10:00", "Tue 17:00"),
        ("salgo del trabajo a las 6", "10:00", "Tue 18:00"),
        ("lo antes posible", "10:00", "Tue 10:00"),
        ("cualquier hora", "10:00", "Tue 10:00"),
        ("cuando puedan", "10:00", "Tue 10:00"),
        ("ni por la mañana ni por la noche", "09:00", "Tue 12:00"),
        ("en una hora", "10:00", "Tue 11:00"),
    ],
)
def test_what_people_write(text: str, at: str, expected: str) -> None:
    assert first_time(text, at) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Good morning!",
        "Buenas noches",
        "I don't know",
        "it depends",
        "not now",
        "ahora no",
        "not mornings, evenings",  # either
        "no evenings only mornings",
        "Mornings? No.",
        "evening unless it rains",
        "if my husband is out, mornings",
        "anytime but preferably evenings",
        "after Monday",
        "until Friday",
        "not tomorrow",
        "call 315-555-0142",
        "do not leave a voicemail",
        "do not text me in the evening",
        "I do not work evenings but am at school mornings not",
        "whatever suits",
        "my husband is home in the evenings",
        "not when I'm at work, 8-4",
        "evening " + "x" * 500 + " no",
        "not mornings not afternoons not evenings not nights before noon",
    ],
)
def test_what_is_not_certain_is_no_wish(text: str) -> None:
    assert read_call_time(text) is None


def test_a_wish_is_met_in_every_zone_in_which_they_may_be() -> None:
    el_paso = ("America/Chicago", "America/Denver")
    assert first_time("evening", "10:00", *el_paso) == "Tue 19:00"  # 17:00 in Denver
    assert first_time("before noon", "13:30", *el_paso) == "Wed 02:00"


def test_a_wish_that_no_instant_meets_everywhere_says_so() -> None:
    wish = read_call_time("evening")
    assert wish
    far_apart = (NEW_YORK, "Pacific/Guam")
    assert wish.first_time(far_apart, said_at=datetime(2026, 3, 3, 15, tzinfo=UTC)) is None


@pytest.mark.parametrize("day", ["2026-03-07", "2026-10-31"])
def test_tomorrow_is_by_the_clock_on_the_wall_through_its_changes(day: str) -> None:
    wish = read_call_time("tomorrow after 2pm")
    assert wish
    said_at = datetime.fromisoformat(f"{day} 15:00").replace(tzinfo=ZoneInfo(NEW_YORK))
    found = wish.first_time((NEW_YORK,), said_at=said_at.astimezone(UTC))
    assert found
    local = found.astimezone(ZoneInfo(NEW_YORK))
    assert (local.date() - said_at.date(), local.hour) == (timedelta(days=1), 14)


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("before lunch", "14:00", "Wed 00:00"),
        ("antes del mediodía", "18:00", "Wed 00:00"),
        ("antes de la noche", "18:00", "Wed 00:00"),
        ("después de comer", "10:00", "Tue 14:00"),
        ("después del medio día", "10:00", "Tue 12:00"),
        ("not before dinner", "10:00", "Tue 17:00"),
        ("outside business hours", "10:00", "Tue 17:00"),
        ("fuera del horario de oficina", "10:00", "Tue 17:00"),
        ("all day except 12 to 1", "12:10", "Tue 13:00"),
        ("3 to 5", "10:00", "Tue 15:00"),
        ("Between 5 & 7", "10:00", "Tue 17:00"),
        ("5~7pm", "10:00", "Tue 17:00"),
        ("half past four", "10:00", "Tue 16:30"),
        ("after half past 6", "10:00", "Tue 18:30"),
        ("quarter to five", "10:00", "Tue 16:45"),
        ("a las cuatro y media", "10:00", "Tue 16:30"),
        ("7ish pm", "10:00", "Tue 18:30"),
        (">5pm", "10:00", "Tue 17:00"),
        ("end of day", "10:00", "Tue 15:00"),
        ("mornings: no; evenings: yes", "10:00", "Tue 17:00"),
        ("b4 noon", "14:00", "Wed 00:00"),
        ("not until after 5", "10:00", "Tue 17:00"),
        ("7pm at the latest", "20:00", "Wed 00:00"),
        ("5pm at the earliest", "10:00", "Tue 17:00"),
        ("9 am - 12 am", "08:00", "Tue 09:00"),
        ("I wake up at 11", "14:00", "Tue 14:00"),
        ("day or night", "10:00", "Tue 10:00"),
        ("after 5 but before 7", "10:00", "Tue 17:00"),
        ("después de las 5 pero antes de las 7", "20:00", "Wed 17:00"),
        ("lun a vie 9 a 11", "12:00", "Wed 09:00"),
        ("cuando salga del trabajo a las 5", "10:00", "Tue 17:00"),
    ],
)
def test_what_lies_before_after_or_outside_is_no_time_within(
    text: str, at: str, expected: str
) -> None:
    assert first_time(text, at) == expected


@pytest.mark.parametrize(
    "text",
    [
        "any time except dinner with my kids",
        "anytime except gym",
        "mornings no evenings yes",
        "after the weekend",
        "no tan tarde",
        "2 to 4 kids at home",
    ],
)
def test_what_could_mean_its_opposite_is_left_to_a_person(text: str) -> None:
    assert read_call_time(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "I have class 9-12",
        "in school til noon",
        "peligroso en la mañana",
        "dialysis Tuesday mornings",
        "work until noon",
        "work 7-3",
        "sleeping until 2pm",
        "mornings are terrible",
        "mornings suck",
        "rarely mornings",
        "skip mornings",
        "everything but mornings",
        "las mañanas me cuestan",
        "sin llamadas por la mañana",
        "least preferred: morning",
    ],
)
def test_a_complaint_about_a_time_is_no_wish_for_it(text: str) -> None:
    assert first_time(text, "09:30") >= "Tue 12:00"


@pytest.mark.parametrize(
    "text", ["evenings no problem", "por la noche, sin falta", "evenings are not a problem"]
)
def test_no_problem_is_no_refusal(text: str) -> None:
    assert first_time(text, "10:00") == "Tue 17:00"


def test_at_least_is_no_complaint() -> None:
    assert first_time("at least after 5pm", "10:00") == "Tue 17:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("not today, tomorrow", "Wed 00:00"),
        ("not today, Friday after 3", "Fri 15:00"),
        ("hoy no, mañana", "Wed 00:00"),
        ("hoy no puedo, mañana en la mañana sí", "Wed 08:00"),
        ("can't right now, tomorrow after 3", "Wed 15:00"),
        ("not now, later", "Tue 12:00"),
        ("ahora no, más tarde", "Tue 12:00"),
        ("not this morning, this afternoon", "Tue 12:00"),
        ("not tonight, tomorrow night", "Wed 17:00"),
        ("entre semana no, sábados sí", "Sat 00:00"),
        ("sábados sí, domingos no", "Sat 00:00"),
        ("por la mañana no, por la tarde sí", "Tue 12:00"),
        ("mañanas no, tardes tampoco, noches sí", "Tue 19:00"),
        ("Mon-Fri no, Sat yes", "Sat 00:00"),
        ("lunes no, jueves", "Thu 00:00"),
        ("sí, por las tardes", "Tue 12:00"),
    ],
)
def test_what_is_refused_first_and_then_put_right_is_understood(text: str, expected: str) -> None:
    assert first_time(text, "10:00") == expected
    assert not may_refuse_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "not mornings, evenings",
        "hoy no mañana sí",
        "not now",
        "ahora no",
        "not today, tonight",
        "not tomorrow, Thursday",
        "not this week, next week",
        "esta semana no, la próxima",
        "not until Friday",
        "evening unless it rains",
        "my husband is home in the evenings",
        "mientras mi esposo trabaja",
        "mornings? No.",
    ],
)
def test_an_unclear_refusal_of_a_time_is_for_a_person(text: str) -> None:
    assert read_call_time(text) is None
    assert may_refuse_time(text)


@pytest.mark.parametrize(
    "text", ["", "n/a", "none", "it depends", "not sure", "any time", "evenings", "call my cell"]
)
def test_who_refuses_no_time_may_be_rung(text: str) -> None:
    assert not may_refuse_time(text)


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("9-5 EST", "07:00", "Tue 09:00"),
        ("9 to 5 EST", "07:00", "Tue 09:00"),
        ("9am - 5pm CT", "07:00", "Tue 10:00"),
        ("2pm pacific time", "10:00", "Tue 17:00"),
        ("after 5 pm mountain", "10:00", "Tue 19:00"),
        ("a las 5 pm hora del este", "10:00", "Tue 17:00"),
        ("tomorrow morning eastern", "10:00", "Wed 08:00"),
    ],
)
def test_a_stated_zone_is_by_whose_clock_it_is(text: str, at: str, expected: str) -> None:
    assert first_time(text, at, "America/Los_Angeles") == expected


def test_a_wish_in_another_zone_is_no_stricter_one() -> None:
    assert not is_stricter_wish("9-12 PST", "9-5 EST")
    assert is_stricter_wish("9-12 EST", "9-5 EST")
    assert is_stricter_wish("9-12 EST", "any time")


@pytest.mark.parametrize(
    "text",
    [
        "12/01/2026 2:00 PM",
        "2026-12-01T14:00",
        "Dec 5 at 2pm",
        "el 5 de enero a las 3",
        "on the 15th",
        "5/12",
        "evenings my abuser is home",
        "after my shift",
        "once I'm off",
        "6",
        "1800",
        "evenigns",
        "late",
        "first thing",
        "15 minutes",
        "not at work",
        "busy right now",
        "I can't talk now",
        "never",
        "2pm GMT",
        "12 EST or 9 PST",
        "evening " + "x" * 500,
    ],
)
def test_what_names_a_time_that_nobody_can_read_is_for_a_person(text: str) -> None:
    assert read_call_time(text) is None
    assert may_refuse_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "whenever",
        "anytime",
        "when you can",
        "when it's convenient",
        "cuando usted pueda",
        "cuando tenga tiempo",
        "lo antes que puedan",
        "7 days a week",
        "depende",
        "no sé",
        "idk",
        "no",
        "no pref",
        "up to you",
        "at your convenience",
        "whatever suits",
        "please call",
        "Good morning!",
        "call 315-555-0142",
        "24/7",
        "-",
    ],
)
def test_who_does_not_care_when_is_held_by_nothing(text: str) -> None:
    assert not may_refuse_time(text)


REFUSED_RANGES = (
    "not available {0}-{1}",
    "I'm not available from {0} to {1}",
    "not free between {0} and {1}",
    "not home {0} to {1}",
    "can't talk {0}-{1}",
    "unavailable {0}-{1}",
    "busy from {0} to {1}",
    "please do not call {0} to {1}",
    "no estoy disponible de {0} a {1}",
    "no disponible de {0} a {1}",
    "no puedo de {0} a {1}",
    "no llamar entre las {0} y las {1}",
)
BUSY_RANGES = (
    "my shift is {0}-{1}",
    "on duty {0}-{1}",
    "school {0}-{1}",
    "I'm in class {0} to {1}",
    "class {0}-{1}",
    "group therapy {0}-{1}",
    "my job is {0} to {1}",
    "I have an appointment {0}-{1}",
    "mi turno es de {0} a {1}",
    "estoy en la escuela de {0} a {1}",
    "clase de {0} a {1}",
    "terapia de {0} a {1}",
)


@given(
    wording=st.sampled_from(REFUSED_RANGES + BUSY_RANGES),
    opens=st.integers(7, 20),
    hours=st.integers(1, 10),
    is_marked=st.booleans(),
    minute=st.integers(0, 59),
)
@example(wording="not available {0}-{1}", opens=9, hours=8, is_marked=False, minute=0)
@example(wording="not available {0}-{1}", opens=19, hours=2, is_marked=False, minute=0)
@example(wording="not available {0}-{1}", opens=9, hours=8, is_marked=True, minute=0)
@example(wording="my shift is {0}-{1}", opens=7, hours=8, is_marked=False, minute=0)
def test_no_call_is_planned_in_hours_that_are_refused_or_taken(
    wording: str, opens: int, hours: int, *, is_marked: bool, minute: int
) -> None:
    closes = min(opens + hours, 23)
    first, last = (_said_clock(hour, is_marked=is_marked) for hour in (opens, closes))
    wish = read_call_time(wording.format(first, last))
    if wish is None:
        assert may_refuse_time(wording.format(first, last))
        return
    if not is_marked:  # by the hours at which phones ring, as people mean them
        opens, closes = _usual_hours(opens, closes)
    for hour in range(opens, closes):
        at = datetime.combine(datetime(2026, 3, 3, tzinfo=UTC), time(hour, minute), UTC)
        assert not wish.is_met(at, ["UTC"]), (hour, wish)


def _said_clock(hour: int, *, is_marked: bool) -> str:
    """Return an hour as it is said on a clock of twelve, with or without its half of the day."""
    half = ("am" if hour < 12 else "pm") if is_marked else ""
    return f"{(hour - 1) % 12 + 1}{half}"


def _usual_hours(opens: int, closes: int) -> tuple[int, int]:
    """Return the hours within which "7-3" lies, whichever halves of the day are meant."""
    first, last = opens % 12, closes % 12
    starts = [hour for hour in (first, first + 12) if 8 <= hour <= 20]
    ends = [hour for hour in (last, last + 12) if 9 <= hour <= 21]
    ranges = [(start, end) for start in starts for end in ends if 0 < end - start <= 10]
    return ranges[0] if len(ranges) == 1 else (0, 0)


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("not available 9-5", "09:30", "Tue 17:00"),
        ("not available 9am-5pm", "09:30", "Tue 17:00"),
        ("no disponible de 9 a 5", "09:30", "Tue 17:00"),
        ("not available from 9", "09:30", "Wed 00:00"),
        ("available 9-5", "18:00", "Wed 09:00"),
        ("libre de 2 a 4", "10:00", "Tue 14:00"),
        ("my shift is 7a-3p", "09:30", "Tue 15:00"),
        ("mi turno es de 7 a 3", "09:30", "Tue 15:00"),
        ("estoy en la escuela de 8 a 2", "09:30", "Tue 14:00"),
        ("school till 3", "09:30", "Tue 15:00"),
        ("school 8-3", "09:30", "Tue 15:00"),
        ("class 9-11", "09:30", "Tue 11:00"),
        ("clase de 9 a 11", "09:30", "Tue 11:00"),
        ("probation meeting at 3", "15:30", "Tue 16:00"),
        ("therapy at 4", "16:30", "Tue 17:00"),
        ("cita a las 3", "15:30", "Tue 16:00"),
        ("doctor at 11", "11:30", "Tue 12:00"),
        ("court at 10", "10:30", "Tue 11:00"),
        ("before court at 10", "10:30", "Wed 00:00"),
        ("after class at 3", "10:00", "Tue 15:00"),
        ("my shift ends at 3", "10:00", "Tue 15:00"),
        ("salgo de clase a las 11", "10:00", "Tue 11:00"),
    ],
)
def test_hours_in_which_somebody_is_busy_are_not_wished(text: str, at: str, expected: str) -> None:
    assert first_time(text, at) == expected


@given(
    word=st.text("abcdefghijklmnopqrstuvwxyz", min_size=5, max_size=10),
    wording=st.sampled_from(["{} 7-3", "{} in the mornings", "mornings {}", "en la tarde {}"]),
)
def test_a_time_beside_an_unknown_word_is_for_a_person(word: str, wording: str) -> None:
    tokens = list(read_tokens(word))
    if [one.kind for one in tokens] != [TokenKind.WORD] or word in BESIDE_WISHED_TIME:
        return
    assert read_call_time(wording.format(word)) is None
    assert may_refuse_time(wording.format(word))


@pytest.mark.parametrize(
    "text",
    [
        "I babysit 7-3",
        "on the bus 4-5",
        "probation office tues 10am",
        "en la tarde cuido a mis nietos",
        "turno de noche, descanso en el dia",
        "days no nights yes",
        "never mornings evenings ok",
        "no mornings please afternoons only",
        "up at 6, asleep by 8",
    ],
)
def test_what_happens_at_a_time_is_no_wish_for_it(text: str) -> None:
    assert may_refuse_time(text)


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("nights are off the table", "17:30", "Wed 00:00"),
        ("nope to mornings", "09:30", "Tue 12:00"),
        ("steer clear of weekends", "09:30", "Tue 09:30"),
        ("de noche ni lo intenten", "17:30", "Wed 00:00"),
        ("en la mañana ni se les ocurra", "09:30", "Tue 12:00"),
        ("quitando los martes", "09:30", "Wed 00:00"),
        ("a excepción de los martes", "09:30", "Wed 00:00"),
        ("phone is off after 9", "21:30", "Wed 00:00"),
        ("los fines no", "09:30", "Tue 09:30"),
        ("Mon-Wed-Fri mornings", "09:30", "Wed 08:00"),
        ("lun-mie-vie en la mañana", "09:30", "Wed 08:00"),
        ("Mon-Fri mornings", "09:30", "Tue 09:30"),
        ("before noon ET", "09:30", "Tue 09:30"),
        ("tue 9-12 thu 2-4", "13:00", "Thu 14:00"),
        ("Monday mornings Tuesday afternoons", "09:30", "Tue 12:00"),
        ("call after lunch not before", "09:30", "Tue 12:00"),
        ("noon - 2pm no other time", "09:30", "Tue 12:00"),
        ("not free until after 7", "10:00", "Tue 19:00"),
        ("nomás en la tarde", "09:30", "Tue 12:00"),
    ],
)
def test_a_time_that_is_ruled_out_is_not_the_one_that_is_wished(
    text: str, at: str, expected: str
) -> None:
    assert first_time(text, at) == expected


@pytest.mark.parametrize(
    "text", ["quiero una cita a las 3", "need an appointment at 3", "court starts at 10"]
)
def test_whether_somebody_is_busy_or_asks_for_it_is_for_a_person(text: str) -> None:
    assert may_refuse_time(text)
