"""What a role may do is a table; whoever has no row in it may nothing, anywhere."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from dashboard.viewer import SignedInAdvisor
from leads.alerting import on_call
from leads.callbacks import callback_offers
from leads.errors import NotAllowed
from leads.lifecycle.audit_log import NOTHING
from leads.models.advisors import Advisor, OnCall
from leads.models.calls import CallAttempt
from leads.models.enums import AdvisorRole, AuditKind, NoticeMethod, Presence
from leads.people import accounts, availability, permissions, presence, sessions, staff
from leads.people.looks import TakenFile
from leads.people.permissions import OPERATOR, PERMISSIONS, Permission
from tests.conftest import NOW
from tests.support.people import (
    MINUTE,
    a_callback,
    a_lead,
    a_source,
    a_submission,
    a_supervisor,
    an_advisor,
)
from tests.support.running_desk import PASSWORD, add_advisor
from tests.support.source_files import FILES, ROOT, nodes_of
from tests.support.verbs import OF_ONE_WHO_IS_IN, VERBS, actor_argument_of

PAGES = [
    path for path in FILES if path.is_relative_to(ROOT / "dashboard") and path.parent.name != "http"
]


def _calls_of_page(path: Path) -> Iterator[tuple[ast.Call, FunctionType]]:
    """Yield each call of a function of ours that stands in a page's source."""
    names: dict[str, Any] = {}
    for node in nodes_of(path):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("leads"):
            package = importlib.import_module(str(node.module))
            for one in node.names:
                if not hasattr(package, one.name):
                    importlib.import_module(f"{node.module}.{one.name}")
                names[one.asname or one.name] = getattr(package, one.name)
    for node in nodes_of(path):
        if not isinstance(node, ast.Call):
            continue
        called: Any = None
        if isinstance(node.func, ast.Name):
            called = names.get(node.func.id)
        elif isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            called = getattr(names.get(node.func.value.id), node.func.attr, None)
        if isinstance(called, FunctionType):
            yield node, called


def _opens_transaction(verb: FunctionType) -> bool:
    """Whether a function, or one of its module that it calls, has a transaction of its own."""
    seen, left = set(), [verb]
    while left:
        one = left.pop()
        seen.add(one)
        if "transaction" in one.__code__.co_names:
            return True
        called = (one.__globals__.get(name) for name in one.__code__.co_names)
        left += [
            other
            for other in called
            if isinstance(other, FunctionType)
            and other.__module__ == verb.__module__
            and other not in seen
        ]
    return False


