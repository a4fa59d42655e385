"""The gate's rules: what each has against contact, and from when it no longer has. Pure."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from leads.contact_rules import calling_hours, number_policy
from leads.contact_rules.calling_hours import OpenHours
from leads.contact_rules.contact_history import CAP_WINDOW, MOST_CALLS, ContactHistory
from leads.contact_rules.lead_wishes import LeadWishes, lead_location
from leads.contact_rules.number_policy import PolicyObjection
from leads.contact_rules.own_hours import own_hours_rule
from leads.contact_rules.possible_location import PossibleLocation
from leads.contact_rules.stated_call_times import StatedCallTime
from leads.i18n.messages import Message, MessageKey
from leads.phone_numbers import is_withheld

HOURS_OVERRIDE = "hours-override"
TIMES_OF_PHONE = "times-of-phone"
OWN_NUMBER = "own-number"
AGREED_SAFE_TIME = "agreed-safe-time"


class ContactChannel(StrEnum):
    """A channel by which a lead is contacted."""

    CALL = "call"
    TEXT = "text"
    VOICEMAIL = "voicemail"


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
    TIMES_OF_PHONE = "times_of_phone"
    OTHER_NUMBER = "other_number"


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
    RefusalReason.TIMES_OF_PHONE: Message(MessageKey.TIMES_OF_PHONE),
    RefusalReason.OTHER_NUMBER: Message(MessageKey.OTHER_NUMBER),
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


def open_hours(
    wishes: LeadWishes, history: ContactHistory, channel: ContactChannel = ContactChannel.CALL
) -> OpenHours:
    """Return the hours that bind: the laws unless any hour was wished for, and the helpline's.

    So do the times that others at the number named for calls to it.
    """
    place = lead_location(wishes, history.source_region)
    own = own_hours_rule(history.own_hours)
    said = "text" if channel is ContactChannel.TEXT else "call"
    is_wished = wishes.any_hour and channel is not ContactChannel.TEXT
    laws = () if is_wished else calling_hours.calling_hours_rules(place.jurisdictions, said)
    is_call = channel is ContactChannel.CALL
    stated = history.times_stated_by_others(wishes.lead_id) if is_call else ()
    return OpenHours(place, (*laws, own) if own else laws, stated)


def _check_suppression(facts: GateFacts) -> list[RuleFinding]:
    history = facts.on_file
    is_text = facts.channel == ContactChannel.TEXT
    is_closed = history.texts_stopped if is_text else history.calls_stopped
    return [RuleFinding("suppression", RefusalReason.SUPPRESSED if is_closed else None)]


def _check_consent(facts: GateFacts) -> list[RuleFinding]:
    """Refuse where a question for consent was answered by a no that nobody has lifted.

    A form that never asked is itself the request to be rung.
    """
    return [RuleFinding("consent", RefusalReason.NO_CONSENT if facts.on_file.refused else None)]


def _check_safe_to_call(facts: GateFacts) -> list[RuleFinding]:
    """Refuse what is not safe; where a safe time was agreed, refuse every other time."""
    start, end = facts.on_file.safe_from, facts.on_file.safe_until
    if start and end:
        if start <= facts.now < end:
            return [RuleFinding(AGREED_SAFE_TIME)]
        waits_until = start if facts.now < start else None
        return [RuleFinding(AGREED_SAFE_TIME, RefusalReason.NOT_SAFE_TO_CALL, waits_until)]
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
    """Refuse outside the hours, unless supervisors let this callback's next call through."""
    if facts.on_file.overrides_hours(facts.now) and facts.channel == ContactChannel.CALL:
        return [RuleFinding(HOURS_OVERRIDE)]
    wished = [RuleFinding("wish-any-hour")] if facts.is_any_hour else []
    rules = facts.hours.rules
    closed = calling_hours.closed_rules(rules, facts.place, facts.now)
    if not closed:
        return [*wished, *(RuleFinding(rule.id) for rule in rules)]
    until = facts.hours.next_allowed(facts.now)
    reason = RefusalReason.QUIET_HOURS if until else RefusalReason.PLACE_UNKNOWN
    return [
        *wished,
        *(RuleFinding(rule.id, reason if rule in closed else None, until) for rule in rules),
    ]


def _check_times_of_phone(facts: GateFacts) -> list[RuleFinding]:
    """Refuse at a time that somebody else did not wish for who shares the phone.

    A person decides where no time suits them all, by the clocks of every place that they named, or
    where nobody can tell which would.
    """
    hours, history = facts.hours, facts.on_file
    is_shared = hours.stated or (facts.wishes.best_time and facts.wishes.further_places)
    if not is_shared or history.is_time_agreed or history.overrides_hours(facts.now):
        return []
    own = StatedCallTime(facts.wishes.lead_id, facts.now, facts.wishes.best_time)
    every = hours if facts.is_any_hour else replace(hours, stated=(*hours.stated, own))
    if any(one.is_unclear for one in hours.stated) or every.next_open(facts.now) is None:
        return [RuleFinding(TIMES_OF_PHONE, RefusalReason.TIMES_OF_PHONE)]
    if hours.next_stated(facts.now) == facts.now:
        return [RuleFinding(TIMES_OF_PHONE)]
    suits_all = hours.next_open(facts.now)
    return [RuleFinding(TIMES_OF_PHONE, RefusalReason.TIMES_OF_PHONE, suits_all)]


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


NUMBER_WITHHELD = PolicyObjection(Message(MessageKey.NUMBER_WITHHELD), may_be_confirmed=False)
"""The objection to whoever called in without showing a number: there is nothing to dial."""


def policy_objection(wishes: LeadWishes, history: ContactHistory) -> PolicyObjection | None:
    """Return what the number policy has against calling a lead, None for nothing."""
    if is_withheld(wishes.phone):
        return NUMBER_WITHHELD
    if history.is_own_number:
        return number_policy.OWN_NUMBER
    has_place = bool(wishes.region or wishes.zip)
    found = number_policy.find_policy_objection(wishes.phone, history.policy, has_place=has_place)
    return None if found and found.may_be_confirmed and history.is_confirmed else found


GateRule = Callable[[GateFacts], list[RuleFinding]]

RULES_OF_NUMBER: tuple[GateRule, ...] = (_check_place, _check_number_policy, _check_calling_hours)
"""The rules that ask about a number and the clock, and about nobody's file."""

RULES: dict[ContactChannel, tuple[GateRule, ...]] = {
    ContactChannel.CALL: (
        _check_suppression,
        _check_consent,
        _check_safe_to_call,
        *RULES_OF_NUMBER,
        _check_times_of_phone,
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
        *RULES_OF_NUMBER,  # and no cap: the call in which a message is left has counted
    ),
}
"""The rules of each channel, in order; a new rule is one more function of GateFacts."""
