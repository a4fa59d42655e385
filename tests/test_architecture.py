"""Who writes a state, who reads a clock, and that migrations and models agree."""

from __future__ import annotations

import ast
import http
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from leads.database.engine import current_engine
from tests.support.source_files import FILES, ROOT, TEST_FILES, nodes_of

STATE_WRITERS = {
    "leads/lifecycle/transitions.py",
    "leads/database/bulk_rows.py",  # whatever columns it is told to
    "leads/intake/body_readings.py",  # tells it to keep what was read of many submissions
    "leads/outbox/orders.py",  # what is to be sent has its own
    "leads/outbox/call_orders.py",
    "leads/outbox/recording_orders.py",
    "leads/outbox/text_orders.py",
    "leads/outbox/event_orders.py",
}
CLOCKS = {
    ("app.py", "datetime.now"),
    ("leads/commands/frame.py", "datetime.now"),
    ("dashboard/viewer.py", "datetime.now"),  # pages are an edge too
    ("leads/intake/http_requests.py", "time.monotonic"),
    ("leads/database/engine.py", "time.monotonic"),  # of connections, not of people
    ("leads/database/key_views.py", "time.monotonic"),  # likewise of what a process knows
}
ASKS_THE_TIME = {
    "now",
    "utcnow",
    "today",
    "time",
    "time_ns",
    "monotonic",
    "perf_counter",
    "localtime",
    "gmtime",
}
WHO_MAY_USE_IT, MOST_SENTENCES = re.compile(r"\bFor |\b[Aa]nybody\b"), 3
LOADS_ALL_OF_ITS_MODULES = {"leads/models/__init__.py"}  # their foreign keys name each other
HAS_THE_TIME = {"datetime", "date", "time", "func"}


def test_only_the_lifecycle_writes_a_state() -> None:
    assert {
        _name(path)
        for path in FILES
        if "migrations" not in path.parts and any(_writes_state(node) for node in nodes_of(path))
    } == STATE_WRITERS


def test_only_the_edges_read_a_clock() -> None:
    asked = {
        (_name(path), time)
        for path in FILES
        for node in nodes_of(path)
        if (time := _asked_time(node))
    }
    assert asked - CLOCKS == set()


def test_only_the_database_module_commits() -> None:
    commits = {
        _name(path)
        for path in FILES
        for node in nodes_of(path)
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    }
    assert commits == {"leads/database/transactions.py"}


def test_only_the_audit_trail_makes_its_rows() -> None:
    writers = {
        _name(path)
        for path in FILES
        for node in nodes_of(path)
        if isinstance(node, ast.Call) and _makes_transitions(node)
    }
    assert writers == {"leads/lifecycle/audit_trail.py"}


@pytest.mark.usefixtures("database")
def test_the_migrations_make_exactly_the_tables_of_the_models() -> None:
    with current_engine().connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_folder_of_the_pages_hides_no_module_of_others(database: str) -> None:
    """It comes first in sys.path while a page runs: what has another's name must be loaded."""
    names = sorted({path.stem for path in (ROOT / "dashboard").iterdir()})
    elsewhere = [name for name in names if name[0] not in "._" and importlib.util.find_spec(name)]
    loaded = f"import app, sys; print(*(sys.modules[name].__file__ for name in {elsewhere}))"
    files = subprocess.run(
        [sys.executable, "-c", loaded],
        cwd=ROOT,
        env={"DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert elsewhere == ["http"], "a new one may do if it is loaded, and had better be renamed"
    assert files == [http.__file__]


def test_each_package_says_what_it_promises_and_who_may_use_it_and_hands_out_nothing() -> None:
    packages = [path for path in FILES if path.name == "__init__.py"]
    said = {_name(path): ast.get_docstring(ast.parse(path.read_text("utf-8"))) for path in packages}
    unsaid = {name for name, words in said.items() if not re.search(WHO_MAY_USE_IT, words or "")}
    long = {
        name
        for name, words in said.items()
        if len(re.findall(r"[.!?](?=\s|$)", words or "")) > MOST_SENTENCES
    }
    handing_out = {
        _name(path) for path in packages if len(ast.parse(path.read_text("utf-8")).body) != 1
    }
    assert unsaid == set()
    assert long == set()
    assert handing_out == LOADS_ALL_OF_ITS_MODULES


def test_no_file_of_the_tests_imports_a_test() -> None:
    imports = {
        (_name(path), module)
        for path in TEST_FILES
        for node in nodes_of(path)
        for module in _imported_modules(node)
        if ".test_" in module
    }
    assert imports == set()


def test_each_package_of_the_domain_that_does_something_has_a_folder_of_tests() -> None:
    packages = {
        path.relative_to(ROOT / "leads").parts[0]
        for path in FILES
        if path.is_relative_to(ROOT / "leads") and len(path.relative_to(ROOT / "leads").parts) > 1
        if any(isinstance(node, ast.FunctionDef) for node in nodes_of(path))
    }
    tested = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}
    assert packages - tested == set()


def test_an_assertion_that_fails_names_the_field() -> None:
    unnamed = [
        f"{_name(path)}:{node.lineno}"
        for path in TEST_FILES
        for node in nodes_of(path)
        if _compares_three_at_once(node)
    ]
    assert unnamed == []


def test_what_tests_stand_on_is_in_support_and_not_in_conftest() -> None:
    assert len((ROOT / "tests/conftest.py").read_text("utf-8").splitlines()) < 60


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _writes_state(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr="state", ctx=ast.Store()):
            return True
        case ast.Call(func=ast.Attribute(attr="values"), args=args, keywords=words):
            return any(word.arg == "state" for word in words) or bool(args)
        case ast.Call(func=ast.Name(id="update_rows_if_unchanged")):
            return True
        case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value="state"), _]):
            return True
    return False


def _makes_transitions(call: ast.Call) -> bool:
    """Whether a call makes or changes rows of the trail: reading names it in a select."""
    is_made = isinstance(call.func, ast.Name) and call.func.id == "Transition"
    verb = getattr(call.func, "id", getattr(call.func, "attr", ""))
    is_written = "insert" in verb or verb in ("update", "delete", "table_of")
    return is_made or (
        is_written
        and any(isinstance(arg, ast.Name) and arg.id == "Transition" for arg in call.args)
    )


def _asked_time(node: ast.AST) -> str:
    match node:
        case ast.Attribute(value=ast.Name(id=source), attr=name) if (
            source in HAS_THE_TIME and name in ASKS_THE_TIME
        ):
            return f"{source}.{name}"
        case ast.ImportFrom(module="time"):
            return "time"
    return ""


def _imported_modules(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [name.name for name in names]
        case ast.ImportFrom(module=str(module), names=names):
            return [f"{module}.{name.name}" for name in names]
    return []


def _compares_three_at_once(node: ast.AST) -> bool:
    """Whether a failure would print two tuples, and leave it to the reader to count."""
    match node:
        case ast.Assert(test=ast.Compare(left=ast.Tuple(elts=[_, _, _, *_]))):
            return True
    return False
