"""A person's facts are declared once, and every list of them follows from that."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields

import pytest

from dashboard.desk import lead_card
from dashboard.setup import reading_table
from leads.callbacks.retry_cadence import PARTS_OF_DAY
from leads.forms import field_roles, request, vendor_recipes
from leads.forms.request import FormRequest
from leads.helplines import source_settings
from leads.i18n import languages
from leads.i18n.translatable import translate
from leads.intake import admission_plan
from leads.intake.review import Correction
from leads.lead_records import later_statements
from leads.models.requests import Lead
from leads.person_facts import (
    FACTS_BY_NAME,
    FILE_LABELS,
    PART_OF_DAY_LABELS,
    PERSON_FACTS,
    FactKind,
)
from leads.read_models.lead_card import FACT_MASKS, LeadCard

NOT_THE_PERSONS = {"consent_text", "page_url", "campaign"}  # of the visit and the form


EVERY_FACT = set(FACTS_BY_NAME)
KEPT = {fact.name for fact in PERSON_FACTS if fact.is_kept}
SHORT = {fact.name for fact in PERSON_FACTS if fact.is_short}
SHOWN_UNDER_ANOTHER_NAME = {"phone", "email", "safe_to_call"}  # number, contact, a hold
ON_THE_CARD = KEPT - SHORT - SHOWN_UNDER_ANOTHER_NAME
CARD_DRAWING = inspect.getsource(lead_card)
PLACES = {
    "FormRequest in leads/forms/request.py": (
        EVERY_FACT,
        {field.name for field in fields(FormRequest)},
    ),
    "NAMES in leads/forms/field_roles.py": (EVERY_FACT, set(field_roles.NAMES)),
    "Lead in leads/models/requests.py": (KEPT, set(Lead.model_fields)),
    "LeadCard in leads/read_models/lead_card.py": (
        ON_THE_CARD,
        {field.name for field in fields(LeadCard)},
    ),
    "dashboard/desk/lead_card.py": (ON_THE_CARD, set(re.findall(r"card\.(\w+)", CARD_DRAWING))),
}


@pytest.mark.parametrize("place", PLACES)
def test_every_fact_has_its_place(place: str) -> None:
    wanted, there = PLACES[place]
    assert wanted - there == set(), f"missing in {place}"


def test_an_answer_of_ours_has_words_and_any_other_is_as_it_was_given() -> None:
    assert set(PART_OF_DAY_LABELS) == set(PARTS_OF_DAY)
    best_time, gender = FACTS_BY_NAME["best_time"], FACTS_BY_NAME["wished_gender"]
    assert translate("es", best_time.answer_label("afternoon")) == "Por la tarde"
    assert best_time.answer_label("after my shift") == "after my shift"
    assert translate("es", gender.answer_label("woman")) == "una mujer"


def test_a_fact_that_is_kept_is_a_column_of_the_lead_and_no_other_is() -> None:
    kept = {fact.name for fact in PERSON_FACTS if fact.is_kept}
    about_the_file = {"id", "state", "created_at", "closed_at", "close_reason", "merged_into_id"}
    about_the_file |= {"nth_at_number", "further_places", "kept_place", "erased_at"}
    assert set(Lead.model_fields) - about_the_file == kept
    assert {"phone", "name", *admission_plan.TEXT_FACTS, *admission_plan.WISHES} == kept


def test_what_may_be_corrected_in_the_file_can_be_told_in_the_timeline() -> None:
    told = [fact.name for fact in PERSON_FACTS if fact.timeline_label]
    assert set(FILE_LABELS) | set(later_statements.PROTECTIVE) == set(told)
    assert all(FACTS_BY_NAME[name].is_kept for name in FILE_LABELS)


def test_a_reviewer_corrects_the_facts_that_are_declared_for_it() -> None:
    reviewed = [fact.name for fact in PERSON_FACTS if fact.is_reviewed]
    assert [field.name for field in fields(Correction)] == reviewed


def test_the_desk_masks_what_is_declared_as_masked() -> None:
    assert set(FACT_MASKS) == {fact.name for fact in PERSON_FACTS if fact.is_masked}


def test_forms_ask_the_declaration_for_hash_names_and_mapping() -> None:
    hashed = {fact.name for fact in PERSON_FACTS if fact.is_hashed}
    assert set(request.HASHED_FIELDS) == {*hashed, "event"}
    own = {fact.name for fact in PERSON_FACTS if fact.is_own_name}
    assert own | NOT_THE_PERSONS == vendor_recipes.OWN_FIELD_NAMES
    mapped = [fact.name for fact in PERSON_FACTS if fact.mapping_label]
    assert [*mapped, "id"] == list(source_settings.MAPPABLE_FIELDS)


def test_screens_label_a_fact_by_its_declaration() -> None:
    read = {fact.name: fact.reading_label for fact in PERSON_FACTS if fact.reading_label}
    assert {name: reading_table.READING_LABELS[name] for name in read} == read
    choices = FACTS_BY_NAME["for_whom"].choices
    assert choices == languages.FOR_WHOM_LABELS
    assert FACTS_BY_NAME["for_whom"].kind is FactKind.CHOICE


def test_the_same_request_has_the_hash_that_older_releases_stored() -> None:
    asked = FormRequest(
        phone="+13155550142", name="Ana", email="ana@example.org", message="Please call.",
        for_whom="self", any_hour=True, best_time="evening", safe_to_call=True, consent=True,
        city="Utica", region="NY", zip="13501", language="es",
    )  # fmt: skip
    assert (
        request.content_hash(asked)
        == "e63c8f5ada26198d2b0874fd09cd93abba293bc0cc3b9824b9a1a86f4b83bcd9"
    )
