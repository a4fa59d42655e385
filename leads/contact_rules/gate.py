"""The gate: the one function that says whether a number may be contacted now.

If it may not, the gate says why, and from when it may.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

import sqlalchemy
from sqlalchemy import ColumnElement, Integer, bindparam
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select, union_all

from leads.contact_rules import (
    calling_hours,
    confirmed_numbers,
    number_policy,
    own_numbers,
    suppression,
    text_safety,
)
from leads.contact_rules.calling_hours import OpenHours
from leads.contact_rules.number_policy import NumberPolicy, PolicyObjection
from leads.contact_rules.own_hours import own_hours_rule
from leads.contact_rules.possible_location import (
    PossibleLocation,
    possible_location,
    unite_locations,
)
from leads.contact_rules.zip_zones import US
from leads.database.transactions import defer_insert
from leads.errors import LeadsError, NotNow, Suppressed
from leads.i18n.messages import Message, MessageKey, join_messages
from leads.i18n.translatable import Phrase
from leads.models.calls import CallAttempt, Callback, GateDecision
from leads.models.enums import SuppressedChannel
from leads.models.helplines import Brand, Source
from leads.models.requests import Consent, Lead, OutgoingText

# a number, in a rolling day: FL 501.616(6)(b), OK 775C.4 and MD say so, and everybody deserves it
MOST_CALLS = 3
CAP_WINDOW = timedelta(hours=24)


class ContactChannel(StrEnum):
    """A channel by which a lead is contacted."""

    CALL = "call"
    TEXT = "text"
    VOICEMAIL = "voicemail"


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
    NOT_SAFE_TO_TEXT = "not_safe_to_text"
    NOT_SAFE_TO_VOICEMAIL = "not_safe_to_voicemail"
    PLACE_UNKNOWN = "place_unknown"
    QUIET_HOURS = "quiet_hours"
    ATTEMPT_CAP = "attempt_cap"
    NUMBER_POLICY = "number_policy"


REFUSAL_SENTENCES = {
    RefusalReason.SUPPRESSED: Message(MessageKey.SUPPRESSED),
    RefusalReason.NO_CONSENT: Message(MessageKey.NO_CONSENT),
    RefusalReason.NOT_SAFE_TO_CALL: Message(MessageKey.NOT_SAFE_TO_CALL),
    RefusalReason.NOT_SAFE_TO_TEXT: Message(MessageKey.NOT_SAFE_TO_TEXT),
    RefusalReason.NOT_SAFE_TO_VOICEMAIL: Message(MessageKey.NOT_SAFE_TO_VOICEMAIL),
    RefusalReason.PLACE_UNKNOWN: Message(MessageKey.PLACE_UNKNOWN),
    RefusalReason.QUIET_HOURS: Message(MessageKey.QUIET_HOURS),
    RefusalReason.ATTEMPT_CAP: Message(MessageKey.ATTEMPT_CAP, count=MOST_CALLS),
    RefusalReason.NUMBER_POLICY: Message(MessageKey.NUMBER_POLICY),
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

    `not_before` is None when allowed, or when only a person can change the answer. `rules` were
    asked; those that refuse are in `refused_by` as well.
    """

    allowed: bool
    reasons: tuple[RefusalReason, ...]
    not_before: datetime | None
    rules: tuple[str, ...]
    channel: ContactChannel
    refused_by: tuple[str, ...] = ()

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

    What one person refused or said is not safe counts for whoever else is at the number.
    `suppressed`: nothing may reach it; `calls_stopped`, `texts_stopped`: nothing, or not this.
    `called_countries`, `called_kinds` and `own_hours` are the helpline's that promised the callback
    in question, `source_region` its source's; None where none is in question.
    """

    suppressed: bool
    refused: bool
    unsafe: bool
    third_last_ring: datetime | None
    calls_stopped: bool = False
    texts_stopped: bool = False
    is_own_number: bool = False
    is_confirmed: bool = False
    called_countries: Sequence[str] | None = None
    called_kinds: Sequence[str] | None = None
    own_hours: dict[str, Any] | None = None
    source_region: str | None = None

    @property
    def policy(self) -> NumberPolicy | None:
        """The number policy that holds, as far as one is known."""
        if self.source_region is None:
            return None
        return NumberPolicy.of_helpline(
            self.called_countries or (), self.called_kinds or (), source_region=self.source_region
        )


NO_CONTACT_HISTORY = ContactHistory(
    suppressed=False, refused=False, unsafe=False, third_last_ring=None
)


@dataclass(frozen=True)
class LeadWishes:
    """Where a lead may be, and when and whether they wish to be called, stored or not yet."""

    phone: str
    region: str
    zip: str
    best_time: str
    any_hour: bool
    safe_to_call: bool | None
    city: str = ""
    safe_to_text: bool | None = None
    safe_to_voicemail: bool | None = None
    further_places: Sequence[Sequence[str]] = ()  # region and ZIP code of each

    @classmethod
    def of_lead(cls, lead: Lead, *, any_hour: bool) -> Self:
        """Return the wishes of a stored lead; any hour is the wish of one callback alone."""
        return cls(
            phone=lead.phone,
            region=lead.region,
            zip=lead.zip,
            best_time=lead.best_time,
            any_hour=any_hour,
            safe_to_call=lead.safe_to_call,
            city=lead.city,
            safe_to_text=lead.safe_to_text,
            safe_to_voicemail=lead.safe_to_voicemail,
            further_places=lead.further_places,
        )


@dataclass(frozen=True)
class GateFacts:
    """The facts that every rule of the gate is given."""

    wishes: LeadWishes
    now: datetime
    on_file: ContactHistory
    channel: ContactChannel

    @functools.cached_property
    def hours(self) -> OpenHours:
        """Where the lead may be, and the hours that bind there."""
        return open_hours(self.wishes, self.on_file, self.channel)

    @property
    def is_any_hour(self) -> bool:
        """Whether they wished for any hour, which is a wish to be called and not to be texted."""
        return self.wishes.any_hour and self.channel is not ContactChannel.TEXT

    @property
    def place(self) -> PossibleLocation:
        """Where the lead may be."""
        return self.hours.place


_AT_NUMBER = aliased(Lead)


def _contact_history_columns(
    number: Any, brand_id: Any, source_id: Any
) -> tuple[ColumnElement[Any], ...]:
    """Return the columns of ContactHistory for a query about this number and helpline."""
    refused = select(Consent.id).where(
        Consent.phone == number,
        col(Consent.granted).is_(False),
        col(Consent.lifted_at).is_(None),
    )
    unsafe = select(_AT_NUMBER.id).where(
        _AT_NUMBER.phone == number, col(_AT_NUMBER.safe_to_call).is_(False)
    )
    rings: Any = select(col(CallAttempt.rung_at).label("at")).where(
        CallAttempt.phone == number, col(CallAttempt.rung_at) > bindparam("since")
    )
    texts = select(col(OutgoingText.handed_at)).where(
        OutgoingText.phone == number, col(OutgoingText.handed_at) > bindparam("since")
    )
    # Of nothing but the lead, or a query that reads attempts or callbacks too would take them for
    # its own.
    contacts = union_all(rings.correlate(Lead), texts.correlate(Lead))
    third = contacts.order_by(sqlalchemy.desc("at")).offset(MOST_CALLS - 1).limit(1)
    return (
        suppression.number_suppressed_clause(number),
        refused.exists(),
        unsafe.exists(),
        third.scalar_subquery(),
        suppression.number_suppressed_clause(number, SuppressedChannel.CALL),
        suppression.number_suppressed_clause(number, SuppressedChannel.TEXT),
        own_numbers.own_number_clause(number),
        confirmed_numbers.number_confirmed_clause(number),
        *_helpline_columns(brand_id, source_id),
    )


def _helpline_columns(brand_id: Any, source_id: Any) -> Iterator[ColumnElement[Any]]:
    """Yield the policy and the hours of a helpline, and the region of its source."""
    brand, source = aliased(Brand), aliased(Source)
    for column in (brand.called_countries, brand.called_kinds, brand.calling_hours):
        yield select(column).where(col(brand.id) == brand_id).correlate(Callback).scalar_subquery()
    region = select(source.region).where(col(source.id) == source_id)
    yield region.correlate(Callback).scalar_subquery()


# Made once: the gate is asked five times on the way to a call.
CONTACT_HISTORY_OF_NUMBER = sqlalchemy.select(
    *_contact_history_columns(
        bindparam("number"),
        bindparam("brand_id", type_=Integer),
        bindparam("source_id", type_=Integer),
    )
)

CONTACT_HISTORY = _contact_history_columns(
    col(Lead.phone), col(Callback.brand_id), col(Callback.source_id)
)

"""The contact history that the rules need, as columns of a query of callbacks and leads.