def _acts_with_person(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """Yield what a page does for the person signed in: how it calls them, and where."""
    for node in nodes_of(path):
        if isinstance(node, ast.Lambda) and len(node.args.args) > 1:
            yield node.args.args[-1].arg, node
        elif isinstance(node, ast.FunctionDef):
            for given in node.args.args:
                if given.annotation and ast.unparse(given.annotation) == "Advisor":
                    yield given.arg, node


def _acts_as_operator(node: ast.AST) -> bool:
    """Whether somebody is handed who may do everything, and is nobody who is signed in."""
    handed = (
        [*node.args, *(one.value for one in node.keywords)] if isinstance(node, ast.Call) else ()
    )
    return any(ast.unparse(one).split(".")[-1] == "OPERATOR" for one in handed)


def test_pages_hand_each_verb_the_person_who_acts() -> None:
    """A name for the trail, or nobody, could be refused nothing."""
    verbs, unasked, seen = set(VERBS.values()), [], 0
    for path in PAGES:
        calls = {id(node): verb for node, verb in _calls_of_page(path)}
        for verb in calls.values():
            given = inspect.signature(verb).parameters
            by_name = any(
                name in given and given[name].annotation == "str" for name in ("actor", "by")
            )
            if by_name or (_opens_transaction(verb) and verb not in verbs):
                unasked.append(f"{path.name}: {verb.__name__}")
        for person, act in _acts_with_person(path):
            for node in ast.walk(act):
                verb = calls.get(id(node))
                if isinstance(node, ast.Call) and verb and verb.__module__ != permissions.__name__:
                    handed = [*node.args, *(one.value for one in node.keywords)]
                    if any(isinstance(one, ast.Name) and one.id == person for one in handed):
                        seen += 1
                        unasked += [] if verb in verbs else [f"{path.name}: {verb.__name__}"]
        unasked += [f"{path.name}: OPERATOR" for node in nodes_of(path) if _acts_as_operator(node)]
    assert seen > 100  # it finds what pages do
    assert unasked == []


def a_stranger_to_the_table(session: Session) -> Advisor:
    """Somebody whose role was written by another release."""
    person = add_advisor(session, 7777, now=NOW)
    session.execute(text("UPDATE advisor SET role = 'auditor' WHERE id = :id"), {"id": person.id})
    session.expire(person)
    return person


# whoever is refused is so before any statement: one database shows it
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", sorted(set(VERBS) - OF_ONE_WHO_IS_IN))
def test_no_verb_does_anything_for_a_role_without_a_row(session: Session, name: str) -> None:
    verb, person = VERBS[name], a_stranger_to_the_table(session)
    callback = a_callback(session)
    samples = {
        "Session": session,
        "Callback": callback,
        "CallAttempt": CallAttempt(callback_id=callback.id),
        "Lead": a_lead(session),
        "Source": a_source(session),
        "Submission": a_submission(session),
        "Advisor": an_advisor(session),
        "datetime": NOW,
        "int": 1,
        "bool": False,
        "AdvisorRole": AdvisorRole.ADVISOR,
        "Operator | None": None,
        "TakenFile": TakenFile(AuditKind.PRINT, NOTHING, Permission.SEE_REPORT),
    }
    given = {
        name: samples.get(str(parameter.annotation), "such")
        for name, parameter in inspect.signature(verb).parameters.items()
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD
    }
    with pytest.raises(NotAllowed):  # before it looks at anything else
        verb(**{**given, actor_argument_of(verb): person})


def test_every_verb_that_is_not_asked_is_still_there() -> None:
    assert set(VERBS) >= OF_ONE_WHO_IS_IN


def test_each_permission_is_refused_without_a_row(session: Session) -> None:
    person = a_stranger_to_the_table(session)
    assert person.role is AdvisorRole.UNKNOWN
    for permission in Permission:
        with pytest.raises(NotAllowed) as refusal:
            permissions.require_permission(person, permission)
        assert str(refusal.value).endswith("."), permission
        allowed = permissions.list_active_people_who_may(session, permission)
        assert person not in allowed, permission


def test_each_permission_is_asked_for_somewhere() -> None:
    asked = {
        node.attr
        for path in FILES
        if path.name != "permissions.py"
        for node in nodes_of(path)
        if isinstance(node, ast.Attribute)
    }
    assert {permission.name for permission in Permission} - asked == set()


def test_each_role_has_a_row_and_no_more_than_its_superior() -> None:
    assert set(PERMISSIONS) == set(AdvisorRole) - {AdvisorRole.UNKNOWN}
    advisor, supervisor, admin = PERMISSIONS.values()
    assert advisor < supervisor < admin == set(Permission)
    assert permissions.roles_under(AdvisorRole.UNKNOWN) == frozenset()


@pytest.mark.parametrize("permission", Permission)
def test_each_permission_has_one_lowest_role(permission: Permission) -> None:
    lists = (permissions.FOR_ADVISORS, permissions.FOR_SUPERVISORS, permissions.FOR_ADMINS)
    assert [permission in those for those in lists].count(True) == 1


def test_a_new_permission_is_nobodys_until_a_list_names_it() -> None:
    first = "    SIGN_IN = "
    source = inspect.getsource(permissions)
    assert source.count(first) == 1
    added = source.replace(first, f'    BE_NEW = "be_new", Phrase("be new")\n{first}')
    later = {"__name__": permissions.__name__}
    exec(added, later)  # noqa: S102 - our own module, as it is with one more permission
    new = later["Permission"]("be_new")
    assert [role for role in AdvisorRole if later["role_may"](role, new)] == []


def test_a_role_without_a_label_is_called_unknown() -> None:
    assert set(permissions.ROLE_LABELS) == set(PERMISSIONS)
    for role in set(AdvisorRole) - set(permissions.ROLE_LABELS):
        assert permissions.role_label(role) == permissions.UNKNOWN_ROLE
    assert permissions.role_label(AdvisorRole.ADMIN).title == "Admin"


def test_only_staff_gives_a_role_or_adds_somebody() -> None:
    """Whatever does it elsewhere leaves no row in the audit trail."""
    attributes = [
        (path.name, node)
        for path in FILES
        if path.parent.name != "people"
        for node in nodes_of(path)
        if isinstance(node, ast.Attribute)
    ]
    past_the_trail = [
        f"{name}:{node.lineno}"
        for name, node in attributes
        if node.attr == "add_advisor" or (node.attr == "role" and isinstance(node.ctx, ast.Store))
    ]
    assert past_the_trail == []


def test_a_rule_sets_whoever_away_but_asks_no_permission(session: Session) -> None:
    person = a_stranger_to_the_table(session)
    for _ in range(presence.MOST_MISSES):
        presence.record_missed_offer(session, person, now=NOW)
    assert person.presence == Presence.AWAY


def test_the_operator_ends_duty_of_whoever_may_nothing_any_more(session: Session) -> None:
    person = a_stranger_to_the_table(session)
    person.on_duty_until = NOW + MINUTE
    presence.take_off_duty(session, person, now=NOW, operator=OPERATOR)
    assert person.on_duty_until is None


def test_no_page_is_offered_to_a_role_without_a_row() -> None:
    nobody = SignedInAdvisor(1, "Ana", AdvisorRole.UNKNOWN)
    assert [permission for permission in Permission if nobody.may(permission)] == []


def test_a_role_that_became_unknown_is_signed_out_and_told_so(session: Session) -> None:
    person = add_advisor(session, 78, now=NOW, password=PASSWORD)
    secret = sessions.start_session(session, person, now=NOW)
    who = sessions.find_session_identity(session, secret, now=NOW)
    assert who
    session.execute(text("UPDATE advisor SET role = 'auditor' WHERE id = :id"), {"id": person.id})
    session.expire(person)
    assert sessions.find_session_identity(session, secret, now=NOW) is None
    assert sessions.filter_open_sessions(session, [who.sign_in_id], now=NOW) == set()
    with pytest.raises(NotAllowed, match="Your role has no permissions here"):
        accounts.check_password(person, PASSWORD)
    with pytest.raises(NotAllowed, match="not correct"):  # whoever guesses hears nothing of roles
        accounts.check_password(person, "another password")


def test_a_role_without_a_row_is_neither_offered_calls_nor_sent_alerts(session: Session) -> None:
    person, boss = a_stranger_to_the_table(session), a_supervisor(session)
    session.execute(
        text("UPDATE advisor SET presence = 'available', present_until = :until WHERE id = :id"),
        {"until": NOW + MINUTE, "id": person.id},
    )
    shift = {"days": list(range(7)), "begins": "00:00", "ends": "00:00", "zone": "UTC"}
    session.add(OnCall(advisor_id=person.id, **shift))
    session.flush()
    a_callback(session)
    assert availability.list_available_advisors(session, now=NOW) == []
    assert callback_offers.offer_next_callback(session, now=NOW) is None
    mail = on_call.addresses_to_alert(session, NoticeMethod.EMAIL, now=NOW)
    assert mail == [boss.email]


def test_an_admin_gives_a_known_role_again_and_a_supervisor_may_not(session: Session) -> None:
    person, admin = a_stranger_to_the_table(session), an_advisor(session, AdvisorRole.ADMIN)
    boss = a_supervisor(session)
    listed = {one.advisor_id: one for one in staff.read_staff(session, admin, now=NOW)}
    assert listed[person.id].role is AdvisorRole.UNKNOWN
    assert listed[person.id].may_change
    assert not any(
        one.may_change
        for one in staff.read_staff(session, boss, now=NOW)
        if one.advisor_id == person.id
    )
    with pytest.raises(NotAllowed, match="Only an admin can deactivate a colleague who is with an"):
        staff.deactivate_staff_member(session, person, boss, now=NOW)
    person.name = "Ana"  # whatever else changes of them, the word that is stored stays
    session.flush()
    stored = text("SELECT role FROM advisor WHERE id = :id")
    assert session.execute(stored, {"id": person.id}).scalar() == "auditor"
    staff.change_staff_role(session, person, AdvisorRole.SUPERVISOR, admin, now=NOW)
    permissions.require_permission(person, Permission.SEE_BOARD)
