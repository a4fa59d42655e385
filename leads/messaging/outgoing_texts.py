"""Outgoing texts: what we text a lead, by whose wish, and when we may.

The gate is asked when a text is ordered and again when it is handed over (`text_delivery`), and
both answers are recorded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads.callbacks import holds
from leads.contact_rules import gate, own_numbers, text_safety
from leads.contact_rules.contact_history import MOST_CALLS, cap_window_start
from leads.contact_rules.gate import GateMoment
from leads.contact_rules.gate_rules import ContactChannel
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import BadConfiguration, NotNow
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_trail import record_event
from leads.messaging import text_templates
from leads.messaging.text_parts import count_parts
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import (
    CLAIMED_CALLBACK,
    HoldReason,
    TextFault,
    TextTemplateKey,
)
from leads.models.helplines import Brand, Source
from leads.models.requests import Lead, OutgoingText
from leads.outbox import text_orders
from leads.people.permissions import Permission, actor_of, require_permission

TEXT_ORDERED_EVENT = "text_ordered"  # a move that changes no state
SYSTEM = "system"
DOUBLE_CLICK = timedelta(minutes=1)
ONE_ANSWER_IN = timedelta(hours=24)
SHORTEST_NAME, SHORTEST_NUMBER = 3, 7  # of a person's, in letters and in digits
HELD_AGAINST_TEXTS = (HoldReason.HARM_DECIDE, HoldReason.WRONG_PERSON)
NEVER_ARRIVES = (TextFault.LANDLINE, TextFault.NO_SUCH_NUMBER)


@dataclass(frozen=True)
class TextWords:
    """What a text says, and what it is for."""

    template: TextTemplateKey
    body: str


def send_quick_answer(
    session: Session, callback: Callback, key: TextTemplateKey, advisor: Advisor, *, now: datetime
) -> OutgoingText:
    """Text a lead one of their helpline's quick answers, in their language.

    The advisor who has them in hand, and supervisors. Raises NotNow or Suppressed where the gate
    refuses.
    """
    is_theirs = callback.advisor_id == advisor.id and callback.state in CLAIMED_CALLBACK
    require_permission(
        advisor, Permission.TAKE_CALLBACKS if is_theirs else Permission.SEND_TEXT, callback
    )
    lead, brand = _lead_and_brand(session, callback)
    body = text_templates.render_text(session, brand, lead, key)
    if key not in text_templates.QUICK_ANSWERS or not body:
        raise BadConfiguration(Phrase("This helpline does not send that text."))
    return _order_or_refuse(session, callback, TextWords(key, body), actor_of(advisor), now=now)


def send_free_words(
    session: Session, callback: Callback, words: str, supervisor: Advisor, *, now: datetime
) -> OutgoingText:
    """Text a lead a supervisor's own words, which name neither the person nor what they asked for.

    Raises BadConfiguration for words that do, and NotNow or Suppressed where the gate refuses.
    """
    require_permission(supervisor, Permission.WRITE_TEXT, callback)
    lead, brand = _lead_and_brand(session, callback)
    if not words.strip():
        raise BadConfiguration(Phrase("Write a message first."))
    _refuse_personal_words(words, lead)
    body = text_templates.compose_text(brand, words)
    text_templates.validate_words(body)
    key = TextTemplateKey.FREE_WORDS
    return _order_or_refuse(session, callback, TextWords(key, body), actor_of(supervisor), now=now)


def send_by_rule(
    session: Session, callback: Callback, key: TextTemplateKey, *, now: datetime
) -> bool:
    """Text a lead by itself, where the gate allows it; once a day for each kind of text.

    Nothing goes out where a person has to look at the callback first, and the last contact that the
    cap allows in a day is left to a person, who may want to call.
    """
    lead, brand = _lead_and_brand(session, callback)
    body = text_templates.render_text(session, brand, lead, key)
    if not body or callback.is_held or _was_texted_lately(session, lead.phone, key, now=now):
        return False
    contacts = text_safety.count_contacts_since(session, lead.phone, cap_window_start(now))
    if contacts >= MOST_CALLS - 1 or find_text_obstacle(session, callback, lead, brand):
        return False
    text = order_text(
        session, callback, TextWords(key, body), SYSTEM, GateMoment.SCHEDULING, now=now
    )
    return isinstance(text, OutgoingText)


def stand_in_for_promise(session: Session, lead: Lead, brand_id: int, *, now: datetime) -> Callback:
    """Return a callback that is not stored, for texts to somebody who was promised no call.

    The hours and the number policy of the helpline count as they do for its callbacks.
    """
    sources = select(Source.id).where(Source.brand_id == brand_id).order_by(col(Source.id))
    return Callback(
        lead_id=lead.id,
        brand_id=brand_id,
        source_id=session.exec(sources.limit(1)).one(),
        received_at=now,
        promised_at=now,
        due_at=now,
    )


def callback_of_text(session: Session, text: OutgoingText, *, now: datetime) -> Callback:
    """Return the callback that a text is about, or what stands for it."""
    if text.callback_id is not None:
        return session.get_one(Callback, text.callback_id)
    lead = session.get_one(Lead, text.lead_id)
    return stand_in_for_promise(session, lead, text.brand_id, now=now)


def may_text_now(session: Session, callback: Callback, *, now: datetime) -> Phrase | None:
    """Return why a lead may not be texted now, None where they may. Nothing is recorded."""
    lead, brand = _lead_and_brand(session, callback)
    if obstacle := find_text_obstacle(session, callback, lead, brand):
        return obstacle
    decision = gate.may_contact(
        session, lead.phone, ContactChannel.TEXT, lead=lead, callback=callback, now=now
    )
    return None if decision.allowed else decision.sentence


def _order_or_refuse(
    session: Session,
    callback: Callback,
    words: TextWords,
    actor: str,
    *,
    now: datetime,
) -> OutgoingText:
    if obstacle := find_text_obstacle(session, callback, *_lead_and_brand(session, callback)):
        raise NotNow(obstacle)
    if _was_just_sent(session, callback, words, now=now):
        raise NotNow(Phrase("The same text was sent a moment ago."))
    text = order_text(session, callback, words, actor, GateMoment.CLICK, now=now)
    if isinstance(text, gate.Decision):
        raise gate.refusal_error(text)
    return text


def order_text(
    session: Session,
    callback: Callback,
    words: TextWords,
    actor: str,
    moment: GateMoment,
    *,
    now: datetime,
    retry_of_id: int | None = None,
    after: timedelta = timedelta(),
) -> OutgoingText | gate.Decision:
    """Ask the gate, record its answer, and order a text; returns the refusal where it refuses."""
    lead = session.get_one(Lead, callback.lead_id)
    decision = gate.decide_and_record(
        session, callback, lead, moment, now=now, channel=ContactChannel.TEXT
    )
    if not decision.allowed:
        return decision
    text = OutgoingText(
        lead_id=lead.id,
        callback_id=callback.id,
        brand_id=callback.brand_id,
        phone=lead.phone,
        template=words.template,
        body=words.body,
        parts=count_parts(words.body),
        ordered_by=actor,
        ordered_at=now,
        status_at=now,
        retry_of_id=retry_of_id,
    )
    session.add(text)
    session.flush()
    text_orders.enqueue_text_order(session, text, after=after, now=now)
    record_event(session, lead, TEXT_ORDERED_EVENT, actor=actor, now=now, outgoing_text=text.id)
    wake_after_commit(session, Wakeup.DESK)
    return text


def find_text_obstacle(
    session: Session, callback: Callback, lead: Lead, brand: Brand
) -> Phrase | None:
    """Return what is against a text beside the gate's rules; None for nothing."""
    if not own_numbers.caller_id_of(brand.caller_id):
        return Phrase("This helpline has no number of its own to text from.")
    if callback.is_held and _is_held_against_texts(session, callback):
        return Phrase("A supervisor has to decide first: someone else may read it.")
    if holds.was_held_for_harm(session, callback):
        return Phrase("They wrote about violence or a threat: someone else may read it.")
    if _is_out_of_reach(session, lead.phone):
        return Phrase("This number cannot receive texts.")
    return None


