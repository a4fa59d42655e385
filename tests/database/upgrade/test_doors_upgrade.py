"""After the upgrade every door is where it was, and only a form beside a secret is closed."""

from __future__ import annotations

from alembic import command
from sqlalchemy import text
from sqlmodel import col, select

from leads.database.transactions import reader, transaction
from leads.models.calls import CallAttempt
from leads.models.helplines import Brand, Source
from leads.models.requests import Submission
from tests.support.upgrade_fixture import AtRevision

BEFORE = "0015"


def test_addresses_stay_and_a_form_beside_a_secret_is_closed(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at(BEFORE)
    with transaction() as session:
        first = session.execute(text("SELECT min(id) FROM source")).scalar_one()
        session.execute(text("UPDATE source SET secrets = '[]'"))
        session.execute(
            text("UPDATE source SET secrets = :secrets WHERE id = :id"),
            {"secrets": '["one"]', "id": first},
        )
        slugs = session.execute(text("SELECT id, slug FROM source ORDER BY id")).all()
    command.upgrade(old_database, "head")
    with reader() as session:
        sources = session.exec(select(Source).order_by(col(Source.id))).all()
        assert [(source.id, source.slug) for source in sources] == list(map(tuple, slugs))
        closed = [source.id for source in sources if not source.takes_hosted_form]
        assert closed == [first]
        brands = session.exec(select(Brand)).all()
        assert {tuple(brand.called_countries) for brand in brands} == {()}
        assert session.exec(select(Submission.query).distinct()).all() == [""]
        assert set(session.exec(select(CallAttempt.advisor_phone))) <= {None}


def test_the_way_back_loses_no_row(old_database_at: AtRevision) -> None:
    old_database = old_database_at("head")
    with reader() as session:
        before = len(session.exec(select(Submission.id)).all())
    command.downgrade(old_database, BEFORE)
    with reader() as session:
        assert session.execute(text("SELECT count(*) FROM submission")).scalar_one() == before
    command.upgrade(old_database, "head")
