"""Kept stops: what an erased person forbade holds for their number, which nobody knows any more.

What is kept of the number is a keyed hash. Once the number is given to us again, the stop is in
force for it as before, and only a supervisor lifts it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from leads.contact_rules import suppression
from leads.database.data_keys import data_keys_of
from leads.i18n.messages import Message, MessageKey
from leads.lifecycle.audit_trail import SystemActor
from leads.models.enums import SuppressedChannel
from leads.models.requests import Consent, Lead, Suppression

PURPOSE = "number of somebody who was erased"


def hash_number(session: Session, number: str) -> int:
    """Return the keyed hash by which a number is kept, by the first key that there was.

    What was hashed cannot be hashed anew: nobody knows the number.
    """
    lookup = data_keys_of(session.get_bind().dialect).lookup
    return lookup.first.hash_word(number, purpose=PURPOSE)


def keep_protections_as_stops(
    session: Session, number: str, lead_ids: Collection[int], *, now: datetime
) -> None:
    """Keep what these leads refused, or called unsafe, as stops of their number.

    The figures do not count them: nobody said stop.
    """
    for channel, key in _find_refusals_to_keep(session, number, lead_ids):
        suppression.suppress_number(
            session,
            number,
            reason=Message(key),
            actor=SystemActor.ERASURE,
            now=now,
            channel=channel,
        )


def keep_stops_by_hash(session: Session, number: str, placeholder: str) -> int:
    """Keep the stops of a number by its hash, with a placeholder in its place.

    Returns how many are in force. The caller sees to it that nobody else has the number.
    """
    stops = session.exec(select(Suppression).where(Suppression.phone == number)).all()
    in_force = [stop for stop in stops if stop.lifted_at is None]
    for stop in stops:
        stop.number_hash = hash_number(session, number) if stop in in_force else None
        stop.phone = placeholder
        session.add(stop)
    session.flush()
    return len(in_force)


def restore_kept_stops(session: Session, numbers: Collection[str]) -> None:
    """Let what was kept by the hash of one of these numbers be in force for it again."""
    by_hash = {hash_number(session, number): number for number in numbers}
    kept = select(Suppression).where(col(Suppression.number_hash).in_(by_hash)).with_for_update()
    for stop in session.exec(kept.order_by(col(Suppression.id))).all() if by_hash else ():
        number = by_hash[stop.number_hash or 0]
        said_again = select(Suppression.id).where(
            Suppression.phone == number,
            Suppression.channel == stop.channel,
            col(Suppression.lifted_at).is_(None),
        )
        stop.number_hash = None
        if session.exec(said_again).first() is None:
            stop.phone = number
        session.add(stop)
        session.flush()


def _find_refusals_to_keep(
    session: Session, number: str, lead_ids: Collection[int]
) -> list[tuple[SuppressedChannel, MessageKey]]:
    refused = select(Consent.id).where(
        Consent.phone == number,
        col(Consent.lead_id).in_(lead_ids),
        col(Consent.granted).is_(False),
        col(Consent.lifted_at).is_(None),
    )
    unsafe = select(Lead.id).where(
        Lead.phone == number, col(Lead.id).in_(lead_ids), col(Lead.safe_to_call).is_(False)
    )
    kept = []
    if session.exec(refused.limit(1)).first() is not None:
        kept.append((SuppressedChannel.ALL, MessageKey.REFUSED_BEFORE_ERASURE))
    if session.exec(unsafe.limit(1)).first() is not None:
        kept.append((SuppressedChannel.CALL, MessageKey.UNSAFE_BEFORE_ERASURE))
    return kept
