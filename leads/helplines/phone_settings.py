"""Phone settings: a helpline's numbers, its hours on the phone, and what callers hear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from sqlmodel import Session, col, select

from leads import phone_numbers
from leads.contact_rules.own_hours import DAYS, OwnHours
from leads.errors import BadConfiguration
from leads.helplines import missed_arrivals
from leads.helplines.phone_lines import read_inbound_settings
from leads.i18n import languages
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.enums import OutsideHoursChoice
from leads.models.helplines import Brand
from leads.models.inbound import HelplineNumber
from leads.people.permissions import Permission, actor_of, require_permission

LONGEST_WAITS = range(1, 61)  # minutes
LONGEST_WORDS = 400  # characters: whoever waits wants a person


@dataclass(frozen=True)
class LineNumber:
    """One number of a helpline, and whether its calls come to us, as far as we know."""

    number: str
    is_caller_id: bool
    points_to_us: bool | None
    checked_at: datetime | None
    is_pointing_asked: bool
    problem: str


@dataclass(frozen=True)
class PhoneSettings:
    """How a helpline answers its phone, as the set-up page shows it."""

    brand_id: int
    brand: str
    numbers: tuple[LineNumber, ...]
    greetings: Mapping[str, str]
    closed_messages: Mapping[str, str]
    hours: OwnHours | None
    zone: str
    outside_hours: OutsideHoursChoice
    longest_wait: int
    takes_voicemail: bool
    voicemail_messages: Mapping[str, str]


def list_phone_settings(session: Session, supervisor: Advisor) -> list[PhoneSettings]:
    """Return how each helpline answers its phone. Supervisors only."""
    require_permission(supervisor, Permission.SEE_SOURCES)
    brands = session.exec(select(Brand).order_by(col(Brand.id)))
    return [_settings_of(session, brand) for brand in brands]


def change_phone_settings(
    session: Session,
    brand_id: int,
    supervisor: Advisor,
    *,
    greetings: Mapping[str, str],
    closed_messages: Mapping[str, str],
    hours: OwnHours | None,
    zone: str,
    outside_hours: OutsideHoursChoice,
    longest_wait: int,
    takes_voicemail: bool,
    voicemail_messages: Mapping[str, str],
    now: datetime,
) -> None:
    """Set how a helpline answers its phone; empty words are ours.

    Raises BadConfiguration for hours, a zone or a wait that cannot be, and for words too long.
    """
    require_permission(supervisor, Permission.CHANGE_SOURCE, (Brand, brand_id))
    words = [*greetings.values(), *closed_messages.values(), *voicemail_messages.values()]
    _validate_settings(hours, zone, longest_wait, words)
    settings = read_inbound_settings(session, brand_id)
    settings.greetings, settings.closed_messages = (
        _words_of_helpline(greetings),
        _words_of_helpline(closed_messages),
    )
    settings.hours, settings.zone = hours.as_data() if hours else None, zone
    settings.outside_hours, settings.longest_wait = outside_hours, longest_wait
    settings.takes_voicemail = takes_voicemail
    settings.voicemail_messages = _words_of_helpline(voicemail_messages)
    session.add(settings)
    brand = session.get_one(Brand, brand_id)
    record_event(session, brand, "change_phone", actor=actor_of(supervisor), now=now)


def add_number(
    session: Session, brand_id: int, number: str, supervisor: Advisor, *, now: datetime
) -> None:
    """Add a further number at which a helpline is called.

    Raises BadConfiguration for what is no number, or is a number of ours already.
    """
    require_permission(supervisor, Permission.CHANGE_SOURCE, (Brand, brand_id))
    phone = phone_numbers.normalize_possible_phone(number)
    if phone is None:
        raise BadConfiguration(Phrase("This is not a phone number."))
    taken = select(HelplineNumber.id).where(HelplineNumber.phone == phone)
    caller_ids = select(Brand.id).where(Brand.caller_id == phone)
    if session.exec(taken).first() or session.exec(caller_ids).first():
        raise BadConfiguration(Phrase("A helpline already has this number."))
    session.add(HelplineNumber(brand_id=brand_id, phone=phone))
    session.flush()
    missed_arrivals.note_new_lines(session, now=now)
    brand = session.get_one(Brand, brand_id)
    record_event(session, brand, "add_number", actor=actor_of(supervisor), now=now)


def remove_number(
    session: Session, brand_id: int, number: str, supervisor: Advisor, *, now: datetime
) -> None:
    """Take a further number from a helpline; at Twilio it stays as it is. Idempotent."""
    require_permission(supervisor, Permission.CHANGE_SOURCE, (Brand, brand_id))
    line = _find_number(session, number)
    if line is not None and line.brand_id == brand_id:
        session.delete(line)
        brand = session.get_one(Brand, brand_id)
        record_event(session, brand, "remove_number", actor=actor_of(supervisor), now=now)


def ask_to_point(
    session: Session, brand_id: int, number: str, supervisor: Advisor, *, now: datetime
) -> None:
    """Ask that calls and texts to a number come to us; the process that rings people sets it."""
    require_permission(supervisor, Permission.CHANGE_SOURCE, (Brand, brand_id))
    line = _find_number(session, number) or HelplineNumber(brand_id=brand_id, phone=number)
    line.pointing_asked_at, line.problem = now, ""
    session.add(line)
    brand = session.get_one(Brand, brand_id)
    record_event(session, brand, "point_number", actor=actor_of(supervisor), now=now)


def list_numbers_to_check(
    session: Session, *, checked_before: datetime
) -> tuple[list[HelplineNumber], list[str]]:
    """Return the numbers that somebody wants set, and all that were not looked at of late.

    A caller ID that nobody has looked at has no row yet: only its number is known.
    """
    lines = session.exec(select(HelplineNumber).order_by(col(HelplineNumber.id))).all()
    asked = [line for line in lines if line.pointing_asked_at is not None]
    known = {line.phone for line in lines}
    caller_ids = session.exec(select(Brand.caller_id).where(Brand.caller_id != "")).all()
    stale = [
        line.phone for line in lines if line.checked_at is None or line.checked_at < checked_before
    ]
    return asked, [*stale, *sorted(set(caller_ids) - known)]


def record_number_check(
    session: Session,
    number: str,
    *,
    points_to_us: bool | None,
    problem: str = "",
    now: datetime,
) -> None:
    """Record whether calls to a number come to us, as the network says it. Settles what was asked.

    None where the account does not have the number.
    """
    line = _find_number(session, number)
    if line is None:
        brand = session.exec(select(Brand).where(Brand.caller_id == number)).first()
        if brand is None:
            return
        line = HelplineNumber(brand_id=brand.id, phone=number)
    line.points_to_us, line.checked_at, line.problem = points_to_us, now, problem
    line.pointing_asked_at = None
    session.add(line)
    session.flush()
    missed_arrivals.note_new_lines(session, now=now)


def _settings_of(session: Session, brand: Brand) -> PhoneSettings:
    settings = read_inbound_settings(session, brand.id)
    lines = session.exec(
        select(HelplineNumber)
        .where(HelplineNumber.brand_id == brand.id)
        .order_by(col(HelplineNumber.id))
    ).all()
    return PhoneSettings(
        brand_id=brand.id,
        brand=brand.name,
        numbers=tuple(_numbers_of(brand, lines)),
        greetings=dict(settings.greetings),
        closed_messages=dict(settings.closed_messages),
        hours=OwnHours.from_data(settings.hours),
        zone=settings.zone,
        outside_hours=settings.outside_hours,
        longest_wait=settings.longest_wait,
        takes_voicemail=settings.takes_voicemail,
        voicemail_messages=dict(settings.voicemail_messages),
    )


def _numbers_of(brand: Brand, lines: Sequence[HelplineNumber]) -> list[LineNumber]:
    """Return a helpline's numbers, its caller ID first, whether or not it was looked at."""
    known = {line.phone: line for line in lines}
    numbers = [brand.caller_id] if brand.caller_id else []
    numbers += [number for number in known if number != brand.caller_id]
    return [_line_number(number, known.get(number), brand.caller_id) for number in numbers]


