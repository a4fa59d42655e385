"""After the upgrade every callback is a request's; the way back lets nobody be dialed unseen."""

from __future__ import annotations

from alembic import command
from sqlalchemy import text
from sqlmodel import col, select

from leads.calls import inbound
from leads.database.transactions import reader, transaction
from leads.models.calls import CallAttempt, Callback
from leads.models.inbound import InboundCall
from leads.people import presence
from tests.conftest import NOW
from tests.support.people import HOUR, an_advisor
from tests.support.upgrade_fixture import AtRevision

BEFORE = "0024"


def test_every_callback_is_of_a_request(old_database_at: AtRevision) -> None:
    old_database = old_database_at(BEFORE)
    command.upgrade(old_database, "head")
    with reader() as session:
        assert set(session.exec(select(Callback.origin))) == {"request"}
        assert set(session.exec(select(CallAttempt.inbound_call_id))) <= {None}
        assert session.exec(select(InboundCall)).all() == []


def test_the_way_back_keeps_promises_and_lets_nobody_dial_who_withheld_a_number(
    old_database_at: AtRevision,
) -> None:
    old_database = old_database_at("head")
    with transaction() as session:
        advisor = an_advisor(session)
        presence.put_on_duty(session, advisor, until=NOW + HOUR, now=NOW)
        assert inbound.receive_call(session, "CA-1", "", "", now=NOW)
        before = len(session.exec(select(Callback.id).order_by(col(Callback.id))).all())
    command.downgrade(old_database, BEFORE)
    with reader() as session:
        assert session.execute(text("SELECT count(*) FROM callback")).scalar_one() == before
        is_safe = text("SELECT safe_to_call FROM lead WHERE phone LIKE 'withheld-%'")
        assert [bool(one) for one in session.execute(is_safe).scalars()] == [False]
        kinds = session.execute(text("SELECT kind FROM source WHERE kind = 'phone'"))
        assert kinds.scalars().all() == []
    command.upgrade(old_database, "head")
