"""The chain over the audit log: each link has the digest of its entry and of the link before.

Whoever writes an entry waits for nobody: a job links what was committed since, a moment later.
Links have an order of their own, because entries may be committed in another than that of their
ids.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, delete, func
from sqlmodel import Session, col, select

from leads.database.bulk_rows import insert_if_absent, insert_rows
from leads.errors import NotNow
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_log import record_access
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.audit import AuditEntry, AuditKey, AuditLink, AuditTrim
from leads.models.enums import AuditKind
from leads.models.legal_holds import LegalHold

log = logging.getLogger(__name__)

BATCH = 500
KEY_ID = 1
OPEN_FOR_LONG = 10_000  # ids: no transaction is open while so many others are written
CONTENT = ("id", "kind", "actor", "view", "record", "record_id", "sign_in_id", "address", "browser")


@dataclass(frozen=True)
class ChainEnd:
    """A place in the chain and its digest; nothing before the first link."""

    position: int = 0
    digest: str = ""


def seal_new_entries(session: Session) -> ChainEnd:
    """Link the entries that no link has yet, as many as fit in a turn; returns the chain's end.

    Several processes may do so at once: one waits for the other.
    """
    key = _lock_key(session)
    end = find_chain_end(session)
    last_id = session.exec(select(func.max(AuditLink.entry_id))).one() or 0
    unsealed = select(AuditEntry).where(
        _has_no_link(), col(AuditEntry.id) > last_id - OPEN_FOR_LONG
    )
    rows = []
    for entry in session.exec(unsealed.order_by(col(AuditEntry.id)).limit(BATCH)):
        end = next_chain_end(key, end, entry)
        rows.append({"position": end.position, "entry_id": entry.id, "digest": end.digest})
    if rows:
        insert_rows(session, AuditLink, rows)
        log.info("audit_sealed position=%s digest=%s", end.position, end.digest)
    return end


def next_chain_end(key: bytes, before: ChainEnd, entry: AuditEntry) -> ChainEnd:
    """Return the end of a chain once an entry is linked to it."""
    position = before.position + 1
    content = [
        *(getattr(entry, name) for name in CONTENT),
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.details,
    ]
    told = json.dumps([position, before.digest, content], sort_keys=True, separators=(",", ":"))
    return ChainEnd(position, hmac.new(key, told.encode(), hashlib.sha256).hexdigest())


def find_chain_end(session: Session) -> ChainEnd:
    """Return the chain's last link, or what the last trim left of it."""
    link = session.exec(select(AuditLink).order_by(col(AuditLink.position).desc()).limit(1)).first()
    return ChainEnd(link.position, link.digest) if link else trimmed_end(find_last_trim(session))


def find_last_trim(session: Session) -> AuditTrim | None:
    """Return the last time that entries were deleted; None where none ever were."""
    return session.exec(select(AuditTrim).order_by(col(AuditTrim.through).desc()).limit(1)).first()


def trimmed_end(trim: AuditTrim | None) -> ChainEnd:
    """Return where the chain begins after a trim."""
    return ChainEnd(trim.through, trim.digest) if trim else ChainEnd()


