"""Every attack that docs/security.md names has a defence that can be turned off, and a test of it.

That the test fails then takes minutes, and is told by `make attacks`.
"""

from __future__ import annotations

import ast

import pytest

from tests.attacks.defences import Defence, function_of, read_defences, read_table
from tests.support.source_files import ROOT, nodes_of

TABLE, DEFENCES = read_table(), read_defences()


def test_every_attack_has_a_defence_and_every_test_of_it_misses_one() -> None:
    missed: dict[str, set[str]] = {attack: set() for attack in TABLE}
    for defence in DEFENCES:
        assert defence.attack in TABLE, defence.attack
        missed[defence.attack] |= {function_of(test) for test in defence.tests}
    for attack, named in TABLE.items():
        assert {_as_named(test, named) for test in missed[attack]} == set(named), attack


@pytest.mark.parametrize("defence", DEFENCES, ids=lambda one: one.changes[0].file)
def test_what_turns_a_defence_off_is_there_once(defence: Defence) -> None:
    for change in defence.changes:
        assert (ROOT / change.file).read_text("utf-8").count(change.find) == 1, change
        assert change.find != change.without
    for test in defence.tests:
        assert _is_test(*function_of(test).split("::")), test


def _as_named(test: str, named: list[str]) -> str:
    """Return what the table calls a test: some are named by their files alone."""
    file, _, _ = test.partition("::")
    return file if file in named else test


def _is_test(file: str, name: str) -> bool:
    path = ROOT / file
    return path.exists() and any(
        isinstance(node, ast.FunctionDef) and node.name == name for node in nodes_of(path)
    )
