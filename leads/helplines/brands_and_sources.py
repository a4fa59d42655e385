"""Brands and sources, and what a first start needs."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from leads import phone_numbers
from leads.errors import BadConfiguration
from leads.forms import form_reading
from leads.helplines import missed_arrivals
from leads.i18n import languages
from leads.i18n.translatable import Phrase
from leads.models.helplines import (
    FORMLESS_SOURCE_NAMES,
    KINDS_WITHOUT_FORM,
    Brand,
    HelplineOperator,
    Source,
)

DEFAULT_REGION = "US"
SLUG_BYTES = 10
LONGEST_SLUG = 60


@dataclass(frozen=True)
class SourceAddresses:
    """Where a source takes submissions."""

    token: str
    webhook_url: str
    form_url: str


def add_brand(
    session: Session,
    name: str,
    *,
    operator: str = "",
    caller_id: str = "",
    locale: str = "",
    now: datetime,
) -> Brand:
    """Add a brand, or change what is given of the brand with this name."""
    number = phone_numbers.normalize_possible_phone(caller_id) if caller_id else ""
    if number is None:
        msg = Phrase(
            "The caller ID cannot be dialed: enter one of your Twilio numbers in full, "
            "such as +13155550100."
        )
        raise BadConfiguration(msg)
    name = _require_name(name, Phrase("Enter the name of the helpline, as the public knows it."))
    brands = {brand.name: brand for brand in session.exec(select(Brand))}
    brand = brands.get(name)
    if brand is None:
        if twin := _find_same_name(name, brands):
            raise BadConfiguration(
                Phrase("There is already a helpline {name}. Choose another name.", name=twin)
            )
        agreed_to = languages.default_consent_text(
            languages.supported_language(locale) or languages.DEFAULT_LANGUAGE, brand=name
        )
        operator = operator or name
        brand = Brand(name=name, operator=operator, consent_text=agreed_to, created_at=now)
        brand.operator_id = _find_or_add_operator(session, operator, now=now)
    brand.operator = operator or brand.operator
    brand.caller_id = number or brand.caller_id
    brand.locale = locale or brand.locale
    session.add(brand)
    session.flush()
    missed_arrivals.note_new_lines(session, now=now)
    return brand


def join_operators(session: Session, name: str, other: str) -> Brand:
    """Let a helpline be of the operator of another one, whose files it shares from now on.

    Files that are there stay as they are: a supervisor can merge two of one person. Raises
    BadConfiguration where there is no such helpline.
    """
    brands = {brand.name: brand for brand in session.exec(select(Brand))}
    for one in (name, other):
        if one not in brands:
            raise BadConfiguration(Phrase("There is no helpline {name}.", name=one))
    brands[name].operator_id = brands[other].operator_id
    session.add(brands[name])
    return brands[name]


def _find_or_add_operator(session: Session, operator: str, *, now: datetime) -> int:
    """Return the id of the operator with this name, or of a new one."""
    known = dict(session.exec(select(Brand.operator, Brand.operator_id)).all())
    if twin := _find_same_name(" ".join(operator.split()), known):
        return known[twin]
    new = HelplineOperator(created_at=now)
    session.add(new)
    session.flush()
    return new.id


def add_source(
    session: Session,
    name: str,
    *,
    brand_name: str = "",
    kind: str = "generic",
    region: str = "US",
    signing_secrets: tuple[str, ...] = (),
    slug: str = "",
    now: datetime,
) -> Source:
    """Add a source to a brand.

    Where no brand is named it is the only one, or a first one where there is none. Nobody can guess
    the address of its hosted form, unless a `slug` is chosen for it. A source with a secret takes
    no hosted form: who fills that out proves nothing.
    """
    validate_source_kind(kind)
    if not all(secret.strip() for secret in signing_secrets):
        raise BadConfiguration(Phrase("A --secret may not be empty."))
    region = validate_region(region)
    brand = resolve_brand(session, brand_name, now=now)
    name = validate_source_name(session, brand.id, name)
    source = Source(
        brand_id=brand.id,
        name=name,
        slug=validate_slug(session, slug) if slug else make_random_slug(),
        kind=kind,
        region=region,
        token=secrets.token_urlsafe(24),
        secrets=list(signing_secrets),
        takes_hosted_form=not signing_secrets,
        created_at=now,
    )
    session.add(source)
    session.flush()
    return source


def validate_source_name(session: Session, brand_id: int, name: str, *, besides: int = 0) -> str:
    """Return a source's name as it is kept.

    Raises BadConfiguration if it is empty, or the name of another source of the brand.
    """
    name = _require_name(name, Phrase("Enter a name for the source, such as: Our website."))
    others = select(Source.name).where(Source.brand_id == brand_id, Source.id != besides)
    if twin := _find_same_name(name, session.exec(others).all()):
        raise BadConfiguration(
            Phrase("This helpline already has a source {name}. Choose another name.", name=twin)
        )
    return name


def validate_source_kind(kind: str) -> str:
    """Return a source's kind; raises BadConfiguration if no tool has it."""
    if kind not in form_reading.KINDS:
        kinds = ", ".join(form_reading.KINDS)
        raise BadConfiguration(
            Phrase("There is no form tool {kind}. Choose one of: {kinds}.", kind=kind, kinds=kinds)
        )
    return kind


