"""What docs/asvs.md says of itself is so: each requirement once, with evidence that is there."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from tests.support.source_files import ROOT

TEXT = (ROOT / "docs/asvs.md").read_text("utf-8")
REQUIREMENTS = 253  # of levels 1 and 2 of ASVS 5.0.0
VERDICTS = ("pass", "not applicable", "not met")
CHAPTER = re.compile(r"^## V(\d+) .*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| V([\d.]+) \| ([12]) \| .+? \| ([a-z ]+) \| (.+) \|$", re.MULTILINE)
PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.[a-z]+|[\w-]+\.(?:toml|txt))(?:::\w+)?`")


class Row(NamedTuple):
    """One requirement; `evidence` is the reason where the verdict is no pass."""

    number: str
    level: str
    verdict: str
    evidence: str


BY_CHAPTER = {one[1]: [Row(*row) for row in ROW.findall(one[0])] for one in CHAPTER.finditer(TEXT)}
ROWS = [row for rows in BY_CHAPTER.values() for row in rows]


def test_every_requirement_is_there_once_in_its_chapter_with_a_verdict() -> None:
    assert len(ROWS) == len(re.findall(r"^\| V\d+\.", TEXT, re.MULTILINE)) == REQUIREMENTS
    assert [row for row, times in Counter(row.number for row in ROWS).items() if times > 1] == []
    assert [row for row in ROWS if row.verdict not in VERDICTS] == []
    for chapter, rows in BY_CHAPTER.items():
        numbers = [tuple(map(int, row.number.split("."))) for row in rows]
        assert {number[0] for number in numbers} == {int(chapter)}
        assert numbers == sorted(numbers)


def test_the_summary_counts_what_stands_below() -> None:
    said = Counter(row.verdict for row in ROWS)
    partly = sum(row.evidence.startswith("partly") for row in ROWS)
    assert (
        f"**{len(ROWS)} requirements: {said['pass']} pass, {said['not applicable']} are not "
        f"applicable, {said['not met']} are not met**, {partly} of these in part.\n"
    ) in TEXT
    table = re.findall(r"^\| V(\d+) \| (\d+) \| (\d+) \| (\d+) \|$", TEXT, re.MULTILINE)
    assert table == [
        (chapter, *(str(sum(row.verdict == one for row in rows)) for one in VERDICTS))
        for chapter, rows in BY_CHAPTER.items()
    ]
    first = [f"V{row.number}" for row in ROWS if (row.level, row.verdict) == ("1", "not met")]
    assert f"Of level 1 not met: {', '.join(first)}.\n" in TEXT


def test_what_passes_has_evidence_and_all_evidence_is_there() -> None:
    without = [
        row.number for row in ROWS if row.verdict == "pass" and not PATH.search(row.evidence)
    ]
    assert without == []
    paths = {path for row in ROWS for path in PATH.findall(row.evidence)}
    assert [path for path in paths if not (ROOT / path).exists()] == []
