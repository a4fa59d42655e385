"""The gate: the one function that says whether a number may be contacted now.

If it may not, the gate says why, and from when it may.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

import sqlalchemy
from sqlalchemy import ColumnElement, bindparam
from sqlmodel import Session, col, select

from leads.contact_rules import calling_hours, suppression
from leads.database.transactions import defer_insert
from leads.errors import LeadsError, NotNow, Suppressed
from leads.i18n.messages import Message, MessageKey, join_messages
from leads.i18n.translatable import Phrase
from leads.models.calls import CallAttempt, Callback, GateDecision
from leads.models.requests import Consent, Lead

# a number, in a rolling day: FL 501.616(6)(b), OK 775C.4 and MD say so, and everybody deserves it
MOST_CALLS = 3
CAP_WINDOW = timedelta(hours=24)


class ContactChannel(StrEnum):
    """A channel by which a lead is contacted."""

    CALL = "call"


class GateMoment(StrEnum):
    """The moment of a callback at which the gate is asked."""

    SCHEDULING = "scheduling"
    OFFER = "offer"
    RELAY = "relay"
    WHISPER = "whisper"
    DIAL = "dial"
    CLICK = "click"


class RefusalReason(StrEnum):
    """Why contact is refused."""

    SUPPRESSED = "suppressed"
    NO_CONSENT = "no_consent"
    NOT_SAFE_TO_CALL = "not_safe_to_call"
    QUIET_HOURS = "quiet_hours"
    ATTEMPT_CAP = "attempt_cap"


REFUSAL_SENTENCES = {
    RefusalReason.SUPPRESSED: Message(MessageKey.SUPPRESSED),
    RefusalReason.NO_CONSENT: Message(MessageKey.NO_CONSENT),
    RefusalReason.NOT_SAFE_TO_CALL: Message(MessageKey.NOT_SAFE_TO_CALL),
    RefusalReason.QUIET_HOURS: Message(MessageKey.QUIET_HOURS),
    RefusalReason.ATTEMPT_CAP: Message(MessageKey.ATTEMPT_CAP, count=MOST_CALLS),
}


@dataclass(frozen=True)
class RuleFinding:
    """One rule's answer: nothing against contact, or a reason.

    `not_before`: from when the reason no longer holds, where time alone lifts it.
    """

    rule: str
    reason: RefusalReason | None = None
    not_before: datetime | None = None


@dataclass(frozen=True)
class Decision:
    """The gate's answer.

    `not_before` is None when allowed, or when only a person can change the answer.
    """

    allowed: bool
    reasons: tuple[RefusalReason, ...]
    not_before: datetime | None
    rules: tuple[str, ...]
    channel: ContactChannel

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
        return self.refusal if self.reasons else Phrase("They may be contacted now.")


@dataclass(frozen=True)
class ContactHistory:
    """What the database knows of a number and its lead, for the rules.

    `granted` is the latest consent, None where no form asked for one.
    """

    suppressed: bool
    granted: bool | None
    third_last_ring: datetime | None


NO_CONTACT_HISTORY = ContactHistory(suppressed=False, granted=None, third_last_ring=None)


@dataclass(frozen=True)
class LeadWishes:
    """Where a lead may be, and when and whether they wish to be called, stored or not yet."""

    phone: str
    region: str
    zip: str
    best_time: str
    any_hour: bool
    safe_to_call: bool | None

    @classmethod
    def of_lead(cls, lead: Lead) -> Self:
        """Return the wishes of a stored lead."""
        return cls(
            lead.phone, lead.region, lead.zip, lead.best_time, lead.any_hour, lead.safe_to_call
        )


@dataclass(frozen=True)
class GateFacts:
    """The facts that every rule of the gate is given."""

    wishes: LeadWishes
    now: datetime
    on_file: ContactHistory


def _contact_history_columns(number: Any, lead_id: Any) -> tuple[ColumnElement[Any], ...]:
    """Return the columns of ContactHistory for a query about this number and lead."""
    granted = (
        select(Consent.granted)
        .where(Consent.lead_id == lead_id)
        .order_by(col(Consent.id).desc())
        .limit(1)
    )
    rings = select(CallAttempt.rung_at).where(
        CallAttempt.phone == number, col(CallAttempt.rung_at) > bindparam("since")
    )
    # Of nothing but the lead, or a query that reads attempts too would take them for its own.
    third = (
        rings.order_by(col(CallAttempt.rung_at).desc())
        .offset(MOST_CALLS - 1)
        .limit(1)
        .correlate(Lead)
    )
    return (
        suppression.number_suppressed_clause(number),
        granted.scalar_subquery(),
        third.scalar_subquery(),
    )


# Made once: the gate is asked five times on the way to a call.
CONTACT_HISTORY_OF_NUMBER = sqlalchemy.select(
    *_contact_history_columns(bindparam("number"), bindparam("lead_id"))
)

CONTACT_HISTORY = _contact_history_columns(col(Lead.phone), col(Lead.id))

"""The contact history that the rules need, as columns of a query that reads the lead anyway.

