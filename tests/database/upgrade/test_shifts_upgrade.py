"""Skills and shifts come to a database with people in it, and can be taken out of it again."""

from __future__ import annotations

from alembic import command
from sqlalchemy import inspect
from sqlmodel import select

from leads.callbacks.wish_matching import AdvisorWishes
from leads.database.engine import current_engine
from leads.database.transactions import reader
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.helplines import WISH_PATIENCE, Brand
from leads.models.requests import Lead
from leads.people.competence import competence_of
from tests.support.upgrade_fixture import AtRevision


def test_everybody_speaks_english_and_nobody_wishes_for_more(
    old_database_at: AtRevision,
) -> None:
    old_database_at("head")
    with reader() as session:
        advisors = session.exec(select(Advisor)).all()
        assert {competence_of(one).languages for one in advisors} == {frozenset({"en"})}
        assert set(session.exec(select(Advisor.is_rung_on_shifts))) == {False}
        assert set(session.exec(select(Brand.wish_patience))) == {WISH_PATIENCE}
        assert set(session.exec(select(Callback.match))) == {None}
        wishes = {AdvisorWishes.of_lead(lead) for lead in session.exec(select(Lead))}
    assert {one.gender + one.skill for one in wishes} == {""}


def test_a_downgrade_takes_all_of_it_out_again(old_database_at: AtRevision) -> None:
    old_database = old_database_at("0031")
    command.downgrade(old_database, "-1")
    shape = inspect(current_engine())
    assert {"weekly_shift", "shift_change"} & set(shape.get_table_names()) == set()
    for table, column in (("lead", "wished_gender"), ("advisor", "skills"), ("callback", "match")):
        assert column not in {one["name"] for one in shape.get_columns(table)}
    command.upgrade(old_database, "head")
