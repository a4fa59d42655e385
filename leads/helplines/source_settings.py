"""Source settings: a source's secrets, mapping, pause and entrances."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from leads.contact_rules.number_policy import NumberPolicy
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import BadConfiguration
from leads.helplines import brands_and_sources, called_numbers
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.helplines import KINDS_WITHOUT_FORM, Brand, Source
from leads.people.permissions import Permission, actor_of, require_permission, require_served
from leads.person_facts import MAPPING_LABELS

MOST_SECRETS = 4  # two while one replaces the other, and as many by mistake
MAPPABLE_FIELDS = (*MAPPING_LABELS, "id")
"""The fields of ours that a field of a form can be mapped to."""


@dataclass(frozen=True)
class SourceDetails:
    """A source as its set-up page shows it.

    A secret is known by its place in the list; only its end is shown.
    """

    source_id: int
    name: str
    brand: str
    kind: str
    region: str
    token: str
    slug: str
    secrets: tuple[str, ...]
    mapping: dict[str, str]
    paused_at: datetime | None
    brand_id: int
    takes_hosted_form: bool
    new_numbers_per_hour: int
    number_policy: NumberPolicy


@dataclass(frozen=True)
class Entrance:
    """One way in to a source, what proof it asks for, and whether it is open."""

    name: Phrase
    proof: Phrase
    is_open: bool = True


def list_source_details(session: Session, supervisor: Advisor) -> list[SourceDetails]:
    """Return every source in the order in which they were added. Supervisors only.

    A source's address is its credential.
    """
    require_permission(supervisor, Permission.SEE_SOURCES)
    sources = (
        select(Source, Brand)
        .join(Brand, col(Brand.id) == col(Source.brand_id))
        .where(col(Source.kind).not_in(KINDS_WITHOUT_FORM))
        .order_by(col(Source.id))
    )
    return [
        SourceDetails(
            source_id=source.id,
            name=source.name,
            brand=brand.name,
            kind=source.kind,
            region=source.region,
            token=source.token,
            slug=source.slug,
            secrets=tuple(
                f"…{secret[-4:]}" if len(secret) > 2 * 4 else "…" for secret in source.secrets
            ),
            mapping=dict(source.mapping),
            paused_at=source.paused_at,
            brand_id=source.brand_id,
            takes_hosted_form=source.takes_hosted_form,
            new_numbers_per_hour=source.new_numbers_per_hour,
            number_policy=NumberPolicy.of_helpline(
                brand.called_countries, brand.called_kinds, source_region=source.region
            ),
        )
        for source, brand in session.exec(sources)
    ]


def add_source_as_supervisor(
    session: Session, supervisor: Advisor, name: str, *, now: datetime, **options: Any
) -> Source:
    """Add a source; the options are those of `brands_and_sources.add_source`. Supervisors only."""
    require_permission(supervisor, Permission.ADD_SOURCE)
    source = brands_and_sources.add_source(session, name, now=now, **options)
    require_served(supervisor, source)
    wake_after_commit(session, Wakeup.DESK)
    return source


def rename_source(
    session: Session, source: Source, name: str, supervisor: Advisor, *, now: datetime
) -> None:
    """Rename a source; its addresses stay as they are.

    Raises BadConfiguration for the name of another source of the brand.
    """
    require_permission(supervisor, Permission.CHANGE_SOURCE, source)
    name = brands_and_sources.validate_source_name(
        session, source.brand_id, name, besides=source.id
    )
    _change_source(session, source, "rename", supervisor, now=now, name=name)


def change_source_region(
    session: Session, source: Source, region: str, supervisor: Advisor, *, now: datetime
) -> None:
    """Set the country whose numbers a source's forms mean where they state none, from now on."""
    require_permission(supervisor, Permission.CHANGE_SOURCE, source)
    _change_source(
        session,
        source,
        "change_region",
        supervisor,
        now=now,
        region=brands_and_sources.validate_region(region),
    )


def add_source_secret(
    session: Session, source: Source, secret: str, supervisor: Advisor, *, now: datetime
) -> None:
    """Accept one more secret of a source.

    While a secret is replaced at the form tool, the old one and the new one are good. With its
    first secret a source closes its hosted form, which would let in whoever proves nothing.
    """
    require_permission(supervisor, Permission.CHANGE_SOURCE, source)
    secret = secret.strip()
    if not secret:
        raise BadConfiguration(Phrase("The secret is empty. Paste it as the form tool shows it."))
    if len(source.secrets) >= MOST_SECRETS:
        raise BadConfiguration(
            Phrase(
                "There are already {count} secrets. Remove one the form tool no longer uses.",
                count=MOST_SECRETS,
            )
        )
    stays_open = source.takes_hosted_form and bool(source.secrets)
    _change_source(
        session,
        source,
        "add_secret",
        supervisor,
        now=now,
        secrets=[*source.secrets, secret],
        takes_hosted_form=stays_open,
    )


def remove_source_secret(
    session: Session, source: Source, place: int, supervisor: Advisor, *, now: datetime
) -> None:
    """Refuse from now on what is signed with the secret at this place, counted from 0.

    The last secret cannot be removed: without any, whoever knows the address could send.
    """
    require_permission(supervisor, Permission.CHANGE_SOURCE, source)
    if len(source.secrets) == 1:
        raise BadConfiguration(
            Phrase(
                "This is its only secret: add the new one first, or anyone with the "
                "address could send requests."
            )
        )
    remaining = [secret for at, secret in enumerate(source.secrets) if at != place]
    _change_source(session, source, "drop_secret", supervisor, now=now, secrets=remaining)


