"""Wish settings: what people may wish of an advisor, and how long a wish is worth the wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import BadConfiguration
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.helplines import Brand
from leads.people.permissions import Operator, Permission, actor_of, require_permission

MOST_SKILLS, LONGEST_SKILL = 20, 40
LONGEST_PATIENCE = 120  # minutes


@dataclass(frozen=True)
class WishRules:
    """What people may wish of a helpline's advisors, and for how many minutes they wait for it."""

    brand_id: int
    brand: str
    skills: tuple[str, ...]
    patience: int


def list_wish_rules(session: Session, supervisor: Advisor) -> list[WishRules]:
    """Return the wish rules of every helpline."""
    require_permission(supervisor, Permission.SET_WISH_RULES)
    brands = session.exec(select(Brand).order_by(col(Brand.id)))
    return [WishRules(one.id, one.name, tuple(one.skills), one.wish_patience) for one in brands]


def set_wish_rules(
    session: Session,
    brand: Brand,
    actor: Advisor | Operator,
    *,
    skills: Sequence[str],
    patience: int,
    now: datetime,
) -> None:
    """Set what people may wish of a helpline's advisors, and how long they wait for it.

    Raises BadConfiguration for too many or too long skills, and a patience beyond two hours.
    """
    require_permission(actor, Permission.SET_WISH_RULES, brand)
    by_word = {skill.strip().casefold(): skill.strip() for skill in skills if skill.strip()}
    named = list(by_word.values())
    if len(named) > MOST_SKILLS or any(len(skill) > LONGEST_SKILL for skill in named):
        raise BadConfiguration(
            Phrase(
                "Enter up to {most} skills of up to {longest} characters each.",
                most=MOST_SKILLS,
                longest=LONGEST_SKILL,
            )
        )
    if not 0 <= patience <= LONGEST_PATIENCE:
        raise BadConfiguration(
            Phrase("Enter whole minutes from 0 to {most}.", most=LONGEST_PATIENCE)
        )
    brand.skills, brand.wish_patience = named, patience
    session.add(brand)
    changed = {"skills": named, "wish_patience": patience}
    record_event(session, brand, "set_wish_rules", actor=actor_of(actor), now=now, **changed)
    wake_after_commit(session, Wakeup.OFFER)
