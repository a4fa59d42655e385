"""The account of disclosures on a person's record: lines by hand, and what a call left open.

Whoever may see a person adds a line, and says more of one that is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from leads.disclosures import consents, ledger
from leads.disclosures.ledger import DisclosureFacts, LineOrigin
from leads.errors import BadSubmission, LostRace, NotNow
from leads.i18n.translatable import Phrase
from leads.lead_records.merged_files import lead_and_merged_files
from leads.lead_records.visible_people import masked_person, require_visible
from leads.models.advisors import Advisor
from leads.models.calls import CallLeg
from leads.models.disclosure_words import (
    CHOOSABLE_BASES,
    WAYS_BY_HAND,
    DisclosureBasis,
    DisclosureWay,
    NoticeWay,
)
from leads.models.disclosures import Disclosure, DisclosureConsent
from leads.models.enums import Party
from leads.models.requests import Lead
from leads.people.actor_names import read_names_by_actor
from leads.people.permissions import Permission, actor_of, require_permission

LONGEST_WORDS = 1000  # characters


@dataclass(frozen=True)
class DisclosureLine:
    """One line of a person's account. `by`: who of us told; empty of former colleagues."""

    disclosure_id: int
    lead_id: int
    at: datetime
    way: DisclosureWay
    facts: DisclosureFacts
    by: str

    @property
    def is_unstated(self) -> bool:
        """Whether somebody still has to say by what right it was."""
        return self.facts.basis is DisclosureBasis.NOT_STATED


@dataclass(frozen=True)
class UnstatedDisclosure:
    """Somebody of another house in an advisor's call, of whom more has to be said.

    `usual_basis`: what is proposed, by who they are in the call.
    """

    disclosure_id: int
    lead_id: int
    who: Phrase
    recipient: str
    at: datetime
    usual_basis: DisclosureBasis


@dataclass(frozen=True)
class ConsentChoice:
    """A consent because of which somebody may be told now."""

    consent_id: int
    lead_id: int
    recipient: str
    information: str


def record_told_by_hand(
    session: Session,
    lead: Lead,
    person: Advisor,
    facts: DisclosureFacts,
    *,
    way: DisclosureWay,
    at: datetime,
    now: datetime,
) -> Disclosure:
    """Add what a colleague told somebody where no part of the desk saw it.

    Raises BadSubmission where something is missing or still to come, NotNow for a consent that did
    not cover it, and NotAllowed for a person whom the colleague may not see.
    """
    require_permission(person, Permission.RECORD_DISCLOSURE, lead)
    require_visible(session, lead.id, person, now=now)
    if way not in WAYS_BY_HAND or at > now:
        raise BadSubmission(Phrase("Choose how they were told, and a time that is not to come."))
    whole = require_whole_facts(session, lead, facts, at=at)
    session.refresh(lead, with_for_update=True)  # an erasure of this moment is over, or waits
    origin = LineOrigin(way, at)
    return ledger.add_disclosure_line(
        session, lead.id, whole, origin, actor=actor_of(person), now=now
    )


def state_disclosure(
    session: Session, line: Disclosure, person: Advisor, facts: DisclosureFacts, *, now: datetime
) -> Disclosure:
    """Say more of a disclosure than its line does: another takes its place, and both are kept.

    Raises as `record_told_by_hand`, and LostRace where somebody has said it meanwhile.
    """
    require_permission(person, Permission.RECORD_DISCLOSURE, line)
    require_visible(session, line.lead_id, person, now=now)
    lead = session.get_one(Lead, line.lead_id)
    whole = require_whole_facts(session, lead, facts, at=line.at)
    origin = LineOrigin(line.way, line.at, leg_id=line.leg_id, corrects_id=line.id)
    try:
        return ledger.add_disclosure_line(
            session, lead.id, whole, origin, actor=actor_of(person), now=now
        )
    except IntegrityError:
        raise LostRace(Phrase("Someone else got there first.")) from None


def read_disclosure_account(
    session: Session, lead: Lead, viewer: Advisor, *, now: datetime
) -> Sequence[DisclosureLine]:
    """Return who was told what of a person, of all of their files, the latest first."""
    require_permission(viewer, Permission.RECORD_DISCLOSURE)
    require_visible(session, lead.id, viewer, now=now)
    names = read_names_by_actor(session)
    files = [file.id for file in lead_and_merged_files(session, lead)]
    return [
        DisclosureLine(
            line.id,
            line.lead_id,
            line.at,
            line.way,
            _facts_of(line),
            names.get(line.recorded_by, ""),
        )
        for line in ledger.list_disclosure_lines(session, files)
    ]


