"""Text templates: what a helpline says by text, in both languages, and what no text may say.

A helpline without words of its own says the default ones. Words that a helpline took away are not
sent, and are offered to nobody.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from leads.contact_rules import own_numbers
from leads.database.bulk_rows import insert_if_absent
from leads.errors import BadConfiguration
from leads.free_text.telling import find_telling_word
from leads.i18n import languages
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.messaging.text_parts import count_parts
from leads.models.advisors import Advisor
from leads.models.enums import TextTemplateKey
from leads.models.helplines import Brand, TextTemplate
from leads.models.requests import Lead
from leads.people.permissions import Permission, actor_of, require_permission
from leads.phone_numbers import format_phone

DEFAULTS = Path(__file__).parent / "default_texts.toml"
NUMBER = "{number}"
MOST_PARTS = 3
LONGEST_SENDER = 30
QUICK_ANSWERS = (
    TextTemplateKey.CALL_SOON,
    TextTemplateKey.TRIED_TO_CALL,
    TextTemplateKey.WHEN_TO_CALL,
    TextTemplateKey.CALL_US,
    TextTemplateKey.THANKS,
)
"""What an advisor may choose to say."""
TEMPLATE_KEYS = tuple(key for key in TextTemplateKey if key is not TextTemplateKey.FREE_WORDS)


@dataclass(frozen=True)
class HelplineTexts:
    """What one helpline says by text: its words by language and key, defaults among them."""

    brand_id: int
    brand: str
    sender: str
    words: Mapping[str, Mapping[TextTemplateKey, str]]


def render_text(session: Session, brand: Brand, lead: Lead, key: TextTemplateKey) -> str:
    """Return what a helpline texts a lead in their language; empty where it says nothing."""
    words = _words_of_brand(session, brand.id)[language_of_texts(lead, brand)][key]
    return compose_text(brand, words) if words else ""


def compose_text(brand: Brand, words: str) -> str:
    """Return words as they are sent: the sender's name before them, the helpline's number in."""
    number = format_phone(own_numbers.caller_id_of(brand.caller_id))
    said = words.strip().replace(NUMBER, number)
    return f"{brand.text_sender}: {said}" if brand.text_sender else said


def language_of_texts(lead: Lead, brand: Brand) -> str:
    """Return the language in which a lead is texted."""
    asked = languages.supported_language(lead.language)
    return asked or languages.supported_language(brand.locale) or languages.DEFAULT_LANGUAGE


def list_helpline_texts(session: Session, supervisor: Advisor) -> list[HelplineTexts]:
    """Return what each helpline says by text. Supervisors only."""
    require_permission(supervisor, Permission.SEE_SOURCES)
    return [
        HelplineTexts(brand.id, brand.name, brand.text_sender, _words_of_brand(session, brand.id))
        for brand in session.exec(select(Brand).order_by(col(Brand.id)))
    ]


def change_helpline_texts(
    session: Session,
    brand_id: int,
    supervisor: Advisor,
    *,
    sender: str,
    words: Mapping[str, Mapping[TextTemplateKey, str]],
    now: datetime,
) -> None:
    """Set what a helpline says by text, by language and key; without words it is not sent.

    Raises BadConfiguration for words that tell what somebody asked for, or that are too long.
    """
    require_permission(supervisor, Permission.CHANGE_SOURCE, (Brand, brand_id))
    brand = session.get_one(Brand, brand_id, with_for_update=True)
    brand.text_sender = _validate_sender(sender)
    session.add(brand)
    before = _words_of_brand(session, brand_id)
    for language, by_key in words.items():
        for key, said in by_key.items():
            if said.strip() != before[language][key]:
                validate_words(compose_text(brand, said))
                _store_words(session, brand_id, language, key, said.strip())
    record_event(session, brand, "change_texts", actor=actor_of(supervisor), now=now)


def validate_words(body: str) -> None:
    """Raise BadConfiguration for a text that is too long, or tells what somebody asked for."""
    if count_parts(body) > MOST_PARTS:
        raise BadConfiguration(
            Phrase("A text can have up to {most} parts: make it shorter.", most=MOST_PARTS)
        )
    if telling := find_telling_word(body):
        raise BadConfiguration(
            Phrase(
                "Someone else may read a text: leave out “{word}” and anything that "
                "reveals what they asked for.",
                word=telling,
            )
        )


def _validate_sender(sender: str) -> str:
    sender = " ".join(sender.split()).rstrip(":")
    if len(sender) > LONGEST_SENDER:
        raise BadConfiguration(
            Phrase("The name can have up to {most} characters.", most=LONGEST_SENDER)
        )
    validate_words(sender)
    return sender


def _store_words(
    session: Session, brand_id: int, language: str, key: TextTemplateKey, words: str
) -> None:
    own = {"brand_id": brand_id, "language": language, "key": key, "words": words}
    if not insert_if_absent(session, TextTemplate, own):
        stored = select(TextTemplate).where(
            TextTemplate.brand_id == brand_id,
            TextTemplate.language == language,
            TextTemplate.key == key,
        )
        row = session.exec(stored).one()
        row.words = words
        session.add(row)


def _words_of_brand(session: Session, brand_id: int) -> dict[str, dict[TextTemplateKey, str]]:
    """Return every text of a helpline, by language and key."""
    words: dict[str, dict[TextTemplateKey, str]] = {
        language: {key: str(_default_templates()[language][key]) for key in TEMPLATE_KEYS}
        for language in languages.LANGUAGES
    }
    for own in session.exec(select(TextTemplate).where(TextTemplate.brand_id == brand_id)):
        if own.language in words and own.key in words[own.language]:
            words[own.language][own.key] = own.words
    return words


@functools.cache
def _default_templates() -> dict[str, Any]:
    return tomllib.loads(DEFAULTS.read_text("utf-8"))
