"""A person who asked helplines of two operators has a file with each after the upgrade."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import command
from sqlalchemy import text
from sqlmodel import Session, col, select

from leads.callbacks import shared_numbers
from leads.database.transactions import reader, transaction
from leads.models.calls import Callback
from leads.models.helplines import Brand
from leads.models.requests import Consent, Lead, Submission
from tests.support.upgrade_fixture import AtRevision


def copy_row(session: Session, table: str, row_id: int, **changes: object) -> int:
    """Insert a row once more, with other values in some columns; returns its id."""
    rows = sa.Table(table, sa.MetaData(), autoload_with=session.connection())
    there = session.execute(sa.select(rows).where(rows.c.id == row_id)).mappings().one()
    row = {**there, **changes}
    row.pop("id")
    new = sa.insert(rows).values(row).returning(rows.c.id)
    return int(session.execute(new).scalar_one())


def test_who_asked_two_operators_has_two_files(old_database_at: AtRevision) -> None:
    alembic = old_database_at("0101")
    with transaction() as session:
        of_one = session.execute(
            text(
                """SELECT submission.lead_id, submission.id, callback.id, callback.brand_id,
                callback.source_id FROM submission
                JOIN callback ON callback.id = submission.callback_id
                JOIN consent ON consent.submission_id = submission.id
                WHERE callback.state = 'completed' AND submission.lead_id NOT IN
                (SELECT lead_id FROM merge UNION SELECT survivor_id FROM merge)
                ORDER BY callback.id LIMIT 1"""
            )
        ).one()
        lead_id, submission_id, callback_id, brand_id, source_id = of_one
        names = {"name": "Valley Line", "operator": "Valley Clinic"}
        brand = copy_row(session, "brand", brand_id, **names)
        same = copy_row(session, "brand", brand, name="Hill Line", operator="valley  CLINIC")
        door = {"slug": "valley", "token": "valley", "brand_id": brand}
        source = copy_row(session, "source", source_id, **door)
        callback = copy_row(
            session, "callback", callback_id, brand_id=brand, source_id=source, state="waiting"
        )
        asked = {"source_id": source, "callback_id": callback, "delivery_id": "d", "vendor_id": "v"}
        submission = copy_row(session, "submission", submission_id, **asked)
        consent_id = session.execute(
            text("SELECT id FROM consent WHERE submission_id = :id"), {"id": submission_id}
        ).scalar_one()
        consent = copy_row(session, "consent", consent_id, submission_id=submission)
        session.execute(text("UPDATE lead SET state = 'open' WHERE id = :id"), {"id": lead_id})
    command.upgrade(alembic, "head")
    with reader() as session:
        brands = {one.id: one.operator_id for one in session.exec(select(Brand))}
        assert brands[brand] == brands[same] != brands[brand_id]
        old, new = (session.get_one(Callback, one).lead_id for one in (callback_id, callback))
        assert old == lead_id != new
        assert session.get_one(Submission, submission).lead_id == new
        assert session.get_one(Consent, consent).lead_id == new
        files = [session.get_one(Lead, one) for one in (old, new)]
        assert [file.state for file in files] == ["closed", "open"]
        assert files[0].name == files[1].name
        assert files[0].phone == files[1].phone
        assert files[1].nth_at_number > files[0].nth_at_number
        assert files[0].closed_at is not None
        operators = shared_numbers.read_operators_of_leads(session, [old, new])
        assert operators == {old: {brands[brand_id]}, new: {brands[brand]}}
        everybody = session.exec(select(Lead.id).where(col(Lead.id) > 0)).all()
        assert all(
            len(those) == 1
            for those in shared_numbers.read_operators_of_leads(session, everybody).values()
        )
    command.downgrade(alembic, "0101")
    command.upgrade(alembic, "head")
