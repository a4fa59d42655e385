"""Legal holds: who placed one and why, who lifted it, and that both are told."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from leads.errors import LostRace, NotAllowed, NotNow
from leads.lead_records import merged_files, merging
from leads.models.enums import AdvisorRole
from leads.privacy import data_export, legal_holds
from tests.conftest import NOW
from tests.support.people import HOUR, a_callback, a_lead, a_supervisor, an_advisor, lead_of, moves

REASON = "Letter of the county court, case 12"


def test_a_hold_says_who_placed_it_why_and_who_lifted_it(session: Session) -> None:
    lead, sam = a_lead(session), a_supervisor(session)
    ada = an_advisor(session, AdvisorRole.ADMIN)
    hold = legal_holds.place_legal_hold(session, lead, sam, reason=f" {REASON} ", now=NOW)
    assert legal_holds.is_on_legal_hold(session, [lead])
    [placed] = legal_holds.list_legal_holds(session, lead, sam)
    assert (placed.reason, placed.placed_by) == (REASON, sam.name)
    assert placed.lifted_at is None
    legal_holds.lift_legal_hold(session, hold, ada, now=NOW + HOUR)
    assert not legal_holds.is_on_legal_hold(session, [lead])
    [lifted] = legal_holds.list_legal_holds(session, lead, sam)
    assert (lifted.lifted_by, lifted.lifted_at) == (ada.name, NOW + HOUR)
    with pytest.raises(LostRace):
        legal_holds.lift_legal_hold(session, hold, ada, now=NOW + HOUR)
    told = [(move.event, move.actor) for move in moves(session, lead)]
    assert told == [
        ("legal_hold", f"advisor:{sam.id}"),
        ("lift_legal_hold", f"advisor:{ada.id}"),
    ]
    exported = data_export.export_lead_data(session, lead, sam, now=NOW).data
    assert [row["reason"] for row in exported["legal_holds"]] == [REASON]


def test_a_hold_holds_for_all_files_of_a_person(session: Session) -> None:
    home, sam = lead_of(session, a_callback(session)), a_supervisor(session)
    mobile = a_lead(session, state="closed")
    legal_holds.place_legal_hold(session, mobile, sam, reason=REASON, now=NOW)
    merging.merge_leads(session, mobile, home, sam, now=NOW)
    files = merged_files.lead_and_merged_files(session, home)
    assert legal_holds.is_on_legal_hold(session, files)
    assert len(legal_holds.list_legal_holds(session, home, sam)) == 1


def test_a_hold_needs_a_reason_and_the_right_people(session: Session) -> None:
    lead, sam, ana = a_lead(session), a_supervisor(session), an_advisor(session)
    with pytest.raises(NotNow):
        legal_holds.place_legal_hold(session, lead, sam, reason="  ", now=NOW)
    with pytest.raises(NotAllowed):
        legal_holds.place_legal_hold(session, lead, ana, reason=REASON, now=NOW)
    hold = legal_holds.place_legal_hold(session, lead, sam, reason=REASON, now=NOW)
    with pytest.raises(NotAllowed):
        legal_holds.lift_legal_hold(session, hold, sam, now=NOW)
    with pytest.raises(NotAllowed):
        legal_holds.list_legal_holds(session, lead, ana)
