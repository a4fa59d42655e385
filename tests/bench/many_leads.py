"""Very many people who asked for help, and three calls for each, made inside the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from leads.database.engine import current_engine
from leads.helplines import brands_and_sources
from tests.support.running_desk import add_advisor

ADVISORS, SOURCES = 40, 5
COUNT = {
    "sqlite": "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :leads)",
    "postgresql": "WITH n(n) AS (SELECT generate_series(CAST(1 AS bigint), :leads))",
}
AT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', :start + {}, 'unixepoch') || '000'",
    "postgresql": "to_timestamp(:start + {})",
}
KEY = {
    "sqlite": "printf('%08x%024d', {}, {})",
    "postgresql": "lpad(to_hex({}), 8, '0') || lpad(({})::text, 24, '0')",
}
ASKED = "n * :step"
RUNG = f"({ASKED} + 15 + (n * 7919 % 9973) * (n * 104729 % 997) / 4000.0)"
TALKED, FINISHED = f"({RUNG} + 20)", f"({RUNG} + 20 + n % 1200)"
WAITS, STOPPED, GIVEN_UP = "n % 499 = 0", "n % 53 = 0", "n % 7 = 0"

LEADS = """
INSERT INTO lead (id, phone, name, email, for_whom, best_time, city, region, zip,
                  language, state, created_at, close_reason)
{count} SELECT n, '+1' || (2120000000 + n), 'Jordan', '', '', '', '', '', '', '',
               CASE WHEN {WAITS} THEN 'open' ELSE 'closed' END, {asked}, NULL FROM n
"""
CALLBACKS = """
INSERT INTO callback (id, lead_id, brand_id, source_id, state, received_at, promised_at, due_at,
                      misses, advisor_id, first_rung_at, first_conversation_at,
                      ended_at, finished_at, disposition, notes, close_note, withdrawn)
{count} SELECT n, n, 1, n % :sources + 1,
    CASE WHEN {WAITS} THEN 'waiting' WHEN {STOPPED} THEN 'cancelled'
         WHEN {GIVEN_UP} THEN 'exhausted' ELSE 'completed' END,
    {asked}, {asked}, {asked}, 0,
    CASE WHEN {WAITS} THEN NULL ELSE n % :advisors + 1 END,
    CASE WHEN {WAITS} OR {STOPPED} THEN NULL ELSE {rung} END,
    CASE WHEN {WAITS} OR {STOPPED} OR {GIVEN_UP} THEN NULL ELSE {talked} END,
    CASE WHEN {WAITS} OR {STOPPED} OR {GIVEN_UP} THEN NULL ELSE {finished} END,
    CASE WHEN {WAITS} THEN NULL ELSE {finished} END,
    CASE WHEN {WAITS} OR {STOPPED} OR {GIVEN_UP} THEN NULL
         WHEN n % 3 = 0 THEN 'referred' ELSE 'helped' END,
    'Talked about the options, will visit on Monday.', '',
    CASE WHEN {STOPPED} THEN {true} ELSE {false} END
FROM n
"""
ATTEMPTS = """
INSERT INTO call_attempt (id, callback_id, advisor_id, phone, state, result, requested_by,
                          requested_at, heard_at, rung_at, answered_at, ended_at)
{count} SELECT {key}, n, (n + k) % :advisors + 1, '+1' || (2120000000 + n),
    CASE WHEN k = 2 AND NOT {GIVEN_UP} THEN 'ended' ELSE 'missed' END,
    CASE WHEN k = 2 AND NOT {GIVEN_UP} THEN 'conversation' WHEN k = 1 THEN 'lead_no_answer'
         ELSE 'advisor_no_answer' END,
    'clock', {asked}, {asked}, CASE WHEN k > 0 THEN {rung} END,
    CASE WHEN k = 2 AND NOT {GIVEN_UP} THEN {talked} END, {finished}
FROM n CROSS JOIN (SELECT 0 AS k UNION ALL SELECT 1 UNION ALL SELECT 2) AS tries
"""


def fill(session: Session, *, leads: int, days: int, now: datetime) -> None:
    """Make so many leads, whose forms came evenly over the last days, and three calls for each."""
    brands_and_sources.add_brand(session, "Harbor Line", now=now)
    for number in range(1, SOURCES + 1):
        brands_and_sources.add_source(session, f"Site {number}", brand_name="Harbor Line", now=now)
    for number in range(1, ADVISORS + 1):
        add_advisor(session, number, now=now)
    session.flush()
    period = timedelta(days=days)
    about = {
        "leads": leads,
        "start": (now - period).timestamp(),
        "step": period.total_seconds() / (leads + 1),
    }
    if current_engine().dialect.name == "postgresql":
        session.execute(
            text("SET LOCAL session_replication_role = replica")
        )  # nobody looks up four million keys
    for statement in (LEADS, CALLBACKS, ATTEMPTS):
        known = {
            name: value
            for name, value in _about(about).items()
            if f":{name}" in _spelled(statement)
        }
        session.connection().execute(text(_spelled(statement)), known)


def _about(about: dict[str, Any]) -> dict[str, Any]:
    return about | {"advisors": ADVISORS, "sources": SOURCES}


def _spelled(statement: str) -> str:
    name = current_engine().dialect.name
    at = {
        word: AT[name].format(of)
        for word, of in {
            "asked": ASKED,
            "rung": RUNG,
            "talked": TALKED,
            "finished": FINISHED,
        }.items()
    }
    booleans = {"true": "true", "false": "false"}
    return statement.format(
        count=COUNT[name],
        key=KEY[name].format("n", "k"),
        WAITS=WAITS,
        STOPPED=STOPPED,
        GIVEN_UP=GIVEN_UP,
        **at,
        **booleans,
    )
