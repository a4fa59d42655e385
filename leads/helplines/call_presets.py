"""Call presets: interpreters and third parties whom a helpline's advisors bring into calls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from leads.contact_rules import outside_numbers
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import BadConfiguration
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.enums import OUTSIDERS, Party
from leads.models.helplines import Brand, CallPreset
from leads.people.permissions import Permission, actor_of, require_permission

PRESET_PARTIES = OUTSIDERS
LONGEST_NAME = 60
KEYS = re.compile(r"[0-9*#,]*")
PAUSE = "ww"  # a second
PAUSE_BEFORE_KEYS = 2 * PAUSE
MOST_SENT = 32  # that Twilio presses, with the pauses
MOST_KEYS = MOST_SENT - len(PAUSE_BEFORE_KEYS)


@dataclass(frozen=True)
class HelplinePresets:
    """A helpline, and whom its advisors bring into calls."""

    brand_id: int
    name: str
    presets: tuple[CallPreset, ...]


def list_presets(session: Session, brand_id: int) -> list[CallPreset]:
    """Return a helpline's presets in the order in which they were added, interpreters first."""
    theirs = select(CallPreset).where(CallPreset.brand_id == brand_id)
    found = session.exec(theirs.order_by(col(CallPreset.id)))
    return sorted(found, key=lambda preset: preset.party != Party.INTERPRETER)


def list_helpline_presets(session: Session, supervisor: Advisor) -> Mapping[int, HelplinePresets]:
    """Return each helpline's presets, by the helpline's id. Supervisors only."""
    require_permission(supervisor, Permission.SEE_SOURCES)
    return {
        brand.id: HelplinePresets(brand.id, brand.name, tuple(list_presets(session, brand.id)))
        for brand in session.exec(select(Brand).order_by(col(Brand.id)))
    }


def add_preset(
    session: Session,
    brand_id: int,
    supervisor: Advisor,
    party: Party,
    *,
    name: str,
    number: str,
    language: str = "",
    keys: str = "",
    now: datetime,
) -> CallPreset:
    """Let a helpline's advisors bring somebody into a call by one press.

    `keys`: what is pressed for them once that phone is answered; a comma waits for a second. Raises
    BadConfiguration without a name, for an interpreter without a language, for keys that no phone
    has and for a number that the helpline has already; NotNow for one that must not be rung.
    """
    require_permission(supervisor, Permission.CHANGE_SOURCE, (Brand, brand_id))
    name, language = _short_text(name), _short_text(language)
    _require_whole_preset(party, name, language)
    phone = outside_numbers.read_outside_number(session, number)
    keys = _read_keys(keys)
    session.get_one(Brand, brand_id, with_for_update=True)  # one at a time
    if phone in {preset.phone for preset in list_presets(session, brand_id)}:
        raise BadConfiguration(Phrase("This number is already on the list."))
    preset = CallPreset(
        brand_id=brand_id,
        party=party,
        name=name,
        language=language,
        phone=phone,
        keys=keys,
        created_at=now,
    )
    session.add(preset)
    session.flush()
    _record_preset_change(session, preset, "add_preset", supervisor, now=now)
    return preset


def _require_whole_preset(party: Party, name: str, language: str) -> None:
    if party not in PRESET_PARTIES:
        msg = f"{party} is asked in otherwise"
        raise ValueError(msg)
    if not name:
        raise BadConfiguration(Phrase("Enter the name the advisor will see."))
    if party == Party.INTERPRETER and not language:
        raise BadConfiguration(Phrase("Choose the language they interpret."))


def remove_preset(session: Session, preset_id: int, supervisor: Advisor, *, now: datetime) -> None:
    """Take somebody out of a helpline's presets. Idempotent."""
    require_permission(supervisor, Permission.CHANGE_SOURCE, (CallPreset, preset_id))
    preset = session.get(CallPreset, preset_id)
    if preset is not None:
        _record_preset_change(session, preset, "remove_preset", supervisor, now=now)
        session.delete(preset)
        session.flush()


def _record_preset_change(
    session: Session, preset: CallPreset, event: str, by: Advisor, *, now: datetime
) -> None:
    facts = {"party": preset.party, "brand_id": preset.brand_id}
    record_event(session, preset, event, actor=actor_of(by), now=now, **facts)
    wake_after_commit(session, Wakeup.DESK)


def spell_keys(keys: str) -> str:
    """Return keys as Twilio is to press them once somebody has answered, with the pauses."""
    return PAUSE_BEFORE_KEYS + keys.replace(",", PAUSE)


def _read_keys(text: str) -> str:
    """Return the keys that somebody wrote, without the gaps between them."""
    keys = re.sub(r"[\s.-]", "", text)
    if not KEYS.fullmatch(keys) or len(spell_keys(keys)) > MOST_SENT:
        msg = Phrase(
            "Use digits, * and #, {count} at most. A comma pauses one second and counts as two.",
            count=MOST_KEYS,
        )
        raise BadConfiguration(msg)
    return keys


def _short_text(text: str) -> str:
    return " ".join(text.split())[:LONGEST_NAME]
