"""The one function that says whether a number may be contacted now, and if not, why and from when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, bindparam
from sqlmodel import Session, col, select

from leads.contact_rules import calling_hours, hold_reasons, suppression
from leads.database.transactions import defer_insert
from leads.errors import LeadsError, NotNow, Suppressed
from leads.i18n.translatable import Phrase, join_sentences
from leads.models.calls import CallAttempt, Callback, GateDecision
from leads.models.requests import Consent, Lead

MOST_CALLS = 3  # a number, in a rolling day: FL 501.616(6)(b), OK 775C.4 and MD say so, and everybody deserves it
CAP_WINDOW = timedelta(hours=24)


class Channel(StrEnum):
    """How a person would be contacted."""

    CALL = "call"


class Moment(StrEnum):
    """When the gate was asked."""

    SCHEDULING = "scheduling"
    OFFER = "offer"
    RELAY = "relay"
    WHISPER = "whisper"
    DIAL = "dial"
    CLICK = "click"


class Reason(StrEnum):
    """Why contact is refused."""

    SUPPRESSED = "suppressed"
    NO_CONSENT = "no_consent"
    NOT_SAFE_TO_CALL = "not_safe_to_call"
    QUIET_HOURS = "quiet_hours"
    ATTEMPT_CAP = "attempt_cap"


SENTENCES = {
    Reason.SUPPRESSED: Phrase("This number asked not to be contacted."),
    Reason.NO_CONSENT: Phrase("They did not agree to be called: a person has to decide how to answer."),
    Reason.NOT_SAFE_TO_CALL: Phrase("They said that it is not safe to call this number."),
    Reason.QUIET_HOURS: Phrase("It is outside the hours in which their phone may ring."),
    Reason.ATTEMPT_CAP: Phrase("This number was rung {count} times in the last 24 hours.", count=MOST_CALLS),
}


@dataclass(frozen=True)
class Finding:
    """What one rule says: nothing against it, or a reason and perhaps the instant from which it no longer holds."""

    rule: str
    reason: Reason | None = None
    not_before: datetime | None = None


@dataclass(frozen=True)
class Decision:
    """The gate's answer. `not_before` is None when allowed, or when only a person can change the answer."""

    allowed: bool
    reasons: tuple[Reason, ...]
    not_before: datetime | None
    rules: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Say why not, for the person who asked."""
        if not self.reasons:
            return Phrase("They may be contacted now.")
        return join_sentences(*(SENTENCES[reason] for reason in self.reasons))


@dataclass(frozen=True)
class OnFile:
    """What the database knows for the rules. `granted` is the latest consent, None where no form asked."""

    suppressed: bool
    granted: bool | None
    third_last_ring: datetime | None


@dataclass(frozen=True)
class Facts:
    """What the rules are about."""

    lead: Lead
    now: datetime
    on_file: OnFile


def may_contact(
    session: Session, number: str, channel: Channel, *, lead: Lead, now: datetime, on_file: OnFile | None = None
) -> Decision:
    """Decide whether this lead may be contacted at this number now, by every rule that applies to the channel.

    `on_file`: what was read of it by ON_FILE, together with the lead and in this transaction.
    """
    facts = Facts(lead, now, on_file or _look_up(session, number, lead, now))
    findings = [finding for rule in RULES[channel] for finding in rule(facts)]
    against = [finding for finding in findings if finding.reason]
    waits = [finding.not_before for finding in against]
    only_waiting = bool(waits) and None not in waits
    return Decision(
        allowed=not against,
        reasons=tuple(finding.reason for finding in against if finding.reason),
        not_before=max(wait for wait in waits if wait) if only_waiting else None,
        rules=tuple(finding.rule for finding in findings),
    )


def ask(
    session: Session,
    callback: Callback,
    lead: Lead,
    moment: Moment,
    *,
    now: datetime,
    at: datetime | None = None,
    attempt: CallAttempt | None = None,
    on_file: OnFile | None = None,
) -> Decision:
    """Ask whether the lead may be rung now, or `at` a later time, and store the answer."""
    decision = may_contact(session, lead.phone, Channel.CALL, lead=lead, now=at or now, on_file=on_file)
    record(session, decision, moment, lead=lead, callback=callback, attempt=attempt, now=now)
    return decision


def record(
    session: Session,
    decision: Decision,
    moment: Moment,
    *,
    lead: Lead,
    callback: Callback,
    attempt: CallAttempt | None = None,
    now: datetime,
) -> None:
    """Store what was answered, about whom and when."""
    row = {
        "lead_id": lead.id,
        "callback_id": callback.id,
        "attempt_id": attempt.id if attempt else None,
        "moment": str(moment),
        "channel": str(Channel.CALL),
        "allowed": decision.allowed,
        "reasons": list(decision.reasons),
        "rules": list(decision.rules),
        "not_before": decision.not_before,
        "asked_at": now,
    }
    defer_insert(session, GateDecision, row)


def other_hold(hold: str) -> str:
    """Return what a callback is held back for besides the gate's own reasons."""
    return hold_reasons.without(hold, SENTENCES.values())