Whoever reads them with the callback and its lead saves the gate a query.
"""


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
    """Decide whether the lead may be rung or texted now, or `at` a later time, and record it."""
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


def lead_location(lead: Lead | LeadWishes, source_region: str | None = None) -> PossibleLocation:
    """Return where a lead may be, by number, by what they stated and what else was said."""
    return location_of_phone(
        lead.phone,
        (lead.region, lead.zip, lead.city),
        lead.further_places,
        source_region=source_region or US,
    )


def location_of_phone(
    number: str,
    stated: Sequence[str],
    further_places: Sequence[Sequence[str]],
    *,
    source_region: str = US,
) -> PossibleLocation:
    """Return where a phone may be: at the place that was stated, and at each further one.

    A place is a region, a ZIP code and perhaps a city, as they were given.
    """
    places = [
        possible_location(
            number,
            region=region,
            zip_code=zip_code,
            city="".join(city),
            source_region=source_region,
        )
        for region, zip_code, *city in (stated, *further_places)
    ]
    return places[0] if len(places) == 1 else unite_locations(places)


def open_hours(
    wishes: LeadWishes, history: ContactHistory, channel: ContactChannel = ContactChannel.CALL
) -> OpenHours:
    """Return the hours that bind: the laws unless any hour was wished for, and the helpline's."""
    place = lead_location(wishes, history.source_region)
    own = own_hours_rule(history.own_hours)
    said = "text" if channel is ContactChannel.TEXT else "call"
    is_wished = wishes.any_hour and channel is not ContactChannel.TEXT
    laws = () if is_wished else calling_hours.calling_hours_rules(place.jurisdictions, said)
    return OpenHours(place, (*laws, own) if own else laws)


