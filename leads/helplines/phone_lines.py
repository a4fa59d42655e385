"""Phone lines: whose number was called, whether the helpline answers now, and what callers hear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from leads.contact_rules.own_hours import OwnHours
from leads.helplines.brands_and_sources import find_or_add_formless_source
from leads.i18n import languages
from leads.models.helplines import PHONE_LINE, Brand, Source
from leads.models.inbound import HelplineNumber, InboundSettings


@dataclass(frozen=True)
class Dialogue:
    """What a helpline says to a caller: in which languages, and in which words of its own."""

    languages: tuple[str, ...]
    greetings: dict[str, str]
    closed_messages: dict[str, str]
    takes_voicemail: bool
    voicemail_messages: dict[str, str]


def find_called_brand(session: Session, number: str) -> Brand | None:
    """Return the helpline whose number was called: the first one where it is nobody's own."""
    line = select(Brand).join(HelplineNumber, col(HelplineNumber.brand_id) == col(Brand.id))
    own = session.exec(line.where(HelplineNumber.phone == number)).first()
    brands = session.exec(select(Brand).order_by(col(Brand.id))).all()
    named = (brand for brand in brands if number and brand.caller_id == number)
    return own or next(named, None) or next(iter(brands), None)


def read_inbound_settings(session: Session, brand_id: int) -> InboundSettings:
    """Return how a helpline answers its phone, as stored or by default."""
    stored = session.get(InboundSettings, brand_id)
    return stored or InboundSettings(brand_id=brand_id)


def is_phone_answered(settings: InboundSettings, *, now: datetime) -> bool:
    """Whether a helpline answers its phone now, by its hours; without any it always does."""
    hours = OwnHours.from_data(settings.hours)
    if hours is None:
        return True
    local = now.astimezone(ZoneInfo(settings.zone)).replace(tzinfo=None)
    spans = map(hours.span_of_day, (local.date() - timedelta(days=1), local.date()))
    return any(span is not None and span[0] <= local < span[1] for span in spans)


def dialogue_with(settings: InboundSettings, brand: Brand, *, language: str) -> Dialogue:
    """Return what a caller hears: in their language where it is known, else in each of ours."""
    own = languages.supported_language(brand.locale) or languages.DEFAULT_LANGUAGE
    known = languages.supported_language(language)
    each = (own, *(one for one in languages.LANGUAGES if one != own))
    return Dialogue(
        languages=(known,) if known else each,
        greetings=dict(settings.greetings),
        closed_messages=dict(settings.closed_messages),
        takes_voicemail=settings.takes_voicemail,
        voicemail_messages=dict(settings.voicemail_messages),
    )


def find_or_add_phone_source(session: Session, brand: Brand, *, now: datetime) -> Source:
    """Return the source through which a helpline's callers ask; it takes no form."""
    return find_or_add_formless_source(session, brand, PHONE_LINE, now=now)