Whoever reads them with the lead saves the gate a query.
"""


def may_contact(
    session: Session,
    number: str,
    channel: ContactChannel,
    *,
    lead: Lead,
    now: datetime,
    on_file: ContactHistory | None = None,
) -> Decision:
    """Decide whether this lead may be contacted at this number and channel now.

    Every rule that applies to the channel is asked.

    `on_file`: what CONTACT_HISTORY reads of the number, if it was read with the lead in this
    transaction.
    """
    history = on_file or load_contact_history(session, number, lead.id, now=now)
    return decide_by_history(history, channel, LeadWishes.of_lead(lead), now=now)


def decide_by_history(
    history: ContactHistory, channel: ContactChannel, wishes: LeadWishes, *, now: datetime
) -> Decision:
    """Decide whether a lead whose history is known may be contacted through a channel now. Pure."""
    facts = GateFacts(wishes, now, history)
    findings = [finding for rule in RULES[channel] for finding in rule(facts)]
    against = [finding for finding in findings if finding.reason]
    waits = [finding.not_before for finding in against]
    only_waiting = bool(waits) and None not in waits
    return Decision(
        allowed=not against,
        reasons=tuple(finding.reason for finding in against if finding.reason),
        not_before=max(wait for wait in waits if wait) if only_waiting else None,
        rules=tuple(finding.rule for finding in findings),
        channel=channel,
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
) -> Decision:
    """Decide whether the lead may be rung now, or `at` a later time, and record the decision."""
    decision = may_contact(
        session, lead.phone, ContactChannel.CALL, lead=lead, now=at or now, on_file=on_file
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


def lead_location(lead: Lead | LeadWishes) -> calling_hours.PossibleLocation:
    """Return where a lead may be, by number, state and ZIP."""
    return calling_hours.possible_location(lead.phone, region=lead.region, zip_code=lead.zip)


def first_open_time(lead: Lead, at: datetime) -> datetime:
    """Return the first time from `at` on within the calling hours, if the lead wishes for them.

    What a rule puts off to when it no longer holds may end at night.
    """
    return at if lead.any_hour else calling_hours.next_callable_time(lead_location(lead), at)


def cap_window_start(now: datetime) -> datetime:
    """Return the instant from which rings count for the cap: the `since` of CONTACT_HISTORY."""
    return now - CAP_WINDOW


def load_contact_history(
    session: Session, number: str, lead_id: int | None, *, now: datetime
) -> ContactHistory:
    """Return what the rules need to know of a number, and of the lead who has it, if any has."""
    parameters = {"number": number, "lead_id": lead_id, "since": cap_window_start(now)}
    return ContactHistory(*session.execute(CONTACT_HISTORY_OF_NUMBER, parameters).one())


def _check_suppression(facts: GateFacts) -> list[RuleFinding]:
    return [
        RuleFinding("suppression", RefusalReason.SUPPRESSED if facts.on_file.suppressed else None)
    ]


def _check_consent(facts: GateFacts) -> list[RuleFinding]:
    """Refuse where the latest answer to a question for consent is a no.

    A form that never asked is itself the request to be rung.
    """
    return [
        RuleFinding("consent", RefusalReason.NO_CONSENT if facts.on_file.granted is False else None)
    ]


def _check_safe_to_call(facts: GateFacts) -> list[RuleFinding]:
    return [
        RuleFinding(
            "safe-to-call",
            RefusalReason.NOT_SAFE_TO_CALL if facts.wishes.safe_to_call is False else None,
        )
    ]


def _check_calling_hours(facts: GateFacts) -> list[RuleFinding]:
    if facts.wishes.any_hour:
        return [RuleFinding("wish-any-hour")]
    place = lead_location(facts.wishes)
    opens = calling_hours.next_callable_time(place, facts.now)
    reason, until = (None, None) if opens == facts.now else (RefusalReason.QUIET_HOURS, opens)
    return [
        RuleFinding(rule.id, reason, until) for rule in calling_hours.calling_hours_rules(place)
    ]


def _check_attempt_cap(facts: GateFacts) -> list[RuleFinding]:
    third_last_ring = facts.on_file.third_last_ring
    if third_last_ring is None:
        return [RuleFinding("attempt-cap")]
    return [RuleFinding("attempt-cap", RefusalReason.ATTEMPT_CAP, third_last_ring + CAP_WINDOW)]


RULES = {
    ContactChannel.CALL: (
        _check_suppression,
        _check_consent,
        _check_safe_to_call,
        _check_calling_hours,
        _check_attempt_cap,
    ),
}
"""The rules of each channel, in order; a new rule is one more function of GateFacts."""
