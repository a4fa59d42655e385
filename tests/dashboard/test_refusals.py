"""Whoever is refused is on record: who, what they lack, on which page, from where."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from dashboard.downloads import make_recorded_file
from dashboard.http.voicemail_route import _open_sound
from leads.database.field_encryption import Vault
from leads.database.transactions import reader, transaction
from leads.errors import NotAllowed
from leads.lifecycle.audit_log import NOTHING, Origin, set_origin
from leads.models.audit import AuditEntry
from leads.models.enums import AdvisorRole, AuditKind
from leads.people.looks import TakenFile
from leads.people.permissions import Permission, require_permission
from leads.people.refused_acts import MOST_OF_ONE, SAME_WITHIN, record_refused_act
from tests.conftest import NOW
from tests.support.people import an_advisor
from tests.support.running_desk import add_advisor
from tests.support.streamlit_page import page_drawn_by, page_of_desk

ORIGIN = Origin(7, "203.0.113.9", "Firefox", "report")
pytestmark = pytest.mark.usefixtures("database")
sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def refusals() -> list[AuditEntry]:
    with reader() as session:
        entries = select(AuditEntry).where(AuditEntry.kind == AuditKind.REFUSED)
        return list(session.exec(entries.order_by(AuditEntry.id)))


def as_user(role: AdvisorRole) -> dict[str, object]:
    with transaction() as session:
        one = add_advisor(session, 1, role=role, now=NOW)
        return {"id": one.id, "name": one.name, "role": one.role.value, "sign_in": 0}


@sqlite
def test_a_page_that_refuses_writes_down_whom(monkeypatch: pytest.MonkeyPatch) -> None:
    user = as_user(AdvisorRole.SUPERVISOR)
    page = page_of_desk("audit_log", monkeypatch, **user)
    assert page.error
    (entry,) = refusals()
    assert entry.actor == f"advisor:{user['id']}"
    assert entry.details == {"lacking": Permission.SEE_AUDIT.value}
    page.run()  # as a page draws itself again and again
    assert len(refusals()) == 1


@sqlite
def test_a_verb_that_refuses_writes_down_whom(monkeypatch: pytest.MonkeyPatch) -> None:
    def draw() -> None:
        import streamlit as st  # noqa: PLC0415

        from dashboard import page_actions  # noqa: PLC0415
        from leads.people.permissions import Permission, require_permission  # noqa: PLC0415

        if not page_actions.run_as_signed_in(
            lambda _s, a: require_permission(a, Permission.CHANGE_ROLE)
        ):
            st.write(page_actions.action_message())

    page = page_drawn_by(draw, monkeypatch)
    page.user = as_user(AdvisorRole.ADVISOR)
    page.run()
    assert page.markdown[0].value.startswith("Only an admin can")
    assert [entry.details for entry in refusals()] == [{"lacking": Permission.CHANGE_ROLE.value}]


@sqlite
def test_a_file_and_a_voicemail_that_are_refused_are_on_record() -> None:
    advisor_id = int(str(as_user(AdvisorRole.ADVISOR)["id"]))
    file = TakenFile(AuditKind.EXPORT, NOTHING, Permission.EXPORT_LEAD_DATA)
    with pytest.raises(NotAllowed):
        make_recorded_file(lambda _s, _a: "", file, ORIGIN, advisor_id)
    with pytest.raises(NotAllowed):
        _open_sound(1, advisor_id, ORIGIN, vault=Vault(()), from_start=True, now=lambda: NOW)
    assert [(entry.view, entry.address, entry.sign_in_id) for entry in refusals()] == [
        ("report", "203.0.113.9", 7)
    ] * 2


def test_one_colleague_fills_nothing_with_refusals() -> None:
    with transaction() as session:
        ana, ben = an_advisor(session), an_advisor(session)
        for who in (ana, ben):
            with pytest.raises(NotAllowed) as refused:
                require_permission(who, Permission.SEE_AUDIT)
            assert refused.value.lacking == Permission.SEE_AUDIT
        ids = ana.id, ben.id

    def refuse(number: int, view: str, *, later: timedelta = timedelta()) -> None:
        with transaction() as session:
            set_origin(session, Origin(view=view))
            who = session.get_one(type(ana), ids[number])
            record_refused_act(session, who, "see_audit", now=NOW + later)

    for _ in range(2):
        for view in range(MOST_OF_ONE + 5):
            refuse(0, f"page {view}")
    assert len(refusals()) == MOST_OF_ONE
    refuse(1, "page 1")
    assert len(refusals()) == MOST_OF_ONE + 1
    refuse(0, "page 1", later=SAME_WITHIN + timedelta(seconds=1))
    assert len(refusals()) == MOST_OF_ONE + 2