def renew_webhook_address(
    session: Session, source: Source, supervisor: Advisor, *, now: datetime
) -> None:
    """Give a source a new webhook address.

    The old one, which somebody may have learned, is closed at once.
    """
    require_permission(supervisor, Permission.CHANGE_SOURCE, source)
    _change_source(
        session, source, "renew_address", supervisor, now=now, token=secrets.token_urlsafe(24)
    )


def pause_source(session: Session, source: Source, supervisor: Advisor, *, now: datetime) -> None:
    """Pause a source: what it sends is kept for a person, and nobody is rung for it by rule."""
    require_permission(supervisor, Permission.CHANGE_SOURCE, source)
    _change_source(session, source, "pause", supervisor, now=now, paused_at=now)


def resume_source(session: Session, source: Source, supervisor: Advisor, *, now: datetime) -> None:
    """End a source's pause: leads are rung again for what it sends from now on.

    What came meanwhile is under review, or is read again with `python -m leads readmit`.
    """
    require_permission(supervisor, Permission.CHANGE_SOURCE, source)
    _change_source(session, source, "resume", supervisor, now=now, paused_at=None)


def map_form_field(
    session: Session, source: Source, ours: str, theirs: str, supervisor: Advisor, *, now: datetime
) -> None:
    """Map a field of this source's form to `ours`, a field of ours.

    An empty field leaves `ours` to the rules again.
    """
    require_permission(supervisor, Permission.CHANGE_SOURCE, source)
    if ours not in MAPPABLE_FIELDS:
        raise BadConfiguration(Phrase("Choose one of: {names}.", names=", ".join(MAPPABLE_FIELDS)))
    mapping = {
        name: field for name, field in source.mapping.items() if name != ours and field != theirs
    }
    _change_source(
        session,
        source,
        "map",
        supervisor,
        now=now,
        mapping=mapping | ({ours: theirs} if theirs else {}),
    )


def change_source_kind(
    session: Session, source: Source, kind: str, supervisor: Advisor, *, now: datetime
) -> None:
    """Set the tool that a source's form is made with; `kind` is one of `vendor_kinds()`."""
    require_permission(supervisor, Permission.CHANGE_SOURCE, source)
    kind = brands_and_sources.validate_source_kind(kind)
    _change_source(session, source, "change_kind", supervisor, now=now, kind=kind)


def switch_hosted_form(
    session: Session,
    source: Source,
    supervisor: Advisor,
    *,
    is_open: bool,
    now: datetime,
) -> None:
    """Open or close a source's hosted form, through which anybody can send without a proof."""
    event = "open_hosted_form" if is_open else "close_hosted_form"
    _change_source(session, source, event, supervisor, now=now, takes_hosted_form=is_open)


def change_form_address(
    session: Session, source: Source, supervisor: Advisor, *, slug: str = "", now: datetime
) -> None:
    """Give a source's hosted form a new address; the old one is closed at once.

    Nobody can guess it, unless a `slug` is chosen for it.
    """
    require_permission(supervisor, Permission.CHANGE_SOURCE, source)
    chosen = (
        brands_and_sources.validate_slug(session, slug, besides=source.id)
        if slug.strip()
        else brands_and_sources.make_random_slug()
    )
    _change_source(session, source, "change_form_address", supervisor, now=now, slug=chosen)


def set_new_number_budget(
    session: Session, source: Source, per_hour: int, supervisor: Advisor, *, now: datetime
) -> None:
    """Set how many new numbers of a source are promised a call by rule within an hour."""
    require_permission(supervisor, Permission.CHANGE_SOURCE, source)
    budget = called_numbers.validate_budget(per_hour)
    _change_source(session, source, "set_budget", supervisor, now=now, new_numbers_per_hour=budget)


def list_entrances(source: SourceDetails) -> list[Entrance]:
    """Return every way in of a source, and what whoever comes that way has to prove."""
    by_secret = Phrase("Its signature or secret. Anything else is kept for review.")
    by_address = Phrase("None: anyone with the address can send requests.")
    return [
        Entrance(Phrase("Webhook (POST, PUT, PATCH)"), by_secret if source.secrets else by_address),
        Entrance(
            Phrase("Answers in the web address (GET)"),
            Phrase("None: always held for review."),
        ),
        Entrance(
            Phrase("Hosted form"),
            Phrase("Sent from our own page. Anything else is held for review."),
            is_open=source.takes_hosted_form,
        ),
    ]


def _change_source(
    session: Session,
    source: Source,
    event: str,
    supervisor: Advisor,
    *,
    now: datetime,
    **values: Any,
) -> None:
    """Write new values of a source and record who did; secrets stay out of the audit trail."""
    require_permission(supervisor, Permission.CHANGE_SOURCE, source)
    for name, value in values.items():
        setattr(source, name, value)
    session.add(source)
    recorded_values = {
        name: value
        for name, value in values.items()
        if name in ("mapping", "kind", "name", "region", "new_numbers_per_hour")
    }
    record_event(session, source, event, actor=actor_of(supervisor), now=now, **recorded_values)
    wake_after_commit(session, Wakeup.DESK)
