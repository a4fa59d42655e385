"""Calls and notices that were ordered before they had one outbox are in it, and say the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlmodel import Session

from leads.database import migrate
from leads.database.engine import current_engine
from leads.database.transactions import reader, transaction
from leads.errors import TelephonyError
from leads.i18n.messages import Message, MessageKey, dump_message
from leads.models.enums import DigestFrequency, NoticeMethod
from leads.models.watching import Alert
from leads.outbox import supervisor_notices
from leads.outbox.orders import mark_orders_sent
from leads.read_models import system_status
from tests.conftest import NOW
from tests.support.databases import open_before_keys
from tests.support.people import MINUTE, a_call, a_supervisor, notices, orders

PROBLEMS = {
    "": None,
    "Twilio refused (error 20003).": "network",
    "The connection to Twilio was lost.": "network",
    "The helpline has no caller ID: set one.": "configuration",
    "This advisor has no phone number.": "ours",
    "The attempt was over before it was placed.": "ours",
    dump_message(Message(MessageKey.TWILIO_REFUSED, code=20003)): "network",
    dump_message(Message(MessageKey.NO_CALLER_ID)): "configuration",
    dump_message(Message(MessageKey.ADVISOR_WITHOUT_PHONE)): "ours",
    dump_message(Message(MessageKey.OVER_BEFORE_SENT)): "ours",
}

NOTICE_COLUMNS = "key, alert_id, state, tries, created_at, due_at, taken_until, settled_at"
CALL_COLUMNS = "id, kind, attempt_id, state, tries, due_at, taken_until, settled_at"
NOTICES_BEFORE = f"""
    SELECT {NOTICE_COLUMNS}, way, address, coalesce(digest, ''), last_day, zone,
        CASE WHEN problem <> '' THEN 1 ELSE 0 END,
        CASE WHEN problem = 'It was over before it was sent.' THEN 1 ELSE 0 END
    FROM notice
"""
NOTICES_AFTER = f"""
    SELECT {NOTICE_COLUMNS}, replace(kind, '_notice', ''), payload ->> 'address',
        coalesce(payload ->> 'digest', ''), coalesce(payload ->> 'last_day', ''),
        coalesce(payload ->> 'zone', ''),
        CASE WHEN failure IS NOT NULL THEN 1 ELSE 0 END,
        CASE WHEN failure = 'ours' AND state = 'failed' THEN 1 ELSE 0 END
    FROM outbox WHERE key IS NOT NULL
"""
CALLS_BEFORE = f"""
    SELECT {CALL_COLUMNS},
        CASE WHEN problem LIKE '%Twilio%' OR problem LIKE '%caller ID%' THEN 1 ELSE 0 END
    FROM outbox
"""
TRIES_OR_LOOKS = "CASE WHEN state = 'unknown' THEN looks ELSE tries END"  # tries were both
CALLS_AFTER = f"""
    SELECT {CALL_COLUMNS.replace("tries", TRIES_OR_LOOKS)},
        CASE WHEN failure IN ('network', 'configuration') THEN 1 ELSE 0 END
    FROM outbox WHERE key IS NULL
