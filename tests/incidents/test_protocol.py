"""The protocol says something first for every danger, in both languages, and leads nowhere else."""

from __future__ import annotations

import re

from leads.free_text.danger import DangerKind
from leads.incidents.protocol import SPOKEN_LANGUAGES, load_protocol
from leads.models.incident_words import (
    INCIDENT_KIND_LABELS,
    OUTCOME_LABELS,
    STEP_LABELS,
    IncidentOutcome,
    IncidentStepKind,
)

ASKED = {step for step in IncidentStepKind if step.startswith("asked_")}


def test_every_kind_has_first_words_and_a_checklist_in_every_language() -> None:
    protocol = load_protocol()
    assert protocol.version
    assert protocol.sources
    for kind in DangerKind:
        assert protocol.first_words[kind].keys() == set(SPOKEN_LANGUAGES)
        steps = [one.step for one in protocol.checklists[kind]]
        assert len(steps) == len(set(steps))
        assert IncidentStepKind.ASKED_PLACE in steps, kind
        assert IncidentStepKind.ASKED_OTHER_PHONE in steps, kind
        assert all(one.says.keys() == set(SPOKEN_LANGUAGES) for one in protocol.checklists[kind])
    everywhere = {one.step for kind in DangerKind for one in protocol.checklists[kind]}
    assert everywhere >= ASKED - {IncidentStepKind.ASKED_SUPERVISOR}


def test_nobody_is_told_that_we_bring_in_911() -> None:
    protocol = load_protocol()
    said = [
        *protocol.first_words.values(),
        *(c.says for k in DangerKind for c in protocol.checklists[k]),
    ]
    for sentence in said:
        english = sentence["en"].lower()
        assert not re.search(r"we (will )?(call|dial) 911|transfer", english), english


def test_every_word_of_an_incident_has_a_label() -> None:
    assert set(INCIDENT_KIND_LABELS) == set(DangerKind)
    assert set(STEP_LABELS) == set(IncidentStepKind)
    assert set(OUTCOME_LABELS) == set(IncidentOutcome)
