"""Destinations: where events are sent, of what, by what right, and with which secrets.

Admins and the operator set them up. Whether an address leads into a private network asks the
network: whoever calls these verbs has asked it before (`leads.public_addresses`).
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from leads.errors import BadConfiguration
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.enums import DestinationStop, EventType
from leads.models.helplines import Brand
from leads.models.outbound import Destination
from leads.outbox.event_orders import EventCounts, begin_feeds_if_unread, count_events
from leads.outbox.legal_basis import LegalBasis, parse_legal_basis
from leads.outbox.outside_readers import find_helpline_ids, parse_choices, parse_reader_name
from leads.people.permissions import Operator, Permission, actor_of, require_permission
from leads.public_addresses import parse_https_url

SECRET_PREFIX, SECRET_BYTES = "whsec_", 32
MOST_DESTINATIONS = 20
MOST_SECRETS = 2  # the new one, and the one that it replaces


@dataclass(frozen=True)
class DestinationDetails:
    """A destination as it is shown: of its address the host alone, of its secrets how many."""

    destination_id: int
    name: str
    host: str
    event_types: tuple[str, ...]
    helplines: tuple[str, ...]
    basis: LegalBasis
    secret_count: int
    stopped_at: datetime | None
    stopped_because: DestinationStop | None
    counts: EventCounts


def add_destination(
    session: Session,
    actor: Advisor | Operator,
    name: str,
    *,
    url: str,
    event_types: Collection[str],
    helplines: Collection[str] = (),
    basis_kind: str,
    basis_name: str,
    now: datetime,
) -> Destination:
    """Add a destination that is told of what happens from now on; its first secret is in the row.

    `helplines`: their names; none are all. Raises BadConfiguration for what cannot be.
    """
    require_permission(actor, Permission.CHANGE_DESTINATION)
    parse_https_url(url)
    basis = parse_legal_basis(basis_kind, basis_name)
    destination = Destination(
        name=_validate_destination_name(session, name),
        url=url,
        event_types=parse_choices(event_types, EventType),
        brand_ids=find_helpline_ids(session, helplines),
        basis_kind=basis.kind,
        basis_name=basis.name,
        secrets=[_make_secret()],
        created_at=now,
        created_by=actor_of(actor),
        since=now,
    )
    begin_feeds_if_unread(session, now=now)
    session.add(destination)
    session.flush()
    record_event(session, destination, "add", actor=actor_of(actor), now=now)
    return destination


def rotate_destination_secret(
    session: Session, actor: Advisor | Operator, destination_id: int, *, now: datetime
) -> str:
    """Give a destination a new secret and return it; the old one signs as well until it is dropped.

    Raises BadConfiguration while another one is being replaced.
    """
    require_permission(actor, Permission.CHANGE_DESTINATION)
    destination = _lock_destination(session, destination_id)
    if len(destination.secrets) >= MOST_SECRETS:
        msg = Phrase("One secret is being replaced already. Remove the old one first.")
        raise BadConfiguration(msg)
    new = _make_secret()
    destination.secrets = [new, *destination.secrets]
    record_event(session, destination, "rotate_secret", actor=actor_of(actor), now=now)
    return new


def drop_old_destination_secret(
    session: Session, actor: Advisor | Operator, destination_id: int, *, now: datetime
) -> None:
    """Sign with the newest secret alone. Idempotent."""
    require_permission(actor, Permission.CHANGE_DESTINATION)
    destination = _lock_destination(session, destination_id)
    destination.secrets = destination.secrets[:1]
    record_event(session, destination, "drop_secret", actor=actor_of(actor), now=now)


def stop_destination(
    session: Session, actor: Advisor | Operator, destination_id: int, *, now: datetime
) -> None:
    """Send nothing to a destination any more; what happens meanwhile it is never told. Idempotent.

    Orders that wait are given up when their time comes.
    """
    require_permission(actor, Permission.CHANGE_DESTINATION)
    destination = _lock_destination(session, destination_id)
    if destination.stopped_at is None:
        destination.stopped_at = now
        destination.stopped_because = DestinationStop.BY_HAND
        record_event(session, destination, "stop", actor=actor_of(actor), now=now)


def resume_destination(
    session: Session, actor: Advisor | Operator, destination_id: int, *, now: datetime
) -> None:
    """Send a destination what happens from now on. Idempotent."""
    require_permission(actor, Permission.CHANGE_DESTINATION)
    destination = _lock_destination(session, destination_id)
    if destination.stopped_at is not None:
        begin_feeds_if_unread(session, now=now)
        destination.stopped_at = destination.stopped_because = None
        destination.since = now
        record_event(session, destination, "resume", actor=actor_of(actor), now=now)


def list_destinations(
    session: Session, viewer: Advisor | Operator, *, now: datetime
) -> list[DestinationDetails]:
    """Return all destinations in the order in which they were added."""
    require_permission(viewer, Permission.SEE_DESTINATIONS)
    names = dict(session.exec(select(Brand.id, Brand.name)).all())
    counts = count_events(session, now=now)
    return [
        DestinationDetails(
            destination_id=one.id,
            name=one.name,
            host=parse_https_url(one.url).authority,
            event_types=tuple(one.event_types),
            helplines=tuple(names[n] for n in one.brand_ids if n in names),
            basis=LegalBasis(one.basis_kind, one.basis_name),
            secret_count=len(one.secrets),
            stopped_at=one.stopped_at,
            stopped_because=one.stopped_because,
            counts=counts.get(one.id, EventCounts()),
        )
        for one in session.exec(select(Destination).order_by(col(Destination.id)))
    ]


def find_destination_id(session: Session, name: str) -> int:
    """Return the id of the destination with a name; raises BadConfiguration where there is none."""
    found = session.exec(select(Destination.id).where(Destination.name == name.strip())).first()
    if found is None:
        raise BadConfiguration(Phrase("There is no destination {name}.", name=name))
    return found


def _lock_destination(session: Session, destination_id: int) -> Destination:
    return session.get_one(Destination, destination_id, with_for_update=True)


def _validate_destination_name(session: Session, name: str) -> str:
    name = parse_reader_name(name)
    names: Sequence[str] = session.exec(select(Destination.name)).all()
    if name in names:
        raise BadConfiguration(Phrase("There is already a destination {name}.", name=name))
    if len(names) >= MOST_DESTINATIONS:
        msg = Phrase("There are already {count} destinations.", count=MOST_DESTINATIONS)
        raise BadConfiguration(msg)
    return name


def _make_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
