"""What was there before the upgrade was entered by nobody, and nobody wrote its consent down."""

from __future__ import annotations

from alembic import command
from sqlmodel import select

from leads.database.transactions import reader
from leads.models.requests import Consent, Submission
from tests.support.upgrade_fixture import AtRevision


def test_no_form_of_before_was_entered_by_hand(old_database_at: AtRevision) -> None:
    old_database = old_database_at("head")
    with reader() as session:
        assert set(session.exec(select(Submission.entered_by))) == {""}
        assert set(session.exec(select(Consent.recorded_by))) == {""}
    command.downgrade(old_database, "0037")
    command.upgrade(old_database, "head")
