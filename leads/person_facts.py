"""A person's facts, each declared once: what it is called where, and what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from leads.i18n import languages
from leads.i18n.translatable import Phrase


class FactKind(StrEnum):
    """What a fact is made of, which says how a form is read for it."""

    NUMBER = "number"  # a phone number
    WORDS = "words"  # found by rules of its own
    TEXT = "text"  # the answer as it was given
    CHOICE = "choice"  # one of our words, where we know it
    YES_NO = "yes_no"  # None: never said


@dataclass(frozen=True)
class PersonFact:
    """One fact about whoever asked: `name` is its column, its field of a request and its own name.

    A list that people read has the facts that have a label for it; the others go by the flags.
    """

    name: str
    kind: FactKind
    reading_label: Phrase | None = None  # among what was understood of a form
    mapping_label: Phrase | None = None  # what a field of a form may be said to hold
    file_label: Phrase | None = None  # in the file, where it may be corrected
    timeline_label: Phrase | None = None  # in the sentence that says what was corrected
    choices: Mapping[str, Phrase] = field(default_factory=dict)
    usual_answers: Mapping[str, Phrase] = field(default_factory=dict)  # and any other text
    is_kept: bool = True  # on the lead, and not with the submission alone
    is_reviewed: bool = False  # corrected in a submission before it is admitted
    is_masked: bool = False  # on the desk, until the advisor asks
    is_own_name: bool = False  # a field of this name means this wherever it stands
    is_hashed: bool = True  # says whether a form asks for the same again
    is_short: bool = False  # two of them share a line

    def answer_label(self, answer: str) -> str:
        """Return an answer in our words, or as it was given where we have none for it."""
        return self.choices.get(answer) or self.usual_answers.get(answer) or answer


PART_OF_DAY_LABELS: Mapping[str, Phrase] = {
    "morning": Phrase("In the morning"),
    "afternoon": Phrase("In the afternoon"),
    "evening": Phrase("In the evening"),
}
"""The parts of a day that our own forms offer."""
YES_NO_LABELS: Mapping[str, Phrase] = {"yes": Phrase("yes"), "no": Phrase("no")}
PERSON_FACTS = (
    PersonFact(
        "phone",
        FactKind.NUMBER,
        reading_label=Phrase("Phone number"),
        mapping_label=Phrase("the phone number"),
        is_reviewed=True,
        is_masked=True,
        is_own_name=True,
        is_hashed=False,  # content_hash takes it as it can be dialed, else as it was given
    ),
    PersonFact(
        "phone_extension",
        FactKind.WORDS,
        reading_label=Phrase("Extension"),
        mapping_label=Phrase("the extension of the phone number"),
        file_label=Phrase("Extension"),
        timeline_label=Phrase("extension"),
        is_hashed=False,  # it came after requests had been hashed
    ),
    PersonFact(
        "name",
        FactKind.WORDS,
        reading_label=Phrase("Name"),
        mapping_label=Phrase("their name"),
        file_label=Phrase("Name"),
        timeline_label=Phrase("name"),
        is_reviewed=True,
        is_masked=True,
    ),
    PersonFact(
        "email",
        FactKind.WORDS,
        reading_label=Phrase("E-mail address"),
        mapping_label=Phrase("their e-mail address"),
        file_label=Phrase("E-mail address"),
        timeline_label=Phrase("e-mail address"),
        is_reviewed=True,
        is_masked=True,
    ),
    PersonFact(
        "message",
        FactKind.WORDS,
        reading_label=Phrase("Message"),
        mapping_label=Phrase("their message"),
        is_kept=False,
        is_reviewed=True,
    ),
    PersonFact(
        "for_whom",
        FactKind.CHOICE,
        reading_label=Phrase("Who they are asking for"),
        mapping_label=Phrase("who they are asking for"),
        file_label=Phrase("Asking for"),
        timeline_label=Phrase("asking for"),
        choices=languages.FOR_WHOM_LABELS,
        is_reviewed=True,
        is_own_name=True,
    ),
    PersonFact(
        "best_time",
        FactKind.TEXT,
        reading_label=Phrase("Best time to call"),
        mapping_label=Phrase("the best time to call"),
        file_label=Phrase("Best time"),
        timeline_label=Phrase("best time"),
        usual_answers=PART_OF_DAY_LABELS,
        is_own_name=True,
    ),
    PersonFact(
        "any_hour",
        FactKind.YES_NO,
        timeline_label=Phrase("calls at any hour"),
        choices=YES_NO_LABELS,
        is_kept=False,
        is_own_name=True,
    ),
    PersonFact(
        "consent",
        FactKind.YES_NO,
        reading_label=Phrase("Agreed to be called"),
        timeline_label=Phrase("agreed to be called"),
        choices=YES_NO_LABELS,
        mapping_label=Phrase("the consent box"),
        is_kept=False,
        is_reviewed=True,
        is_own_name=True,
    ),
    PersonFact(
        "safe_to_call",
        FactKind.YES_NO,
        reading_label=Phrase("Safe to call"),
        timeline_label=Phrase("safe to call"),
        choices=YES_NO_LABELS,
        is_reviewed=True,
        is_own_name=True,
    ),
    PersonFact(
        "safe_to_voicemail",
        FactKind.YES_NO,
        reading_label=Phrase("Safe to leave a voicemail"),
        timeline_label=Phrase("safe to leave a voicemail"),
        choices=YES_NO_LABELS,
        is_reviewed=True,
        is_own_name=True,
    ),
    PersonFact(
        "safe_to_text",
        FactKind.YES_NO,
        reading_label=Phrase("Safe to text"),
        timeline_label=Phrase("safe to text"),
        choices=YES_NO_LABELS,
        is_reviewed=True,
        is_own_name=True,
    ),
    PersonFact(
        "city",
        FactKind.TEXT,
        reading_label=Phrase("City"),
        mapping_label=Phrase("the city"),
        file_label=Phrase("City"),
        timeline_label=Phrase("city"),
        is_short=True,
    ),
    PersonFact(
        "region",
        FactKind.TEXT,
        reading_label=Phrase("State"),
        mapping_label=Phrase("the state"),
        file_label=Phrase("State"),
        timeline_label=Phrase("state"),
        is_short=True,
    ),
    PersonFact(
        "zip",
        FactKind.TEXT,
        reading_label=Phrase("ZIP code"),
        mapping_label=Phrase("the ZIP code"),
        file_label=Phrase("ZIP code"),
        timeline_label=Phrase("ZIP code"),
        is_short=True,
    ),
    PersonFact(
        "language",
        FactKind.TEXT,
        file_label=Phrase("Language"),
        timeline_label=Phrase("language"),
        choices=languages.SPOKEN_LANGUAGES,
        is_short=True,
    ),
    PersonFact(
        "wished_gender",
        FactKind.CHOICE,
        reading_label=Phrase("Prefers to talk with"),
        mapping_label=Phrase("whether they prefer to talk with a woman or a man"),
        file_label=Phrase("Prefers to talk with"),
        timeline_label=Phrase("prefers to talk with"),
        choices=languages.GENDER_LABELS,
        is_own_name=True,
        is_hashed=False,  # it came after requests had been hashed
    ),
    PersonFact(
        "wished_skill",
        FactKind.TEXT,
        reading_label=Phrase("Prefers an advisor who knows about"),
        mapping_label=Phrase("what the advisor should know about"),
        file_label=Phrase("Prefers an advisor who knows about"),
        timeline_label=Phrase("prefers an advisor who knows about"),
        is_own_name=True,
        is_hashed=False,  # it came after requests had been hashed
    ),
)
FACTS_BY_NAME: Mapping[str, PersonFact] = {fact.name: fact for fact in PERSON_FACTS}
READING_LABELS = {
    fact.name: fact.reading_label for fact in PERSON_FACTS if fact.reading_label is not None
}
MAPPING_LABELS = {
    fact.name: fact.mapping_label for fact in PERSON_FACTS if fact.mapping_label is not None
}
FILE_LABELS = {fact.name: fact.file_label for fact in PERSON_FACTS if fact.file_label is not None}
