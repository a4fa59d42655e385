"""Television access: televisions that show the wallboard, and nothing else.

A code that a supervisor makes lets one in for a month.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads.config import parsing
from leads.errors import BadConfiguration, LostRace, NotAllowed
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor, SignIn
from leads.models.enums import SignInKind
from leads.people import sessions
from leads.people.permissions import Permission, actor_of, require_permission

CODE_LASTS = timedelta(minutes=30)
SHOWS_FOR = timedelta(days=30)
LETTERS = (
    "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # typed with a remote control: none that looks like another
)
GROUPS, GROUP = 3, 4  # 59 bits, for half an hour
DEFAULT_TARGET_MINUTES = 5
LONGEST_TARGET = 24 * 60


@dataclass(frozen=True)
class WallboardSettings:
    """What a wallboard shows.

    `target` is that of its service level, in minutes; `zone` says whose day today is, empty for the
    screen's own.
    """

    target: int = DEFAULT_TARGET_MINUTES
    zone: str = ""

    @classmethod
    def from_sign_in(cls, row: SignIn) -> WallboardSettings:
        """Return the settings that a television, or the code that lets it in, was given."""
        minutes, _, zone = row.shows.partition(" ")
        return parse_wallboard_settings(minutes, zone)

    def store_in(self, row: SignIn) -> None:
        """Give these settings to a television, or to the code that lets it in."""
        row.shows = f"{self.target} {self.zone}"


@dataclass(frozen=True)
class Television:
    """One television that is let in; `seen_at` is when it last asked whether it still is."""

    sign_in_id: int
    by: str
    since: datetime
    seen_at: datetime
    ends_at: datetime


def create_television_code(
    session: Session, person: Advisor, sight: WallboardSettings, *, now: datetime
) -> str:
    """Return a code, good once, that lets a television in."""
    require_permission(person, Permission.LET_TELEVISION_IN)
    code = "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
    secret = _normalize_television_code(code)
    row = sessions.store_sign_in(
        session, SignInKind.WALL_CODE, person.id, secret, lasts=CODE_LASTS, now=now
    )
    sight.store_in(row)
    session.flush()
    record_event(session, row, "make_code", actor=actor_of(person), now=now)
    return code


def sign_in_television(session: Session, code: str, *, now: datetime) -> str:
    """Use up a television's code; returns the secret of its session.

    Raises NotAllowed for a used or old code.
    """
    code_and_advisor = session.exec(
        select(SignIn, Advisor)
        .join(Advisor, col(Advisor.id) == col(SignIn.advisor_id))
        .where(
            SignIn.token_hash == sessions.hash_secret(_normalize_television_code(code)),
            SignIn.kind == SignInKind.WALL_CODE,
        )
        .where(sessions.is_valid_sign_in(now), col(Advisor.deactivated_at).is_(None))
        .with_for_update(of=SignIn)
    ).first()
    if code_and_advisor is None:
        msg = Phrase(
            "This code was already used or has expired. Create a new one on the wallboard."
        )
        raise NotAllowed(msg)
    used, person = code_and_advisor
    used.revoked_at = now
    secret = secrets.token_urlsafe(32)
    row = sessions.store_sign_in(
        session, SignInKind.WALL, person.id, secret, lasts=SHOWS_FOR, now=now
    )
    row.shows = used.shows
    session.flush()
    record_event(session, row, "let_in", actor=actor_of(person), now=now)
    return secret


def read_televisions(session: Session, viewer: Advisor, *, now: datetime) -> list[Television]:
    """Return the televisions that are let in, oldest first."""
    require_permission(viewer, Permission.SEE_WALLBOARD)
    televisions = select(SignIn, Advisor.name).join(
        Advisor, col(Advisor.id) == col(SignIn.advisor_id)
    )
    televisions = televisions.where(
        sessions.is_open_television_session(now), col(Advisor.deactivated_at).is_(None)
    ).order_by(col(SignIn.id))
    return [
        Television(row.id, name, row.created_at, row.seen_at, row.ends_at)
        for row, name in session.exec(televisions)
    ]


def end_television_session(
    session: Session, sign_in_id: int, person: Advisor, *, now: datetime
) -> None:
    """End a television's session; its wallboard is off within a second.

    Raises LostRace when it is off already.
    """
    require_permission(person, Permission.END_TELEVISION)
    row = session.exec(
        select(SignIn)
        .where(SignIn.id == sign_in_id, sessions.is_open_television_session(now))
        .with_for_update()
    ).first()
    if row is None:
        msg = Phrase("This TV no longer shows the wallboard.")
        raise LostRace(msg)
    row.revoked_at = now
    session.flush()
    record_event(session, row, "end", actor=actor_of(person), now=now)


def television_wallboard_settings(session: Session, sign_in_id: int) -> WallboardSettings:
    """Return the settings that a television was given with its code."""
    return WallboardSettings.from_sign_in(session.get_one(SignIn, sign_in_id))


def find_who_let_in(session: Session, sign_in_id: int) -> Advisor:
    """Return the colleague who let a television in: it shows what they may see."""
    return session.get_one(Advisor, session.get_one(SignIn, sign_in_id).advisor_id)


def parse_wallboard_settings(minutes: str, zone: str) -> WallboardSettings:
    """Return the settings that a page's address asks for; what makes no sense in it is left out."""
    is_known = (
        minutes.isdecimal()
        and len(minutes) < LONGEST_TARGET
        and 1 <= int(minutes) <= LONGEST_TARGET
    )
    try:
        known_zone = parsing.parse_time_zone(zone) if zone else ""
    except BadConfiguration:
        known_zone = ""
    return WallboardSettings(int(minutes) if is_known else DEFAULT_TARGET_MINUTES, known_zone)


def _normalize_television_code(code: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", code.upper())
