"""What an admission is to write, decided from what is known of whoever asks. Pure."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from leads.callbacks import retry_cadence
from leads.callbacks.asked_meanwhile import ASKED_BESIDE
from leads.contact_rules import gate
from leads.contact_rules.contact_history import NO_CONTACT_HISTORY, ContactHistory
from leads.contact_rules.gate_rules import ContactChannel, open_hours, policy_objection
from leads.contact_rules.lead_wishes import LeadWishes
from leads.forms.request import FormRequest
from leads.free_text.call_times import is_stricter_wish, read_call_time
from leads.free_text.danger import DangerKind, all_dangers, first_danger
from leads.i18n.messages import Message, MessageKey
from leads.lifecycle.state_tables import SubmissionEvent
from leads.models.calls import Callback
from leads.models.enums import CallbackState
from leads.models.helplines import Brand, Source
from leads.models.requests import Lead, Submission
from leads.person_facts import PERSON_FACTS, FactKind
from leads.person_names import fuller_name

KEPT_FACTS = {fact.name: fact.kind for fact in PERSON_FACTS if fact.is_kept}
WISHES = [name for name, kind in KEPT_FACTS.items() if kind is FactKind.YES_NO]
TEXT_FACTS = [name for name in KEPT_FACTS if name not in ("phone", "name", *WISHES)]
PLACE = ("city", "region", "zip")
NEWEST_COUNTS = (
    "for_whom",
    "language",
    "wished_gender",
    "wished_skill",
)  # they decide neither whether nor when a phone rings
YES = "yes"  # a wish, as it was said later


@dataclass(frozen=True)
class AdmissionCandidate:
    """A submission with its source, and the request in it, whose number can be dialed.

    `earlier`: the submission that this one repeats, by the vendor's id or the delivery's.
    `is_decided_by_person`: somebody decided about it or vouches for it, so that neither the number
    policy nor the budget of new numbers sends it to review. `is_read_by_person`: somebody read it.
    """

    submission: Submission
    source: Source
    request: FormRequest
    brand: Brand
    earlier: Submission | None = None
    is_decided_by_person: bool = False
    is_read_by_person: bool = False

    @property
    def is_unread_of_burst(self) -> bool:
        """Whether it came in a burst, and no person has read it: its words put nobody first."""
        return self.submission.is_of_burst and not self.is_read_by_person

    @functools.cached_property
    def dangers(self) -> tuple[DangerKind, ...]:
        """The kinds of danger that the request's words speak of, the first to be told first."""
        return all_dangers(self.request.own_words) if self.submission.danger else ()

    @property
    def earlier_delivery(self) -> Submission | None:
        """The earlier submission, where this one is the very same, which came once more."""
        is_same = self.earlier and self.earlier.body_sha256 == self.submission.body_sha256
        return self.earlier if is_same else None


@dataclass(frozen=True)
class AdmissionFacts:
    """What is known of whoever asks, locked; by default nothing, as of most who ask for help.

    `lead` is whoever has this name at the number, `others` are the other people there. `survivor`
    is the lead to ring, where the file was merged into that of the same person at another number.
    `callback` is the open one of the helpline that was asked, `further` are all other open ones
    to that phone: the person's at other helplines, and those of the other people. `history` is of
    the number to ring.
    """

    lead: Lead | None = None
    others: tuple[Lead, ...] = ()
    survivor: Lead | None = None
    callback: Callback | None = None
    further: tuple[Callback, ...] = ()
    is_consent_on_file: bool = False  # of this very submission
    is_number_suppressed: bool = False  # the one that was written from
    history: ContactHistory = NO_CONTACT_HISTORY
    is_first_time: bool = False  # nothing of theirs is stored, nor ever was
    is_put_off: bool = False  # a text from this phone named the time to which a call is put off
    is_over_budget: bool = False  # as many new numbers as usual came within the hour before
    is_of_flood: bool = False  # its sender spoke of danger for many numbers within minutes
    is_double: bool = False  # the same was sent a moment before


