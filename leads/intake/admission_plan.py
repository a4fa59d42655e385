"""What an admission is to write, decided from what is known of whoever asks. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from leads.callbacks import retry_cadence
from leads.contact_rules import crisis_words, gate
from leads.forms.request import FormRequest
from leads.i18n.messages import Message, MessageKey
from leads.models.calls import Callback
from leads.models.enums import CallbackState
from leads.models.helplines import Source
from leads.models.requests import Lead, Submission
from leads.person_facts import PERSON_FACTS, FactKind

WISHES_IN_REQUEST = ("region", "zip", "best_time", "any_hour", "safe_to_call")
KEPT_FACTS = {fact.name: fact.kind for fact in PERSON_FACTS if fact.is_kept}
WISHES = [name for name, kind in KEPT_FACTS.items() if kind is FactKind.YES_NO]
TEXT_FACTS = [name for name in KEPT_FACTS if name not in ("phone", "name", *WISHES)]


@dataclass(frozen=True)
class AdmissionCandidate:
    """A submission with its source, and the request in it, whose number can be dialed.

    `earlier`: the submission that this one repeats, by the vendor's id or the delivery's.
    """

    submission: Submission
    source: Source
    request: FormRequest
    earlier: Submission | None = None

    @property
    def earlier_delivery(self) -> Submission | None:
        """The earlier submission, where this one is the very same, which came once more."""
        is_same = self.earlier and self.earlier.body_sha256 == self.submission.body_sha256
        return self.earlier if is_same else None


@dataclass(frozen=True)
class AdmissionFacts:
    """What is known of whoever asks, locked; by default nothing, as of most who ask for help.

    `lead` has the number. `survivor` is the lead to ring, where the file was merged into that of
    the same person at another number. `callback` is open. `history` is of the number to ring.
    """

    lead: Lead | None = None
    survivor: Lead | None = None
    callback: Callback | None = None
    sent_moments_ago: Submission | None = None
    is_consent_on_file: bool = False  # of this very submission
    is_number_suppressed: bool = False  # the one that was written from
    history: gate.ContactHistory = gate.NO_CONTACT_HISTORY
    is_first_time: bool = False  # nothing of theirs is stored, nor ever was


FIRST_TIME = AdmissionFacts(is_first_time=True)


@dataclass(frozen=True)
class AdmissionPlan:
    """What is to be written of one request.

    `event` moves the submission, with `submission_columns`, its lead and callback among them where
    it only repeats another one. `lead_columns`: the facts of the lead at the number from
    now on; None where the very same was delivered before. `callback_columns`: of a new callback, or
    what changes about the open one. `decision`: the gate's, where it was asked.
    """

    candidate: AdmissionCandidate
    facts: AdmissionFacts
    event: str
    submission_columns: dict[str, Any]
    lead_columns: dict[str, Any] | None = None
    callback_columns: dict[str, Any] = field(default_factory=dict)
    decision: gate.Decision | None = None

    @property
    def is_refusal_elsewhere(self) -> bool:
        """Whether calls are refused at a number that is not the one to ring.

        What somebody refuses at one number is no permission to ring them at another.
        """
        request = self.candidate.request
        refuses = request.consent is False or request.safe_to_call is False
        return refuses and self.facts.survivor is not None


def plan_admission(
    candidate: AdmissionCandidate, facts: AdmissionFacts, *, now: datetime
) -> AdmissionPlan:
    """Return what a request leads to.

    It is withheld, joins the open callback, repeats another one, or is promised a callback.
    """
    columns = lead_facts_after_request(facts.lead or make_blank_lead(), candidate.request)
    plan = AdmissionPlan(candidate, facts, "match", {"reason": ""}, lead_columns=columns)
    repeated = candidate.earlier or facts.sent_moments_ago
    if facts.is_number_suppressed or facts.history.suppressed:
        changes = _danger_of(candidate) if facts.callback else {}
        reason = {"reason": Message(MessageKey.SUPPRESSED)}
        return replace(plan, event="withhold", submission_columns=reason, callback_columns=changes)
    if facts.callback:
        return _plan_join(plan, facts.callback, _wishes_of_rung(candidate, facts, columns), now=now)
    if repeated:
        return replace(
            plan, submission_columns=_columns_of_repeat(MessageKey.SENT_BEFORE, repeated)
        )
    return _plan_new_callback(plan, _wishes_of_rung(candidate, facts, columns), now=now)


def _wishes_of_rung(
    candidate: AdmissionCandidate, facts: AdmissionFacts, columns: dict[str, Any]
) -> gate.LeadWishes:
    """Return the wishes of the lead to ring, as this request leaves them."""
    if facts.survivor:
        return gate.LeadWishes.of_lead(facts.survivor)
    wishes = {name: columns[name] for name in WISHES_IN_REQUEST}
    return gate.LeadWishes(phone=candidate.request.phone or "", **wishes)


def plan_repeated_delivery(candidate: AdmissionCandidate, earlier: Submission) -> AdmissionPlan:
    """Return that a submission only shares what the very same one, delivered earlier, led to."""
    columns = _columns_of_repeat(MessageKey.DELIVERED_BEFORE, earlier)
    return AdmissionPlan(candidate, FIRST_TIME, "match", columns)


def _columns_of_repeat(key: MessageKey, earlier: Submission) -> dict[str, Any]:
    return {
        "reason": Message(key, id=earlier.id),
        "lead_id": earlier.lead_id,
        "callback_id": earlier.callback_id,
    }


def make_blank_lead() -> Lead:
    """Make a lead of whom nothing is known, which no session has."""
    return Lead(phone="")


def lead_facts_after_request(lead: Lead, request: FormRequest) -> dict[str, Any]:
    """Return the facts of a lead as they are after the lead made this request.

    What is said now replaces what was said before; silence about a wish changes nothing. A second
    name at the same number replaces nothing that the first one said, and does not take back what is
    not safe for the first.
    """
    is_another = (
        bool(lead.name and request.name) and lead.name.casefold() != request.name.casefold()
    )
    known: dict[str, Any] = {"name": lead.name or request.name}
    for fact in TEXT_FACTS:
        first, second = (lead, request) if is_another else (request, lead)
        known[fact] = getattr(first, fact) or getattr(second, fact)
    for wish in WISHES:
        said, before = getattr(request, wish), getattr(lead, wish)
        keeps = said is None or (is_another and before is False and wish != "any_hour")
        known[wish] = before if keeps else said
    return known


def consent_row(submission: Submission, lead: Lead, request: FormRequest) -> dict[str, Any]:
    """Return the row that records a request's consent."""
    return {
        "submission_id": submission.id,
        "lead_id": lead.id,
        "phone": lead.phone,
        "granted": request.consent,
        "wording": request.consent_text,
        "wording_sha256": hashlib.sha256(request.consent_text.encode()).hexdigest()
        if request.consent_text
        else "",
        "channels": _agreed_channels(request),
        "page_url": request.page_url,
        "ip": submission.ip,
        "user_agent": submission.user_agent,
        "given_at": submission.received_at,
    }


