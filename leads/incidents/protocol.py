"""The protocol: what an advisor says first to somebody in danger, and asks then.

It is data with a version, in every language that callers are spoken to: protocol.toml.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from leads.free_text.danger import DangerKind
from leads.models.incident_words import IncidentStepKind

SPOKEN_LANGUAGES = ("en", "es")
Sentence = Mapping[str, str]  # by language


@dataclass(frozen=True)
class ChecklistStep:
    """One step of a checklist, and what is said with it."""

    step: IncidentStepKind
    says: Sentence


@dataclass(frozen=True)
class SafetyProtocol:
    """What is said first for each kind of danger, and the steps that follow, in order."""

    version: str
    as_of: date
    sources: tuple[str, ...]
    first_words: Mapping[DangerKind, Sentence]
    steps: Mapping[IncidentStepKind, ChecklistStep]
    checklists: Mapping[DangerKind, tuple[ChecklistStep, ...]]


@functools.cache
def load_protocol() -> SafetyProtocol:
    """Return the protocol in force."""
    data = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    steps = {
        (step := IncidentStepKind(word)): ChecklistStep(step, _read_sentence(entry))
        for word, entry in data["steps"].items()
    }
    return SafetyProtocol(
        version=data["version"],
        as_of=data["as_of"],
        sources=tuple(data["sources"]),
        first_words={kind: _read_sentence(data["kinds"][kind]) for kind in DangerKind},
        steps=steps,
        checklists={
            kind: tuple(steps[word] for word in data["kinds"][kind]["steps"]) for kind in DangerKind
        },
    )


def _read_sentence(entry: Mapping[str, str]) -> Sentence:
    return {language: entry[language] for language in SPOKEN_LANGUAGES}