@dataclass(frozen=True)
class LaterStatement:
    """A fact as it was said later, which contradicts what this lead said first."""

    lead: Lead
    fact: str
    value: str


FIRST_TIME = AdmissionFacts(is_first_time=True)


@dataclass(frozen=True)
class AdmissionPlan:
    """What is to be written of one request.

    `event` moves the submission, with `submission_columns`, its lead and callback among them where
    it only repeats another one. `lead_columns`: the facts of the lead at the number from
    now on; None where the very same was delivered before. `callback_columns`: of a new callback, or
    what changes about the open one. `asked_meanwhile`: what is promised once the open one is over.
    `decision`: the gate's, where it was asked. `also_said`: what is said without proof and not
    applied, each with whose statement it contradicts. `limits`: what its words say against a call.
    """

    candidate: AdmissionCandidate
    facts: AdmissionFacts
    event: str
    submission_columns: dict[str, Any]
    lead_columns: dict[str, Any] | None = None
    callback_columns: dict[str, Any] = field(default_factory=dict)
    asked_meanwhile: dict[str, Any] = field(default_factory=dict)
    decision: gate.Decision | None = None
    also_said: tuple[LaterStatement, ...] = ()
    limits: tuple[str, ...] = ()

    @property
    def review_reason(self) -> str:
        """Why a person has to look before anybody is promised a call, or nothing."""
        reason: str = (
            self.submission_columns["reason"] if self.event == SubmissionEvent.REJECT else ""
        )
        return reason

    @property
    def is_of_burst(self) -> bool:
        """Whether a person has to look because more new numbers came than usual."""
        return bool(self.submission_columns.get("is_of_burst"))

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
    columns = lead_facts_after_request(facts.lead, facts.others, candidate.request)
    also_said = tuple(_list_later_statements(facts, columns, candidate.request))
    plan = AdmissionPlan(
        candidate,
        facts,
        "match",
        {"reason": ""},
        lead_columns=columns,
        also_said=also_said,
        limits=tuple(candidate.request.limits),
    )
    if facts.is_number_suppressed or facts.history.suppressed:
        changes = _danger_columns(candidate, facts.callback) if facts.callback else {}
        reason = {"reason": Message(MessageKey.SUPPRESSED)}
        return replace(plan, event="withhold", submission_columns=reason, callback_columns=changes)
    if facts.callback:
        return _plan_join(plan, facts.callback, now=now)
    if candidate.earlier:
        repeat = _columns_of_repeat(MessageKey.SENT_BEFORE, candidate.earlier)
        return replace(plan, submission_columns=repeat, also_said=())
    return _plan_review(plan) or _plan_new_callback(plan, now=now)


def _plan_review(plan: AdmissionPlan) -> AdmissionPlan | None:
    """Leave to a person what the helpline's policy does not call, and more than its budget."""
    facts = plan.facts
    if plan.candidate.is_decided_by_person:
        return None
    wishes = _wishes_of_rung(plan, any_hour=False)
    if objection := policy_objection(wishes, _history_with_helpline(plan)):
        changes: dict[str, Any] = {"reason": objection.reason}
    elif facts.lead is None and facts.is_over_budget:
        reason = Message(MessageKey.MORE_NEW_NUMBERS_THAN_USUAL)
        changes = {"reason": reason, "is_of_burst": True}
    else:
        return None
    return AdmissionPlan(plan.candidate, facts, SubmissionEvent.REJECT, changes)


def _wishes_of_rung(plan: AdmissionPlan, *, any_hour: bool) -> LeadWishes:
    """Return the wishes of the lead to ring, as this request leaves them."""
    if plan.facts.survivor:
        return LeadWishes.of_lead(plan.facts.survivor, any_hour=any_hour)
    known = plan.lead_columns or {}
    wishes = {name: known[name] for name in WISHES_OF_LEAD}
    return LeadWishes(
        phone=plan.candidate.request.phone or "",
        any_hour=any_hour,
        lead_id=plan.facts.lead.id if plan.facts.lead else None,
        **wishes,
    )


