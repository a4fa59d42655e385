"""Competence: what an advisor speaks and knows, and whether a woman or a man is on the phone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import String, cast
from sqlmodel import Session, col, select

from leads.errors import BadConfiguration
from leads.i18n import languages
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.helplines import Brand
from leads.people.permissions import Operator, Permission, actor_of, require_permission


@dataclass(frozen=True)
class Competence:
    """What an advisor speaks and knows; whoever says no language speaks English."""

    languages: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()  # in small letters
    gender: str = ""

    @classmethod
    def from_columns(
        cls, spoken: Sequence[str] | None, skills: Sequence[str] | None, gender: str
    ) -> Self:
        """Return the competence that an advisor's columns say."""
        known = frozenset(skill.casefold() for skill in skills or ())
        return cls(frozenset(spoken or (languages.DEFAULT_LANGUAGE,)), known, gender)


@dataclass(frozen=True)
class OfferedChoices:
    """Whom people may wish to talk to: what our advisors speak, and whether women and men answer.

    `languages`: by code. `offers_gender`: there are women and men who said so.
    """

    languages: tuple[str, ...] = ()
    offers_gender: bool = False


def read_offered_choices(session: Session) -> OfferedChoices:
    """Return whom people may wish to talk to, by what those with an account speak and are."""
    # as text, of which a database can tell which are the same: few differ, and advisors are many
    differing = (
        select(cast(Advisor.languages, String), Advisor.gender)
        .where(col(Advisor.deactivated_at).is_(None))
        .distinct()
    )
    colleagues = [
        Competence.from_columns(json.loads(spoken), (), gender)
        for spoken, gender in session.exec(differing)
    ]
    spoken = {code for one in colleagues for code in one.languages}
    genders = {one.gender for one in colleagues}
    in_list = tuple(code for code in languages.SPOKEN_LANGUAGES if code in spoken)
    return OfferedChoices(in_list, offers_gender=genders.issuperset(languages.GENDER_LABELS))


def competence_of(advisor: Advisor) -> Competence:
    """Return what an advisor speaks and knows."""
    return Competence.from_columns(advisor.languages, advisor.skills, advisor.gender)


def list_known_skills(session: Session) -> list[str]:
    """Return the skills that any helpline has in its list, by name."""
    lists = session.exec(select(Brand.skills).order_by(col(Brand.id)))
    by_word = {skill.casefold(): skill for skills in lists for skill in skills}
    return [by_word[word] for word in sorted(by_word)]


def set_competence(
    session: Session,
    colleague: Advisor,
    actor: Advisor | Operator,
    *,
    spoken: Sequence[str],
    skills: Sequence[str],
    gender: str,
    now: datetime,
) -> None:
    """Set what a colleague speaks and knows, from the next offer on.

    Raises BadConfiguration for a language or a skill that is in no list.
    """
    require_permission(actor, Permission.SET_COMPETENCE)
    known = list_known_skills(session)
    if unknown := [code for code in spoken if code not in languages.SPOKEN_LANGUAGES]:
        raise BadConfiguration(
            Phrase("This language is not on the list: {language}.", language=unknown[0])
        )
    if unknown := [skill for skill in skills if skill not in (*known, *colleague.skills)]:
        raise BadConfiguration(
            Phrase("No helpline has this skill on its list: {skill}.", skill=unknown[0])
        )
    if gender not in ("", *languages.GENDER_LABELS):
        raise BadConfiguration(Phrase("Choose woman or man, or leave it blank."))
    changed = {"languages": sorted(set(spoken)), "skills": sorted(set(skills)), "gender": gender}
    for name, value in changed.items():
        setattr(colleague, name, value)
    session.add(colleague)
    record_event(session, colleague, "set_competence", actor=actor_of(actor), now=now, **changed)