def open_hours_of_callback(session: Session, callback: Callback, lead: Lead) -> OpenHours:
    """Return the hours that bind the calls which a callback promises."""
    brand = session.get_one(Brand, callback.brand_id)
    source = session.get_one(Source, callback.source_id)
    history = replace(
        NO_CONTACT_HISTORY, own_hours=brand.calling_hours, source_region=source.region
    )
    return open_hours(LeadWishes.of_lead(lead, any_hour=callback.any_hour), history)


def cap_window_start(now: datetime) -> datetime:
    """Return the instant from which rings count for the cap: the `since` of CONTACT_HISTORY."""
    return now - CAP_WINDOW


def load_contact_history(
    session: Session, number: str, callback: Callback | None = None, *, now: datetime
) -> ContactHistory:
    """Return what the rules need to know of a number, and of the helpline that owes a callback."""
    parameters = {
        "number": number,
        "brand_id": callback.brand_id if callback else None,
        "source_id": callback.source_id if callback else None,
        "since": cap_window_start(now),
    }
    return ContactHistory(*session.execute(CONTACT_HISTORY_OF_NUMBER, parameters).one())


def _check_suppression(facts: GateFacts) -> list[RuleFinding]:
    history = facts.on_file
    is_text = facts.channel == ContactChannel.TEXT
    is_closed = history.suppressed or (history.texts_stopped if is_text else history.calls_stopped)
    return [RuleFinding("suppression", RefusalReason.SUPPRESSED if is_closed else None)]


def _check_consent(facts: GateFacts) -> list[RuleFinding]:
    """Refuse where a question for consent was answered by a no that nobody has lifted.

    A form that never asked is itself the request to be rung.
    """
    return [RuleFinding("consent", RefusalReason.NO_CONSENT if facts.on_file.refused else None)]


def _check_safe_to_call(facts: GateFacts) -> list[RuleFinding]:
    is_unsafe = facts.on_file.unsafe or facts.wishes.safe_to_call is False
    return [RuleFinding("safe-to-call", RefusalReason.NOT_SAFE_TO_CALL if is_unsafe else None)]


def _check_safe_to_text(facts: GateFacts) -> list[RuleFinding]:
    """Refuse where nobody said that a text is safe: silence is no permission."""
    is_safe = facts.wishes.safe_to_text is True
    return [RuleFinding("safe-to-text", None if is_safe else RefusalReason.NOT_SAFE_TO_TEXT)]