def _takes_any_hour(plan: AdmissionPlan) -> bool:
    """Whether a new callback is rung at any hour: its request wishes it, and nobody is woken by it.

    Whoever waits for the day by this phone is not, whichever helpline and whichever name is asked;
    nor is any hour taken where somebody at the phone ever named the time of day.
    """
    facts = plan.facts
    return (
        plan.candidate.request.any_hour is True
        and facts.survivor is None
        and all(callback.any_hour for callback in facts.further)
        and not _is_time_stated(facts)
    )


def _is_time_stated(facts: AdmissionFacts) -> bool:
    """Whether somebody at the phone said before when it may ring, and not just at any time."""
    said = [lead.best_time for lead in (facts.lead, *facts.others) if lead and lead.best_time]
    return any(wish is None or not wish.is_any_time for wish in map(read_call_time, said))


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


NO_SAFE_TIME: Mapping[str, None] = {"safe_from": None, "safe_until": None}
"""What changes about a callback whose lead says, later, that it is not safe after all."""

WISHES_OF_LEAD = ("region", "zip", "city", "best_time", "safe_to_call", "further_places")


def lead_facts_after_request(
    lead: Lead | None, others: Sequence[Lead], request: FormRequest
) -> dict[str, Any]:
    """Return the facts of a lead as they are after the lead made this request.

    The first request of a person says all. A later one may be anybody's: it fills what is empty,
    but for the e-mail address, to which what they asked for is answered where calls are not safe.
    It may say that something is not safe and never that it is, it may leave fewer hours to call and
    never others, and a place that it states counts beside the first one. So do the places of the
    other people at the number.
    """
    if lead is None:
        said = {name: getattr(request, name) for name in ("name", *TEXT_FACTS, *WISHES)}
        near = [place for other in others for place in places_of_lead(other)]
        return said | {"further_places": merge_places([request.region, request.zip], [], near)}
    own = [lead.region, lead.zip]
    known: dict[str, Any] = {"name": fuller_name(lead.name, request.name)}
    for fact in TEXT_FACTS:
        newest, first = getattr(request, fact), getattr(lead, fact)
        known[fact] = (newest or first) if fact in NEWEST_COUNTS else (first or newest)
    if any(getattr(lead, fact) for fact in ("name", *TEXT_FACTS)):
        known["email"] = lead.email
    if is_stricter_wish(request.best_time, lead.best_time):
        known["best_time"] = request.best_time
    if any(getattr(lead, fact) for fact in PLACE):
        known |= {fact: getattr(lead, fact) for fact in PLACE}
    place = [known["region"], known["zip"]]
    new = [own, stated] if any(stated := [request.region, request.zip]) else []
    known["further_places"] = merge_places(place, lead.further_places, new)
    return known | _wishes_after_request(lead, request)


def _wishes_after_request(lead: Lead, request: FormRequest) -> dict[str, bool | None]:
    """Return a lead's wishes after a later request, which makes nothing safe that was not.

    For voicemails and texts silence is a no, which a later request does not take back either.
    """
    wishes: dict[str, bool | None] = {}
    for wish in WISHES:
        before, said = getattr(lead, wish), getattr(request, wish)
        if before is False or said is False:
            wishes[wish] = False
        else:
            wishes[wish] = before or (said if wish == "safe_to_call" else None)
    return wishes


def places_of_lead(lead: Lead) -> list[list[str]]:
    """Return every place at which a lead's phone is said to be: region and ZIP code of each."""
    return [[lead.region, lead.zip], *lead.further_places]


def merge_places(
    own: Sequence[str], further: Sequence[Sequence[str]], new: Iterable[Sequence[str]]
) -> list[list[str]]:
    """Return further places with new ones, each once and without the lead's own place.

    No region and no ZIP code is a place too: where the number itself is.
    """
    known = [list(place) for place in further]
    for place in new:
        if list(place) not in (list(own), *known):
            known.append(list(place))
    return known


