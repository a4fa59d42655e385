"""Refuse names that tell a stranger nothing.

`python -m tests.support.name_lint` is part of `make check`.

A public function is a verb and a noun. One word is enough for an event of the state tables, and for
the few that are listed here with a reason. No two functions or classes of the product share a name,
not even a private one that differs by its underscore.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator

from leads.lifecycle.state_tables import STATE_TABLES
from tests.support.source_files import FILES, ROOT

ONE_WORD = {
    "_": "what gettext is called everywhere",
    "advance": "the lifecycle's only verb",
    "main": "where Python enters",
    "reader": "a transaction that reads, as `with reader() as session` says",
    "transaction": "a transaction that writes, as `with transaction() as session` says",
    "translate": "takes any sentence",
}
EVENTS = {event for table in STATE_TABLES.values() for _, event in table}

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def read_definitions() -> Iterator[tuple[str, Definition]]:
    """Yield the functions and classes at the top of the product's modules, with file and line."""
    for path in FILES:
        if "migrations" in path.parts:
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, Definition):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def list_faults() -> list[str]:
    """Return a sentence for each name that is too short, or that two share."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    faults = []
    for place, node in read_definitions():
        places[node.name.strip("_")].append(place)
        is_short = "_" not in node.name.strip("_") and node.name not in {*ONE_WORD, *EVENTS}
        if is_short and not isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            faults.append(f"{place}: {node.name} is one word: name it by verb and noun")
    shared = {name: where for name, where in places.items() if len(where) > 1}
    faults += [f"{', '.join(where)}: share the name {name}" for name, where in shared.items()]
    return faults


if __name__ == "__main__":
    faults = list_faults()
    print(
        "\n".join(faults) or "Names: every public function says what it does, and none has a twin."
    )
    sys.exit(1 if faults else 0)
