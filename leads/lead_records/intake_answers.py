"""Intake answers: what an advisor heard on a call, kept while they choose and type.

An answer is a fact with its source: the advisor, and the callback that it was heard for. It stays
beside what was heard later, and changes no other fact and no rule.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from leads.call_questions import LONGEST_WORDS, WORDINGS, IntakeQuestion
from leads.errors import BadSubmission
from leads.helplines.intake_settings import list_questions_of
from leads.i18n.translatable import Phrase
from leads.lead_records import call_notes, note_merging
from leads.models.advisors import Advisor
from leads.models.calls import Callback, IntakeAnswer
from leads.models.helplines import Brand


@dataclass(frozen=True)
class HeardAnswer:
    """What one advisor heard: `choice` is one of the question's, or empty."""

    question: IntakeQuestion
    choice: str
    words: str
    by: str
    at: datetime

    @property
    def sentence(self) -> Phrase:
        """The answer as people read it; a choice that is offered no more by its own name."""
        known = WORDINGS[self.question].choices
        label = known.get(self.choice, Phrase("{words}", words=self.choice))
        if self.choice and self.words:
            return Phrase("{choice}: {words}", choice=label, words=self.words)
        return label if self.choice else Phrase("{words}", words=self.words)


@dataclass(frozen=True)
class AskedQuestion:
    """A question of the helpline's, with this advisor's answer and what was heard before."""

    question: IntakeQuestion
    choice: str = ""
    words: str = ""
    at: datetime | None = None
    before: HeardAnswer | None = None


def choose_answer(
    session: Session,
    callback_id: int,
    advisor_id: int,
    question: IntakeQuestion,
    choice: str,
    *,
    now: datetime,
) -> None:
    """Keep which choice an advisor heard; none takes it back. Idempotent.

    Raises NotAllowed when the callback was not in this advisor's hands, BadSubmission for a choice
    that the question does not have.
    """
    if choice and choice not in WORDINGS[question].choices:
        raise BadSubmission(Phrase("This question has no such answer."))
    answer = _lock_answer(session, callback_id, advisor_id, question, now=now)
    answer.choice, answer.at = choice, now
    session.add(answer)


def merge_answer_words(
    session: Session,
    callback_id: int,
    advisor_id: int,
    question: IntakeQuestion,
    words: str,
    *,
    base: str,
    now: datetime,
) -> str:
    """Keep what an advisor typed for an answer in one of their tabs, and return what is kept then.

    `base` and what is raised are as for notes, in `call_notes.merge_into_note`.
    """
    answer = _lock_answer(session, callback_id, advisor_id, question, now=now)
    merged = note_merging.merge_notes(base, words, answer.words)[: 2 * LONGEST_WORDS]
    answer.words, answer.at = merged, now
    session.add(answer)
    return merged


def read_asked_questions(
    session: Session, callback: Callback, advisor_id: int, lead_ids: Collection[int]
) -> tuple[AskedQuestion, ...]:
    """Return what the callback's helpline asks, with this advisor's answers.

    `lead_ids`: the files of the person, in which earlier answers are looked for.
    """
    own = select(IntakeAnswer).where(
        IntakeAnswer.callback_id == callback.id, IntakeAnswer.advisor_id == advisor_id
    )
    mine = {answer.question: answer for answer in session.exec(own)}
    known = {
        heard.question: heard
        for answer, heard in _list_heard(session, lead_ids)
        if (answer.callback_id, answer.advisor_id) != (callback.id, advisor_id)
    }
    asked = []
    for question in list_questions_of(session.get_one(Brand, callback.brand_id)):
        answer, before = mine.get(question), known.get(question)
        if answer is None:
            asked.append(AskedQuestion(question, before=before))
        else:
            asked.append(
                AskedQuestion(question, answer.choice, answer.words, answer.at, before=before)
            )
    return tuple(asked)


def list_heard_answers(session: Session, lead_ids: Collection[int]) -> list[HeardAnswer]:
    """Return everything that was heard for a person's files, oldest first."""
    return [heard for _answer, heard in _list_heard(session, lead_ids)]


def _list_heard(
    session: Session, lead_ids: Collection[int]
) -> Iterator[tuple[IntakeAnswer, HeardAnswer]]:
    rows = session.exec(
        select(IntakeAnswer, Advisor.name)
        .join(Callback, col(Callback.id) == col(IntakeAnswer.callback_id))
        .join(Advisor, col(Advisor.id) == col(IntakeAnswer.advisor_id))
        .where(col(Callback.lead_id).in_(lead_ids))
        .order_by(col(IntakeAnswer.at), col(IntakeAnswer.id))
    )
    for answer, name in rows:
        if answer.question in set(IntakeQuestion) and (answer.choice or answer.words.strip()):
            question = IntakeQuestion(answer.question)
            yield answer, HeardAnswer(question, answer.choice, answer.words, name, answer.at)


def _lock_answer(
    session: Session,
    callback_id: int,
    advisor_id: int,
    question: IntakeQuestion,
    *,
    now: datetime,
) -> IntakeAnswer:
    call_notes.lock_callback_to_write(session, callback_id, advisor_id, now=now)
    theirs = select(IntakeAnswer).where(
        IntakeAnswer.callback_id == callback_id,
        IntakeAnswer.advisor_id == advisor_id,
        IntakeAnswer.question == question,
    )
    answer = session.exec(theirs).first()
    return answer or IntakeAnswer(
        callback_id=callback_id, advisor_id=advisor_id, question=question, at=now
    )
