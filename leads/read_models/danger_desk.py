"""The desk in danger, as read: the incident in hand, what to say and do, and whom to bring in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from leads.contact_rules.lead_wishes import lead_location
from leads.free_text.danger import DangerKind
from leads.i18n import languages
from leads.incidents.protocol import ChecklistStep, load_protocol
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, CallLeg
from leads.models.enums import AttemptState, Party
from leads.models.helplines import Brand, EmergencyNumber
from leads.models.incident_words import IncidentStepKind
from leads.models.incidents import Incident, IncidentStep
from leads.models.requests import Lead
from leads.phone_numbers import format_phone


@dataclass(frozen=True)
class TakenStep:
    """One step that was taken; `by` is empty where a rule took it."""

    step: IncidentStepKind
    at: datetime
    by: str
    note: str


@dataclass(frozen=True)
class IncidentOnDesk:
    """The open incident of the callback in hand.

    `spoken`: the languages in which they may be asked; the one that they gave, or all.
    """

    incident_id: int
    kind: DangerKind
    opened_at: datetime
    first_words: Mapping[str, str]  # by language, the person's own first
    spoken: tuple[str, ...]
    checklist: tuple[ChecklistStep, ...]
    steps: tuple[TakenStep, ...]  # oldest first

    @property
    def taken(self) -> Mapping[IncidentStepKind, datetime]:
        """When each step was taken last."""
        return {step.step: step.at for step in self.steps}

    @property
    def next_step(self) -> ChecklistStep | None:
        """The first step that was not taken."""
        return next((one for one in self.checklist if one.step not in self.taken), None)


@dataclass(frozen=True)
class CountyNumber:
    """A county's emergency services, by their ten-digit number."""

    county: str
    state: str
    name: str
    number: str


@dataclass(frozen=True)
class DangerDesk:
    """What an advisor has at hand where somebody is in danger.

    `attempt_id`: the call in which others can be asked in. `is_crisis_line_asked_in`: it is rung or
    in the call; until the hold is ended the lead does not hear it.
    """

    callback_id: int
    incident: IncidentOnDesk | None
    crisis_line: str
    county_numbers: tuple[CountyNumber, ...]  # in an incident: of where they may be
    attempt_id: str | None
    is_crisis_line_asked_in: bool
    has_crisis_line_answered: bool
    is_lead_on_hold: bool


def read_danger_desk(session: Session, callback: Callback) -> DangerDesk:
    """Return what is at hand for a callback that an advisor has."""
    brand = session.get_one(Brand, callback.brand_id)
    lead = session.get_one(Lead, callback.lead_id)
    attempt = _joinable_attempt(session, callback)
    legs = _live_legs(session, attempt)
    crisis_legs = [leg for leg in legs if leg.phone == brand.crisis_line]
    incident = _incident_on_desk(session, callback, lead)
    return DangerDesk(
        callback_id=callback.id,
        incident=incident,
        crisis_line=format_phone(brand.crisis_line),
        county_numbers=tuple(_county_numbers(session, brand, lead)) if incident else (),
        attempt_id=attempt.id if attempt else None,
        is_crisis_line_asked_in=bool(crisis_legs),
        has_crisis_line_answered=any(leg.joined_at for leg in crisis_legs),
        is_lead_on_hold=any(leg.is_on_hold for leg in legs if leg.party == Party.LEAD),
    )


def read_steps(session: Session, incident_ids: list[int]) -> dict[int, tuple[TakenStep, ...]]:
    """Return the steps of each of these incidents, oldest first."""
    names = {f"advisor:{one.id}": one.name for one in session.exec(select(Advisor))}
    steps: dict[int, tuple[TakenStep, ...]] = dict.fromkeys(incident_ids, ())
    theirs = select(IncidentStep).where(col(IncidentStep.incident_id).in_(incident_ids))
    for row in session.exec(theirs.order_by(col(IncidentStep.id))):
        taken = TakenStep(row.step, row.at, names.get(row.by, ""), row.note)
        steps[row.incident_id] = (*steps[row.incident_id], taken)
    return steps


def _incident_on_desk(session: Session, callback: Callback, lead: Lead) -> IncidentOnDesk | None:
    open_now = select(Incident).where(
        Incident.callback_id == callback.id, col(Incident.closed_at).is_(None)
    )
    incident = session.exec(open_now).first()
    if incident is None:
        return None
    protocol, own = load_protocol(), languages.supported_language(lead.language)
    words = protocol.first_words[incident.kind]
    return IncidentOnDesk(
        incident_id=incident.id,
        kind=incident.kind,
        opened_at=incident.opened_at,
        first_words=dict(sorted(words.items(), key=lambda said: said[0] != (own or "en"))),
        spoken=(own,) if own in words else tuple(words),
        checklist=protocol.checklists[incident.kind],
        steps=read_steps(session, [incident.id])[incident.id],
    )


def _joinable_attempt(session: Session, callback: Callback) -> CallAttempt | None:
    """Return the conversation with the lead that is under way by the phone network."""
    talking = select(CallAttempt).where(
        CallAttempt.callback_id == callback.id, CallAttempt.state == AttemptState.BRIDGED
    )
    attempt = session.exec(talking).first()
    if attempt is None:
        return None
    legs = session.exec(select(CallLeg).where(CallLeg.attempt_id == attempt.id))
    return None if any(leg.is_by_hand for leg in legs) else attempt


def _live_legs(session: Session, attempt: CallAttempt | None) -> list[CallLeg]:
    if attempt is None:
        return []
    legs = select(CallLeg).where(CallLeg.attempt_id == attempt.id, col(CallLeg.left_at).is_(None))
    return list(session.exec(legs))


def _county_numbers(session: Session, brand: Brand, lead: Lead) -> Iterator[CountyNumber]:
    """Yield the numbers of the states where the lead may be; where none is known, all of them."""
    states = {place.removeprefix("US-") for place in lead_location(lead).places}
    numbers = (
        select(EmergencyNumber)
        .where(EmergencyNumber.brand_id == brand.id)
        .order_by(
            col(EmergencyNumber.state), col(EmergencyNumber.county), col(EmergencyNumber.name)
        )
    )
    if states:
        numbers = numbers.where(col(EmergencyNumber.state).in_(states))
    for row in session.exec(numbers):
        yield CountyNumber(row.county, row.state, row.name, format_phone(row.phone))
