"""The audit log tells of each file and each page to print who took it, when and from where."""

from __future__ import annotations

import ast
import re

import pytest
from sqlmodel import select

from dashboard import downloads
from leads.database.transactions import reader, transaction
from leads.errors import NotAllowed
from leads.lifecycle.audit_log import Origin
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.audit import AuditEntry
from leads.models.enums import AdvisorRole, AuditKind
from leads.people.looks import TakenFile
from leads.people.permissions import Permission
from tests.support.people import an_advisor
from tests.support.source_files import FILES, ROOT, nodes_of

REPORT = TrailSubject("report", "2026-11-01/2026-11-30")
HERE = Origin(4, "203.0.113.9", "Firefox", "report")
PRINTS_OR_SAVES = re.compile(r"\bprint\s*\(|\bdownload\s*=|createObjectURL|application/pdf")
SAVES = ("download_button", "PDF", "to_csv")


def take(role: AdvisorRole) -> downloads.Content:
    with transaction() as session:
        advisor_id = an_advisor(session, role).id
    return downloads.make_recorded_file(
        lambda _session, advisor: f"for {advisor.id}",
        TakenFile(AuditKind.PRINT, REPORT, Permission.SEE_REPORT),
        HERE,
        advisor_id,
    )


@pytest.mark.usefixtures("database")
def test_whoever_takes_a_file_is_on_record_with_what_it_is_and_from_where() -> None:
    assert take(AdvisorRole.SUPERVISOR) == "for 1"
    with reader() as session:
        [entry] = session.exec(select(AuditEntry)).all()
    assert (entry.kind, entry.actor) == ("print", "advisor:1")
    assert (entry.record, entry.record_id) == (REPORT.record, REPORT.record_id)
    assert (entry.view, entry.sign_in_id) == ("report", 4)
    assert (entry.address, entry.browser) == ("203.0.113.9", "Firefox")


@pytest.mark.usefixtures("database")
def test_whose_role_permits_it_no_more_gets_nothing() -> None:
    with pytest.raises(NotAllowed):
        take(AdvisorRole.ADVISOR)
    with reader() as session:
        assert session.exec(select(AuditEntry.kind)).all() == [AuditKind.REFUSED]


def test_no_page_has_another_way_to_give_a_file() -> None:
    used = {
        path.relative_to(ROOT).as_posix()
        for path in FILES
        for node in nodes_of(path)
        if isinstance(node, ast.Attribute) and node.attr in SAVES
    }
    assert used == {"dashboard/downloads.py"}
    scripts = [
        path
        for folder in ("dashboard", "leads/pages")
        for kind in ("js", "html")
        for path in (ROOT / folder).rglob(f"*.{kind}")
    ]
    assert len(scripts) > 20
    assert [one for one in scripts if PRINTS_OR_SAVES.search(one.read_text("utf-8"))] == []


def test_every_kind_of_file_says_how_the_log_calls_it() -> None:
    """A name that ends otherwise has no button."""
    names = {
        node.args[2]
        for path in FILES
        for node in nodes_of(path)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "draw_download_button"
    }
    ends = {ast.unparse(name).strip("'\"").rpartition(".")[2] for name in names}
    assert ends == set(downloads.TYPES)
