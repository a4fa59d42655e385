"""A rehearsed hand-over: a colleague is asked into a call and takes it; the first one leaves."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from leads.calls import legs, parties
from leads.database.transactions import transaction
from leads.errors import LeadsError
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, CallLeg
from leads.models.enums import Party
from leads.people import availability, presence


def ask_in_somebody(attempt_id: str, *, now: datetime) -> int | None:
    """Ask a free colleague with nothing but a phone into a call; returns their leg's id.

    None where nobody is free, or the advisor has a desk and decides there.
    """
    try:
        with transaction() as session:
            attempt = session.get_one(CallAttempt, attempt_id)
            advisor = session.get_one(Advisor, attempt.advisor_id)
            colleague = _find_colleague(session, now=now)
            if colleague is None or not presence.is_on_duty_by_phone_only(advisor, now=now):
                return None
            return parties.ask_in_colleague(session, attempt, advisor, colleague, now=now).id
    except LeadsError:
        return None


def hand_over_to(attempt_id: str, leg_id: int, *, now: datetime) -> bool:
    """Hand a call over once the colleague is in it; False while their phone rings.

    True, too, where they did not come or the call is over.
    """
    try:
        with transaction() as session:
            leg = session.get_one(CallLeg, leg_id)
            if not legs.is_in_call(leg):
                return legs.is_over(leg)
            attempt = session.get_one(CallAttempt, attempt_id)
            advisor = session.get_one(Advisor, attempt.advisor_id)
            mine = legs.find_call_leg(session, attempt, Party.ADVISOR)
            parties.hand_over(session, attempt, advisor, leg, now=now)
            if mine:
                parties.leave_call(session, mine, advisor, now=now)
    except LeadsError:
        pass  # somebody hung up meanwhile
    return True


def _find_colleague(session: Session, *, now: datetime) -> Advisor | None:
    free = availability.list_available_advisors(session, now=now)
    return next(
        (one for one in free if one.phone and presence.is_on_duty_by_phone_only(one, now=now)), None
    )
