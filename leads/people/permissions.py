"""Permissions: how a colleague is named in the audit trail, and what a role may do."""

from __future__ import annotations

from sqlmodel import Session, col, select

from leads.errors import LostRace, NotAllowed
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.words import AdvisorRole

ROLE_LABELS = {AdvisorRole.SUPERVISOR: Phrase("supervisor"), AdvisorRole.ADMIN: Phrase("admin")}


def actor_of(advisor: Advisor) -> str:
    """Return how an advisor is named in the audit trail."""
    return actor_of_id(advisor.id)


def actor_of_id(advisor_id: int) -> str:
    """Return how the advisor with this id is named in the audit trail."""
    return f"advisor:{advisor_id}"


def list_active_supervisors(session: Session) -> list[Advisor]:
    """Return every supervisor and admin who is not deactivated."""
    found = select(Advisor).where(
        Advisor.role != AdvisorRole.ADVISOR, col(Advisor.deactivated_at).is_(None)
    )
    return list(session.exec(found.order_by(col(Advisor.id))))


def require_supervisor(person: Advisor, act: str) -> None:
    """Raise NotAllowed unless a person is a supervisor or an admin.

    `act` completes "Only a supervisor can …" in the refusal.
    """
    if person.role == AdvisorRole.ADVISOR:
        msg = Phrase("Only a supervisor can {act}.", act=_act_as_phrase(act))
        raise NotAllowed(msg)


def require_admin(person: Advisor, act: str) -> None:
    """Raise NotAllowed unless a person is an admin.

    `act` completes "Only an admin can …" in the refusal.
    """
    if person.role != AdvisorRole.ADMIN:
        msg = Phrase("Only an admin can {act}.", act=_act_as_phrase(act))
        raise NotAllowed(msg)


def require_authority_over_role(person: Advisor, role: AdvisorRole, act: str) -> None:
    """Raise NotAllowed unless a person may look after colleagues of a role.

    Supervisors look after advisors, admins after everybody: whoever could give somebody a
    supervisor's password could take it.
    """
    require_supervisor(person, act)
    if role != AdvisorRole.ADVISOR:
        require_admin(
            person, Phrase("{act} who is {role}", act=_act_as_phrase(act), role=ROLE_LABELS[role])
        )


def require_claimed_by(callback: Callback, advisor: Advisor) -> None:
    """Raise LostRace unless the callback is in this advisor's hands."""
    if callback.advisor_id != advisor.id:
        msg = Phrase("This callback is not yours any more.")
        raise LostRace(msg)


def _act_as_phrase(act: str) -> Phrase:
    """Return an act as a phrase that can be translated.

    Catalogs learn of it from the calls that name it.
    """
    return act if isinstance(act, Phrase) else Phrase(act)
