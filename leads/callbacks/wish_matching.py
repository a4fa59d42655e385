"""Wish matching: who of the free advisors rings whom, by what people wish of whoever rings them.

A wish puts nobody before others. Somebody whom a colleague on duty suits better than those who are
free waits for that colleague, for the helpline's patience and no longer; in danger nobody does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Self

from sqlmodel import Session

from leads.callbacks.due_order import DueCallback
from leads.i18n import languages
from leads.i18n.translatable import LanguageName, Phrase, list_phrases
from leads.models.calls import Callback
from leads.models.enums import MatchReason, WishPart
from leads.models.helplines import Brand
from leads.models.requests import Lead
from leads.people import availability
from leads.people.availability import IdleAdvisor
from leads.people.competence import Competence

Fit = tuple[bool, ...]
PERFECT: Fit = (True, True, True)
"""Whether language, gender and skill are as wished: the greater of two suits better."""


@dataclass(frozen=True)
class AdvisorWishes:
    """What somebody wishes of whoever rings them; empty where they are content with anybody."""

    language: str = ""
    gender: str = ""
    skill: str = ""

    @classmethod
    def of_lead(cls, lead: Lead) -> Self:
        """Return the wishes in a lead's file; a language that is none counts for nothing."""
        spoken = languages.find_spoken_language(lead.language) if lead.language else ""
        gender = lead.wished_gender if lead.wished_gender in languages.GENDER_LABELS else ""
        return cls(spoken, gender, lead.wished_skill.strip())

    def fit_of(self, known: Competence) -> Fit:
        """Return how an advisor suits."""
        return (
            not self.language or self.language in known.languages,
            self.gender in ("", known.gender),
            not self.skill or self.skill.casefold() in known.skills,
        )

    def named_parts(self) -> dict[WishPart, Phrase]:
        """Return what is wished, in words; that somebody wants English is not worth a word."""
        said: dict[WishPart, Phrase] = {}
        if self.language not in ("", languages.DEFAULT_LANGUAGE):
            said[WishPart.LANGUAGE] = LanguageName(self.language)
        if self.gender:
            said[WishPart.GENDER] = languages.GENDER_LABELS[self.gender]
        if self.skill:
            said[WishPart.SKILL] = Phrase("{skill}", skill=self.skill)
        return said

    def unmet_parts(self, known: Competence) -> dict[WishPart, Phrase]:
        """Return in words what an advisor does not meet of the wishes."""
        names: dict[WishPart, Phrase] = self.named_parts()
        if self.language == languages.DEFAULT_LANGUAGE:
            names[WishPart.LANGUAGE] = LanguageName(self.language)
        fit = dict(zip(WishPart, self.fit_of(known), strict=True))
        return {part: name for part, name in names.items() if not fit[part]}


@dataclass(frozen=True)
class AdvisorMatch:
    """A due callback with its lead, and the advisor to whom it is offered.

    `reason`: why to this one; None where they have no wish that any of the free would not meet.
    `inbound_call_id`: the call of whoever is on the line, so that nobody is dialed. `phone`: the
    lead's, where it is not the one on file.
    """

    callback: Callback
    lead: Lead
    advisor: IdleAdvisor
    reason: MatchReason | None = None
    inbound_call_id: str | None = None
    phone: str = ""