def _list_later_statements(
    facts: AdmissionFacts, columns: Mapping[str, Any], request: FormRequest
) -> Iterator[LaterStatement]:
    """Yield what a request says that is not applied, because what was said first protects."""
    if lead := facts.lead:
        for fact in TEXT_FACTS:
            said, kept = getattr(request, fact), columns[fact]
            if said and said.casefold() != kept.casefold():
                yield LaterStatement(lead, fact, said)
    for wish in WISHES:
        if getattr(request, wish) is True:
            for protected in _whom_wish_contradicts(wish, facts, columns):
                yield LaterStatement(protected, wish, YES)
    first_known = next((one for one in (facts.lead, *facts.others) if one), None)
    if first_known is None:
        return
    counts = (facts.callback,) if facts.callback else facts.further
    is_taken = all(callback.any_hour for callback in counts) and not _is_time_stated(facts)
    if request.any_hour and not is_taken:
        yield LaterStatement(first_known, "any_hour", YES)
    if request.consent and facts.history.refused and facts.survivor is None:
        yield LaterStatement(first_known, "consent", YES)


def _whom_wish_contradicts(
    wish: str, facts: AdmissionFacts, columns: Mapping[str, Any]
) -> list[Lead]:
    """Return the people at the number for whom something is not safe that a request says is."""
    theirs = [facts.lead] if facts.lead and columns[wish] is not True else []
    return [*theirs, *(other for other in facts.others if getattr(other, wish) is False)]


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
        "recorded_by": submission.entered_by,
        "lifted_at": None,
        "lifted_by": "",
    }


def _agreed_channels(request: FormRequest) -> list[str]:
    said = {
        "call": request.safe_to_call is not False,
        "voicemail": request.safe_to_voicemail,
        "text": request.safe_to_text,
    }
    return [channel for channel, is_fine in said.items() if is_fine]


def _ask_gate(plan: AdmissionPlan, wishes: LeadWishes, *, now: datetime) -> gate.Decision:
    """Ask the gate, to which a refusal in this request counts like one that is on file."""
    history = _history_with_helpline(plan)
    if plan.facts.survivor is None and plan.candidate.request.consent is False:
        history = replace(history, refused=True)
    return gate.decide_by_history(history, ContactChannel.CALL, wishes, now=now)


def _history_with_helpline(plan: AdmissionPlan) -> ContactHistory:
    """Return the history with the hours and the policy of the helpline that promises a call."""
    brand, callback = plan.candidate.brand, plan.facts.callback
    is_refused = plan.candidate.request.is_refused  # said after a safe time was agreed
    return replace(
        plan.facts.history,
        own_hours=brand.calling_hours,
        called_countries=brand.called_countries,
        called_kinds=brand.called_kinds,
        source_region=plan.candidate.source.region,
        hours_overridden_until=callback.hours_overridden_until if callback else None,
        is_time_agreed=callback is not None and callback.is_time_agreed,
        safe_from=callback.safe_from if callback and not is_refused else None,
        safe_until=callback.safe_until if callback and not is_refused else None,
    )


def _plan_new_callback(plan: AdmissionPlan, *, now: datetime) -> AdmissionPlan:
    """Promise a callback, due when the gate and the lead's own wish allow a call."""
    submission, source = plan.candidate.submission, plan.candidate.source
    wishes = _wishes_of_rung(plan, any_hour=_takes_any_hour(plan))
    decision = _ask_gate(plan, wishes, now=now)
    history = _history_with_helpline(plan)
    due_at = first_permitted_time(decision, wishes, history, submission.received_at)
    row = {
        "brand_id": source.brand_id,
        "source_id": source.id,
        "received_at": submission.received_at,
        "promised_at": due_at,
        "due_at": due_at,
        "any_hour": wishes.any_hour,
        "is_of_burst": plan.candidate.is_unread_of_burst
        or (plan.facts.is_of_flood and plan.facts.lead is None),
        **_danger_columns(plan.candidate, None),
    }
    plan = _with_unmet_wish(plan, wishes)
    return replace(plan, event="admit", callback_columns=row, decision=decision)


