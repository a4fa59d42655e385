"""After the upgrade who had to wait still waits, and whoever is signed in is asked who they are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import text
from sqlmodel import select

from leads.database.engine import current_engine
from leads.database.transactions import reader, transaction
from leads.errors import TooManyTries
from leads.models.advisors import SignIn
from leads.people import login_throttle, sessions
from tests.conftest import NOW
from tests.support.upgrade_fixture import AtRevision

BEFORE = "0046"
EMAIL, SECRET = "ana.reyes@example.org", "the secret of an open session"


def test_waits_and_sessions_outlive_the_upgrade(old_database_at: AtRevision) -> None:
    old_database = old_database_at(BEFORE)
    at = {"at": NOW.isoformat(" "), "until": (NOW + timedelta(minutes=15)).isoformat(" ")}
    with current_engine().begin() as connection:
        connection.execute(
            text(
                "INSERT INTO lockout (whom, failures, failed_at, locked_until)"
                " VALUES (:whom, 12, :at, :until)"
            ),
            at | {"whom": sessions.hash_secret(EMAIL)},
        )
        connection.execute(
            text(
                "INSERT INTO sign_in"
                " (kind, token_hash, advisor_id, created_at, seen_at, ends_at, shows, totp_offered)"
                " SELECT 'session', :hash, min(id), :at, :at, :until, '', '' FROM advisor"
            ),
            at | {"hash": sessions.hash_secret(SECRET)},
        )
    command.upgrade(old_database, "head")
    with transaction() as session, pytest.raises(TooManyTries):
        login_throttle.throttle_sign_in(session, EMAIL, now=NOW)
    with reader() as session:
        row = session.exec(
            select(SignIn).where(SignIn.token_hash == sessions.hash_secret(SECRET))
        ).one()
        assert sessions.find_session_identity(session, SECRET, now=NOW)
        assert (row.address, row.browser) == ("", "")
        assert not sessions.has_recent_proof(session, row.id, now=NOW)
    command.downgrade(old_database, BEFORE)