def list_own_unstated(session: Session, advisor: Advisor) -> list[UnstatedDisclosure]:
    """Return who was in an advisor's calls of whom the advisor has to say more."""
    require_permission(advisor, Permission.RECORD_DISCLOSURE)
    return [
        _unstated(session, line, leg)
        for line, leg in ledger.list_unstated_lines(session, advisor_id=advisor.id)
    ]


def list_unstated_of_lead(session: Session, lead_id: int) -> list[UnstatedDisclosure]:
    """Return who was in calls about a person of whom more has to be said."""
    found = ledger.list_unstated_lines(session, lead_id=lead_id)
    return [_unstated(session, line, leg) for line, leg in found]


def list_covering_consents(
    session: Session, lead: Lead, viewer: Advisor, *, at: datetime, now: datetime
) -> list[ConsentChoice]:
    """Return the consents in a person's files because of which somebody could be told then."""
    require_permission(viewer, Permission.RECORD_DISCLOSURE)
    require_visible(session, lead.id, viewer, now=now)
    files = [file.id for file in lead_and_merged_files(session, lead)]
    return [
        ConsentChoice(one.id, one.lead_id, one.recipient, one.information)
        for one in consents.list_consents_to_disclose(session, files)
        if consents.covers_disclosure(one, at=at)
    ]


def require_whole_facts(
    session: Session, lead: Lead, facts: DisclosureFacts, *, at: datetime, is_export: bool = False
) -> DisclosureFacts:
    """Return what is said of a disclosure without spaces around; an export says what it has.

    Raises BadSubmission where something is missing, and NotNow for a consent that did not cover it.
    """
    whole = replace(
        facts,
        recipient=facts.recipient.strip()[:LONGEST_WORDS],
        information=facts.information.strip()[:LONGEST_WORDS],
        purpose=facts.purpose.strip()[:LONGEST_WORDS],
    )
    to_others = whole.basis is not DisclosureBasis.THEMSELVES
    needed = [whole.recipient, *([whole.purpose] if to_others else [])]
    needed += [] if is_export else [whole.information]
    if not all(needed) or whole.basis not in CHOOSABLE_BASES:
        raise BadSubmission(Phrase("Enter who was told, what, what for, and by what right."))
    if (whole.basis is DisclosureBasis.CONSENT) != (whole.consent_id is not None):
        raise BadSubmission(Phrase("Choose the consent because of which they were told."))
    if whole.consent_id is not None:
        _require_covering(session, lead, whole.consent_id, at=at)
    return whole


def facts_for_person(lead: Lead) -> DisclosureFacts:
    """Return what is said of a document that a person gets about themselves."""
    name = lead.name or str(lead.id)
    return DisclosureFacts(name, DisclosureBasis.THEMSELVES, notice=NoticeWay.IN_IT)


def _require_covering(session: Session, lead: Lead, consent_id: int, *, at: datetime) -> None:
    consent = session.get(DisclosureConsent, consent_id, with_for_update=True)
    files = [file.id for file in lead_and_merged_files(session, lead)]
    if consent is None or consent.lead_id not in files:
        raise NotNow(Phrase("This consent is in another file."))
    if not consents.covers_disclosure(consent, at=at):
        raise NotNow(Phrase("This consent was not in force then. Choose another reason."))


def _facts_of(line: Disclosure) -> DisclosureFacts:
    return DisclosureFacts(
        line.recipient, line.basis, line.information, line.purpose, line.consent_id, line.notice
    )


def _unstated(session: Session, line: Disclosure, leg: CallLeg) -> UnstatedDisclosure:
    lead = session.get_one(Lead, line.lead_id)
    is_interpreter = leg.party is Party.INTERPRETER
    usual = DisclosureBasis.AGREEMENT if is_interpreter else DisclosureBasis.CONSENT
    who = masked_person(lead.name, lead.phone)
    return UnstatedDisclosure(line.id, line.lead_id, who, line.recipient, line.at, usual)
