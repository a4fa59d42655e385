"""The language of a call: in which we speak to whoever of us is on one of its legs."""

from __future__ import annotations

from sqlmodel import Session, select

from leads.i18n.languages import DEFAULT_LANGUAGE
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, CallLeg
from leads.models.enums import Party
from leads.people.accounts import language_of_advisor


def find_call_language(
    session: Session, attempt_id: str, provider_call_id: str, *, leg_id: int | None = None
) -> str:
    """Return the language in which somebody is spoken to on a leg, or on a call, of an attempt.

    A call that is none of its legs rings its advisor: nothing is known of it yet, or it asks what
    came of the last. Whoever is none of us is spoken to in English.
    """
    theirs = (
        CallLeg.provider_call_id == provider_call_id if leg_id is None else CallLeg.id == leg_id
    )
    leg = session.exec(select(CallLeg).where(CallLeg.attempt_id == attempt_id, theirs)).first()
    if leg is None or leg.party == Party.ADVISOR:
        attempt = session.get(CallAttempt, attempt_id)
        listener_id = attempt.advisor_id if attempt else None
    else:
        listener_id = leg.advisor_id
    listener = session.get(Advisor, listener_id) if listener_id is not None else None
    return language_of_advisor(listener) if listener else DEFAULT_LANGUAGE
