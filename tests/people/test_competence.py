"""What colleagues speak and know is set by supervisors, out of lists, and is on record."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from leads.database.transactions import write_deferred_inserts
from leads.errors import BadConfiguration, NotAllowed
from leads.helplines import wish_settings
from leads.models.helplines import Brand
from leads.models.watching import Transition
from leads.people import competence, staff
from leads.people.competence import Competence, competence_of
from tests.conftest import NOW
from tests.support.people import a_source, a_supervisor, an_advisor


def a_brand(session: Session) -> Brand:
    return session.get_one(Brand, a_source(session).brand_id)


def test_a_supervisor_sets_lists_and_people_and_the_trail_says_so(session: Session) -> None:
    brand, boss, ana = a_brand(session), a_supervisor(session), an_advisor(session)
    wish_settings.set_wish_rules(
        session, brand, boss, skills=["Families", " veterans ", "families"], patience=5, now=NOW
    )
    [rules] = wish_settings.list_wish_rules(session, boss)
    assert (rules.skills, rules.patience) == (("families", "veterans"), 5)
    competence.set_competence(
        session, ana, boss, spoken=["es", "en"], skills=["veterans"], gender="woman", now=NOW
    )
    assert competence_of(ana) == Competence(
        frozenset({"en", "es"}), frozenset({"veterans"}), "woman"
    )
    [member] = [one for one in staff.read_staff(session, boss, now=NOW) if one.name == ana.name]
    assert member.languages == ("en", "es")
    assert member.skills == ("veterans",)
    assert member.gender == "woman"
    write_deferred_inserts(session)
    [row] = session.exec(select(Transition).where(Transition.event == "set_competence"))
    assert row.changes == {"languages": ["en", "es"], "skills": ["veterans"], "gender": "woman"}


def test_what_is_in_no_list_is_refused(session: Session) -> None:
    boss, ana = a_supervisor(session), an_advisor(session)
    usual = {"spoken": ["en"], "skills": [], "gender": ""}
    for wrong in ({"spoken": ["xx"]}, {"skills": ["magic"]}, {"gender": "other"}):
        with pytest.raises(BadConfiguration):
            competence.set_competence(session, ana, boss, **{**usual, **wrong}, now=NOW)
    with pytest.raises(NotAllowed):
        competence.set_competence(session, ana, ana, **usual, now=NOW)
    for rules in ({"skills": ["x" * 41], "patience": 1}, {"skills": [], "patience": 121}):
        with pytest.raises(BadConfiguration):
            wish_settings.set_wish_rules(session, a_brand(session), boss, **rules, now=NOW)


def test_whoever_says_no_language_speaks_english(session: Session) -> None:
    assert competence_of(an_advisor(session)).languages == {"en"}
