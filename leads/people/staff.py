"""Staff: who works here, and what supervisors, admins and the operator do about it.

Every act is in the audit trail.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from leads.errors import BadConfiguration, NotAllowed, NotNow
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event, record_move
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.advisors import Advisor, SignIn
from leads.models.calls import Callback
from leads.models.enums import CLAIMED_CALLBACK, AdvisorRole
from leads.models.helplines import Brand
from leads.people import accounts, login_throttle, presence, second_factor, sessions
from leads.people.permissions import (
    NOT_SERVED,
    Operator,
    Permission,
    actor_of,
    does_serve,
    require_over_colleague,
    require_over_role,
    require_permission,
    roles_under,
    served_helplines,
    serves_every_helpline_of,
)


@dataclass(frozen=True)
class StaffMember:
    """One colleague, as a supervisor sees them.

    `may_change`: the supervisor who looks may do something about this colleague. `is_locked`:
    somebody guessed at their password lately, and no new browser may try for now. `helplines`: the
    ids of those they serve; None for all.
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
    languages: tuple[str, ...]
    skills: tuple[str, ...]
    gender: str
    helplines: frozenset[int] | None
    is_locked: bool = False


def read_staff(session: Session, viewer: Advisor, *, now: datetime) -> list[StaffMember]:
    """Return every colleague by name, the deactivated last. Raises NotAllowed for an advisor."""
    require_permission(viewer, Permission.SEE_COLLEAGUES)
    everybody = select(Advisor).order_by(
        col(Advisor.deactivated_at).is_not(None), col(Advisor.name), col(Advisor.id)
    )
    open_now = _open_sessions_by_advisor(session, now)
    locked = {one.advisor_id for one in login_throttle.list_locked_accounts(session, now=now)}
    return [
        replace(
            _make_staff_member(advisor, viewer, *open_now.get(advisor.id, (0, None))),
            is_locked=advisor.id in locked,
        )
        for advisor in session.exec(everybody)
    ]


def add_staff_member(
    session: Session,
    name: str,
    *,
    email: str,
    phone_number: str,
    role: AdvisorRole,
    actor: Advisor | Operator,
    now: datetime,
    password_hash: str = "",
    helplines: Collection[int] | None = None,
) -> Advisor:
    """Add a colleague; without a password they need an invitation to choose one.

    `helplines`: the ids of those that they serve; without any they serve those of whoever adds
    them. Raises NotAllowed for others than these, BadConfiguration for an address that is none or
    taken, and for a phone that cannot be rung.
    """
    require_over_role(actor, Permission.ADD_COLLEAGUE, role)
    colleague = accounts.add_advisor(
        session,
        name=name,
        email=email,
        phone_number=phone_number,
        role=role,
        password_hash=password_hash,
        now=now,
    )
    _give_helplines(session, colleague, helplines, actor)
    _record_change_of_standing(session, colleague, "add", ("", role), actor, now=now)
    return colleague


def invite_staff_member(
    session: Session, colleague: Advisor, actor: Advisor | Operator, *, now: datetime
) -> str:
    """Return the secret of a link, good once, by which a colleague chooses a password.

    It may be the first password or a new one.
    """
    require_over_colleague(actor, Permission.INVITE_COLLEAGUE, colleague)
    secret = accounts.issue_invitation(session, colleague, now=now)
    record_event(session, colleague, "invite", actor=actor_of(actor), now=now)
    return secret


def change_staff_role(
    session: Session,
    colleague: Advisor,
    role: AdvisorRole,
    actor: Advisor | Operator,
    *,
    now: datetime,
) -> None:
    """Give a colleague another role, and end their sessions.

    Open pages still show what the old role may see.
    """
    require_permission(actor, Permission.CHANGE_ROLE)
    _require_other_person(colleague, actor)
    if role == colleague.role:
        return
    _record_change_of_standing(
        session, colleague, "change_role", (colleague.role, role), actor, now=now
    )
    colleague.role = role
    session.add(colleague)
    sessions.end_advisor_sessions(session, colleague.id, now=now)


def set_staff_helplines(
    session: Session,
    colleague: Advisor,
    helplines: Collection[int] | None,
    actor: Advisor | Operator,
    *,
    now: datetime,
) -> None:
    """Set the helplines that a colleague serves by their ids, None for all, and end their sessions.

    Open pages still show what they served. Raises BadConfiguration for an admin, who serves all,
    for none and for one that is not there; NotNow while somebody of a helpline that they are to
    serve no more is in their hands.
    """
    require_permission(actor, Permission.SET_HELPLINES)
    _require_other_person(colleague, actor)
    if colleague.role is AdvisorRole.ADMIN:
        raise BadConfiguration(Phrase("Admins serve all helplines."))
    before = colleague.helplines
    _give_helplines(session, colleague, helplines, actor)
    if colleague.helplines == before:
        return
    _require_hands_free_of_others(session, colleague)
    session.add(colleague)
    sessions.end_advisor_sessions(session, colleague.id, now=now)
    record_event(
        session,
        colleague,
        "set_helplines",
        actor=actor_of(actor),
        now=now,
        helplines=colleague.helplines,
    )


