"""What an advisor may ask on a call, each question declared once; a helpline asks what it likes.

Every question can be skipped. An answer is one of its choices, words of the advisor's, or both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from leads.i18n.translatable import Phrase

LONGEST_WORDS = 300  # characters


class IntakeQuestion(StrEnum):
    """A question, in the order in which it is asked where a helpline says nothing else."""

    NEED = "need"
    COVER = "cover"
    PLACE = "place"
    CARE = "care"


@dataclass(frozen=True)
class QuestionWording:
    """How a question is said: its label, its choices, and what stands in its empty field."""

    label: Phrase
    hint: Phrase
    choices: Mapping[str, Phrase] = field(default_factory=dict)


WORDINGS: Mapping[IntakeQuestion, QuestionWording] = {
    IntakeQuestion.NEED: QuestionWording(
        Phrase("What they need"),
        Phrase("In their words"),
        {
            "information": Phrase("Information"),
            "treatment": Phrase("Treatment"),
            "talk": Phrase("Someone to talk to"),
            "family": Phrase("Help for family"),
            "naloxone": Phrase("Naloxone or supplies"),
            "housing": Phrase("Housing"),
        },
    ),
    IntakeQuestion.COVER: QuestionWording(
        Phrase("Coverage"),
        Phrase("Plan or insurer"),
        {
            "medicaid": Phrase("Medicaid"),
            "medicare": Phrase("Medicare"),
            "private": Phrase("Private insurance"),
            "military": Phrase("VA or TRICARE"),
            "none": Phrase("No insurance"),
        },
    ),
    IntakeQuestion.PLACE: QuestionWording(
        Phrase("Where they want care"), Phrase("City, state or ZIP code")
    ),
    IntakeQuestion.CARE: QuestionWording(
        Phrase("Level of care"),
        Phrase("Anything else"),
        {
            "detox": Phrase("Detox"),
            "residential": Phrase("Residential"),
            "day": Phrase("Day program (PHP)"),
            "intensive": Phrase("Intensive outpatient (IOP)"),
            "outpatient": Phrase("Outpatient"),
            "medication": Phrase("Medication (MOUD)"),
            "peer": Phrase("Peer support"),
        },
    ),
}
