"""What a helpline says of its own speed is what it did of late, whoever still waits counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from leads.callbacks.usual_waits import find_usual_wait
from leads.database.bulk_rows import insert_returning
from leads.helplines import brands_and_sources
from leads.models.calls import Callback
from leads.models.enums import CallbackOrigin
from leads.models.requests import Lead
from tests.conftest import NOW
from tests.support.people import a_callback, a_lead

Waited = tuple[str, float | None]
QUICK: list[Waited] = [("completed", 3)] * 10


@pytest.mark.parametrize(
    ("people", "minutes"),
    [
        (QUICK, 5),
        (QUICK[:9], None),  # too few to say anything
        ([*QUICK, *[("completed", 25.0)] * 2], 5),
        ([*QUICK, *[("completed", 25.0)] * 3], 30),
        ([*QUICK, *[("waiting", None)] * 3], None),  # who still waits for two hours
        ([*QUICK, *[("cancelled", None)] * 9], 5),  # withdrawn before anybody rang
        ([("completed", 90.0)] * 20, None),
    ],
)
def test_four_of_five_are_rung_within_what_is_told(
    session: Session, people: list[Waited], minutes: int | None
) -> None:
    brand = brands_and_sources.add_brand(session, "Harbor Line", now=NOW)
    source = brands_and_sources.add_source(session, "Site", now=NOW)
    asked = NOW - timedelta(hours=2)
    numbers = [f"+1315555{n:04}" for n in range(len(people))]
    leads = [{"phone": number, "created_at": asked} for number in numbers]
    rows = [
        {
            "lead_id": lead.id,
            "brand_id": brand.id,
            "source_id": source.id,
            "state": state,
            "received_at": asked,
            "promised_at": asked,
            "due_at": asked,
            "first_rung_at": asked + timedelta(minutes=waited) if waited else None,
            "finished_at": None if state == "waiting" else NOW,
        }
        for lead, (state, waited) in zip(
            insert_returning(session, Lead, leads, key="phone"), people, strict=True
        )
    ]
    insert_returning(session, Callback, rows, key="lead_id")
    assert find_usual_wait(session, brand.id, now=NOW) == minutes
    assert find_usual_wait(session, brand.id + 1, now=NOW) is None


def test_who_called_in_and_was_answered_says_nothing_of_who_is_rung(session: Session) -> None:
    for number in range(20):
        called_in = a_callback(session, a_lead(session, phone=f"+1315555{number:04}"))
        called_in.origin = CallbackOrigin.CALL
        called_in.first_rung_at = called_in.promised_at + timedelta(minutes=1)
    session.flush()
    assert find_usual_wait(session, called_in.brand_id, now=NOW + timedelta(hours=1)) is None
