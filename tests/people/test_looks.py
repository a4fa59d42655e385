"""Whoever is shown somebody is written down, whatever shows them; no page can forget it."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import typing
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlmodel import Session, select

import leads
from dashboard import known_looks
from leads.database.transactions import write_deferred_inserts
from leads.i18n.translatable import Phrase
from leads.intake import review_queue
from leads.lead_records import lead_file, visible_people
from leads.lead_records.visible_people import FoundPerson
from leads.lifecycle.audit_log import Origin, set_origin
from leads.models.audit import AuditEntry
from leads.models.enums import LeadState
from leads.people import looks
from leads.privacy import data_export
from leads.read_models import advisor_desk, callback_board, calls_in_progress, work_list
from tests.conftest import NOW
from tests.support.people import (
    a_call,
    a_callback,
    a_claim,
    a_lead,
    a_submission,
    a_supervisor,
    callback_of,
    on_duty,
)
from tests.support.source_files import FILES, ROOT, nodes_of

READS_OF_NOBODY = {
    "dashboard/main.py": "whether the reader is still there",
    "dashboard/alert_settings.py": "who is on call, and what was sent to them",
    "dashboard/desk/wishes_form.py": "the skills that helplines ask for",
    "dashboard/report/filters.py": "helplines, sources and advisors",
    "dashboard/service_report.py": "figures, and callbacks by their numbers alone",
    "dashboard/setup/deliveries.py": "the supervisor who sends a test",
    "dashboard/wallboard.py": "counts",
    "dashboard/page_reading.py": "whatever pages read: here it is written down",
}
"""Who reads for a page by another way than `page_reading`, and what that shows."""
WRITES = {
    "dashboard/main.py": "that a colleague is there",
    "dashboard/advisor_desk.py": "that the name on a call was shown",
    "dashboard/downloads.py": "a file, which is on record as taken",
    "dashboard/page_actions.py": "whatever is done on pages, and whom that shows",
    "dashboard/page_reading.py": "whom pages show",
}
"""Who opens a transaction for a page, in which anybody could be read past the limit."""
PACKAGES_OF_PAGES = (
    "leads.calls",
    "leads.helplines",
    "leads.incidents",
    "leads.intake",
    "leads.lead_records",
    "leads.messaging",
    "leads.privacy",
    "leads.read_models",
)
PERSONAL = {"name", "number", "phone", "who", "email", "names", "messages", "words", "body"}
NAMES_NO_PERSON = {
    "a colleague": {"AdvisorStatus", "AdvisorWeek", "Assignee", "CallMember", "Desk", "ShiftWeek"},
    "a helpline": {
        "AfterCall",
        "CalledNumbers",
        "HelplinePresets",
        "HelplineQuestions",
        "HelplineTexts",
        "HelplineToEnterFor",
        "LineNumber",
        "NumberLook",
        "SourceDetails",
    },
    "a county": {"CountyNumber", "EmergencyEntry"},
    "a count": {"WallboardFigures"},
    "a part of a file or a card": {"AskedQuestion", "FactSource", "HeardAnswer", "ThreadText"},
    "shown on no page": {"CsvLine", "FormRequest", "ImportItem", "LegOrder"},
}
"""What has a name or a number, or words, and needs no id, by whose they are."""


def entries(session: Session) -> list[AuditEntry]:
    write_deferred_inserts(session)
    return list(session.exec(select(AuditEntry).order_by(AuditEntry.id)))


def shown_to(session: Session, person: Any, shown: object) -> set[tuple[str, str, str]]:
    """What is written down of what somebody is shown: kind, record and id."""
    looks.record_looks(session, person, looks.find_looks(shown), now=NOW)
    mine = [entry for entry in entries(session) if entry.actor == f"advisor:{person.id}"]
    return {(entry.kind, entry.record, entry.record_id) for entry in mine}


def test_a_file_is_opened_and_whoever_shares_the_phone_is_shown_with_it(session: Session) -> None:
    sam, lead = a_supervisor(session), a_lead(session, name="Ana")
    other = a_lead(session, lead.phone, name="Ben", nth_at_number=2)
    file = lead_file.read_lead_file(session, lead.id, sam, now=NOW)
    assert shown_to(session, sam, file) == {
        ("open", "lead", str(lead.id)),
        ("list", "lead", str(other.id)),
    }


def test_a_list_shows_each_of_its_people(session: Session) -> None:
    sam = a_supervisor(session)
    people = {str(a_callback(session).lead_id) for _ in range(3)}
    board = shown_to(session, sam, callback_board.list_open_callbacks(session, sam, now=NOW))
    assert board == {("list", "lead", one) for one in people}
    rows = shown_to(session, sam, work_list.read_work_list(session, sam, now=NOW))
    assert rows == board


def test_the_desk_shows_who_is_in_hand_as_the_lead_of_their_callback(session: Session) -> None:
    callback, ana = a_claim(session)
    waiting = a_callback(session)
    desk = advisor_desk.read_desk(session, ana.id, now=NOW)
    assert shown_to(session, ana, desk) == {("open", "lead", str(callback.lead_id))}
    free = on_duty(session)
    desk = advisor_desk.read_desk(session, free.id, now=NOW)
    next_one = ("list", "lead", str(waiting.lead_id))
    assert next_one in shown_to(session, free, desk)


def test_a_call_is_its_leads_and_a_form_of_nobody_known_is_itself(session: Session) -> None:
    sam, attempt = a_supervisor(session), a_call(session)
    submission = a_submission(session, state="needs_review")
    lead_id = callback_of(session, attempt).lead_id
    bar = calls_in_progress.read_call_bar(session, attempt.advisor_id, now=NOW)
    assert shown_to(session, sam, bar) == {("list", "lead", str(lead_id))}
    other, form = a_supervisor(session), review_queue.find_submission_to_review
    shown = shown_to(session, other, form(session, submission.id, other))
    assert shown == {("open", "submission", str(submission.id))}


def test_whole_numbers_exports_and_searches_say_from_where(session: Session) -> None:
    sam, lead = a_supervisor(session), a_lead(session)
    set_origin(session, Origin(4, "203.0.113.9", "Firefox", "lead"))
    lead_file.reveal_lead_number(session, lead, sam, now=NOW)
    data_export.export_lead_data(session, lead, sam, now=NOW)
    found = visible_people.find_people_by_last_digits(session, lead.phone[-4:], sam, now=NOW)
    shown = shown_to(session, sam, found)
    assert shown == {(kind, "lead", str(lead.id)) for kind in ("reveal", "export", "list")}
    origins = {(one.sign_in_id, one.address, one.view) for one in entries(session)}
    assert origins == {(4, "203.0.113.9", "lead")}


def test_the_same_on_the_same_page_of_a_session_is_one_look_for_an_hour() -> None:
    found = looks.find_looks([FoundPerson(3, Phrase("Ana"), LeadState.OPEN)])
    for later, count in ((0, 1), (59, 0), (60, 1)):
        here: Any = {"sign_in_id": 1, "view": "lead", "now": NOW + timedelta(minutes=later)}
        new = known_looks.filter_new_looks(found, **here)
        assert len(new) == count
        known_looks.keep_looks(new, **here)
    for other in ({"sign_in_id": 2}, {"view": "calls"}):
        assert known_looks.filter_new_looks(found, **{**here, **other}) == found


def test_pages_read_people_in_one_way_alone() -> None:
    assert _pages_that_name("reader", "page_reader") == set(READS_OF_NOBODY)
    assert _pages_that_name("transaction", "retry_transaction", "open_session") == set(WRITES)


def test_what_pages_read_is_limited_to_the_helplines_of_who_looks() -> None:
    """Only this reader is; the page's own heartbeat reads nobody else."""
    past_the_limit = {"dashboard/main.py", "dashboard/page_reading.py"}
    assert _pages_that_name("reader") == past_the_limit