def _check_safe_to_voicemail(facts: GateFacts) -> list[RuleFinding]:
    """Refuse where nobody said that a voicemail is safe: silence is no permission."""
    is_safe = facts.wishes.safe_to_voicemail is True
    reason = None if is_safe else RefusalReason.NOT_SAFE_TO_VOICEMAIL
    return [RuleFinding("safe-to-voicemail", reason)]


def _check_place(facts: GateFacts) -> list[RuleFinding]:
    """Refuse where nobody can tell whose hours count, and none were wished for."""
    if facts.place.is_known or facts.is_any_hour:
        return []
    return [RuleFinding("place-known", RefusalReason.PLACE_UNKNOWN)]


def _check_calling_hours(facts: GateFacts) -> list[RuleFinding]:
    wished = [RuleFinding("wish-any-hour")] if facts.is_any_hour else []
    rules = facts.hours.rules
    closed = calling_hours.closed_rules(rules, facts.place, facts.now)
    if not closed:
        return [*wished, *(RuleFinding(rule.id) for rule in rules)]
    until = facts.hours.next_open(facts.now)
    reason = RefusalReason.QUIET_HOURS if until else RefusalReason.PLACE_UNKNOWN
    return [
        *wished,
        *(RuleFinding(rule.id, reason if rule in closed else None, until) for rule in rules),
    ]


def _check_attempt_cap(facts: GateFacts) -> list[RuleFinding]:
    """Refuse the fourth contact in 24 hours; the states that say so as well are named with it."""
    third_last_ring = facts.on_file.third_last_ring
    if third_last_ring is None:
        return [RuleFinding("attempt-cap")]
    laws = calling_hours.calling_hours_rules(facts.place.jurisdictions)
    capping = ["attempt-cap", *(law.id for law in laws if law.most_per_day)]
    until = third_last_ring + CAP_WINDOW
    return [RuleFinding(rule, RefusalReason.ATTEMPT_CAP, until) for rule in capping]


def _check_number_policy(facts: GateFacts) -> list[RuleFinding]:
    """Refuse what is against the helpline's number policy, unless a person let it through."""
    objection = policy_objection(facts.wishes, facts.on_file)
    return [RuleFinding("number-policy", RefusalReason.NUMBER_POLICY if objection else None)]


def policy_objection(wishes: LeadWishes, history: ContactHistory) -> PolicyObjection | None:
    """Return what the number policy has against calling a lead, None for nothing."""
    if history.is_own_number:
        return number_policy.OWN_NUMBER
    has_place = bool(wishes.region or wishes.zip)
    found = number_policy.find_policy_objection(wishes.phone, history.policy, has_place=has_place)
    return None if found and found.may_be_confirmed and history.is_confirmed else found


def is_confirmation_wanted(
    session: Session, callback: Callback, lead: Lead, *, now: datetime
) -> bool:
    """Whether a lead's number is against the policy, and a person may let it through."""
    history = load_contact_history(session, lead.phone, callback, now=now)
    wishes = LeadWishes.of_lead(lead, any_hour=callback.any_hour)
    objection = policy_objection(wishes, history)
    return objection is not None and objection.may_be_confirmed


GateRule = Callable[[GateFacts], list[RuleFinding]]

RULES_OF_NUMBER: tuple[GateRule, ...] = (_check_place, _check_number_policy, _check_calling_hours)
"""The rules that ask about a number and the clock, and about nobody's file."""

RULES: dict[ContactChannel, tuple[GateRule, ...]] = {
    ContactChannel.CALL: (
        _check_suppression,
        _check_consent,
        _check_safe_to_call,
        *RULES_OF_NUMBER,
        _check_attempt_cap,
    ),
    ContactChannel.TEXT: (
        _check_suppression,
        _check_consent,
        _check_safe_to_text,
        *RULES_OF_NUMBER,
        _check_attempt_cap,
    ),
    ContactChannel.VOICEMAIL: (
        _check_suppression,
        _check_consent,
        _check_safe_to_voicemail,
        *RULES_OF_NUMBER,
        _check_attempt_cap,
    ),
}
"""The rules of each channel, in order; a new rule is one more function of GateFacts."""
