"""Verification: whether the audit log is as it was written, and where it first is not."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Session, col, select

from leads.audit import chain
from leads.audit.chain import ChainEnd
from leads.models.audit import AuditEntry, AuditLink


class Fault(StrEnum):
    """What is wrong with the audit log where it is first wrong."""

    CHANGED = "changed"  # an entry is another than was linked, or its link is
    DELETED = "deleted"  # an entry is gone
    LINK_GONE = "link_gone"
    ADDED = "added"  # an old entry that was never linked
    CUT_OFF = "cut_off"  # the end is gone
    NOT_TRIMMED = "not_trimmed"  # that old entries were deleted, says somebody without the key
    NO_KEY = "no_key"


@dataclass(frozen=True)
class Verdict:
    """What verification found: how many entries are in order, and the first that is not.

    `unsealed`: entries of the last seconds that no link has yet.
    """

    entries: int
    unsealed: int
    end: ChainEnd
    fault: Fault | None = None
    position: int = 0
    entry_id: int = 0


def verify_audit_log(session: Session, expected: ChainEnd | None = None) -> Verdict:
    """Go through the whole chain, and say whether every entry is as it was written.

    `expected`: an end of the chain that was noted earlier, which has to be part of it still: nobody
    can tell a shorter log from a younger one otherwise.
    """
    key, trim = chain.read_key(session), chain.find_last_trim(session)
    unsealed, end = chain.count_unsealed(session), chain.trimmed_end(trim)
    if key is None:
        was_linked = session.exec(select(AuditLink.position).limit(1)).first() is not None
        is_short = was_linked or trim is not None or expected is not None
        return Verdict(0, unsealed, ChainEnd(), Fault.NO_KEY if is_short else None)
    if trim and not hmac.compare_digest(trim.proof, chain.proof_of_trim(key, trim)):
        return Verdict(0, unsealed, end, Fault.NOT_TRIMMED, trim.through)
    first = end.position
    is_known = expected is None or expected.position < first or expected == end
    for batch in chain.iterate_links(session, first):
        for link, entry in batch:
            entries = end.position - first
            if fault := _fault_of_link(key, end, link, entry):
                return Verdict(entries, unsealed, end, fault, end.position + 1, link.entry_id)
            end = ChainEnd(link.position, link.digest)
            is_known = is_known or end == expected
    entries = end.position - first
    if not is_known and expected:
        return Verdict(entries, unsealed, end, Fault.CUT_OFF, expected.position)
    added = select(AuditEntry.id).where(chain.is_never_linked()).order_by(col(AuditEntry.id))
    if (entry_id := session.exec(added.limit(1)).first()) is not None:
        return Verdict(entries, unsealed, end, Fault.ADDED, entry_id=entry_id)
    return Verdict(entries, unsealed, end)


def _fault_of_link(
    key: bytes, before: ChainEnd, link: AuditLink, entry: AuditEntry | None
) -> Fault | None:
    """Return what is wrong with the next link of a chain."""
    if link.position != before.position + 1:
        return Fault.LINK_GONE
    if entry is None:
        return Fault.DELETED
    right = chain.next_chain_end(key, before, entry).digest
    return None if hmac.compare_digest(right, link.digest) else Fault.CHANGED
