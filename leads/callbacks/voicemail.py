"""Voicemail: whether a message may be left on a machine, and the words that give nothing away.

The advisor says them. No machine of ours ever speaks to anybody who asked for help.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from leads.callbacks import completion, holds, shared_numbers
from leads.contact_rules import gate
from leads.contact_rules.contact_history import load_contact_history
from leads.contact_rules.gate_rules import REFUSAL_SENTENCES, ContactChannel, RefusalReason
from leads.contact_rules.lead_wishes import LeadWishes
from leads.database.wakeups import Wakeup, wake_after_commit
from leads.errors import NotNow
from leads.i18n import languages, translatable
from leads.i18n.messages import join_messages
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, GateDecision
from leads.models.helplines import Brand
from leads.models.requests import Lead
from leads.people.permissions import require_claimed_by
from leads.phone_numbers import format_phone

NEUTRAL_WORDS = Phrase(
    "Hello, this is {name}. Please call me back at {number} when you can. Thank you."
)
"""What an advisor says where the helpline has no wording of its own."""


@dataclass(frozen=True)
class VoicemailAdvice:
    """Whether to leave a message on the machine that answered: what to say, or why not."""

    words: str
    why_not: str

    @property
    def is_allowed(self) -> bool:
        """Whether a message may be left."""
        return not self.why_not


def ask_about_voicemail(
    session: Session, attempt: CallAttempt, callback: Callback, *, now: datetime
) -> gate.Decision:
    """Ask the gate whether a message may be left in this call, and record what it says."""
    lead = session.get_one(Lead, callback.lead_id)
    decision = _decide_about_message(session, callback, lead, now=now)
    gate.record_decision(
        session,
        decision,
        gate.GateMoment.MACHINE,
        lead=lead,
        callback=callback,
        attempt=attempt,
        now=now,
    )
    return decision


def _decide_about_message(
    session: Session, callback: Callback, lead: Lead, *, now: datetime
) -> gate.Decision:
    """Return whether a message may be left for a lead now. Nothing is recorded.

    What anybody else at the number denied is denied for all, and after violence or a threat no
    message is left, whoever may ring.
    """
    history = load_contact_history(session, lead.phone, callback, now=now)
    wishes = LeadWishes.of_lead(lead, any_hour=callback.any_hour)
    neighbors = shared_numbers.list_leads_at_number(session, lead.phone)
    is_denied = any(neighbor.safe_to_voicemail is False for neighbor in neighbors)
    if is_denied or holds.was_held_for_harm(session, callback):
        wishes = replace(wishes, safe_to_voicemail=False)
    return gate.decide_by_history(history, ContactChannel.VOICEMAIL, wishes, now=now)


def say_machine_answers(
    session: Session, callback: Callback, advisor: Advisor, *, now: datetime
) -> None:
    """Record that the advisor hears a machine, so that their desk says what to do; it goes on.

    Raises NotNow where no call is under way.
    """
    require_claimed_by(callback, advisor)
    attempt = completion.find_live_attempt(session, callback)
    if attempt is None:
        raise NotNow(Phrase("That call has ended. Record the outcome below."))
    ask_about_voicemail(session, attempt, callback, now=now)
    wake_after_commit(session, Wakeup.DESK)


def read_voicemail_advice(
    session: Session,
    attempt: CallAttempt,
    callback: Callback,
    advisor_name: str,
    *,
    now: datetime,
) -> VoicemailAdvice | None:
    """Return what the gate said last about a message in this call; None where nobody asked.

    The words go as soon as it would not say so any more: hours end while a phone rings.
    """
    asked = select(GateDecision).where(
        GateDecision.attempt_id == attempt.id, GateDecision.channel == ContactChannel.VOICEMAIL
    )
    decision = session.exec(asked.order_by(col(GateDecision.id).desc()).limit(1)).first()
    if decision is None:
        return None
    if not decision.allowed:
        reasons = [REFUSAL_SENTENCES[RefusalReason(reason)] for reason in decision.reasons]
        return VoicemailAdvice("", join_messages(*reasons))
    lead = session.get_one(Lead, callback.lead_id)
    current = _decide_about_message(session, callback, lead, now=now)
    if not current.allowed:
        return VoicemailAdvice("", current.refusal)
    brand = session.get_one(Brand, callback.brand_id)
    return VoicemailAdvice(words_to_say(brand, lead, advisor_name), "")


def words_to_say(brand: Brand, lead: Lead, advisor_name: str) -> str:
    """Return what an advisor says to a lead's machine, in the lead's language as far as we know it.

    The first name of the advisor and the number to call back, and nothing else.
    """
    language = languages.supported_language(lead.language) or (
        languages.supported_language(brand.locale) or languages.DEFAULT_LANGUAGE
    )
    [name, *_] = advisor_name.split() or [""]
    said = {"name": name, "number": format_phone(brand.caller_id)}
    own = brand.voicemail_words.get(language, "")
    if not own:
        return translatable.translate(language, NEUTRAL_WORDS, **said)
    for placeholder, value in said.items():
        own = own.replace(f"{{{placeholder}}}", value)
    return own
