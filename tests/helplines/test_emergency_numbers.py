"""A helpline's crisis line and its counties' numbers: all of a file or nothing of it."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from leads.errors import BadConfiguration, BadFile, NotAllowed
from leads.free_text.danger import DangerKind
from leads.helplines import emergency_numbers
from leads.helplines.emergency_numbers import EmergencyEntry
from leads.incidents import course
from leads.read_models.danger_desk import read_danger_desk
from tests.conftest import NOW
from tests.support import people

FILE = (
    "State, County, Number, Name\n"
    "NY, Onondaga, 315-435-7911, Onondaga 911 Center\n"
    "ny, Onondaga, (315) 435-7911, Onondaga 911 Center\n"
    "\n"
    "TX, Travis, +1 512 974 2000,\n"
).encode("utf-8-sig")


def listed(session: Session, supervisor: people.Advisor) -> tuple[EmergencyEntry, ...]:
    return emergency_numbers.list_emergency_numbers(session, supervisor)[0].entries


def replace_list(session: Session, supervisor: people.Advisor, content: bytes) -> int:
    brand_id = people.a_source(session).brand_id
    return emergency_numbers.replace_emergency_numbers(
        session, brand_id, supervisor, content, now=NOW
    )


def test_a_file_replaces_the_list_and_the_desk_shows_the_state_they_are_in(
    session: Session,
) -> None:
    sam, callback = people.a_supervisor(session), people.a_callback(session)
    assert replace_list(session, sam, FILE) == 2
    assert [(one.county, one.number) for one in listed(session, sam)] == [
        ("Onondaga", "+13154357911"),
        ("Travis", "+15129742000"),
    ]
    assert read_danger_desk(session, callback).county_numbers == ()
    course.open_incident(session, callback, DangerKind.NOW, by="network", now=NOW)
    [near] = read_danger_desk(session, callback).county_numbers  # a number in New York
    assert (near.county, near.number) == ("Onondaga", "(315) 435-7911")
    people.lead_of(session, callback).phone = "+15125550123"  # one in Texas
    assert [one.county for one in read_danger_desk(session, callback).county_numbers] == ["Travis"]
    assert replace_list(session, sam, FILE[: FILE.index(b"TX")]) == 1
    assert read_danger_desk(session, callback).county_numbers == ()
    assert len(listed(session, sam)) == 1


def test_a_file_may_name_its_columns_in_spanish(session: Session) -> None:
    sam, spanish = people.a_supervisor(session), b"State, County, Number, Name"
    header = "Estado, Condado, N\u00famero, Nombre".encode()
    assert spanish in FILE
    assert replace_list(session, sam, FILE.replace(spanish, header)) == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"county,state,name\nTravis,TX,911\n", "number"),
        (b"county,state,name,number\nTravis,TX,Center,911\n", "Row 2"),
        (b"county,state,name,number\nTravis,TX,Center,5550100\n", "ten-digit"),
        (b"county,state,name,number\nTravis,Texas,Center,5129742000\n", "two-letter"),
        (b"county,state,name,number\n", "no numbers"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_what_cannot_be_read_whole_changes_nothing(
    session: Session, content: bytes, says: str
) -> None:
    sam = people.a_supervisor(session)
    replace_list(session, sam, FILE)
    with pytest.raises(BadFile, match=says):
        replace_list(session, sam, content)
    assert len(listed(session, sam)) == 2


def test_the_crisis_line_is_a_long_number_that_a_supervisor_sets(session: Session) -> None:
    sam, brand_id = people.a_supervisor(session), people.a_source(session).brand_id
    emergency_numbers.set_crisis_line(session, brand_id, sam, "512 472 4357", now=NOW)
    assert emergency_numbers.list_emergency_numbers(session, sam)[0].crisis_line == "+15124724357"
    for short in ("988", "911"):
        with pytest.raises(BadConfiguration):
            emergency_numbers.set_crisis_line(session, brand_id, sam, short, now=NOW)
    advisor = people.an_advisor(session)
    with pytest.raises(NotAllowed):
        emergency_numbers.set_crisis_line(session, brand_id, advisor, "512 472 4357", now=NOW)
