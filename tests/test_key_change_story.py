"""Keys are changed while a desk runs: nobody who asks, calls or says stop meanwhile is missed."""

from __future__ import annotations

from itertools import count

import pytest
from sqlmodel import col, func, select

from leads.contact_rules import suppression
from leads.database import key_change
from leads.database.key_views import LEASE_SECONDS
from leads.database.transactions import reader
from leads.models.inbound import InboundCall
from leads.models.requests import Lead, Submission
from leads.person_search import hash_stored_people_anew
from tests.support.databases import keys_beside
from tests.support.running_desk import Desk, eventually
from tests.support.twilio_double import TwilioDouble

STOPPED, KNOWN = "+13155550143", "+13155550142"


class Desks:
    """A running desk, and what it has been told and ought to have made of it."""

    def __init__(self, desk: Desk, twilio: TwilioDouble) -> None:
        self.desk, self.twilio, self.webhook = desk, twilio, desk.opens(advisors=0)
        self.steps: list[str] = []
        self.numbers = count(200)
        twilio.receives_text(STOPPED, "Stop.")
        self.asks(KNOWN, "admitted")

    def asks(self, number: str, outcome: str) -> None:
        """Somebody fills out the form, and what becomes of it."""
        form = {"name": "Jordan Reyes", "phone": number, "consent": "true", "for_whom": "self"}
        before = self._forms(outcome)
        form["message"] = f"At step {len(self.steps)}."
        assert self.desk.http.post(self.webhook, json=form).status_code == 200
        eventually(lambda: self._forms(outcome) == before + 1, f"{outcome}: {self.steps}")

    def meets_everybody(self, step: str) -> None:
        """Somebody who said stop asks, as do somebody known and somebody new, and then says it."""
        self.steps.append(step)
        self.asks(STOPPED, "withheld")
        self.asks(KNOWN, "duplicate")
        self.twilio.caller_hangs_up(self.twilio.calls_in(KNOWN))
        new = f"+1315555{next(self.numbers):04}"
        self.asks(new, "admitted")
        assert self.twilio.receives_text(new, "Stop.").status_code == 200
        self.asks(new, "withheld")
        with reader() as session:
            assert suppression.is_number_suppressed(session, new), self.steps
            theirs = select(Lead.state).where(col(Lead.phone).in_([STOPPED, KNOWN, new]))
            assert sorted(session.exec(theirs)) == [
                "open",
                "suppressed",
                "suppressed",
            ], self.steps
            known = select(Lead.id).where(Lead.phone == KNOWN)
            calls = select(InboundCall.lead_id).where(InboundCall.phone == KNOWN)
            assert {*session.exec(calls)} == {*session.exec(known)}, self.steps

    def _forms(self, outcome: str) -> int:
        with reader() as session:
            some = select(func.count()).select_from(Submission).where(Submission.state == outcome)
            return session.exec(some).one()


def test_a_running_desk_misses_nobody_while_keys_are_changed(
    desk: Desk, twilio: TwilioDouble, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_change, "ANNOUNCED_SECONDS", 1.5 * LEASE_SECONDS)
    monkeypatch.setattr(key_change, "ROWS_AT_ONCE", 2)
    desks = Desks(desk, twilio)

    def pause(seconds: float) -> None:
        desk.process.join(seconds)  # it does not end

    key_change.change_keys(keys_beside(database), desks.meets_everybody, pause)
    hash_stored_people_anew(desks.meets_everybody, pause)
    key_change.finish_key_change(desks.meets_everybody, pause)
    desks.meets_everybody("afterwards")
    assert sum(step.startswith("Moved") for step in desks.steps) >= 3
    with reader() as session:
        stored = session.connection().exec_driver_sql("SELECT phone FROM lead").scalars().all()
    assert all(phone.startswith("matched2:") for phone in stored)
    assert "Traceback" not in desk.printed()
