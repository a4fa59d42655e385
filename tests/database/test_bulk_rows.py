"""Rows that are written together are the rows that each of them would have been."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy.exc import StatementError
from sqlmodel import Session, col, select

from leads.database.bulk_rows import insert_returning, insert_rows
from leads.models.enums import LeadState
from leads.models.requests import Consent, Lead
from tests.conftest import NOW
from tests.support.people import a_lead, a_submission

TOKYO = timezone(timedelta(hours=9))
NAIVE = datetime(2026, 3, 3, 12)  # noqa: DTZ001 - that is what is refused
WORDS = ("", 'It\'s "fine" \\ 100 % :now :rows %s', "Línea\nde\tayuda 🌊 \u2028", "null", "{}")


def test_many_rows_are_stored_as_each_of_them_alone_would_be(session: Session) -> None:
    rows = [_consent(session, words) for words in WORDS]
    insert_rows(session, Consent, rows)
    for row in rows:
        insert_rows(session, Consent, [row | {"submission_id": a_submission(session).id}])
    *together, last = session.exec(select(Consent).order_by(col(Consent.id))).all()[
        : len(WORDS) + 1
    ]
    alone = session.exec(select(Consent).order_by(col(Consent.id).desc()).limit(len(WORDS))).all()[
        ::-1
    ]
    assert last == alone[0]
    assert [_told(one) for one in together] == [_told(one) for one in alone]
    assert [one.wording for one in together] == list(WORDS)
    assert {one.given_at for one in together} == {NOW}


@pytest.mark.parametrize("how_many", [1, 2])
def test_an_instant_without_a_zone_is_refused_alone_or_among_others(
    session: Session, how_many: int
) -> None:
    rows = [_consent(session, words) | {"given_at": NAIVE} for words in WORDS[:how_many]]
    with pytest.raises((StatementError, ValueError), match="time zone"):
        insert_rows(session, Consent, rows)


def test_rows_that_name_other_columns_than_the_first_are_refused(session: Session) -> None:
    rows = [_consent(session, "yes"), _consent(session, "no") | {"suspicion": ""}]
    with pytest.raises(ValueError, match="same columns"):
        insert_rows(session, Consent, rows)


def test_objects_get_their_own_ids_and_are_looked_after_as_if_added(session: Session) -> None:
    rows = [
        {"phone": f"+131555500{number}", "name": name, "created_at": NOW}
        for number, name in ((3, "C"), (1, "A"), (2, "B"))
    ]
    made = insert_returning(session, Lead, rows, key="phone")
    assert [(one.name, one.state, one.nth_at_number, one.closed_at) for one in made] == [
        (name, LeadState.OPEN, 1, None) for name in "CAB"
    ]
    made[1].name = "Anna"
    session.add(made[1])
    session.flush()
    session.expire_all()
    found = {lead.id: (lead.phone, lead.name) for lead in session.exec(select(Lead))}
    assert [found[lead.id] for lead in made] == [
        ("+1315555003", "C"),
        ("+1315555001", "Anna"),
        ("+1315555002", "B"),
    ]


def _consent(session: Session, words: str) -> dict[str, Any]:
    lead, said = a_lead(session), {"": None, "null": False}.get(words, True)
    row = {
        "submission_id": a_submission(session).id,
        "lead_id": lead.id,
        "phone": lead.phone,
        "granted": said,
    }
    row |= {
        "wording": words,
        "wording_sha256": "",
        "channels": [words, "call"],
        "page_url": words,
        "ip": "::1",
    }
    return row | {"user_agent": words, "given_at": NOW.astimezone(TOKYO)}


def _told(consent: Consent) -> dict[str, Any]:
    return consent.model_dump(exclude={"id", "submission_id"})
