"""What a tool says of a form's state, under whatever name: nobody is rung on half a form or a test.

A place, a treatment or a person's own words under such a name hold nobody.
"""

from __future__ import annotations

import itertools
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from leads.intake.form_explanation import FormOutcome, explain_form
from tests.support.form_answers import FORM, GIVEN, JSON

STATE_NAMES = (
    "state", "State", "status", "entry_state", "form_state", "submission_status", "estado",
    "estatus", "estado_envio", "stage", "phase", "etapa", "fase", "form_stage", "completeness",
)  # fmt: skip
STATE_WORDS = (
    "abandoned", "partial", "Draft", "incomplete", "unfinished", "autosave", "trash", "spam",
    "in_progress", "saved for later", "partial_entry", "borrador", "incompleto", "Abandonado",
    "papelera", "parcial",
)  # fmt: skip
TEST_NAMES = (
    "test", "is_test", "Test", "testMode", "test_mode", "prueba", "Prueba", "es_prueba", "esPrueba",
    "modo_prueba", "formulario_de_prueba", "envio_prueba",
)  # fmt: skip
YES = ("yes", "Yes", "s\u00ed", "Si", "1", "true", True, 1, "on", "verdadero")


def _outcomes(beside: dict[str, Any]) -> set[FormOutcome]:
    """Return what becomes of a form with these fields as JSON, in an envelope, and as a form."""
    fields = {"name": "Ana Ruiz", "phone": GIVEN, **beside}
    wrapped = {"data": {"name": "Ana Ruiz", "phone": GIVEN}, "meta": beside}
    bodies = [(json.dumps(fields), JSON), (urlencode(fields), FORM), (json.dumps(wrapped), JSON)]
    return {explain_form(body.encode(), kind, ("generic", "US", {})).outcome
            for body, kind in bodies}  # fmt: skip


@pytest.mark.parametrize("name", STATE_NAMES)
def test_a_tools_word_for_half_a_form_rings_nobody_under_any_name_for_a_state(name: str) -> None:
    rung = [word for word in STATE_WORDS if FormOutcome.ADMIT in _outcomes({name: word})]
    assert rung == []


def test_a_form_that_is_called_a_test_in_either_language_rings_nobody() -> None:
    said = itertools.product(TEST_NAMES, YES)
    assert [pair for pair in said if FormOutcome.ADMIT in _outcomes(dict([pair]))] == []


WHOLE = ("completed", "finished", "submitted", "complete", "finalized", "completado", "terminado")
NOT_WHOLE = (
    "not_{}", "is_not_{}", "was_never_{}", "form_not_{}", "no_{}", "not_fully_{}", "notYet_{}",
    "did_not_{}", "no_se_ha_{}", "not{}",
)  # fmt: skip


def test_a_flag_that_denies_that_a_form_is_whole_rings_nobody_and_its_contrary_does() -> None:
    names = [name.format(whole) for name, whole in itertools.product(NOT_WHOLE, WHOLE)]
    set_so = itertools.product(names, (1, True, "true", "1"))
    assert [one for one in set_so if FormOutcome.ADMIT in _outcomes(dict([one]))] == []
    unset = itertools.product(names, (0, False, "false", "0"))
    assert [one for one in unset if _outcomes(dict([one])) != {FormOutcome.ADMIT}] == []
    half = [("all_pages_{}", 0), ("{}", False), ("fully_{}", "0"), ("user_has_{}", "false")]
    set_so = [(name.format(whole), no) for (name, no), whole in itertools.product(half, WHOLE)]
    assert [one for one in set_so if FormOutcome.ADMIT in _outcomes(dict([one]))] == []


@pytest.mark.parametrize(
    "beside",
    [
        {"test_no": 1}, {"submission_no": 1}, {"not_spam": True}, {"not_a_test": "true"},
        {"not_deleted": 1}, {"Did you finish treatment?": "No"}, {"Completed": "No"},
        {"form_completed": 1}, {"nothing_final": 0}, {"completed_grade": 0},
    ],
)  # fmt: skip
def test_a_flag_that_denies_what_would_hold_a_form_or_is_a_number_holds_none(
    beside: dict[str, Any],
) -> None:
    assert _outcomes(beside) == {FormOutcome.ADMIT}


@pytest.mark.parametrize(
    "beside",
    [
        {"anything": "autosave"}, {"kind_of_save": "save_draft"}, {"action": "save_draft"},
        {"wpforms_event": "form_abandoned"}, {"tipo": "prueba"}, {"demo": 1}, {"is_dummy": "yes"},
        {"lifecycle": "draft"}, {"x": "borrador"}, {"simulacro": True}, {"is_sample": "true"},
    ],
)  # fmt: skip
def test_a_word_that_only_tools_write_rings_nobody(beside: dict[str, Any]) -> None:
    assert FormOutcome.ADMIT not in _outcomes(beside)


PLACES = ("NY", "New York", "California", "Washington", "TX", "Jalisco", "Ciudad de M\u00e9xico",
          "Puerto Rico", "Nuevo Le\u00f3n", "DC", "")  # fmt: skip


def test_a_place_is_a_place() -> None:
    names = ("state", "State", "estado", "Estado", "region")
    asked = [{name: place} for name, place in itertools.product(names, PLACES)]
    assert [one for one in asked if _outcomes(one) != {FormOutcome.ADMIT}] == []


@pytest.mark.parametrize(
    "beside",
    [
        {"program": "partial"}, {"level_of_care": "Partial hospitalization"}, {"stage": "2"},
        {"stage_of_change": "ready"}, {"phase": "IOP"}, {"status": "employed"}, {"test": "no"},
        {"prueba": "no"}, {"is_test": ""}, {"demo": ""}, {"education": "incomplete"},
        {"military": "I dodged the draft"}, {"drug_test": "yes"}, {"prueba_de_drogas": "s\u00ed"},
        {"test_results": "negative"}, {"stage": "new"}, {"state": "NY", "status": "complete"},
        {"state": "Partial"},
    ],
)  # fmt: skip
def test_peoples_answers_hold_nobody(beside: dict[str, Any]) -> None:
    assert _outcomes(beside) == {FormOutcome.ADMIT}