def _give_helplines(
    session: Session,
    colleague: Advisor,
    helplines: Collection[int] | None,
    actor: Advisor | Operator,
) -> None:
    if helplines is None:
        theirs = served_helplines(actor)
        colleague.helplines = None if theirs is None else sorted(theirs)
        return
    known = select(Brand.id).where(col(Brand.id).in_(helplines))
    if not helplines or len(session.exec(known).all()) < len(set(helplines)):
        raise BadConfiguration(Phrase("Choose at least one helpline."))
    colleague.helplines = sorted(set(helplines))
    if not serves_every_helpline_of(actor, colleague):
        raise NotAllowed(NOT_SERVED)


def _require_hands_free_of_others(session: Session, colleague: Advisor) -> None:
    in_hand = select(Callback).where(
        Callback.advisor_id == colleague.id, col(Callback.state).in_(CLAIMED_CALLBACK)
    )
    for callback in session.exec(in_hand):
        if not does_serve(colleague, callback.brand_id):
            msg = Phrase("{name} is with someone from another helpline.", name=colleague.name)
            raise NotNow(msg)


def deactivate_staff_member(
    session: Session, colleague: Advisor, actor: Advisor | Operator, *, now: datetime
) -> None:
    """Deactivate a colleague: no screen or link lets them in any more, and no offer rings them.

    Their work stays.
    """
    require_over_colleague(actor, Permission.DEACTIVATE_COLLEAGUE, colleague)
    _require_other_person(colleague, actor)
    if colleague.deactivated_at:
        return
    colleague.deactivated_at = now
    presence.set_advisor_offline(session, colleague)
    sessions.end_advisor_sessions(session, colleague.id, now=now)
    accounts.withdraw_invitations(session, colleague, now=now)
    _record_change_of_standing(
        session, colleague, "deactivate", ("active", "deactivated"), actor, now=now
    )


def reactivate_staff_member(
    session: Session, colleague: Advisor, actor: Advisor | Operator, *, now: datetime
) -> None:
    """Activate a colleague again, with the password they had."""
    require_over_colleague(actor, Permission.ACTIVATE_COLLEAGUE, colleague)
    if colleague.deactivated_at:
        colleague.deactivated_at = None
        session.add(colleague)
        _record_change_of_standing(
            session, colleague, "activate", ("deactivated", "active"), actor, now=now
        )


def sign_out_staff_member(
    session: Session, colleague: Advisor, actor: Advisor | Operator, *, now: datetime
) -> None:
    """End all sessions of a colleague; open pages close within a second."""
    require_over_colleague(actor, Permission.SIGN_OUT_COLLEAGUE, colleague)
    sessions.end_advisor_sessions(session, colleague.id, now=now)
    record_event(session, colleague, "sign_out", actor=actor_of(actor), now=now)


def reset_second_factor(
    session: Session, colleague: Advisor, actor: Advisor | Operator, *, now: datetime
) -> None:
    """Turn off the second factor of a colleague who lost phone and recovery codes.

    Make sure first that it is really the colleague who asks.
    """
    require_over_colleague(actor, Permission.RESET_SECOND_FACTOR, colleague)
    _require_other_person(colleague, actor)
    second_factor.disable_second_factor(session, colleague, by=actor, now=now)
    sessions.end_advisor_sessions(session, colleague.id, now=now)
    record_event(session, colleague, "forget_second_factor", actor=actor_of(actor), now=now)


def _make_staff_member(
    advisor: Advisor, viewer: Advisor, count: int, seen_at: datetime | None
) -> StaffMember:
    state = (
        "deactivated"
        if advisor.deactivated_at
        else "active"
        if advisor.password_hash
        else "invited"
    )
    return StaffMember(
        advisor_id=advisor.id,
        name=advisor.name,
        email=advisor.email,
        phone=advisor.phone,
        role=advisor.role,
        state=state,
        sessions=count,
        seen_at=seen_at,
        has_second_factor=second_factor.has_second_factor(advisor),
        may_change=advisor.role in roles_under(viewer.role)
        and serves_every_helpline_of(viewer, advisor)
        and advisor.id != viewer.id,
        languages=tuple(advisor.languages),
        skills=tuple(advisor.skills),
        gender=advisor.gender,
        helplines=served_helplines(advisor),
    )


def _open_sessions_by_advisor(session: Session, now: datetime) -> dict[int, tuple[int, datetime]]:
    rows = session.exec(
        select(SignIn.advisor_id, func.count(), func.max(SignIn.seen_at))
        .where(sessions.is_open_session(now))
        .group_by(col(SignIn.advisor_id))
    )
    return {advisor_id: (count, seen_at) for advisor_id, count, seen_at in rows if advisor_id}


def _require_other_person(colleague: Advisor, actor: Advisor | Operator) -> None:
    if not isinstance(actor, Operator) and colleague.id == actor.id:
        raise NotAllowed(
            Phrase(
                "You cannot do this to your own account: ask another admin. That way there "
                "is always one left."
            )
        )


def _record_change_of_standing(
    session: Session,
    colleague: Advisor,
    event: str,
    states: tuple[str, str],
    actor: Advisor | Operator,
    *,
    now: datetime,
) -> None:
    subject = TrailSubject.of_row(colleague)
    record_move(session, subject, event, states, actor=actor_of(actor), now=now, changes={})