def _line_number(number: str, line: HelplineNumber | None, caller_id: str) -> LineNumber:
    return LineNumber(
        number=number,
        is_caller_id=number == caller_id,
        points_to_us=line.points_to_us if line else None,
        checked_at=line.checked_at if line else None,
        is_pointing_asked=bool(line and line.pointing_asked_at),
        problem=line.problem if line else "",
    )


def _find_number(session: Session, number: str) -> HelplineNumber | None:
    line = select(HelplineNumber).where(HelplineNumber.phone == number)
    return session.exec(line.with_for_update()).first()


def _words_of_helpline(words: Mapping[str, str]) -> dict[str, str]:
    return {
        language: said.strip()
        for language, said in words.items()
        if language in languages.LANGUAGES and said.strip()
    }


def _validate_settings(
    hours: OwnHours | None, zone: str, longest_wait: int, words: Sequence[str]
) -> None:
    if zone not in available_timezones():
        raise BadConfiguration(Phrase("There is no time zone {zone}.", zone=zone))
    if longest_wait not in LONGEST_WAITS:
        raise BadConfiguration(
            Phrase("Set a wait of 1 to {most} minutes.", most=max(LONGEST_WAITS))
        )
    if any(len(one) > LONGEST_WORDS for one in words):
        raise BadConfiguration(
            Phrase(
                "Keep it under {most} characters: callers are waiting to talk with a person.",
                most=LONGEST_WORDS,
            )
        )
    windows = [window for window in hours.windows if window] if hours else []
    if hours and (len(hours.windows) != DAYS or not windows):
        raise BadConfiguration(Phrase("Choose at least one day for answering calls."))
