"""Bodies that were once read wrongly, each with what is right: a folder a group, as data.

`<name>.body` is a form post, `<name>.csv` a table to import, and `<name>.json` says how it comes
and what is expected of it. Groups of other packages are read by the same runner: give the functions
that load them their folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leads.intake.csv_import.run import ImportResult
from leads.intake.form_explanation import FormExplanation, explain_form

OUTCOMES = {"admitted": "admit", "needs_review": "needs_review", "discarded": "discard"}
READ_AS_THEY_ARE = (
    "suggested_phone", "name", "email", "consent", "safe_to_call", "safe_to_text",
    "safe_to_voicemail",
    "vendor_id", "page_url", "region", "zip", "city", "for_whom", "best_time", "phone_extension",
)  # fmt: skip
"""The keys of an expectation that name a fact, and say how it is read."""


@dataclass(frozen=True)
class FaultCase:
    """One body with what is expected of it, in the words of its group's file."""

    group: str
    name: str
    body: bytes
    arrival: dict[str, Any]

    @property
    def expected(self) -> dict[str, Any]:
        """What is right."""
        return dict(self.arrival["expected"])

    def explain(self) -> FormExplanation:
        """Return what intake makes of the body."""
        settings = (self.arrival["kind"], self.arrival["region"], self.arrival.get("mapping", {}))
        query = self.arrival.get("query", "")
        return explain_form(self.body, self.arrival["content_type"], settings, query=query)

    def find_faults(self) -> list[str]:
        """Return what is wrong with what intake makes of the body."""
        told, expected = self.explain(), self.expected
        return list(_find_differences(told, expected))


@dataclass(frozen=True)
class TableFault:
    """One table with what is expected of its import."""

    group: str
    name: str
    content: bytes
    expected: dict[str, Any]

    def find_faults(self, result: ImportResult) -> list[str]:
        """Return what is wrong with what came of the import."""
        counted = {"added": result.added, "rejected": len(result.rejected)}
        return [
            f"{name}: {counted[name]} instead of {self.expected[name]}"
            for name in counted
            if self.expected.get(name, counted[name]) != counted[name]
        ]


def load_table_faults(folder: Path) -> Iterator[TableFault]:
    """Yield the tables of every group in a folder."""
    for path in sorted(folder.glob("*/*.csv")):
        known = json.loads(path.with_suffix(".json").read_text("utf-8"))
        yield TableFault(path.parent.name, path.stem, path.read_bytes(), known["expected"])


def load_fault_cases(folder: Path) -> Iterator[FaultCase]:
    """Yield the cases of every group in a folder that come as a form post."""
    for path in sorted(folder.glob("*/*.body")):
        arrival = json.loads(path.with_suffix(".json").read_text("utf-8"))
        yield FaultCase(path.parent.name, path.stem, path.read_bytes(), arrival)


def _find_differences(told: FormExplanation, expected: dict[str, Any]) -> Iterator[str]:
    reading = told.reading
    outcomes = [OUTCOMES[state] for state in expected.get("state", OUTCOMES)]
    if told.outcome not in outcomes:
        yield f"{told.outcome} instead of {' or '.join(outcomes)}: {' '.join(told.why)}"
    rung = reading.get("phone") if told.outcome == "admit" else None
    if rung and rung == expected.get("never_rung"):
        yield f"{rung} is rung"
    if rung and "phone" in expected and rung != expected["phone"]:
        yield f"{rung} is rung instead of {expected['phone']}"
    if expected.get("held") and told.outcome == "admit" and not _is_held(reading):
        yield "nothing holds the call"
    for name in READ_AS_THEY_ARE:
        if name in expected and reading.get(name) != expected[name]:
            yield f"{name} is {reading.get(name)!r} instead of {expected[name]!r}"
    message = expected.get("message", "")
    if message not in (reading.get("message") or ""):
        yield f"message is without {message!r}"
    missing = [one for one in expected.get("must_be_kept", ()) if one not in json.dumps(reading)]
    yield from (f"{digits} is not kept" for digits in missing)


def _is_held(reading: dict[str, Any]) -> bool:
    return (
        reading["consent"] is False or reading["safe_to_call"] is False or bool(reading["limits"])
    )
