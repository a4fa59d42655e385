"""Access tokens: what lets a program read, what of, of which helplines, by what right, until when.

Only their hashes are stored; a token is shown once.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads.errors import BadConfiguration
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.enums import ApiScope, BasisKind
from leads.models.helplines import Brand
from leads.models.outbound import ApiToken
from leads.outbox.legal_basis import LegalBasis, parse_legal_basis
from leads.outbox.outside_readers import find_helpline_ids, parse_choices, parse_reader_name
from leads.people.permissions import Operator, Permission, actor_of, require_permission
from leads.people.sessions import hash_secret

TOKEN_PREFIX = "rbk_"  # noqa: S105 - how they begin, so that what looks for leaked ones finds them
USUAL_DAYS, MOST_DAYS = 90, 366
MOST_TOKENS = 50  # that still open something
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class TokenDetails:
    """A token as it is shown: never itself."""

    token_id: int
    name: str
    scopes: tuple[str, ...]
    helplines: tuple[str, ...]
    basis: LegalBasis | None
    ends_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None


def issue_token(
    session: Session,
    actor: Advisor | Operator,
    name: str,
    *,
    scopes: Collection[str],
    helplines: Collection[str] = (),
    days: int = USUAL_DAYS,
    basis_kind: str = "",
    basis_name: str = "",
    now: datetime,
) -> str:
    """Make a token and return it. `helplines`: their names; none are all.

    Who people are may be read only by a stated right. Raises BadConfiguration for what cannot be.
    """
    require_permission(actor, Permission.CHANGE_API_TOKEN)
    chosen = parse_choices(scopes, ApiScope)
    if not 1 <= days <= MOST_DAYS:
        msg = Phrase("A token is good for 1 to {most} days.", most=MOST_DAYS)
        raise BadConfiguration(msg)
    needs_basis = ApiScope.PERSONAL in chosen
    basis = parse_legal_basis(basis_kind, basis_name) if needs_basis else None
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        name=_validate_token_name(session, name, now=now),
        token_hash=hash_secret(token),
        scopes=chosen,
        brand_ids=find_helpline_ids(session, helplines),
        basis_kind=basis.kind if basis else None,
        basis_name=basis.name if basis else "",
        created_at=now,
        created_by=actor_of(actor),
        ends_at=now + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    record_event(session, row, "add", actor=actor_of(actor), now=now)
    return token


def revoke_token(
    session: Session, actor: Advisor | Operator, token_id: int, *, now: datetime
) -> None:
    """End a token at once. Idempotent."""
    require_permission(actor, Permission.CHANGE_API_TOKEN)
    token = session.get_one(ApiToken, token_id, with_for_update=True)
    if token.revoked_at is None:
        token.revoked_at = now
        record_event(session, token, "revoke", actor=actor_of(actor), now=now)


def list_tokens(session: Session, viewer: Advisor | Operator) -> list[TokenDetails]:
    """Return all tokens, the newest first."""
    require_permission(viewer, Permission.SEE_API_TOKENS)
    names = dict(session.exec(select(Brand.id, Brand.name)).all())
    return [
        TokenDetails(
            token_id=one.id,
            name=one.name,
            scopes=tuple(one.scopes),
            helplines=tuple(names[n] for n in one.brand_ids if n in names),
            basis=basis_of_token(one),
            ends_at=one.ends_at,
            revoked_at=one.revoked_at,
            used_at=one.used_at,
        )
        for one in session.exec(select(ApiToken).order_by(col(ApiToken.id).desc()))
    ]


def find_token(session: Session, token: str, *, now: datetime) -> ApiToken | None:
    """Return the row of a token that still opens something; None for any other."""
    return session.exec(
        select(ApiToken).where(
            ApiToken.token_hash == hash_secret(token),
            col(ApiToken.revoked_at).is_(None),
            ApiToken.ends_at > now,
        )
    ).first()


def find_token_id(session: Session, name: str) -> int:
    """Return the id of the newest token with a name; raises BadConfiguration for none."""
    named = select(ApiToken.id).where(ApiToken.name == name.strip())
    found = session.exec(named.order_by(col(ApiToken.id).desc())).first()
    if found is None:
        raise BadConfiguration(Phrase("There is no access token {name}.", name=name))
    return found


def note_token_use(session: Session, token_id: int, *, now: datetime) -> None:
    """Note that a token was used, once a minute at most."""
    token = session.get_one(ApiToken, token_id)
    if token.used_at is None or token.used_at <= now - USE_NOTED_EVERY:
        token.used_at = now
        session.add(token)


def basis_of_token(token: ApiToken) -> LegalBasis | None:
    """Return what permits that a token reads who people are; None where it may not."""
    kind = token.basis_kind
    return LegalBasis(BasisKind(kind), token.basis_name) if kind is not None else None


def _validate_token_name(session: Session, name: str, *, now: datetime) -> str:
    name = parse_reader_name(name)
    good = select(ApiToken.name).where(col(ApiToken.revoked_at).is_(None), ApiToken.ends_at > now)
    names = session.exec(good).all()
    if name in names:
        raise BadConfiguration(Phrase("There is already an access token {name}.", name=name))
    if len(names) >= MOST_TOKENS:
        msg = Phrase("There are already {count} access tokens.", count=MOST_TOKENS)
        raise BadConfiguration(msg)
    return name
