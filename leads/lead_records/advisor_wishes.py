"""Advisor wishes: what the advisor who has somebody in hand notes of whom they wish to talk to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from leads.errors import BadSubmission
from leads.i18n.translatable import Phrase
from leads.lead_records import lead_file
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.requests import Lead
from leads.people.permissions import actor_of, require_claimed_by

WISHES = frozenset({"language", "wished_gender", "wished_skill"})


def note_advisor_wishes(
    session: Session,
    callback: Callback,
    advisor: Advisor,
    wished: Mapping[str, str],
    *,
    now: datetime,
) -> None:
    """Note whom the lead in the advisor's hands wishes to talk to.

    It is kept as any corrected fact is, with what it was before. Raises BadSubmission for anything
    that is no such wish.
    """
    require_claimed_by(callback, advisor)
    if set(wished) - WISHES:
        raise BadSubmission(Phrase("Only advisor preferences can be saved here."))
    lead = session.get_one(Lead, callback.lead_id)
    lead_file.record_corrected_facts(session, lead, wished, by=actor_of(advisor), now=now)