def _agreed_channels(request: FormRequest) -> list[str]:
    said = {
        "call": request.safe_to_call is not False,
        "voicemail": request.safe_to_voicemail,
        "text": request.safe_to_text,
    }
    return [channel for channel, is_fine in said.items() if is_fine]


def _ask_gate(plan: AdmissionPlan, wishes: gate.LeadWishes, *, now: datetime) -> gate.Decision:
    """Ask the gate with this request's consent as the last word of the lead who wrote it."""
    history = plan.facts.history
    if plan.facts.survivor is None and not plan.facts.is_consent_on_file:
        history = replace(history, granted=plan.candidate.request.consent)
    return gate.decide_by_history(history, gate.ContactChannel.CALL, wishes, now=now)


def _plan_new_callback(
    plan: AdmissionPlan, wishes: gate.LeadWishes, *, now: datetime
) -> AdmissionPlan:
    """Promise a callback, due when the gate and the lead's own wish allow a call."""
    submission, source = plan.candidate.submission, plan.candidate.source
    decision = _ask_gate(plan, wishes, now=now)
    due_at = _first_permitted_time(decision, wishes, submission.received_at)
    row = {
        "brand_id": source.brand_id,
        "source_id": source.id,
        "received_at": submission.received_at,
        "promised_at": due_at,
        "due_at": due_at,
        "in_danger": crisis_words.has_crisis_words(plan.candidate.request.message),
    }
    return replace(plan, event="admit", callback_columns=row, decision=decision)


def _plan_join(
    plan: AdmissionPlan, callback: Callback, wishes: gate.LeadWishes, *, now: datetime
) -> AdmissionPlan:
    """Bring the open callback forward, because its lead asked again.

    It goes next among the callbacks that are due, as soon as the gate allows.
    """
    changes = _danger_of(plan.candidate)
    if plan.candidate.earlier is None:
        changes["asked_again"] = callback.asked_again + 1
    if callback.state != CallbackState.WAITING:
        return replace(plan, callback_columns=changes)
    decision = _ask_gate(plan, wishes, now=now)
    sooner = _first_permitted_time(decision, wishes, callback.received_at)
    changes["due_at"] = min(callback.due_at, max(sooner, now))
    return replace(plan, callback_columns=changes, decision=decision)


def _danger_of(candidate: AdmissionCandidate) -> dict[str, Any]:
    """Return that words of danger put a callback before others; the hours still hold."""
    return {"in_danger": True} if crisis_words.has_crisis_words(candidate.request.message) else {}


def _first_permitted_time(
    decision: gate.Decision, wishes: gate.LeadWishes, received_at: datetime
) -> datetime:
    """Return when the gate and the lead's wish first allow a call, as far as they ever do."""
    if decision.needs_person:
        return received_at
    earliest = decision.not_before or received_at
    if wishes.any_hour:
        return earliest
    place = gate.lead_location(wishes)
    return retry_cadence.next_wished_time(
        earliest, place=place, best_time=wishes.best_time, said_at=received_at
    )