def _is_held_against_texts(session: Session, callback: Callback) -> bool:
    """Whether they wrote of violence or a threat, or somebody else has the phone."""
    causes = holds.read_open_holds(session, [callback.id]).get(callback.id, ())
    return any(cause.reason in HELD_AGAINST_TEXTS for cause in causes)


def _is_out_of_reach(session: Session, number: str) -> bool:
    """Whether the network said that a number cannot get texts, a landline above all."""
    failed = select(OutgoingText.id).where(
        OutgoingText.phone == number, col(OutgoingText.fault).in_(NEVER_ARRIVES)
    )
    return session.exec(failed.limit(1)).first() is not None


def _was_texted_lately(
    session: Session, number: str, key: TextTemplateKey, *, now: datetime
) -> bool:
    same = select(OutgoingText.id).where(
        OutgoingText.phone == number,
        OutgoingText.template == key,
        col(OutgoingText.ordered_at) > now - ONE_ANSWER_IN,
    )
    return session.exec(same.limit(1)).first() is not None


def _was_just_sent(
    session: Session, callback: Callback, words: TextWords, *, now: datetime
) -> bool:
    """Whether somebody pressed a button twice."""
    lately = select(OutgoingText.body).where(
        OutgoingText.callback_id == callback.id,
        col(OutgoingText.ordered_at) > now - DOUBLE_CLICK,
    )
    return words.body in session.exec(lately).all()


def _refuse_personal_words(words: str, lead: Lead) -> None:
    """Raise BadConfiguration where words name the person who is texted, or a number."""
    names = {
        name for name in re.findall(r"\w+", lead.name.casefold()) if len(name) >= SHORTEST_NAME
    }
    has_name = names.intersection(re.findall(r"\w+", words.casefold()))
    digits = max(
        (len(re.sub(r"\D", "", run)) for run in re.findall(r"[\d ().+-]+", words)), default=0
    )
    if has_name or digits >= SHORTEST_NUMBER:
        raise BadConfiguration(
            Phrase(
                "Someone else may read a text: leave out names and numbers. {number} is "
                "the helpline's number."
            )
        )


def _lead_and_brand(session: Session, callback: Callback) -> tuple[Lead, Brand]:
    return session.get_one(Lead, callback.lead_id), session.get_one(Brand, callback.brand_id)
