"""Staff: who works here, and what supervisors and admins do about it.

Every act is in the audit trail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from leads.database.transactions import defer_insert
from leads.errors import NotAllowed
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor, SignIn
from leads.models.watching import Transition
from leads.models.words import AdvisorRole
from leads.people import accounts, presence, second_factor, sessions
from leads.people.permissions import (
    actor_of,
    require_admin,
    require_authority_over_role,
    require_supervisor,
)


@dataclass(frozen=True)
class StaffMember:
    """One colleague, as a supervisor sees them.

    `may_change`: the supervisor who looks may do something about this colleague.
    """

    advisor_id: int
    name: str
    email: str
    phone: str
    role: AdvisorRole
    state: str
    sessions: int
    seen_at: datetime | None
    has_second_factor: bool
    may_change: bool


def read_staff(session: Session, viewer: Advisor, *, now: datetime) -> list[StaffMember]:
    """Return every colleague by name, the deactivated last. Raises NotAllowed for an advisor."""
    require_supervisor(viewer, "see the list of colleagues")
    everybody = select(Advisor).order_by(
        col(Advisor.deactivated_at).is_not(None), col(Advisor.name), col(Advisor.id)
    )
    open_now = _open_sessions_by_advisor(session, now)
    return [
        _make_staff_member(one, viewer, *open_now.get(one.id, (0, None)))
        for one in session.exec(everybody)
    ]


def add_staff_member(
    session: Session,
    name: str,
    *,
    email: str,
    phone_number: str,
    role: AdvisorRole,
    actor: Advisor,
    now: datetime,
) -> str:
    """Add a colleague; returns the secret of their invitation."""
    require_authority_over_role(actor, role, "add somebody")
    colleague = accounts.add_advisor(
        session, name=name, email=email, phone_number=phone_number, role=role, now=now
    )
    _record_staff_act(session, colleague, "add", "", role, actor=actor, now=now)
    return accounts.issue_invitation(session, colleague, now=now)


def invite_staff_member(
    session: Session, colleague: Advisor, actor: Advisor, *, now: datetime
) -> str:
    """Return the secret of a link, good once, by which a colleague chooses a password.

    It may be the first password or a new one.
    """
    require_authority_over_role(actor, colleague.role, "make a link for somebody")
    secret = accounts.issue_invitation(session, colleague, now=now)
    _record_staff_act(session, colleague, "invite", "", "", actor=actor, now=now)
    return secret


def change_staff_role(
    session: Session, colleague: Advisor, role: AdvisorRole, actor: Advisor, *, now: datetime
) -> None:
    """Give a colleague another role, and end their sessions.

    Open pages still show what the old role may see.
    """
    require_admin(actor, "change a role")
    _require_other_person(colleague, actor)
    if role == colleague.role:
        return
    _record_staff_act(session, colleague, "change_role", colleague.role, role, actor=actor, now=now)
    colleague.role = role
    session.add(colleague)
    sessions.end_advisor_sessions(session, colleague.id, now=now)


def deactivate_staff_member(
    session: Session, colleague: Advisor, actor: Advisor, *, now: datetime
) -> None:
    """Deactivate a colleague: no screen or link lets them in any more, and no offer rings them.

    Their work stays.
    """
    require_authority_over_role(actor, colleague.role, "deactivate somebody")
    _require_other_person(colleague, actor)
    if colleague.deactivated_at:
        return
    colleague.deactivated_at = now
    presence.set_advisor_offline(session, colleague)
    sessions.end_advisor_sessions(session, colleague.id, now=now)
    accounts.withdraw_invitations(session, colleague, now=now)
    _record_staff_act(
        session, colleague, "deactivate", "active", "deactivated", actor=actor, now=now
    )


def reactivate_staff_member(
    session: Session, colleague: Advisor, actor: Advisor, *, now: datetime
) -> None:
    """Activate a colleague again, with the password they had."""
    require_authority_over_role(actor, colleague.role, "activate somebody")
    if colleague.deactivated_at:
        colleague.deactivated_at = None
        session.add(colleague)
        _record_staff_act(
            session, colleague, "activate", "deactivated", "active", actor=actor, now=now
        )


def sign_out_staff_member(
    session: Session, colleague: Advisor, actor: Advisor, *, now: datetime
) -> None:
    """End all sessions of a colleague; open pages close within a second."""
    require_authority_over_role(actor, colleague.role, "sign out somebody")
    sessions.end_advisor_sessions(session, colleague.id, now=now)
    _record_staff_act(session, colleague, "sign_out", "", "", actor=actor, now=now)


def reset_second_factor(
    session: Session, colleague: Advisor, actor: Advisor, *, now: datetime
) -> None:
    """Turn off the second factor of a colleague who lost phone and recovery codes.

    Make sure first that it is really the colleague who asks.
    """
    require_authority_over_role(actor, colleague.role, "take the second factor from somebody")
    _require_other_person(colleague, actor)
    second_factor.disable_second_factor(session, colleague)
    sessions.end_advisor_sessions(session, colleague.id, now=now)
    _record_staff_act(session, colleague, "forget_second_factor", "", "", actor=actor, now=now)


def _make_staff_member(
    one: Advisor, viewer: Advisor, count: int, seen_at: datetime | None
) -> StaffMember:
    state = "deactivated" if one.deactivated_at else "active" if one.password_hash else "invited"
    may_change = viewer.role == AdvisorRole.ADMIN or one.role == AdvisorRole.ADVISOR
    return StaffMember(
        advisor_id=one.id,
        name=one.name,
        email=one.email,
        phone=one.phone,
        role=one.role,
        state=state,
        sessions=count,
        seen_at=seen_at,
        has_second_factor=second_factor.has_second_factor(one),
        may_change=may_change and one.id != viewer.id,
    )


def _open_sessions_by_advisor(session: Session, now: datetime) -> dict[int, tuple[int, datetime]]:
    found = session.exec(
        select(SignIn.advisor_id, func.count(), func.max(SignIn.seen_at))
        .where(sessions.is_open_session(now))
        .group_by(col(SignIn.advisor_id))
    )
    return {advisor_id: (count, seen_at) for advisor_id, count, seen_at in found if advisor_id}


def _require_other_person(colleague: Advisor, actor: Advisor) -> None:
    if colleague.id == actor.id:
        raise NotAllowed(
            Phrase(
                "Nobody can do this to themselves: ask another admin. So there is always one left."
            )
        )


def _record_staff_act(
    session: Session,
    colleague: Advisor,
    event: str,
    before: str,
    after: str,
    *,
    actor: Advisor,
    now: datetime,
) -> None:
    named = {
        "record": "advisor",
        "record_id": str(colleague.id),
        "actor": actor_of(actor),
        "at": now,
    }
    defer_insert(
        session,
        Transition,
        {"event": event, "before": before, "after": after, "changes": {}, **named},
    )
