"""After the upgrade it is known which hold of before was ordered, and who is in a phone's menu."""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import text

from leads.database.transactions import reader, transaction
from leads.models.enums import AttemptState
from tests.conftest import NOW
from tests.support.upgrade_fixture import AtRevision

BEFORE = "0035"
LEG = text(
    "INSERT INTO call_leg (attempt_id, party, provider_call_id, status, sequence, phone,"
    " is_on_hold, joined_at)"
    " VALUES (:attempt, :party, :party, 'in-progress', 2, :phone, :is_on_hold, :joined_at)"
)
LEGS = text(
    "SELECT party, is_hold_ordered, is_hold_heard, is_in_menu, joined_at IS NULL FROM call_leg"
)


@pytest.mark.parametrize(
    ("in_menu", "beside", "is_ordered"),
    [(False, False, True), (True, False, False), (False, True, False)],
)
def test_holds_and_menus_of_before_are_told_apart(
    old_database_at: AtRevision, *, in_menu: bool, beside: bool, is_ordered: bool
) -> None:
    old_database = old_database_at(BEFORE)
    with transaction() as session:
        session.execute(text("DELETE FROM call_leg"))
        attempt = session.execute(text("SELECT min(id) FROM call_attempt")).scalar_one()
        bridged = {"attempt": attempt, "at": NOW, "state": AttemptState.BRIDGED}
        session.execute(
            text("UPDATE call_attempt SET state = :state, answered_at = :at WHERE id = :attempt"),
            bridged,
        )
        leg = {"attempt": attempt, "phone": "", "is_on_hold": False, "joined_at": NOW}
        session.execute(LEG, leg | {"party": "lead", "is_on_hold": True})
        session.execute(LEG, leg | {"party": "advisor", "joined_at": None if in_menu else NOW})
        if beside:
            session.execute(LEG, leg | {"party": "interpreter", "phone": "+13155550188"})
    command.upgrade(old_database, "head")
    with reader() as session:
        found = {party: tuple(rest) for party, *rest in session.execute(LEGS)}
    assert found["lead"] == (is_ordered, True, False, False)
    assert found["advisor"] == (False, False, in_menu, False)
    command.downgrade(old_database, BEFORE)
    with reader() as session:
        gone = session.execute(text("SELECT joined_at IS NULL FROM call_leg ORDER BY party"))
        assert gone.first() == (in_menu,)
    command.upgrade(old_database, "head")
