"""After the upgrade every helpline asks all questions, and nobody has answered any."""

from __future__ import annotations

from alembic import command
from sqlalchemy import text
from sqlmodel import select

from leads.call_questions import IntakeQuestion
from leads.database.transactions import reader
from leads.helplines import intake_settings
from leads.models.calls import IntakeAnswer
from leads.models.helplines import Brand
from tests.support.upgrade_fixture import AtRevision

BEFORE = "0037"


def test_every_helpline_asks_everything_and_files_are_as_they_were(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at("head")
    with reader() as session:
        brands = session.exec(select(Brand)).all()
        assert brands
        for brand in brands:
            assert intake_settings.list_questions_of(brand) == tuple(IntakeQuestion)
        assert session.exec(select(IntakeAnswer)).all() == []
        callbacks = session.execute(text("SELECT count(*) FROM callback")).scalar_one()
    command.downgrade(old_database, BEFORE)
    command.upgrade(old_database, "head")
    with reader() as session:
        assert session.execute(text("SELECT count(*) FROM callback")).scalar_one() == callbacks
