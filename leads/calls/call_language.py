"""The language of a call: in which we speak to whoever of us is on one of its legs."""

from __future__ import annotations

from sqlmodel import Session, select

from leads.i18n.languages import DEFAULT_LANGUAGE, supported_language
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import Party
from leads.models.requests import Lead
from leads.people.accounts import language_of_advisor


def find_call_language(
    session: Session, attempt_id: str, provider_call_id: str, *, leg_id: int | None = None
) -> str:
    """Return the language in which somebody is spoken to on a leg, or on a call, of an attempt.

    A call that is none of its legs rings its advisor: nothing is known of it yet, or it asks what
    came of the last. Whoever an advisor brings in, an interpreter first of all, hears the
    advisor's language; the person who is called hears their own.
    """
    theirs = (
        CallLeg.provider_call_id == provider_call_id if leg_id is None else CallLeg.id == leg_id
    )
    leg = session.exec(select(CallLeg).where(CallLeg.attempt_id == attempt_id, theirs)).first()
    attempt = session.get(CallAttempt, attempt_id)
    if leg and attempt and leg.party == Party.LEAD:
        callback = session.get_one(Callback, attempt.callback_id)
        spoken = session.get_one(Lead, callback.lead_id).language
        return supported_language(spoken) or DEFAULT_LANGUAGE
    listener_id = (leg and leg.advisor_id) or (attempt and attempt.advisor_id)
    listener = session.get(Advisor, listener_id) if listener_id is not None else None
    return language_of_advisor(listener) if listener else DEFAULT_LANGUAGE
