"""Who may import whom, who writes a state, who reads a clock, and that migrations and models agree."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from leads import db

ROOT = Path(__file__).parent.parent
OURS = ("app", "dashboard", "leads", "notifications")
FILES = [ROOT / "app.py", *(path for package in OURS[1:] for path in sorted((ROOT / package).rglob("*.py")))]

MAY_IMPORT = {
    "app": (
        "leads",
        "notifications",
        "dashboard.entrance",
        "dashboard.guard",
        "dashboard.sign_in",
        "dashboard.live",
        "dashboard.notes",
        "dashboard.turned_away",
    ),
    "dashboard": ("leads", "dashboard"),
    "notifications": ("leads", "notifications"),
    "leads": ("leads",),
}
MUST_NOT_IMPORT = {
    "leads": ("streamlit", "twilio", "apscheduler"),
    "dashboard": ("twilio", "apscheduler"),
    "notifications": ("streamlit",),
}
LAYERS = """
    __main__
    commands
    escalation digest paper
    parts counted
    demo webhooks hosted_form board desk glance lead_file sources alerts history report trial wall colleagues
    televisions overview timeline
    review by_hand keypad doors second_thoughts second_reading texts
    intake
    strangers
    trends work endings
    metrics callable_time
    cohort
    packed whom days
    inbox admission repeats doubts merging takeover refusals queue due calls outcome closing legs outbox
    gate presence suppression accounts setup second_factor
    on_call
    lockout sessions
    notes
    lifecycle roles notices beat migrate migrations bells
    models
    columns
    db
""".strip().splitlines()
"""Within leads, from the top: a part imports what is below it, or beside it without going round."""

LEAVES = {
    "errors": ("phrase",),
    "rows": (),
    "phone": (),
    "cadence": (),
    "survival": (),
    "options": ("errors", "phrase"),
    "html": ("phrase",),
    "vault": (),
    "crowd": (),
    "logs": (),
    "wording": ("phrase",),
    "phrase": (),
    "holds": ("phrase",),
    "danger": (),
    "embed": ("wording",),
    "hours": ("phone",),
    "settings": ("channels", "errors"),
    "channels": ("errors", "options"),
    "forms": ("errors", "phone", "phrase"),
}
"""Parts of leads that any other may import, and all that they import themselves."""

STATE_WRITERS = {
    "leads/lifecycle.py",
    "leads/rows.py",  # whatever columns it is told to
    "leads/intake.py",  # tells it to keep what was read of many submissions
    "leads/outbox.py",  # what is to be sent has its own
    "leads/notices.py",
}
CLOCKS = {
    ("app.py", "datetime.now"),
    ("leads/commands/frame.py", "datetime.now"),
    ("dashboard/widgets.py", "datetime.now"),  # pages are an edge too
    ("leads/doors.py", "time.monotonic"),
    ("leads/db.py", "time.monotonic"),  # of connections, not of people
}
ASKS_THE_TIME = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime"}
HAS_THE_TIME = {"datetime", "date", "time", "func"}


@pytest.mark.parametrize("package", OURS)
def test_a_package_imports_only_what_the_design_lets_it(package: str) -> None:
    for name, imported in _imports(package):
        if imported.split(".")[0] in OURS:
            assert any(_is_within(imported, allowed) for allowed in MAY_IMPORT[package]), (name, imported)
        assert imported.split(".")[0] not in MUST_NOT_IMPORT.get(package, ()), (name, imported)


def test_every_part_of_leads_has_its_place() -> None:
    placed = {part for layer in LAYERS for part in layer.split()} | set(LEAVES)
    assert {_part(name) for name in _names("leads")} - {"__init__"} == placed


def test_within_leads_imports_point_downwards() -> None:
    height = {part: -number for number, layer in enumerate(LAYERS) for part in layer.split()}
    for part, imported in _parts_imported():
        if part in LEAVES:
            assert imported in LEAVES[part], (part, imported)
        elif imported not in LEAVES:
            assert height[imported] <= height[part], (part, imported)


def test_within_leads_nothing_imports_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for part, imported in _parts_imported():
        graph.setdefault(part, set()).add(imported)
    TopologicalSorter(graph).prepare()


def test_only_the_lifecycle_writes_a_state() -> None:
    assert {_name(path) for path in FILES if any(_writes_state(node) for node in _nodes(path))} == STATE_WRITERS


def test_only_the_edges_read_a_clock() -> None:
    asked = {(_name(path), time) for path in FILES for node in _nodes(path) if (time := _asked_time(node))}
    assert asked - CLOCKS == set()


def test_only_the_database_module_commits() -> None:
    commits = {
        _name(path)
        for path in FILES
        for node in _nodes(path)
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    }
    assert commits == {"leads/db.py"}


@pytest.mark.usefixtures("database")
def test_the_migrations_make_exactly_the_tables_of_the_models() -> None:
    with db.engine().connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def _imports(package: str) -> Iterator[tuple[str, str]]:
    """Yield (file, module imported), down to the submodule where it is one of ours."""
    for name in _names(package):
        for node in _nodes(ROOT / name):
            if isinstance(node, ast.Import):
                yield from ((name, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{name}: imports are absolute"
                from_package = node.module in OURS
                yield from ((name, f"{node.module}.{a.name}" if from_package else str(node.module)) for a in node.names)


def _parts_imported() -> Iterator[tuple[str, str]]:
    for name, imported in _imports("leads"):
        if imported.startswith("leads.") and _part(imported.replace(".", "/")) != _part(name):
            yield _part(name), _part(imported.replace(".", "/"))


def _part(name: str) -> str:
    """`leads/forms/pick.py` belongs to forms."""
    return name.split("/")[1].removesuffix(".py")


def _names(package: str) -> list[str]:
    return [_name(path) for path in FILES if _name(path).split("/")[0].removesuffix(".py") == package]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@functools.cache
def _nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text("utf-8"))))


def _is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def _writes_state(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr="state", ctx=ast.Store()):
            return True
        case ast.Call(func=ast.Attribute(attr="values"), args=args, keywords=words):
            return any(word.arg == "state" for word in words) or bool(args)
        case ast.Call(func=ast.Name(id="update_all")):
            return True
        case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value="state"), _]):
            return True
    return False


def _asked_time(node: ast.AST) -> str:
    match node:
        case ast.Attribute(value=ast.Name(id=source), attr=name) if source in HAS_THE_TIME and name in ASKS_THE_TIME:
            return f"{source}.{name}"
        case ast.ImportFrom(module="time"):
            return "time"
    return ""