def validate_region(region: str) -> str:
    """Return a country's two letters; raises BadConfiguration if its numbers cannot be dialed."""
    region = region.strip().upper()
    if not phone_numbers.is_supported_region(region):
        raise BadConfiguration(
            Phrase(
                "There is no country {region}. Use a two-letter country code, such as US.",
                region=region,
            )
        )
    return region


def make_random_slug() -> str:
    """Make the last part of a form's address, which nobody can guess: 80 random bits."""
    return secrets.token_hex(SLUG_BYTES)


def validate_slug(session: Session, slug: str, *, besides: int = 0) -> str:
    """Return a chosen last part of a form's address as it is kept: `Our Site` as `our-site`.

    Raises BadConfiguration if nothing is left of it, or if another source has it.
    """
    plain = re.sub(r"[^a-z0-9]+", "-", slug.lower()).strip("-")[:LONGEST_SLUG]
    if not plain:
        raise BadConfiguration(
            Phrase("Use letters and digits in the form's address, such as our-site.")
        )
    taken = select(Source.id).where(Source.slug == plain, Source.id != besides)
    if session.exec(taken).first() is not None:
        raise BadConfiguration(
            Phrase("Another source's form already uses the address {slug}.", slug=plain)
        )
    return plain


def source_addresses(source: Source, *, public_url: str) -> SourceAddresses:
    """Return where the source takes submissions."""
    return build_source_addresses(source.token, source.slug, public_url=public_url)


def build_source_addresses(token: str, slug: str, *, public_url: str) -> SourceAddresses:
    """Return the addresses that belong to a source's token and to its hosted form's name."""
    return SourceAddresses(token, f"{public_url}/hooks/forms/{token}", f"{public_url}/form/{slug}")


def list_source_addresses(
    session: Session, *, public_url: str
) -> list[tuple[str, SourceAddresses]]:
    """Return every source's name and addresses; that of a closed form is empty."""
    listed = []
    forms = select(Source).where(col(Source.kind).not_in(KINDS_WITHOUT_FORM))
    for source in session.exec(forms.order_by(col(Source.id))):
        at = source_addresses(source, public_url=public_url)
        listed.append((source.name, at if source.takes_hosted_form else replace(at, form_url="")))
    return listed


def find_or_add_formless_source(
    session: Session, brand: Brand, kind: str, *, now: datetime
) -> Source:
    """Return a helpline's source of a kind that takes no form: it has one of each, at most."""
    own = select(Source).where(Source.brand_id == brand.id).order_by(col(Source.id))
    if known := session.exec(own.where(Source.kind == kind)).first():
        return known
    session.get_one(Brand, brand.id, with_for_update=True)  # or two at once would add two
    sources = session.exec(own).all()
    if known := next((one for one in sources if one.kind == kind), None):
        return known
    added = Source(
        brand_id=brand.id,
        name=str(FORMLESS_SOURCE_NAMES[kind]),
        slug=make_random_slug(),
        kind=kind,
        region=sources[0].region if sources else DEFAULT_REGION,
        token=secrets.token_urlsafe(24),
        takes_hosted_form=False,
        created_at=now,
    )
    session.add(added)
    session.flush()
    return added


def list_brands(session: Session) -> list[Brand]:
    """Return the brands, oldest first."""
    return list(session.exec(select(Brand).order_by(col(Brand.id))))


def list_brand_names(session: Session) -> list[str]:
    """Return the brands' names in order."""
    return list(session.exec(select(Brand.name).order_by(Brand.name)))


def helpline_names(session: Session) -> dict[int, str]:
    """Return the brands' names by id, oldest first."""
    return dict(session.exec(select(Brand.id, Brand.name).order_by(col(Brand.id))).all())


def list_brands_without_caller_id(session: Session) -> list[str]:
    """Return the brands without a caller ID, for which Twilio could not ring anybody."""
    return list(session.exec(select(Brand.name).where(Brand.caller_id == "").order_by(Brand.name)))


def resolve_brand(session: Session, name: str, *, now: datetime) -> Brand:
    """Return the brand with a name.

    Where none is named it is the only one, or a first one where there is none. Raises
    BadConfiguration if no brand has the name, or if there are several to choose from.
    """
    brands = [brand for brand in list_brands(session) if name in ("", brand.name)]
    if len(brands) == 1:
        return brands[0]
    if name:
        msg = Phrase("There is no helpline {name}.", name=name)
        raise BadConfiguration(msg)
    if brands:
        names = ", ".join(brand.name for brand in brands)
        msg = Phrase("Choose a helpline with --brand: {names}.", names=names)
        raise BadConfiguration(msg)
    return add_brand(session, "Helpline", now=now)


def _require_name(name: str, otherwise: Phrase) -> str:
    """Return a name with single blanks; raises BadConfiguration if nothing is left."""
    if not name.strip():
        raise BadConfiguration(otherwise)
    return " ".join(name.split())


def _find_same_name(name: str, others: Iterable[str]) -> str:
    """Return the one of the other names that is the same but for capital letters, or nothing.

    Two names that differ in capital letters alone are one to whoever reads them.
    """
    return next((other for other in others if other.casefold() == name.casefold()), "")
