"""Screens, mails and voices say each thing by the one word that docs/words.md has for it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from babel.messages import pofile

from leads.i18n.translatable import CATALOGUES
from tests.support.source_files import ROOT

ROW = re.compile(r"^\| (.+?) \| (.*?) ?\| (.+?) \| (.*?) ?\|$", re.MULTILINE)
PLACE = re.compile(r"\{\w*\}")
TEXTS = ("leads/pages/{}.toml", "leads/messaging/default_texts.toml")


@cache
def _words_not_said() -> dict[str, re.Pattern[str]]:
    """Return what no sentence says, by language."""
    _, *rows = ROW.findall((ROOT / "docs/words.md").read_text())
    columns = {"en": [row[1] for row in rows[1:]], "es": [row[3] for row in rows[1:]]}
    return {
        language: re.compile(
            "|".join(
                rf"\b{re.escape(word.strip())}(?!\w)"
                for cell in cells
                for word in cell.split(",")
                if word.strip()
            ),
            re.IGNORECASE,
        )
        for language, cells in columns.items()
    }


def _catalogue(language: str) -> Iterator[str]:
    with (CATALOGUES / "es.po").open("rb") as file:
        for entry in pofile.read_po(file, locale="es"):
            said = entry.id if language == "en" else entry.string
            yield from said if isinstance(said, tuple) else [said]


def _leaves(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for part in data.values() if isinstance(data, dict) else data:
            yield from _leaves(part)


def _texts(language: str) -> Iterator[str]:
    for name in TEXTS:
        data = tomllib.loads((ROOT / name.format(language)).read_text())
        yield from _leaves(data.get(language, data))


@pytest.mark.parametrize("language", ["en", "es"])
def test_each_thing_is_said_by_its_word(language: str) -> None:
    said = [*_catalogue(language), *_texts(language)]
    wrong = _words_not_said()[language]
    assert {text: found[0] for text in said if (found := wrong.search(PLACE.sub("", text)))} == {}


def test_the_glossary_is_read() -> None:
    wrong = _words_not_said()
    assert wrong["en"].search("They were rung twice.")
    assert not wrong["en"].search("Your phone rings.")
    assert wrong["es"].search("Pulse 1.")
    assert not wrong["es"].search("Marque 1.")
