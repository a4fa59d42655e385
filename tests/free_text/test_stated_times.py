"""Stated times: when somebody says that they can be called, at noon of a Tuesday in New York."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from leads.free_text.stated_times import read_stated_time
from tests.conftest import NOW

ZONE = "America/New_York"


@pytest.mark.parametrize(
    ("said", "stated"),
    [
        ("call me at 3", "Tue 15:00"),
        ("call me at 5:30 pm", "Tue 17:30"),
        ("call me at 5 p.m.", "Tue 17:00"),
        ("im at work try after 6", "Tue 18:00"),
        ("ring me tonight at 8", "Tue 20:00"),
        ("llamen a las 7", "Tue 19:00"),
        ("despues de las 6 de la tarde", "Tue 18:00"),
        ("not now, call me tomorrow", "Wed 09:00"),
        ("ahorita no, llámenme mañana", "Wed 09:00"),
        ("mañana por la tarde", "Wed 12:00"),
        ("asleep, call after noon", "Wed 12:00"),
        ("no llamen antes de las 10", "Wed 10:00"),
        ("could you push it to friday", "Fri 09:00"),
        ("Hoy no, mejor el lunes", "Mon 09:00"),
        ("dejenlo pa la otra semana", "Tue 09:00"),
        ("en junta, en una hora", "Tue 13:00"),
        ("give me 20 minutes", "Tue 12:20"),
        ("en media hora", "Tue 12:30"),
    ],
)
def test_a_time_is_understood_as_its_writer_sees_it(said: str, stated: str) -> None:
    understood = read_stated_time(said, now=NOW, zone=ZONE)
    assert understood
    assert NOW < understood <= NOW + timedelta(days=7)
    assert f"{understood.astimezone(ZoneInfo(ZONE)):%a %H:%M}" == stated


@pytest.mark.parametrize(
    "said",
    ["later", "luego", "denme unos dias", "i have 3 kids", "manejando", "at 99", "en 2 meses"],
)
def test_what_names_no_time_is_left_to_a_person(said: str) -> None:
    assert read_stated_time(said, now=NOW, zone=ZONE) is None


def test_tomorrow_is_the_same_wall_clock_across_a_clock_change() -> None:
    saturday = datetime(2026, 3, 7, 12, 0, tzinfo=ZoneInfo(ZONE))
    understood = read_stated_time("call me tomorrow at 1pm", now=saturday, zone=ZONE)
    assert understood == datetime(2026, 3, 8, 13, 0, tzinfo=ZoneInfo(ZONE))