@dataclass
class WishMatcher:
    """Tells who suits whom at an instant; asks the database only where somebody free does not."""

    session: Session
    now: datetime
    by_hand: bool = False  # advisors ring from phones of their own
    _patience: dict[int, timedelta] = field(default_factory=dict)

    def is_waited_for_another(
        self, callback: Callback, wishes: AdvisorWishes, free: Iterable[Competence]
    ) -> bool:
        """Whether somebody on duty suits better than all who are free, and is worth the wait."""
        best_free = max(map(wishes.fit_of, free), default=None)
        if best_free is None or best_free == PERFECT or callback.in_danger:
            return False
        is_patient = self.now < callback.due_at + self.patience_of(callback)
        return is_patient and self._best_fit_on_duty(callback, wishes) > best_free

    def match_reason(
        self, callback: Callback, wishes: AdvisorWishes, known: Competence
    ) -> MatchReason | None:
        """Return why a callback goes to an advisor who is the best of those who are free."""
        fit = wishes.fit_of(known)
        if fit == PERFECT:
            return MatchReason.MATCHED if wishes.named_parts() else None
        if self._best_fit_on_duty(callback, wishes) <= fit:
            is_any_met = bool(set(wishes.named_parts()) - set(wishes.unmet_parts(known)))
            return MatchReason.MATCHED if is_any_met else MatchReason.NOBODY_ON_DUTY
        return MatchReason.DANGER if callback.in_danger else MatchReason.PATIENCE_OVER

    def patience_of(self, callback: Callback) -> timedelta:
        """Return how long a callback waits past its due time for somebody who suits better."""
        brand_id = callback.brand_id
        if brand_id not in self._patience:
            minutes = self.session.get_one(Brand, brand_id).wish_patience
            self._patience[brand_id] = timedelta(minutes=minutes)
        return self._patience[brand_id]

    def _best_fit_on_duty(self, callback: Callback, wishes: AdvisorWishes) -> Fit:
        serving = (
            known
            for helplines, known in self._on_duty
            if helplines is None or callback.brand_id in helplines
        )
        return max(map(wishes.fit_of, serving), default=(False, False, False))

    @cached_property
    def _on_duty(self) -> list[tuple[frozenset[int] | None, Competence]]:
        return availability.list_competences_on_duty(
            self.session, by_hand=self.by_hand, now=self.now
        )


def match_due_callbacks(
    session: Session,
    due: Sequence[DueCallback],
    free: Sequence[IdleAdvisor],
    *,
    by_hand: bool = False,
    now: datetime,
) -> tuple[list[AdvisorMatch], list[int]]:
    """Return who rings whom, and the ids of the callbacks that wait for somebody else.

    Due callbacks go in their order, as many as there are free advisors who serve their helplines,
    longest idle first. Whoever is content with any of the free leaves the choice to the others
    among them.
    """
    matcher = WishMatcher(session, now, by_hand)
    left = list(free)
    chosen: list[tuple[DueCallback, IdleAdvisor | None, MatchReason | None]] = []
    passed_over: list[int] = []
    for one in due:
        if len(chosen) == len(free):
            break
        wishes = AdvisorWishes.of_lead(one.lead)
        serving = [advisor for advisor in left if advisor.serves(one.callback.brand_id)]
        fits = [wishes.fit_of(advisor.competence) for advisor in serving]
        is_content = not wishes.named_parts() and all(fit == PERFECT for fit in fits)
        if is_content and len(serving) == len(left):
            chosen.append((one, None, None))
        elif (left and not serving) or matcher.is_waited_for_another(
            one.callback, wishes, (advisor.competence for advisor in serving)
        ):
            passed_over.append(one.callback.id)
        elif serving:
            best = serving[fits.index(max(fits))]  # the longest idle of those who suit best
            left.remove(best)
            reason = matcher.match_reason(one.callback, wishes, best.competence)
            chosen.append((one, best, reason))
    rest = iter(left)
    return [
        AdvisorMatch(one.callback, one.lead, advisor or next(rest), reason)
        for one, advisor, reason in chosen
    ], passed_over


def match_sentence(
    reason: MatchReason | None, wishes: AdvisorWishes, known: Competence, patience: timedelta
) -> Phrase | None:
    """Say why somebody with wishes is in an advisor's hands; None where nobody wished for much."""
    unmet = wishes.unmet_parts(known)
    met = {part: name for part, name in wishes.named_parts().items() if part not in unmet}
    if not met and not unmet:
        return None
    if not unmet:
        return Phrase("Matches their preferences: {wishes}.", wishes=list_phrases(*met.values()))
    missing = list_phrases(*unmet.values())
    minutes = int(patience.total_seconds() // 60)
    match reason:
        case MatchReason.PATIENCE_OVER:
            return Phrase(
                "They prefer: {wishes}. No one matching was free for {minutes} minutes.",
                wishes=missing,
                minutes=minutes,
            )
        case MatchReason.DANGER:
            return Phrase(
                "They prefer: {wishes}. Because of the danger, the first free advisor got "
                "the call.",
                wishes=missing,
            )
        case MatchReason.NOBODY_ON_DUTY | MatchReason.MATCHED:
            return Phrase("They prefer: {wishes}. No one on duty matches.", wishes=missing)
    return Phrase("They prefer: {wishes}.", wishes=missing)


def waiting_sentence(wishes: AdvisorWishes) -> Phrase:
    """Say that a callback waits for somebody who suits better than those who are free."""
    return Phrase(
        "a free advisor with {wishes}", wishes=list_phrases(*wishes.named_parts().values())
    )
