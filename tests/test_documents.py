"""Documents are true.

Every file, command and name that they mention exists, and the diagrams are the state tables.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from leads.lifecycle.state_tables import STATE_TABLES
from tests.support.state_diagrams import draw_state_diagram

ROOT = Path(__file__).parent.parent
DOCUMENTS = ("CONTRIBUTING.md", "docs/architecture.md")
PROSE = (
    "README.md",
    "CONTRIBUTING.md",
    *(f"docs/{page.name}" for page in sorted(ROOT.glob("docs/*.md"))),
)
SETTINGS = (".streamlit/config.toml", ".env.example", "Makefile", "pyproject.toml")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#:]+)\)")
MAKE = re.compile(r"\bmake ([a-z]+)")
PATH = re.compile(r"^[\w.-]+(/[\w.-]+)*/?$")
OUR_FILE = re.compile(
    r"(?<![\w/.-])(?:leads|dashboard|notifications|tests|docs)/[\w./-]+\.(?:py|toml|md|html|http)\b"
)
OUR_NAME = re.compile(r"(?<![\w/.-])(?:leads|dashboard|notifications|tests)(?:\.[A-Za-z_]\w*)+")
NAME = re.compile(r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")


def _prose(document: str) -> str:
    return FENCE.sub("", (ROOT / document).read_text("utf-8"))


def _names_in_the_code() -> set[str]:
    """Return every name that the product defines or gives to a column, a field or a keyword."""
    names = set(dir(builtins))
    for path in [ROOT / "app.py", *_python_files("leads", "dashboard", "notifications", "tests")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names |= set(_names_of(node))
    return names


def _python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (ROOT / folder).rglob("*.py")


def _names_of(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name) | ast.arg(arg=name):
            yield name


def _module_and_name(dotted: str) -> tuple[Path | None, str]:
    """Return the file of the module that a dotted name begins with, and what is named in it."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:length])
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.exists():
                return file, ".".join(parts[length:])
    return None, dotted


def _is_in_code(dotted: str) -> bool:
    file, name = _module_and_name(dotted)
    if not file or not name:
        return file is not None
    nodes = ast.walk(ast.parse(file.read_text("utf-8")))
    return set(name.split(".")) <= {one for node in nodes for one in _names_of(node)}


@pytest.mark.parametrize("document", PROSE)
def test_every_link_of_a_document_leads_somewhere(document: str) -> None:
    text = _prose(document)
    linked = [(ROOT / document).parent / link for link in LINK.findall(text)]
    assert [link for link in linked if not link.exists()] == []


@pytest.mark.parametrize("document", [*PROSE, *SETTINGS])
def test_every_file_and_module_of_ours_that_is_written_out_exists(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    files = [path.replace("KIND", "*") for path in OUR_FILE.findall(text)]
    assert [path for path in files if not any(ROOT.glob(path))] == []
    assert [name for name in OUR_NAME.findall(text) if not _is_in_code(name)] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_mentions_exists(document: str) -> None:
    text = _prose(document)
    quoted = [word for word in QUOTED.findall(text) if PATH.match(word)]
    mentioned = [word for word in quoted if "/" in word or word.endswith((".py", ".toml", ".md"))]
    assert [word for word in mentioned if not (ROOT / word).exists()] == []


@pytest.mark.parametrize("document", [*DOCUMENTS, "README.md"])
def test_every_make_target_that_a_document_mentions_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(MAKE.findall((ROOT / document).read_text("utf-8"))) - targets == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_name_that_a_document_mentions_is_in_the_code(document: str) -> None:
    known = _names_in_the_code()
    quoted = [word for word in QUOTED.findall(_prose(document)) if NAME.match(word)]
    names = [
        word for word in quoted if not (ROOT / word).exists() and not word.endswith((".py", ".md"))
    ]
    words = {state for table in STATE_TABLES.values() for pair in table for state in pair}
    missing = [name for name in names if not set(name.split(".")) <= known | words]
    assert missing == []


def test_the_diagrams_are_the_state_tables() -> None:
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    for table in STATE_TABLES.values():
        assert draw_state_diagram(table) in text
