"""Legal basis: whether what permits a disclosure covers a person.

A contract covers everybody; a consent only whoever gave one that names the purpose, as long as it
is in force and they refused nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from leads.disclosures.consents import covers_disclosure, list_consents_to_disclose
from leads.errors import BadConfiguration
from leads.i18n.translatable import Phrase
from leads.models.enums import BasisKind
from leads.models.requests import Consent, Lead

SHORTEST_NAME, LONGEST_NAME = 8, 200  # of a purpose or a contract, in letters


@dataclass(frozen=True)
class LegalBasis:
    """What permits that somebody outside is told of people.

    `name`: of a consent, words that have to be in a form's wording, or in the recipient and purpose
    of a consent to disclose; of a contract, what it is called and when it was signed.
    """

    kind: BasisKind
    name: str


def parse_legal_basis(kind: str, name: str) -> LegalBasis:
    """Return a basis as it is kept; raises BadConfiguration where one is not stated."""
    name = " ".join(name.split())
    if kind not in set(BasisKind):
        raise BadConfiguration(Phrase("Choose what permits this: a consent or a contract."))
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        msg = Phrase(
            "Name the consent's purpose or the contract, in {least} to {most} letters.",
            least=SHORTEST_NAME,
            most=LONGEST_NAME,
        )
        raise BadConfiguration(msg)
    return LegalBasis(BasisKind(kind), name)


def select_covered_people(
    session: Session, basis: LegalBasis, lead_ids: Collection[int], *, now: datetime
) -> set[int]:
    """Return who of these people may be told of; nobody whose data were erased."""
    known = select(Lead.id).where(col(Lead.id).in_(lead_ids), col(Lead.erased_at).is_(None))
    people = set(session.exec(known))
    if basis.kind == BasisKind.CONTRACT or not people:
        return people
    agreed = _people_who_agreed(session, basis.name, people, now=now)
    return agreed - _people_who_refused(session, people)


def _people_who_agreed(
    session: Session, purpose: str, lead_ids: Collection[int], *, now: datetime
) -> set[int]:
    """Return whose consent names a purpose: one to disclose, in its elements, or that of a form."""
    of_forms = session.exec(
        select(Consent.lead_id, Consent.wording).where(
            col(Consent.lead_id).in_(lead_ids),
            col(Consent.granted).is_(True),
            col(Consent.lifted_at).is_(None),
        )
    )
    agreed = {lead_id for lead_id, words in of_forms if _names_purpose(words, purpose)}
    for consent in list_consents_to_disclose(session, lead_ids):
        said = f"{consent.recipient} {consent.purpose}"
        if covers_disclosure(consent, at=now) and _names_purpose(said, purpose):
            agreed.add(consent.lead_id)
    return agreed


def _people_who_refused(session: Session, lead_ids: Collection[int]) -> set[int]:
    """Return at whose numbers a refusal is in force, whoever said it."""
    refused = select(Lead.id).join(Consent, col(Consent.phone) == col(Lead.phone))
    in_force = (col(Consent.granted).is_(False), col(Consent.lifted_at).is_(None))
    return set(session.exec(refused.where(col(Lead.id).in_(lead_ids), *in_force)))


def _names_purpose(wording: str, purpose: str) -> bool:
    return purpose.casefold() in " ".join(wording.split()).casefold()