def _plan_join(plan: AdmissionPlan, callback: Callback, *, now: datetime) -> AdmissionPlan:
    """Bring the open callback forward, because its lead asked again.

    It goes next among the callbacks that are due, as soon as the gate allows.
    """
    any_hour = callback.any_hour and plan.candidate.request.any_hour is not False
    wishes = _wishes_of_rung(plan, any_hour=any_hour)
    plan = _with_unmet_wish(plan, wishes)
    changes = _danger_columns(plan.candidate, callback) | {"any_hour": any_hour}
    if plan.facts.is_of_flood and not callback.in_danger:
        changes["is_of_burst"] = True
    if plan.candidate.request.is_refused:
        changes |= NO_SAFE_TIME
    if plan.candidate.earlier is None:
        changes["asked_again"] = callback.asked_again + 1
    if callback.state != CallbackState.WAITING:
        asked = _plan_asked_meanwhile(plan, callback, now=now)
        return replace(plan, callback_columns=changes, asked_meanwhile=asked)
    decision = _ask_gate(plan, wishes, now=now)
    history = _history_with_helpline(plan)
    said_at = callback.received_at
    sooner = first_permitted_time(decision, wishes, history, said_at, after=now)
    changes["due_at"] = sooner if sooner > now else min(callback.due_at, now)
    if plan.facts.is_put_off or callback.is_time_agreed:  # they said when
        changes["due_at"] = max(callback.due_at, decision.not_before or callback.due_at)
    return replace(plan, callback_columns=changes, decision=decision)


def _with_unmet_wish(plan: AdmissionPlan, wishes: LeadWishes) -> AdmissionPlan:
    """Return a plan with the best time among its limits where nobody may call at that time.

    Whoever wishes for a call after nine at night is not to be called in the morning for it.
    """
    best_time, said_at = plan.candidate.request.best_time, plan.candidate.submission.received_at
    if wishes.any_hour or not best_time:
        return plan
    hours = replace(open_hours(wishes, _history_with_helpline(plan)), stated=())
    if retry_cadence.is_wish_ever_met(best_time, hours=hours, said_at=said_at):
        return plan
    return replace(plan, limits=(*plan.limits, f"best_time: {best_time}"))


def _plan_asked_meanwhile(
    plan: AdmissionPlan, callback: Callback, *, now: datetime
) -> dict[str, Any]:
    """Return what is asked for by whoever writes while we ring them, or write up a call, if it is.

    What came before the end of a call, and a double of it, the call itself was about.
    """
    candidate, ended_at = plan.candidate, callback.ended_at
    if callback.state not in ASKED_BESIDE:
        return {}
    is_before_end = ended_at is not None and candidate.submission.received_at <= ended_at
    is_heard = is_before_end or plan.facts.is_double
    if is_heard or candidate.earlier or candidate.request.is_refused:
        return {}
    row = _plan_new_callback(plan, now=now).callback_columns
    return {name: row[name] for name in ("received_at", "due_at", "any_hour")}


def _danger_columns(candidate: AdmissionCandidate, callback: Callback | None) -> dict[str, Any]:
    """Return that words of danger put a callback before others; the hours still hold."""
    if not candidate.dangers:
        return {} if callback else {"danger": None, "danger_at": None}
    before = callback.danger if callback else None
    return {
        "danger": first_danger([*candidate.dangers, before]),
        "danger_at": candidate.submission.received_at,
    }


def first_permitted_time(
    decision: gate.Decision,
    wishes: LeadWishes,
    history: ContactHistory,
    said_at: datetime,
    *,
    after: datetime | None = None,
) -> datetime:
    """Return when the gate and the lead's wish first allow a call, as far as they ever do.

    `said_at`: when the wish was stated, and from when on they may, unless it is only `after`.
    """
    start = after or said_at
    if decision.needs_person:
        return start
    earliest = decision.not_before or start
    if wishes.any_hour:
        return earliest
    hours = open_hours(wishes, history)
    return retry_cadence.next_wished_time(
        earliest, hours=hours, best_time=wishes.best_time, said_at=said_at
    )
