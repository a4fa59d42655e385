"""Call promises: what a visitor of the hosted form is told of when we call, before and after.

Nothing of it depends on what is stored of anybody: whoever sends somebody else's number is told
the same as everybody, and learns of no earlier request, stop or wish.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from leads.callbacks.retry_cadence import PARTS_OF_DAY, next_wished_time
from leads.contact_rules import own_numbers
from leads.contact_rules.area_codes import find_number_area
from leads.contact_rules.calling_hours import OpenHours, rules_of_place
from leads.contact_rules.contact_history import ContactHistory
from leads.contact_rules.gate_rules import open_hours
from leads.contact_rules.lead_wishes import LeadWishes
from leads.contact_rules.own_hours import own_hours_rule
from leads.contact_rules.possible_location import PossibleLocation
from leads.contact_rules.zip_zones import US, Area, anywhere_in_us, country_zones
from leads.forms.request import FormRequest
from leads.free_text.danger import DangerKind, all_dangers
from leads.intake.admission_plan import FIRST_TIME, AdmissionCandidate, plan_admission
from leads.intake.http_requests import SourceWithBrand
from leads.intake.review_reasons import find_review_reason
from leads.models.requests import Submission

AT_ONCE = timedelta(minutes=1)


class PromiseKind(StrEnum):
    """What comes of a form that was just sent."""

    SOON = "soon"
    LATER = "later"
    REVIEW = "review"  # a person reads it before anybody is called
    NO_CALL = "no_call"  # they said that a call is not safe


@dataclass(frozen=True)
class CallPromise:
    """What comes of a form; for a call, from when on, until when, and by which zone's clock."""

    kind: PromiseKind
    due_at: datetime
    closes_at: datetime | None
    hours: OpenHours


@dataclass(frozen=True)
class CallHours:
    """When a helpline calls a visitor, as far as it is known where they are.

    `is_guess`: nothing says where, so that it is told by the clock of the helpline's own place.
    """

    hours: OpenHours
    is_guess: bool

    def opening_time(self, now: datetime) -> datetime | None:
        """Return from when on somebody can be called; `now` where that is at once."""
        return self.hours.next_open(now)

    def part_of_day(self, part: str, now: datetime) -> tuple[datetime, datetime] | None:
        """Return when a part of the day is next called in; None where it never is."""
        start = next_wished_time(now, hours=self.hours, best_time=part, said_at=now)
        opens, closes = PARTS_OF_DAY[part]
        local = start.astimezone(ZoneInfo(self.hours.place.zone))
        if not opens <= local.time() < closes:
            return None
        ends = datetime.combine(local.date(), closes, local.tzinfo)
        return start, min(ends, self.hours.closing_time(start) or ends)


def find_call_hours(door: SourceWithBrand, phone: str, given: Mapping[str, str]) -> CallHours:
    """Return a helpline's hours for a visitor of whom a number or a place may be known."""
    place = [given.get(name, "") for name in ("region", "zip", "city")]
    if not phone and not any(place):
        return CallHours(_hours_of_helpline(door), is_guess=True)
    region, zip_code, city = place
    wishes = LeadWishes(
        phone, region, zip_code, best_time="", any_hour=False, safe_to_call=None, city=city
    )
    return CallHours(_hours_of_wishes(door, wishes), is_guess=False)


def find_call_promise(
    door: SourceWithBrand, submission: Submission, request: FormRequest
) -> CallPromise:
    """Return what a form leads to, by the same plan as its admission.

    It is taken as that of somebody of whom nothing is stored.
    """
    now = submission.received_at
    candidate = AdmissionCandidate(submission, door.source, request, door.brand)
    wishes = LeadWishes(
        request.phone or "",
        request.region,
        request.zip,
        best_time=request.best_time,
        any_hour=request.any_hour is True,
        safe_to_call=request.safe_to_call,
        city=request.city,
    )
    hours = _hours_of_wishes(door, wishes)
    if request.safe_to_call is False:
        return CallPromise(PromiseKind.NO_CALL, now, None, hours)
    if find_review_reason(door.source, submission, request, None) or _speaks_against(request):
        return CallPromise(PromiseKind.REVIEW, now, None, hours)
    plan = plan_admission(candidate, FIRST_TIME, now=now)
    needs_person = plan.limits or (plan.decision and plan.decision.needs_person)
    if plan.event != "admit" or needs_person:
        return CallPromise(PromiseKind.REVIEW, now, None, hours)
    due_at: datetime = plan.callback_columns["due_at"]
    kind = PromiseKind.SOON if due_at < now + AT_ONCE else PromiseKind.LATER
    return CallPromise(kind, due_at, hours.closing_time(due_at), hours)


def _speaks_against(request: FormRequest) -> bool:
    """Whether a person decides by what somebody wrote before their phone rings."""
    return bool(request.limits) or DangerKind.HARM in all_dangers(request.own_words)


def _hours_of_wishes(door: SourceWithBrand, wishes: LeadWishes) -> OpenHours:
    history = ContactHistory(own_hours=door.brand.calling_hours, source_region=door.source.region)
    return open_hours(wishes, history)


def _hours_of_helpline(door: SourceWithBrand) -> OpenHours:
    """Return the hours where a helpline's own number is, else in the first zone of its country."""
    number, region = own_numbers.caller_id_of(door.brand.caller_id), door.source.region
    country = Area((region,), country_zones().get(region, ())) if region != US else None
    own = find_number_area(number) if number else None
    area = own or (country if country and country.zones else anywhere_in_us())
    place = PossibleLocation(area.zones[:1], area.codes)
    rule = own_hours_rule(door.brand.calling_hours)
    laws = rules_of_place(place)
    return OpenHours(place, (*laws, rule) if rule else laws)
