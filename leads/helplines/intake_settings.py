"""Intake settings: what the advisors of a helpline are reminded to ask on a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from leads.call_questions import IntakeQuestion
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import LostRace
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.helplines import Brand
from leads.people.permissions import Permission, actor_of, require_permission


@dataclass(frozen=True)
class HelplineQuestions:
    """What one helpline asks, in its order."""

    brand_id: int
    name: str
    asked: tuple[IntakeQuestion, ...]

    @property
    def left_out(self) -> tuple[IntakeQuestion, ...]:
        """The questions that it does not ask."""
        return tuple(one for one in IntakeQuestion if one not in self.asked)

    def moved_up(self, question: IntakeQuestion) -> tuple[IntakeQuestion, ...]:
        """Return its questions with one before the one that it follows."""
        place, asked = self.asked.index(question), list(self.asked)
        asked.insert(max(0, place - 1), asked.pop(place))
        return tuple(asked)


def list_questions_of(brand: Brand) -> tuple[IntakeQuestion, ...]:
    """Return what a helpline asks, in its order: all of ours, where it says nothing else."""
    if brand.intake_questions is None:
        return tuple(IntakeQuestion)
    known = set(IntakeQuestion)
    return tuple(IntakeQuestion(one) for one in brand.intake_questions if one in known)


def list_helpline_questions(session: Session, supervisor: Advisor) -> list[HelplineQuestions]:
    """Return what each helpline asks. Supervisors only."""
    require_permission(supervisor, Permission.SET_INTAKE_QUESTIONS)
    brands = session.exec(select(Brand).order_by(col(Brand.id)))
    return [HelplineQuestions(brand.id, brand.name, list_questions_of(brand)) for brand in brands]


def set_intake_questions(
    session: Session,
    brand_id: int,
    supervisor: Advisor,
    asked: Sequence[IntakeQuestion],
    *,
    seen: Sequence[IntakeQuestion],
    now: datetime,
) -> None:
    """Set what a helpline asks, in this order; nothing, and the desk has no questions.

    What was answered before stays in the files. `seen` is what they were when the supervisor chose;
    raises LostRace where a colleague has changed them since.
    """
    require_permission(supervisor, Permission.SET_INTAKE_QUESTIONS, (Brand, brand_id))
    brand = session.get_one(Brand, brand_id, with_for_update=True)
    if list_questions_of(brand) != tuple(seen):
        raise LostRace(Phrase("Someone else just changed these questions. Look at them again."))
    in_order = list(dict.fromkeys(asked))
    brand.intake_questions = [str(one) for one in in_order]
    session.add(brand)
    record_event(
        session,
        brand,
        "set_intake_questions",
        actor=actor_of(supervisor),
        now=now,
        asked=in_order,
    )
    wake_after_commit(session, Wakeup.DESK)
