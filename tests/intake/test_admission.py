"""An admission is planned from what is known; one request is a batch of one."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import SQLModel, col, select

from leads.callbacks import holds
from leads.contact_rules import suppression
from leads.contact_rules.contact_history import NO_CONTACT_HISTORY
from leads.contact_rules.gate_rules import RefusalReason
from leads.contact_rules.own_hours import OwnHours
from leads.database.engine import current_engine, has_one_writer
from leads.database.transactions import reader, transaction
from leads.forms.request import FormRequest
from leads.free_text.danger import DangerKind, read_danger
from leads.helplines import brands_and_sources
from leads.i18n.messages import own_words
from leads.intake import processing, raw_inbox
from leads.intake.admission_plan import (
    FIRST_TIME,
    AdmissionCandidate,
    AdmissionPlan,
    lead_facts_after_request,
    plan_admission,
)
from leads.intake.raw_inbox import Arrival
from leads.models.calls import Callback, GateDecision, Hold
from leads.models.enums import CallbackState, SubmissionState
from leads.models.helplines import Brand, Source
from leads.models.requests import AlsoSaid, Consent, Lead, Submission
from leads.models.watching import Transition
from tests.conftest import NOW
from tests.support.people import held_for
from tests.support.sent_forms import send, the

NIGHT = NOW.replace(hour=3)
TOLD: dict[type[SQLModel], tuple[str, ...]] = {
    Submission: ("state", "reason", "vendor_id", "reading"),
    Lead: ("phone", "nth_at_number", "name", "safe_to_call", "zip", "further_places", "state"),
    AlsoSaid: ("fact", "value", "at"),
    Consent: ("phone", "granted", "wording", "channels"),
    Callback: (
        "state",
        "received_at",
        "promised_at",
        "due_at",
        "any_hour",
        "danger",
        "asked_again",
        "is_held",
    ),
    Hold: ("reason", "values", "since", "by", "lifted_at"),
    GateDecision: ("moment", "allowed", "reasons", "rules", "not_before"),
    Transition: ("record", "event", "before", "after", "actor", "at"),
}
STOPPED = 7


def a_mixed_lot(prefix: str) -> list[dict[str, Any]]:
    """Return people who are new, ask twice, share an id, may not be rung, or cannot be read."""
    number = [f"{prefix}{which}" for which in range(10)]
    return [
        {
            "phone": number[0],
            "name": "Ann",
            "any_hour": True,
            "consent": True,
            "consent_text": "Call me.",
        },
        {"phone": number[1], "name": "Bob", "best_time": "evening", "zip": "13202"},
        {"phone": number[2], "message": "I want to kill myself"},
        {"phone": number[3], "id": "v-1001", "name": "Dan"},
        {"phone": number[4], "id": "v-1001", "name": "Eve"},
        {"phone": number[5], "name": "Flo"},
        {"phone": number[5], "name": "Flo", "message": "Please call."},
        {"phone": number[6], "safe_to_call": False},
        {"phone": number[STOPPED], "name": "Hal"},
        {"id": "v-1002", "name": "Ida"},
        {"phone": number[8], "id": "v-1002", "name": "Ida"},
        {"phone": number[9], "consent": False, "consent_text": "Call me."},
        {"message": "no number at all"},
    ]


def the_same_people_again(prefix: str) -> list[dict[str, Any]]:
    """Return some of them who ask once more, say stop or yes, or write words of danger."""
    number = [f"{prefix}{which}" for which in range(10)]
    return [
        {"phone": number[0], "name": "Ann", "safe_to_call": False},
        {"phone": number[1], "name": "Bea", "message": "He took an overdose."},
        {"phone": number[3], "id": "v-1001", "name": "Dan"},
        {"phone": number[5], "name": "Flo", "message": "Please call."},
        {"phone": number[6], "safe_to_call": True},
        {"phone": number[STOPPED], "name": "Hal", "message": "I want to die"},
        {"phone": number[9], "consent": True, "consent_text": "Call me."},
    ]


@pytest.mark.parametrize("now", [NOW, NIGHT], ids=["day", "night"])
@pytest.mark.usefixtures("database")
def test_many_at_once_come_to_the_same_as_one_after_the_other(now: datetime) -> None:
    one_by_one, together = _source("one by one", "+1315555110"), _source("together", "+1315555120")
    later = now + timedelta(minutes=11)
    for lot, at in ((a_mixed_lot, now), (the_same_people_again, later)):
        for body in lot("+1315555110"):
            _store(one_by_one, body, now=at)
            with transaction() as session:
                received = select(Submission).where(Submission.state == SubmissionState.RECEIVED)
                processing.process_submission(session, session.exec(received).one(), now=at)
    before = _rows()
    for lot, at in ((a_mixed_lot, now), (the_same_people_again, later)):
        _admit(together, *lot("+1315555120"), now=at)
    came = {kind: rows[len(before[kind]) :] for kind, rows in _rows().items()}
    assert _without_order(came) == _without_order(before)


@pytest.mark.usefixtures("database")
def test_fifty_strangers_take_hardly_more_statements_than_one() -> None:
    source = _source("site", "+1315555110")
    with_one = _statements_to_admit(source, {"phone": "+13155551100"})
    with_fifty = _statements_to_admit(
        source, *({"phone": f"+131555512{which:02d}"} for which in range(50))
    )
    each = 3 if has_one_writer() else 1  # there a lead and a callback come to their ids one by one
    assert with_fifty - with_one <= 49 * each


WISH = FormRequest(phone="+13155551100", consent=True)


def test_a_plan_says_what_is_to_be_written_and_writes_nothing() -> None:
    plan = _plan(WISH)
    assert plan.event == "admit"
    assert plan.lead_columns == lead_facts_after_request(None, (), WISH)
    assert plan.callback_columns["due_at"] == NOW
    assert plan.callback_columns["danger"] is None
    assert plan.decision is not None
    assert plan.decision.allowed is True


@pytest.mark.parametrize(
    ("facts", "event", "asked_gate"),
    [
        ({"is_number_suppressed": True}, "withhold", False),
        ({"history": replace(NO_CONTACT_HISTORY, stops="all")}, "withhold", False),
        ({"callback": Callback(received_at=NOW, due_at=NOW)}, "match", True),
        (
            {"callback": Callback(received_at=NOW, due_at=NOW, state=CallbackState.CALLING)},
            "match",
            False,
        ),
    ],
)
def test_what_is_known_decides_what_comes_of_a_request(
    facts: dict[str, Any], event: str, *, asked_gate: bool
) -> None:
    plan = _plan(replace(WISH, message="I want to die"), **facts)
    assert plan.event == event
    assert (plan.decision is not None) == asked_gate
    assert plan.callback_columns.get("danger") == (DangerKind.SELF if "callback" in facts else None)
    assert plan.callback_columns.get("asked_again") == ("callback" in facts or None)


def test_an_agreement_does_not_take_a_refusal_back() -> None:
    no = RefusalReason.NO_CONSENT
    refused = replace(NO_CONTACT_HISTORY, refused=True)
    for request, facts, reasons in (
        (WISH, {}, ()),
        (WISH, {"history": refused}, (no,)),
        (WISH, {"history": refused, "survivor": Lead(phone="+13155551101")}, (no,)),
        (replace(WISH, consent=False), {}, (no,)),
    ):
        decision = _plan(request, **facts).decision
        assert decision is not None
        assert decision.reasons == reasons


def test_a_refusal_elsewhere_is_only_one_where_another_number_would_be_rung() -> None:
    no = replace(WISH, safe_to_call=False)
    assert _plan(no, survivor=Lead(phone="+13155551101")).is_refusal_elsewhere is True
    assert _plan(no).is_refusal_elsewhere is False


@pytest.mark.usefixtures("database")
def test_a_promise_is_within_the_helpline_s_own_hours() -> None:
    source = _source("Short", "+13155")
    hours = OwnHours((*[(time(14), time(16))] * 5, None, None))
    with transaction() as session:
        brand = session.exec(select(Brand).where(Brand.name == "Short line")).one()
        brand.calling_hours = hours.as_data()
        session.add(brand)
    several = [{"phone": f"+1315556{n:04}", "consent": "yes"} for n in range(2)]
    _admit(source, *several)
    _admit(source, {**several[0], "message": "Once more"}, now=NOW + timedelta(minutes=10))
    with reader() as session:
        promised = session.exec(select(Callback.promised_at)).all()
        assert list(promised) == [NOW.replace(hour=19)] * 2  # two in the afternoon in New York
        refused = session.exec(select(GateDecision.rules)).all()
    assert all("helpline-hours" in rules for rules in refused)


def _plan(request: FormRequest, **facts: Any) -> AdmissionPlan:
    submission = Submission(received_at=NOW, danger=read_danger(request.own_words))
    candidate = AdmissionCandidate(
        submission, Source(id=1, brand_id=1, region="US"), request, Brand(id=1, name="Line")
    )
    return plan_admission(candidate, replace(FIRST_TIME, is_first_time=not facts, **facts), now=NOW)


def _source(name: str, prefix: str) -> int:
    with transaction() as session:
        brands_and_sources.add_brand(session, f"{name} line", now=NOW)
        suppression.suppress_number(
            session, f"{prefix}{STOPPED}", reason=own_words("STOP"), actor="network", now=NOW
        )
        return brands_and_sources.add_source(session, name, brand_name=f"{name} line", now=NOW).id


def _admit(source: int, *bodies: dict[str, Any], now: datetime = NOW) -> None:
    _store(source, *bodies, now=now)
    processing.process_received_submissions(now=lambda: now)


def _store(source: int, *bodies: dict[str, Any], now: datetime) -> None:
    raw_inbox.store_arrivals(
        [Arrival(source, now, "application/json", json.dumps(body).encode()) for body in bodies]
    )


def _statements_to_admit(source: int, *bodies: dict[str, Any]) -> int:
    statements: list[str] = []

    def note(*about: Any) -> None:
        statements.append(about[2])

    event.listen(current_engine(), "before_cursor_execute", note)
    _admit(source, *bodies)
    event.remove(current_engine(), "before_cursor_execute", note)
    return len(statements)


def _rows() -> dict[str, list[str]]:
    """Return what is told of everything, oldest first.

    There are no ids in it, and every lot's numbers are alike.
    """
    with reader() as session:
        found = {
            kind: session.exec(
                select(kind).order_by(col(kind.id))  # type: ignore[attr-defined] # all have one
            ).all()
            for kind in TOLD
        }
    return {
        kind.__name__: [str([getattr(row, name) for name in TOLD[kind]]) for row in rows]
        for kind, rows in found.items()
    }


def _without_order(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    alike = {
        kind: [re.sub(r"submission \d+", "submission", row) for row in those]
        for kind, those in rows.items()
    }
    return {
        kind: sorted(row.replace("315555120", "315555110") for row in those)
        for kind, those in alike.items()
    }


@pytest.mark.parametrize(
    ("fields", "reasons"),
    [
        ({"message": "Please do not call, he is home."}, ["contact_limited"]),
        ({"consent": "yes, but only by text"}, ["no_consent", "contact_limited"]),
        ({"Preferred contact": "SMS"}, ["not_safe_to_call", "contact_limited"]),
        ({"best_time": "not now"}, ["contact_limited"]),
    ],
)
def test_an_answer_that_speaks_against_a_call_is_quoted_to_whoever_decides(
    source: int, fields: dict[str, str], reasons: list[str]
) -> None:
    send(source, **fields)
    callback = the(Callback)
    with reader() as session:
        causes = holds.open_causes_of(session, callback)
        trail = session.exec(select(Transition).where(Transition.event == "hold")).all()
    (answer,) = fields.values()
    assert [cause.reason for cause in causes] == reasons
    assert answer in holds.hold_sentence(causes)
    assert not any(answer in str(move.changes) for move in trail)


def test_a_limit_in_a_second_form_holds_the_callback_that_waits(source: int) -> None:
    send(source, name="Ana")
    assert held_for(the(Callback)) == []
    send(source, name="Ana", message="text only please")
    assert held_for(the(Callback)) == ["contact_limited"]