def refusal(decision: Decision) -> LeadsError:
    """Return the error that tells a person why they may not ring now."""
    return Suppressed(decision.sentence) if Reason.SUPPRESSED in decision.reasons else NotNow(decision.sentence)


def place_of(lead: Lead) -> calling_hours.Place:
    """Return where the lead may be."""
    return calling_hours.place_of(lead.phone, region=lead.region, zip_code=lead.zip)


def since(now: datetime) -> datetime:
    """Return from when on rings count: what ON_FILE is to be told."""
    return now - CAP_WINDOW


def _look_up(session: Session, number: str, lead: Lead, now: datetime) -> OnFile:
    about = {"number": number, "lead_id": lead.id, "since": since(now)}
    return OnFile(*session.execute(LOOK_UP, about).one())


def _is_not_suppressed(facts: Facts) -> list[Finding]:
    return [Finding("suppression", Reason.SUPPRESSED if facts.on_file.suppressed else None)]


def _has_consented(facts: Facts) -> list[Finding]:
    """The latest word counts. A form that never asked is itself the request to be rung."""
    return [Finding("consent", Reason.NO_CONSENT if facts.on_file.granted is False else None)]


def _is_safe_to_call(facts: Facts) -> list[Finding]:
    return [Finding("safe-to-call", Reason.NOT_SAFE_TO_CALL if facts.lead.safe_to_call is False else None)]


def _is_within_hours(facts: Facts) -> list[Finding]:
    if facts.lead.any_hour:
        return [Finding("wish-any-hour")]
    place = place_of(facts.lead)
    opens = calling_hours.next_open(place, facts.now)
    reason, until = (None, None) if opens == facts.now else (Reason.QUIET_HOURS, opens)
    return [Finding(rule.id, reason, until) for rule in calling_hours.rules_for(place)]


def _is_under_the_cap(facts: Facts) -> list[Finding]:
    third_last_ring = facts.on_file.third_last_ring
    if third_last_ring is None:
        return [Finding("attempt-cap")]
    return [Finding("attempt-cap", Reason.ATTEMPT_CAP, third_last_ring + CAP_WINDOW)]


def _on_file(number: Any, lead_id: Any) -> tuple[ColumnElement[Any], ...]:
    """Return the columns of OnFile, for a query about whomever."""
    granted = select(Consent.granted).where(Consent.lead_id == lead_id).order_by(col(Consent.id).desc()).limit(1)
    rings = select(CallAttempt.rung_at).where(
        CallAttempt.phone == number, col(CallAttempt.rung_at) > bindparam("since")
    )
    # Of nothing but the lead, or a query that reads attempts too would take them for its own.
    third = rings.order_by(col(CallAttempt.rung_at).desc()).offset(MOST_CALLS - 1).limit(1).correlate(Lead)
    return suppression.is_in_force(number), granted.scalar_subquery(), third.scalar_subquery()


# Made once: the gate is asked five times on the way to a call.
LOOK_UP = sqlalchemy.select(*_on_file(bindparam("number"), bindparam("lead_id")))
ON_FILE = _on_file(col(Lead.phone), col(Lead.id))
"""All that the rules need, for queries that read the lead anyway, so that nobody has to ask once more."""

RULES = {
    Channel.CALL: (_is_not_suppressed, _has_consented, _is_safe_to_call, _is_within_hours, _is_under_the_cap),
}
"""A new rule is one more function of the facts here."""
