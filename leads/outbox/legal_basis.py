"""Legal basis: whether what permits a disclosure covers a person.

A contract covers everybody; a consent only whoever gave one that names the purpose, as long as it
is in force and they refused nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, col, select

from leads.errors import BadConfiguration
from leads.i18n.translatable import Phrase
from leads.models.enums import BasisKind
from leads.models.requests import Consent, Lead

SHORTEST_NAME, LONGEST_NAME = 8, 200  # of a purpose or a contract, in letters


@dataclass(frozen=True)
class LegalBasis:
    """What permits that somebody outside is told of people.

    `name`: of a consent, words that its wording has to have in it; of a contract, what it is called
    and when it was signed.
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
    session: Session, basis: LegalBasis, lead_ids: Collection[int]
) -> set[int]:
    """Return who of these people may be told of; nobody whose data were erased."""
    known = select(Lead.id).where(col(Lead.id).in_(lead_ids), col(Lead.erased_at).is_(None))
    people = set(session.exec(known))
    if basis.kind == BasisKind.CONTRACT or not people:
        return people
    said = session.exec(
        select(Consent.lead_id, Consent.granted, Consent.wording).where(
            col(Consent.lead_id).in_(people), col(Consent.lifted_at).is_(None)
        )
    ).all()
    agreed = {who for who, granted, words in said if granted and _names(words, basis.name)}
    return agreed - _people_who_refused(session, people)


def _people_who_refused(session: Session, lead_ids: Collection[int]) -> set[int]:
    """Return at whose numbers a refusal is in force, whoever said it."""
    refused = select(Lead.id).join(Consent, col(Consent.phone) == col(Lead.phone))
    in_force = (col(Consent.granted).is_(False), col(Consent.lifted_at).is_(None))
    return set(session.exec(refused.where(col(Lead.id).in_(lead_ids), *in_force)))


def _names(wording: str, purpose: str) -> bool:
    return purpose.casefold() in " ".join(wording.split()).casefold()
