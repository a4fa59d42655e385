"""Whom a helpline's advisors bring into calls by one press: set up by supervisors alone."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from leads.errors import BadConfiguration, LeadsError, NotAllowed
from leads.helplines import call_presets
from leads.models.enums import Party
from tests.conftest import NOW
from tests.support import people

LINE = {"name": "Language line", "language": "Spanish", "number": "(800) 555-0155"}


def test_a_supervisor_sets_up_an_interpreter_and_takes_them_out_again(session: Session) -> None:
    brand_id, supervisor = people.a_source(session).brand_id, people.a_supervisor(session)
    shelter = {"name": "  Harbor   shelter ", "number": "315 555 0188"}
    call_presets.add_preset(session, brand_id, supervisor, Party.THIRD_PARTY, **shelter, now=NOW)
    line = call_presets.add_preset(
        session, brand_id, supervisor, Party.INTERPRETER, **LINE, now=NOW
    )
    listed = call_presets.list_helpline_presets(session, supervisor)[brand_id].presets
    assert [(one.name, one.phone) for one in listed] == [
        ("Language line", "+18005550155"),
        ("Harbor shelter", "+13155550188"),
    ]
    for _ in range(2):
        call_presets.remove_preset(session, line.id, supervisor, now=NOW)
    assert [one.name for one in call_presets.list_presets(session, brand_id)] == ["Harbor shelter"]
    trace = [(move.event, move.actor) for move in people.moves(session, line)]
    assert trace == [
        ("add_preset", f"advisor:{supervisor.id}"),
        ("remove_preset", f"advisor:{supervisor.id}"),
    ]


@pytest.mark.parametrize(
    ("party", "changes", "said"),
    [
        ("interpreter", {"name": " "}, "the name"),
        ("interpreter", {"language": ""}, "the language they"),
        ("interpreter", {"number": "911"}, "911 cannot"),
        ("third_party", {"number": "1-911"}, "911 cannot"),
        ("third_party", {"number": "315-555-01"}, "cannot be called"),
        ("third_party", {"number": "+13155550199"}, "our own numbers"),
        ("third_party", {"keys": "call 4471"}, r"digits, \* and #"),
        ("interpreter", {"keys": 29 * "1"}, "28 at most"),
        ("interpreter", {"keys": 15 * ","}, "counts as two"),
    ],
)
def test_a_preset_that_could_not_be_called_is_refused(
    session: Session, party: str, changes: dict[str, str], said: str
) -> None:
    brand_id, supervisor = people.a_source(session).brand_id, people.a_supervisor(session)
    with pytest.raises(LeadsError, match=said):
        call_presets.add_preset(
            session, brand_id, supervisor, Party(party), **LINE | changes, now=NOW
        )
    assert call_presets.list_presets(session, brand_id) == []


def test_advisors_set_up_nothing(session: Session) -> None:
    brand_id, supervisor = people.a_source(session).brand_id, people.a_supervisor(session)
    advisor = people.an_advisor(session)
    preset = call_presets.add_preset(
        session, brand_id, supervisor, Party.INTERPRETER, **LINE, now=NOW
    )
    with pytest.raises(NotAllowed):
        call_presets.add_preset(session, brand_id, advisor, Party.INTERPRETER, **LINE, now=NOW)
    with pytest.raises(NotAllowed):
        call_presets.remove_preset(session, preset.id, advisor, now=NOW)
    with pytest.raises(NotAllowed):
        call_presets.list_helpline_presets(session, advisor)
    with pytest.raises(BadConfiguration, match="already on the list"):
        call_presets.add_preset(session, brand_id, supervisor, Party.INTERPRETER, **LINE, now=NOW)