"""
ERRORS = (
    TelephonyError(Message(MessageKey.MAIL_REFUSED, code=451)),
    TelephonyError(Message(MessageKey.TWILIO_REFUSED, code=21211), permanent=True),
    TelephonyError(Message(MessageKey.TWILIO_BROKE_OFF), unknown=True),
)


@pytest.fixture
def alembic(database: str) -> Iterator[Config]:
    """Alembic with the open database, which is left as the newest version wants it.

    Nothing in it is sealed: there would be no way back.
    """
    open_before_keys()
    config = Config()
    folder = Path(migrate.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    yield config
    command.upgrade(config, "head")


def test_what_was_ordered_stands_where_it_stood(alembic: Config) -> None:
    with transaction() as session:
        a_call(session)
        _order_notices_that_come_to_all_ends(session)
    before = _what_is_said()
    command.downgrade(alembic, _revision_before(alembic))
    assert (_count("outbox"), _count("notice")) == (1, len(NoticeMethod) + 2)
    command.upgrade(alembic, "head")
    assert _what_is_said() == before
    with reader() as session:
        [order] = orders(session)
        assert order.state == "pending"
        assert order.created_at == order.due_at == NOW
        assert order.key is None
        assert order.payload == {}
        assert order.failure is None


def test_who_has_to_act_is_read_from_the_sentence_for_the_last_time(alembic: Config) -> None:
    with transaction() as session:
        for _problem in PROBLEMS:
            a_call(session)
    command.downgrade(alembic, _revision_before(alembic))
    with current_engine().begin() as connection:
        ids = connection.execute(text("SELECT id FROM outbox ORDER BY id")).scalars()
        sentences = dict(zip(ids, PROBLEMS, strict=True))
        write = text("UPDATE outbox SET problem = :problem WHERE id = :id")
        for order_id, problem in sentences.items():
            connection.execute(write, {"id": order_id, "problem": problem})
    command.upgrade(alembic, "head")
    with current_engine().connect() as connection:
        failures = connection.execute(text("SELECT id, failure FROM outbox")).all()
    assert {sentences[order_id]: failure for order_id, failure in failures} == PROBLEMS


def test_all_that_commit_ab32938_ordered_is_in_the_one_outbox(old_database: Config) -> None:
    notices_before, calls_before = _rows(NOTICES_BEFORE), _rows(CALLS_BEFORE)
    assert len(notices_before) > 10
    assert len(calls_before) > 10
    command.upgrade(old_database, "head")
    assert _rows(NOTICES_AFTER) == notices_before
    assert _rows(CALLS_AFTER) == calls_before


def _rows(query: str) -> list[tuple[object, ...]]:
    with current_engine().connect() as connection:
        return sorted(tuple(map(str, row)) for row in connection.execute(text(query)))


def _order_notices_that_come_to_all_ends(session: Session) -> None:
    """An alert by each way, a digest and a test: sent, put off, refused, in doubt, being sent."""
    boss = a_supervisor(session)
    alert = Alert(kind="held", about="brand:1", sentence="", since=NOW, opened_at=NOW)
    session.add(alert)
    session.flush()
    for way in NoticeMethod:
        supervisor_notices.enqueue_alert_notice(session, alert, way, boss.email, now=NOW)
    supervisor_notices.enqueue_digest_notice(
        session, DigestFrequency.DAILY, boss.email, last_day=date(2026, 3, 2), zone="UTC", now=NOW
    )
    supervisor_notices.enqueue_test_notice(session, boss, NoticeMethod.TEXT, now=NOW)
    ways = set(NoticeMethod)
    taken = supervisor_notices.take_due_notices(session, 5, ways=ways, now=NOW + MINUTE)
    mark_orders_sent(session, taken[0].id, now=NOW + MINUTE)
    for notice, error in zip(taken[1:], ERRORS, strict=False):
        supervisor_notices.settle_or_retry_notice(session, notice.id, error, now=NOW + MINUTE)


def _what_is_said() -> object:
    with reader() as session:
        return (
            [vars(notice) | {"id": None} for notice in notices(session)],
            supervisor_notices.recent_notices(session, now=NOW + 20 * MINUTE),
            supervisor_notices.count_failed_notices(session, now=NOW + 20 * MINUTE),
            system_status.count_records_by_state(session),
        )


def _count(table: str) -> int:
    counted = f"SELECT count(*) FROM {table}"
    with current_engine().connect() as connection:
        return int(connection.execute(text(counted)).scalar_one())


def _revision_before(config: Config) -> str:
    [one] = {ScriptDirectory.from_config(config).get_revision("0014").down_revision}
    return str(one)
