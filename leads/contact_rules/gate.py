"""The gate: the one function that says whether a number may be contacted now.

If it may not, the gate says why, and from when it may.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from leads.contact_rules import text_safety
from leads.contact_rules.calling_hours import OpenHours
from leads.contact_rules.contact_history import (
    NO_CONTACT_HISTORY,
    ContactHistory,
    load_contact_history,
    load_stated_times,
)
from leads.contact_rules.gate_rules import (
    OWN_NUMBER,
    REFUSAL_SENTENCES,
    RULES,
    ContactChannel,
    GateFacts,
    GateRule,
    RefusalReason,
    open_hours,
    policy_objection,
)
from leads.contact_rules.lead_wishes import LeadWishes
from leads.database.transactions import defer_insert
from leads.errors import LeadsError, NotNow, Suppressed
from leads.i18n.messages import Message, join_messages
from leads.i18n.translatable import Phrase
from leads.models.calls import CallAttempt, Callback, GateDecision
from leads.models.helplines import Brand, Source
from leads.models.requests import Lead
from leads.process_metrics import GATE_REFUSALS, count_at_commit


class GateMoment(StrEnum):
    """The moment of a callback at which the gate is asked."""

    SCHEDULING = "scheduling"
    OFFER = "offer"
    RELAY = "relay"
    WHISPER = "whisper"
    DIAL = "dial"
    CLICK = "click"
    MACHINE = "machine"  # one answered: may a message be left?


@dataclass(frozen=True)
class Decision:
    """The gate's answer.

    `not_before` is None when allowed, or when only a person can change the answer. `rules` were
    asked; those that refuse are in `refused_by` as well. `lasting`: the reasons that no waiting
    lifts, and about which a person decides.
    """

    allowed: bool
    reasons: tuple[RefusalReason, ...]
    not_before: datetime | None
    rules: tuple[str, ...]
    channel: ContactChannel
    refused_by: tuple[str, ...] = ()
    lasting: tuple[RefusalReason, ...] = ()

    @property
    def needs_person(self) -> bool:
        """Whether only a person can change the answer: no waiting does."""
        return not self.allowed and self.not_before is None

    @property
    def refusal(self) -> Message:
        """Why contact is refused; there is nothing to say where it is allowed."""
        return join_messages(*(REFUSAL_SENTENCES[reason] for reason in self.reasons))

    @property
    def sentence(self) -> Phrase:
        """Why contact is refused, or that it is not, as a sentence for an advisor."""
        return self.refusal if self.reasons else Phrase("They can be contacted now.")


CALLED_IN = Decision(
    allowed=True, reasons=(), not_before=None, rules=("called-in",), channel=ContactChannel.CALL
)
"""What is recorded of answering somebody who is on the line: nobody is contacted by that."""

OTHER_NUMBER = Decision(
    allowed=False,
    reasons=(RefusalReason.OTHER_NUMBER,),
    not_before=None,
    rules=(OWN_NUMBER,),
    channel=ContactChannel.CALL,
    refused_by=(OWN_NUMBER,),
    lasting=(RefusalReason.OTHER_NUMBER,),
)
"""What is recorded where an attempt would ring another phone than the one that is decided about."""


def may_contact(
    session: Session,
    number: str,
    channel: ContactChannel,
    *,
    lead: Lead,
    any_hour: bool = False,
    callback: Callback | None = None,
    now: datetime,
    on_file: ContactHistory | None = None,
) -> Decision:
    """Decide whether this lead may be contacted at this number and channel now.

    Every rule that applies to the channel is asked.

    `callback`: the one that it is about, whose helpline's policy and hours count. `any_hour`: its
    wish, where there is none yet. `on_file`: what CONTACT_HISTORY reads of the number, if it was
    read with callback and lead in this transaction.
    """
    history = on_file or load_contact_history(session, number, callback, now=now)
    is_any_hour = callback.any_hour if callback else any_hour
    wishes = LeadWishes.of_lead(lead, any_hour=is_any_hour)
    if channel is ContactChannel.TEXT:
        wishes = replace(wishes, safe_to_text=text_safety.is_text_safe(session, lead, now=now))
    return decide_by_history(history, channel, wishes, now=now)


def decide_by_history(
    history: ContactHistory, channel: ContactChannel, wishes: LeadWishes, *, now: datetime
) -> Decision:
    """Decide whether a lead whose history is known may be contacted through a channel now. Pure."""
    return decide_by_rules(RULES[channel], GateFacts(wishes, now, history, channel))


def decide_by_rules(rules: Sequence[GateRule], facts: GateFacts) -> Decision:
    """Decide by some of the rules, whatever the others would say. Pure."""
    findings = [finding for rule in rules for finding in rule(facts)]
    against = [finding for finding in findings if finding.reason]
    waits = [finding.not_before for finding in against]
    only_waiting = bool(waits) and None not in waits
    latest = max(wait for wait in waits if wait) if only_waiting else None
    return Decision(
        allowed=not against,
        reasons=tuple(dict.fromkeys(finding.reason for finding in against if finding.reason)),
        not_before=facts.hours.next_open(latest) if latest else None,
        rules=tuple(dict.fromkeys(finding.rule for finding in findings)),
        channel=facts.channel,
        refused_by=tuple(dict.fromkeys(finding.rule for finding in against)),
        lasting=tuple(
            dict.fromkeys(
                finding.reason
                for finding in against
                if finding.reason and finding.not_before is None
            )
        ),
    )


def decide_and_record(
    session: Session,
    callback: Callback,
    lead: Lead,
    moment: GateMoment,
    *,
    now: datetime,
    at: datetime | None = None,
    attempt: CallAttempt | None = None,
    on_file: ContactHistory | None = None,
    channel: ContactChannel = ContactChannel.CALL,
) -> Decision:
    """Decide whether the lead may be rung or texted now, or `at` a later time, and record it.

    A lead who is on the line already, because they called in, is answered whatever the rules say.
    Nobody else is: an attempt rings no phone but the one that is decided about.
    """
    if attempt is not None and attempt.inbound_call_id is not None:
        decision = CALLED_IN
    elif attempt is not None and attempt.phone != lead.phone:
        decision = OTHER_NUMBER
    else:
        decision = may_contact(
            session,
            lead.phone,
            channel,
            lead=lead,
            callback=callback,
            now=at or now,
            on_file=on_file,
        )
    record_decision(
        session, decision, moment, lead=lead, callback=callback, attempt=attempt, now=now
    )
    return decision


def record_decision(
    session: Session,
    decision: Decision,
    moment: GateMoment,
    *,
    lead: Lead,
    callback: Callback,
    attempt: CallAttempt | None = None,
    now: datetime,
) -> None:
    """Record a decision of the gate: about whom, for which channel, at which moment, and when."""
    for rule in decision.refused_by:
        count_at_commit(session, GATE_REFUSALS.labels(str(decision.channel), rule).inc)
    row = {
        "lead_id": lead.id,
        "callback_id": callback.id,
        "attempt_id": attempt.id if attempt else None,
        "moment": str(moment),
        "channel": str(decision.channel),
        "allowed": decision.allowed,
        "reasons": list(decision.reasons),
        "rules": list(decision.rules),
        "not_before": decision.not_before,
        "asked_at": now,
    }
    defer_insert(session, GateDecision, row)


def refusal_error(decision: Decision) -> LeadsError:
    """Return the error by which a refusing decision is told to an advisor."""
    return (
        Suppressed(decision.sentence)
        if RefusalReason.SUPPRESSED in decision.reasons
        else NotNow(decision.sentence)
    )


def open_hours_of_callback(session: Session, callback: Callback, lead: Lead) -> OpenHours:
    """Return the hours that bind the calls which a callback promises."""
    brand = session.get_one(Brand, callback.brand_id)
    source = session.get_one(Source, callback.source_id)
    history = replace(
        NO_CONTACT_HISTORY,
        stated_times=load_stated_times(session, lead.phone),
        own_hours=brand.calling_hours,
        source_region=source.region,
        is_time_agreed=callback.is_time_agreed,
    )
    return open_hours(LeadWishes.of_lead(lead, any_hour=callback.any_hour), history)


def is_confirmation_wanted(
    session: Session, callback: Callback, lead: Lead, *, now: datetime
) -> bool:
    """Whether a lead's number is against the policy, and a person may let it through."""
    history = load_contact_history(session, lead.phone, callback, now=now)
    wishes = LeadWishes.of_lead(lead, any_hour=callback.any_hour)
    objection = policy_objection(wishes, history)
    return objection is not None and objection.may_be_confirmed
