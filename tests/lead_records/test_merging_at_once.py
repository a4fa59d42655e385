"""Merging while others merge, take apart, ask or say stop.

Nobody is lost, and no two wait for each other.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlmodel import Session, col, select

from leads.callbacks import completion, opt_out
from leads.database.engine import has_one_writer
from leads.database.transactions import reader, transaction
from leads.errors import LostRace, NotNow
from leads.i18n.messages import own_words
from leads.intake import processing
from leads.lead_records import merging
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import OPEN_CALLBACK, LeadState
from leads.models.requests import Lead, Submission
from leads.reporting import waiting_now
from tests.conftest import NOW
from tests.support.people import a_source, a_supervisor

ROUNDS = 4
Act = Callable[[Session, Lead, Lead, Advisor], object]


def _merge(session: Session, one: Lead, other: Lead, sam: Advisor) -> None:
    merging.merge_leads(session, one, other, sam, now=NOW)


def _merge_the_other_way(session: Session, one: Lead, other: Lead, sam: Advisor) -> None:
    merging.merge_leads(session, other, one, sam, now=NOW)


def _take_apart(session: Session, one: Lead, _other: Lead, sam: Advisor) -> None:
    merging.unmerge_leads(session, one, sam, now=NOW)


def _stop(session: Session, one: Lead, _other: Lead, _sam: Advisor) -> None:
    opt_out.stop_contact(session, one.phone, reason=own_words("by text"), actor="sms", now=NOW)


def _one_asks(session: Session, one: Lead, _other: Lead, _sam: Advisor) -> None:
    _asks(session, one.phone)


def _both_ask(session: Session, one: Lead, other: Lead, _sam: Advisor) -> None:
    _asks(session, other.phone)
    _asks(session, one.phone)


RACES: dict[str, tuple[bool, bool, tuple[Act, ...]]] = {
    "two merges": (False, True, (_merge, _merge_the_other_way)),
    "a merge and a request": (False, True, (_merge, _one_asks)),
    "a merge and two requests": (False, True, (_merge, _both_ask)),
    "a merge and a stop": (False, True, (_merge, _stop)),
    "a merge and a first promise": (False, False, (_merge, _one_asks)),
    "taking apart and a request": (True, True, (_take_apart, _one_asks)),
    "taking apart and a request where nothing waits": (True, False, (_take_apart, _one_asks)),
    "taking apart and a stop": (True, True, (_take_apart, _stop)),
}
"""Whether they are merged when it begins, whether both wait, and what happens to them at once."""


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("race", RACES)
def test_whoever_is_first_nobody_is_lost(race: str) -> None:
    is_merged, waits, acts = RACES[race]
    for turn in range(ROUNDS):
        with transaction() as session:
            sam = a_supervisor(session).id
            numbers = [f"+13155{turn:02}01{end}" for end in ("42", "43")]
            for number in numbers:
                _asks(session, number)
            people = [_at(session, number).id for number in numbers]
            if not waits:
                for callback in session.exec(_open()).all():
                    completion.cancel_callback(
                        session, callback, session.get_one(Advisor, sam), reason="met", now=NOW
                    )
            if is_merged:
                _merge(
                    session,
                    *(session.get_one(Lead, one) for one in people),
                    session.get_one(Advisor, sam),
                )
        started = Barrier(len(acts))
        with ThreadPoolExecutor(len(acts)) as pool:
            ends = [pool.submit(_run, act, people, sam, started) for act in acts]
        assert {type(end.exception()) for end in ends} <= {type(None), LostRace, NotNow}
        assert any(end.exception() is None for end in ends)
        _nobody_is_lost()


def _run(act: Act, people: list[int], sam: int, started: Barrier) -> None:
    with transaction() as session:
        one, other = (session.get_one(Lead, lead_id) for lead_id in people)
        supervisor = session.get_one(Advisor, sam)
        if not has_one_writer():  # on SQLite they queue here
            started.wait()
        act(session, one, other, supervisor)


def _nobody_is_lost() -> None:
    with reader() as session:
        promised = sorted(callback.lead_id for callback in session.exec(_open()))
        leads = session.exec(select(Lead).order_by(col(Lead.id))).all()
        assert promised == [lead.id for lead in leads if lead.state == LeadState.OPEN]
        assert not [lead for lead in leads if lead.merged_into_id and lead.state == LeadState.OPEN]
        assert len(waiting_now.list_limbo_leads(session)) == 0


def _open() -> object:
    return select(Callback).where(col(Callback.state).in_(OPEN_CALLBACK))


def _at(session: Session, number: str) -> Lead:
    return session.exec(select(Lead).where(Lead.phone == number)).one()


def _asks(session: Session, number: str) -> None:
    body = json.dumps({"phone": number, "name": "Jo", "any_hour": True}).encode()
    asked = len(session.exec(select(Submission.id)).all())
    submission = Submission(
        source_id=a_source(session).id,
        received_at=NOW,
        content_type="application/json",
        body=body,
        body_sha256=f"{number} {asked} {id(session)}",
    )
    session.add(submission)
    session.flush()
    processing.process_submission(session, submission, now=NOW)
