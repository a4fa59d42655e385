"""Wish lines: what the board says of people's wishes and of how they are met."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

from sqlmodel import Session

from leads.callbacks import wish_matching
from leads.callbacks.wish_matching import AdvisorWishes, WishMatcher
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import CLAIMED_CALLBACK
from leads.models.requests import Lead
from leads.people import availability
from leads.people.competence import Competence, competence_of


class WishLines:
    """What can be said of many callbacks' wishes at one instant, asked once."""

    def __init__(self, session: Session, advisors: Mapping[int, Advisor], *, now: datetime) -> None:
        self._session, self._advisors, self._now = session, advisors, now
        self._matcher = WishMatcher(session, now)

    def name_of_holder(self, callback: Callback) -> str:
        """Return the name of the advisor who has a callback; empty where nobody has."""
        holder = self._advisors.get(callback.advisor_id or 0)
        return holder.name if holder else ""

    def waits_for_whom(self, callback: Callback, lead: Lead) -> Phrase | None:
        """Return for whom a due callback waits; None where anybody may ring."""
        wishes = AdvisorWishes.of_lead(lead)
        if not wishes.named_parts():
            return None
        if self._matcher.is_waited_for_another(callback, wishes, self._free):
            return wish_matching.waiting_sentence(wishes)
        return None

    def why_this_advisor(self, callback: Callback, lead: Lead) -> Phrase | None:
        """Say why a callback's advisor has it; None where nobody has, or nothing was wished."""
        holder = self._advisors.get(callback.advisor_id or 0)
        if holder is None or callback.state not in CLAIMED_CALLBACK:
            return None
        wishes, known = AdvisorWishes.of_lead(lead), competence_of(holder)
        patience = self._matcher.patience_of(callback)
        return wish_matching.match_sentence(callback.match, wishes, known, patience)

    @cached_property
    def _free(self) -> list[Competence]:
        free = availability.list_available_advisors(self._session, now=self._now)
        return [competence_of(advisor) for advisor in free]
