"""Documents are true.

Every file, command and name that they mention exists, and the diagrams are the state tables.
"""

from __future__ import annotations

import ast
import builtins
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from leads.callbacks.holds import HOLD_SENTENCES
from leads.forms.form_reading import KINDS
from leads.i18n.messages import WORDS, MessageKey
from leads.lifecycle.state_tables import STATE_TABLES
from leads.models.enums import HoldReason
from tests.support.source_files import FILES, ROOT, TEST_FILES, nodes_of
from tests.support.state_diagrams import draw_state_diagram

DOCUMENTS = ("CONTRIBUTING.md", "docs/architecture.md")
PROSE = (
    "README.md",
    "CONTRIBUTING.md",
    *(page.relative_to(ROOT).as_posix() for page in sorted(ROOT.glob("docs/**/*.md"))),
    *(page.relative_to(ROOT).as_posix() for page in sorted(ROOT.glob("deploy/**/*.md"))),
)
SETTINGS = (".streamlit/config.toml", ".env.example", "Makefile", "pyproject.toml")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#:]+)\)")
MAKE = re.compile(r"\bmake ([a-z]+)")
PATH = re.compile(r"^[\w.-]+(/[\w.-]+)*/?$")
LABEL = re.compile(r"(?<![*\w])\*([A-Z][^*\n]{2,60})\*(?!\*)")
NOT_OURS = {  # labels of form tools and of Twilio, what a form sent, what is said on the phone
    *("Content", "Documented", "Built", "Include Field and Form Structures"),
    *("Squarespace: new form submission", "Webhooks: POST", "Billing, Usage triggers"),
    *("Enforce HTTP Auth on Media URLs", "Advanced Opt-Out", "I speak Vietnamese"),
}
WHERE_REVIEW_REASONS_ARE = ("leads/forms", "leads/intake", "leads/contact_rules/number_policy.py")
NO_REVIEW_REASONS = {  # what is withheld, joined to another or discarded; the vendors' own words
    MessageKey.CHANGED_BY_SENDER,
    MessageKey.DELIVERED_BEFORE,
    MessageKey.SAME_WAITS,
    MessageKey.SENT_AGAIN,
    MessageKey.SENT_BEFORE,
    MessageKey.SUPPRESSED,
    MessageKey.TEST_IS_FINE,
    MessageKey.TEST_WOULD_WAIT,
    MessageKey.TOOL_DELETED,
    MessageKey.TOOL_PARTIAL,
    MessageKey.TOOL_TEST,
    MessageKey.VENDOR_REASON,
    MessageKey.WITHDRAWN_BY_SENDER,
    *(key for key in MessageKey if key.startswith("kind_")),
    MessageKey.IMPORTED_BEFORE,
    MessageKey.STOPPED_BEFORE_IMPORT,
}
PASSING_HOLDS = {  # by themselves, or of channels that no callback uses; `other` has own words
    HoldReason.QUIET_HOURS,
    HoldReason.ATTEMPT_CAP,
    HoldReason.NOT_SAFE_TO_TEXT,
    HoldReason.NOT_SAFE_TO_VOICEMAIL,
}
OUR_FILE = re.compile(
    r"(?<![\w/.-])(?:leads|dashboard|notifications|tests|docs)/[\w./-]+\.(?:py|toml|md|html|http)\b"
)
NAMED_TEST = re.compile(r"(tests/[\w/.-]+\.py)::(test_\w+)")
OUR_NAME = re.compile(r"(?<![\w/.-])(?:leads|dashboard|notifications|tests)(?:\.[A-Za-z_]\w*)+")
NAME = re.compile(r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")


def _prose(document: str) -> str:
    return FENCE.sub("", (ROOT / document).read_text("utf-8"))


@functools.cache
def _names_in_the_code() -> set[str]:
    """Return every name that the product defines or gives to a column, a field or a keyword."""
    names = set(dir(builtins))
    for path in [*FILES, *TEST_FILES]:
        for node in nodes_of(path):
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
    return set(name.split(".")) <= {one for node in nodes_of(file) for one in _names_of(node)}


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


@pytest.mark.parametrize("document", PROSE)
def test_every_label_that_a_document_quotes_is_on_a_screen(document: str) -> None:
    with (ROOT / "leads/i18n/catalogues/es.po").open("rb") as file:
        said = " ".join(str(one.id) for one in read_po(file))
    said += (ROOT / "leads/pages/en.toml").read_text("utf-8")
    quoted = {label.rstrip(" ….") for label in LABEL.findall(_prose(document))}
    assert {label for label in quoted if label not in said} - NOT_OURS == set()


def test_the_diagrams_are_the_state_tables() -> None:
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    for table in STATE_TABLES.values():
        assert draw_state_diagram(table) in text


def _message_keys_in(places: tuple[str, ...]) -> set[MessageKey]:
    """Return the keys of the sentences that the code in these places makes."""
    files = {ROOT / place for place in places if place.endswith(".py")}
    nodes = (node for path in files | set(_python_files(*places)) for node in nodes_of(path))
    return {
        MessageKey[node.attr]
        for node in nodes
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "MessageKey"
    }


def _sentences_of(title: str) -> set[str]:
    """Return the first column of a section's table in docs/forms.md."""
    section = (ROOT / "docs/forms.md").read_text("utf-8").split(f"### {title}\n")[1]
    lines = section.split("\n#")[0].splitlines()
    rows = [line.split(" | ")[0].removeprefix("| ") for line in lines if line.startswith("| ")]
    return set(rows[2:])


def test_every_reason_for_review_stands_in_the_documents_as_it_is_shown() -> None:
    keys = _message_keys_in(WHERE_REVIEW_REASONS_ARE) - NO_REVIEW_REASONS
    shown = {WORDS[key].template for key in keys}
    assert _sentences_of("Why a form waits for a person") == shown


def test_every_reason_for_a_hold_stands_in_the_documents_as_it_is_shown() -> None:
    shown = {
        sentence.template
        for reason, sentence in HOLD_SENTENCES.items()
        if reason not in PASSING_HOLDS
    }
    assert _sentences_of("Why a call is held") == shown


def test_every_form_tool_has_its_row_of_steps() -> None:
    rows = " ".join(_sentences_of("Steps for each tool"))
    assert [kind for kind in KINDS if f"(`{kind}`)" not in rows] == []


def test_every_test_that_a_page_names_is_there() -> None:
    for page in PROSE:
        for file, name in NAMED_TEST.findall(_prose(page)):
            path = ROOT / file
            names = {one.name for one in nodes_of(path) if isinstance(one, ast.FunctionDef)}
            assert name in names, (page, file, name)