def trim_old_entries(session: Session, *, before: datetime, actor: str, now: datetime) -> int:
    """Delete the oldest entries, all that are from before an instant; returns how many.

    This is the one way in which an entry goes, and it is an entry itself. What is not linked yet
    stays. Raises NotNow for an instant that is still to come, and under a legal hold.
    """
    if before > now:
        raise NotNow(Phrase("What has not happened yet cannot be deleted."))
    if is_kept_by_legal_hold(session):
        raise NotNow(Phrase("A legal hold is in force: nothing in the audit log can be deleted."))
    key = _lock_key(session)
    start = trimmed_end(find_last_trim(session))
    kept = select(func.min(AuditLink.position)).join(
        AuditEntry, col(AuditEntry.id) == col(AuditLink.entry_id)
    )
    first_kept = session.exec(kept.where(col(AuditEntry.at) >= before)).one()
    last = find_chain_end(session).position if first_kept is None else first_kept - 1
    if last <= start.position:
        return 0
    digest = session.get_one(AuditLink, last).digest
    trim = AuditTrim(through=last, digest=digest, at=now, actor=actor, proof="")
    trim.proof = proof_of_trim(key, trim)
    session.add(trim)
    session.flush()
    over = select(AuditLink.entry_id).where(col(AuditLink.position) <= last)
    session.execute(delete(AuditEntry).where(col(AuditEntry.id).in_(over)))
    session.execute(delete(AuditLink).where(col(AuditLink.position) <= last))
    subject = TrailSubject.of_row(trim)
    record_access(
        session, AuditKind.TRIM, subject, actor=actor, now=now, count=last - start.position
    )
    return last - start.position


def is_kept_by_legal_hold(session: Session) -> bool:
    """Whether nothing may be deleted: entries go oldest first, whomever they are about."""
    in_force = select(LegalHold.id).where(col(LegalHold.lifted_at).is_(None))
    return session.exec(in_force.limit(1)).first() is not None


def count_old_entries(session: Session, *, before: datetime) -> int:
    """Return how many entries a trim of that instant would delete, or nearly."""
    if is_kept_by_legal_hold(session):
        return 0
    old = select(func.count()).select_from(AuditEntry).where(AuditEntry.at < before)
    return session.exec(old).one()


def proof_of_trim(key: bytes, trim: AuditTrim) -> str:
    """Return what only whoever has the key can say of a trim."""
    at = trim.at.astimezone(UTC).isoformat(timespec="microseconds")
    told = json.dumps(["trim", trim.through, trim.digest, at, trim.actor])
    return hmac.new(key, told.encode(), hashlib.sha256).hexdigest()


def read_key(session: Session) -> bytes | None:
    """Return the chain's key; None where nothing was ever linked."""
    row = session.get(AuditKey, KEY_ID)
    return row.secret.encode() if row else None


def is_never_linked() -> ColumnElement[bool]:
    """Return the condition that an entry has no link and is too old for one still to come."""
    last_id = select(func.coalesce(func.max(AuditLink.entry_id), 0)).scalar_subquery()
    return _has_no_link() & (col(AuditEntry.id) <= last_id - OPEN_FOR_LONG)


def count_unsealed(session: Session) -> int:
    """Return how many entries wait for their link."""
    return session.exec(select(func.count()).select_from(AuditEntry).where(_has_no_link())).one()


def iterate_links(
    session: Session, after: int
) -> Iterator[Sequence[tuple[AuditLink, AuditEntry | None]]]:
    """Yield the links after a position with their entries, in order, a batch at a time."""
    while True:
        batch = (
            select(AuditLink, AuditEntry)
            .outerjoin(AuditEntry, col(AuditEntry.id) == col(AuditLink.entry_id))
            .where(col(AuditLink.position) > after)
            .order_by(col(AuditLink.position))
            .limit(BATCH)
        )
        rows = session.exec(batch).all()
        if not rows:
            return
        yield rows
        after = rows[-1][0].position
        session.expunge_all()


def _has_no_link() -> ColumnElement[bool]:
    linked = select(AuditLink.entry_id).where(col(AuditLink.entry_id) == col(AuditEntry.id))
    return ~linked.exists()


def _lock_key(session: Session) -> bytes:
    """Return the chain's key, made where there is none, and keep others from linking meanwhile."""
    locked = select(AuditKey).where(AuditKey.id == KEY_ID).with_for_update()
    row = session.exec(locked).first()
    if row is None:
        insert_if_absent(session, AuditKey, {"id": KEY_ID, "secret": secrets.token_urlsafe(32)})
        row = session.exec(locked).one()
    return row.secret.encode()
