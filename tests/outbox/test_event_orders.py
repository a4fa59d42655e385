"""A destination is told of what happened once, by right, in ids alone, and again if it is asked."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from leads.alerting import destination_conditions
from leads.callbacks import completion, opt_out
from leads.database.transactions import write_deferred_inserts
from leads.errors import BadConfiguration, NotAllowed, TelephonyError
from leads.helplines import brands_and_sources
from leads.i18n.messages import Message, MessageKey, own_words
from leads.models.disclosure_words import ConsentProof, ConsentScope
from leads.models.disclosures import DisclosureConsent
from leads.models.dispositions import Disposition
from leads.models.enums import EventType, OutboxKind, OutboxState
from leads.models.outbound import Destination, EventCursor
from leads.models.outbox import Outbox
from leads.models.requests import Consent, Lead
from leads.outbox import destinations, event_orders
from leads.outbox.retry_schedule import EVENT_RETRIES
from leads.people.permissions import OPERATOR
from tests.conftest import NOW
from tests.support.people import (
    DAY,
    HOUR,
    MINUTE,
    a_callback,
    a_conversation,
    a_lead,
    a_submission,
    a_supervisor,
    advisor_of,
)

LATER = NOW + MINUTE
PURPOSE = "shared with County Health to coordinate my care"


def a_destination(session: Session, **changes: Any) -> Destination:
    given = {
        "url": "https://hooks.example.org/zanzibar",
        "event_types": list(EventType),
        "basis_kind": "contract",
        "basis_name": "QSOA with County Health, 2026-01-02",
        "now": NOW,
        **changes,
    }
    return destinations.add_destination(session, OPERATOR, given.pop("name", "CRM"), **given)


def ordered(session: Session, *, now: Any = LATER) -> list[tuple[str, int]]:
    """Return what is ordered by now: types, and whom they are about."""
    write_deferred_inserts(session)
    event_orders.order_new_events(session, now=now)
    rows = session.exec(
        select(Outbox).where(Outbox.kind == OutboxKind.SEND_EVENT).order_by(col(Outbox.id))
    ).all()
    return [(row.payload["type"], row.payload["lead_id"]) for row in rows]


def agrees(
    session: Session, lead: Lead, *, granted: bool = True, wording: str = PURPOSE
) -> Consent:
    consent = Consent(
        submission_id=a_submission(session).id,
        lead_id=lead.id,
        phone=lead.phone,
        granted=granted,
        wording=f"I agree to be called,  and to be {wording.upper()}.",
        page_url="",
        ip="",
        user_agent="",
        given_at=NOW,
    )
    session.add(consent)
    session.flush()
    return consent


def test_what_happens_to_a_request_is_told_once_and_in_ids_alone(session: Session) -> None:
    before = a_callback(session, due_at=NOW + HOUR)
    a_destination(session, now=NOW + timedelta(microseconds=1))
    lead = a_lead(session, name="Zanzibar", email="zanzibar@example.org", created_at=LATER)
    callback = a_callback(session, lead, received_at=LATER)
    a_conversation(session, callback, now=LATER)
    completion.dispose_callback(
        session, callback, advisor_of(session, callback), Disposition.HELPED, now=LATER
    )
    told = [
        *(("lead.created", lead.id), ("callback.created", lead.id)),
        *(("callback.answered", lead.id), ("callback.closed", lead.id)),
    ]
    assert sorted(ordered(session)) == sorted(told)
    assert len(ordered(session, now=LATER + HOUR)) == len(told)
    rows = session.exec(select(Outbox).where(Outbox.kind == OutboxKind.SEND_EVENT)).all()
    said = json.dumps([row.payload for row in rows])
    assert "zanzibar" not in said.casefold()
    assert lead.phone not in said
    assert before.lead_id not in {row.payload["lead_id"] for row in rows}


def test_a_stop_and_its_end_are_told(session: Session) -> None:
    a_destination(session, event_types=["suppression.added", "suppression.lifted"])
    lead, supervisor = a_lead(session), a_supervisor(session)
    a_callback(session, lead)
    why = own_words("said so")
    opt_out.stop_contact(session, lead.phone, reason=why, actor="test", now=LATER)
    opt_out.lift_stop(session, lead.phone, supervisor, now=LATER)
    assert ordered(session) == [("suppression.added", lead.id), ("suppression.lifted", lead.id)]


def test_a_row_that_is_committed_late_is_not_missed(session: Session) -> None:
    a_destination(session, event_types=["lead.created"])
    a_lead(session, id=900, created_at=LATER)
    assert ordered(session) == [("lead.created", 900)]
    a_lead(session, id=899, created_at=LATER)
    told = ordered(session, now=LATER + MINUTE)
    assert told == [("lead.created", 900), ("lead.created", 899)]
    for wait in (6, 12):
        ordered(session, now=LATER + wait * MINUTE)
    cursor = session.exec(select(EventCursor).where(EventCursor.feed == "lead")).one()
    assert cursor.through == 900


def test_only_events_of_its_helplines_reach_a_destination(session: Session) -> None:
    ours = a_callback(session, a_lead(session, created_at=LATER), received_at=LATER)
    brands_and_sources.add_brand(session, "Other Line", now=NOW)
    other = brands_and_sources.add_source(session, "Other", brand_name="Other Line", now=NOW)
    a_destination(session, helplines=["Other Line"], event_types=["lead.created"])
    theirs = a_lead(session, created_at=LATER)
    callback = a_callback(session, theirs)
    callback.brand_id, callback.source_id = other.brand_id, other.id
    session.flush()
    assert ordered(session) == [("lead.created", theirs.id)]
    assert ours.brand_id != other.brand_id


def test_with_a_consent_as_basis_only_who_gave_it_is_told_of(session: Session) -> None:
    a_destination(
        session, basis_kind="consent", basis_name=PURPOSE, event_types=["callback.created"]
    )
    agreed, silent, other, refused = (a_lead(session) for _ in range(4))
    agrees(session, agreed)
    agrees(session, other, wording="texted")
    agrees(session, refused)
    agrees(session, refused, granted=False)
    for lead in (agreed, silent, other, refused):
        a_callback(session, lead, received_at=LATER)
    assert ordered(session) == [("callback.created", agreed.id)]


def test_a_written_consent_to_disclose_covers_until_it_is_revoked(session: Session) -> None:
    place = a_destination(
        session, basis_kind="consent", basis_name="county health", event_types=["callback.created"]
    )
    lead = a_lead(session)
    consent = DisclosureConsent(
        lead_id=lead.id,
        scope=ConsentScope.NAMED,
        patient="P",
        discloser="Harbor Line",
        recipient="County Health, Albany",
        information="that I asked for help",
        purpose="to coordinate my care",
        how_to_revoke="by a call",
        proof=ConsentProof.PAPER,
        signed_on=NOW.date(),
        recorded_by="test",
        recorded_at=NOW,
    )
    session.add(consent)
    a_callback(session, lead, received_at=LATER)
    assert ordered(session) == [("callback.created", lead.id)]
    consent.revoked_at = LATER
    session.flush()
    assert event_orders.take_due_event(session, place.id, now=LATER) is None


def test_who_takes_consent_back_or_is_erased_meanwhile_is_told_of_no_more(session: Session) -> None:
    place = a_destination(
        session, basis_kind="consent", basis_name=PURPOSE, event_types=["callback.created"]
    )
    lead = a_lead(session)
    agrees(session, lead)
    a_callback(session, lead, received_at=LATER)
    assert len(ordered(session)) == 1
    agrees(session, lead, granted=False)
    assert event_orders.take_due_event(session, place.id, now=LATER) is None
    row = session.exec(select(Outbox).where(Outbox.kind == OutboxKind.SEND_EVENT)).one()
    assert (row.state, row.problem) == (OutboxState.FAILED, Message(MessageKey.NO_LEGAL_BASIS))
    assert list(destination_conditions.destination_conditions(session, now=LATER)) == []


def test_without_a_basis_there_is_no_destination(session: Session) -> None:
    for kind, name in (("", "QSOA of 2026"), ("contract", " QSOA  "), ("belief", "QSOA of 2026")):
        with pytest.raises(BadConfiguration):
            a_destination(session, basis_kind=kind, basis_name=name)
    for wrong in ({"event_types": []}, {"event_types": ["lead.told"]}, {"helplines": ["Nowhere"]}):
        with pytest.raises(BadConfiguration):
            a_destination(session, **wrong)
    assert session.exec(select(Destination)).all() == []
    with pytest.raises(NotAllowed, match="Only an admin"):
        destinations.list_destinations(session, a_supervisor(session), now=NOW)


def test_what_is_not_taken_is_tried_for_days_then_alerted_and_sent_again_by_hand(
    session: Session,
) -> None:
    place = a_destination(session, event_types=["lead.created"])
    a_lead(session, created_at=LATER)
    ordered(session)
    now, waits = LATER, []
    refused = TelephonyError(Message(MessageKey.HOOK_REFUSED, code=500))
    for _ in range(len(EVENT_RETRIES.waits) + 1):
        order = event_orders.take_due_event(session, place.id, now=now)
        assert order
        event_orders.settle_failed_event(session, order, refused, now=now)
        due = session.get_one(Outbox, order.id).due_at
        waits.append(due - now)
        last, now = now, max(now, due)
    assert sum(waits, timedelta()) > 3 * DAY * 0.8
    assert event_orders.take_due_event(session, place.id, now=now) is None
    [told] = destination_conditions.destination_conditions(session, now=last)
    assert "CRM" in told.sentence
    counts = event_orders.count_events(session, now=last)[place.id]
    assert (counts.failed, counts.waiting) == (1, 0)
    assert event_orders.replay_events(session, OPERATOR, place.id, now=last) == 1
    assert list(destination_conditions.destination_conditions(session, now=last)) == []
    again = event_orders.take_due_event(session, place.id, now=last)
    assert again
    assert again.event_id.startswith("lead-")


def test_what_was_taken_is_sent_again_since_an_instant(session: Session) -> None:
    place = a_destination(session, event_types=["lead.created"])
    a_lead(session, created_at=LATER)
    ordered(session)
    order = event_orders.take_due_event(session, place.id, now=LATER)
    assert order
    event_orders.orders.mark_orders_sent(session, order.id, now=LATER)
    session.expire_all()
    assert event_orders.replay_events(session, OPERATOR, place.id, now=LATER) == 0
    assert event_orders.replay_events(session, OPERATOR, place.id, since=LATER, now=LATER) == 1
    again = event_orders.take_due_event(session, place.id, now=LATER)
    assert again
    assert again.event_id == order.event_id


def test_a_destination_that_was_off_is_not_told_what_happened_meanwhile(session: Session) -> None:
    place = a_destination(session, event_types=["lead.created"])
    waiting = a_lead(session, created_at=LATER)
    ordered(session)
    destinations.stop_destination(session, OPERATOR, place.id, now=LATER)
    assert event_orders.take_due_event(session, place.id, now=LATER) is None
    a_lead(session, created_at=LATER)
    destinations.resume_destination(session, OPERATOR, place.id, now=LATER + MINUTE)
    new = a_lead(session, created_at=LATER + MINUTE)
    told = ordered(session, now=LATER + MINUTE)
    assert told == [("lead.created", waiting.id), ("lead.created", new.id)]


def test_two_secrets_are_good_while_one_replaces_the_other(session: Session) -> None:
    place = a_destination(session)
    old = place.secrets[0]
    new = destinations.rotate_destination_secret(session, OPERATOR, place.id, now=NOW)
    assert place.secrets == [new, old]
    with pytest.raises(BadConfiguration):
        destinations.rotate_destination_secret(session, OPERATOR, place.id, now=NOW)
    destinations.drop_old_destination_secret(session, OPERATOR, place.id, now=NOW)
    assert place.secrets == [new]


# on PostgreSQL nothing is sealed without a SECRET_KEY
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_address_and_secrets_are_sealed(session: Session) -> None:
    secret = a_destination(session).secrets[0]
    kept = str(session.execute(text("SELECT * FROM destination")).one())
    assert secret not in kept
    assert "zanzibar" not in kept