def _pages_that_name(*ways: str) -> set[str]:
    """Return the files of pages that open the database by one of these, or hand it on."""
    return {
        str(path.relative_to(ROOT))
        for path in FILES
        if "dashboard" in path.parts and "http" not in path.parts
        for node in nodes_of(path)
        if isinstance(node, ast.Name | ast.Attribute) and _name_of(node) in ways
    }


def _name_of(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr


def test_whatever_names_somebody_for_a_page_says_whose_it_is() -> None:
    """Each dataclass with a name or number has an id, or stands within one that has."""
    unowned = {kind.__name__ for kind in _kinds_that_pages_get() if _names_somebody(kind)}
    assert unowned == set().union(*NAMES_NO_PERSON.values())


def _names_somebody(kind: type) -> bool:
    names = {field.name for field in dataclasses.fields(kind)}
    return bool(names & PERSONAL)


def _kinds_that_pages_get() -> set[type]:
    """Every dataclass that a page may be given and that nothing with an id stands around."""
    reached: set[type] = set()
    waiting = [hint for read in _reads() if (hint := typing.get_type_hints(read).get("return"))]
    while waiting:
        kind = waiting.pop()
        waiting += typing.get_args(kind)
        if dataclasses.is_dataclass(kind) and isinstance(kind, type) and kind not in reached:
            names = {field.name for field in dataclasses.fields(kind)}
            if not names & {*looks.RECORDS, looks.LEADS} and {"kind", "record_id"} - names:
                reached.add(kind)
                waiting += typing.get_type_hints(kind).values()
    return reached


def _reads() -> Iterator[Any]:
    """Everything of ours that pages may read by: it takes a session and whoever looks."""
    for found in pkgutil.walk_packages(leads.__path__, "leads."):
        if found.name.startswith(PACKAGES_OF_PAGES):
            module = importlib.import_module(found.name)
            for _name, read in inspect.getmembers(module, inspect.isfunction):
                if _takes_session(read, module):
                    yield read


def _takes_session(read: Any, module: Any) -> bool:
    return read.__module__ == module.__name__ and "session" in inspect.signature(read).parameters
