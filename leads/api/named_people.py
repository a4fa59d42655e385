"""Named people: that a program was told who somebody is stands in their account of disclosures."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from leads.disclosures.ledger import DisclosureFacts, LineOrigin, add_disclosure_line
from leads.models.disclosure_words import DisclosureBasis, DisclosureWay, NoticeWay
from leads.models.disclosures import Disclosure
from leads.models.enums import BasisKind
from leads.models.outbound import ApiToken
from leads.people.permissions import API_ACTOR

ONE_LINE_FOR = timedelta(days=1)  # a program asks again and again; the audit log has each read
BASES = {
    BasisKind.CONSENT: DisclosureBasis.CONSENT,
    BasisKind.CONTRACT: DisclosureBasis.AGREEMENT,
}
TOLD = "name, phone, email"  # the fields, as the answer calls them


def note_named_people(
    session: Session, token_id: int, lead_ids: Collection[int], *, now: datetime
) -> None:
    """Add to each person's account that this token read who they are, once a day at most."""
    token, actor = session.get_one(ApiToken, token_id), f"{API_ACTOR}{token_id}"
    basis = BASES[BasisKind(token.basis_kind or "")]
    lately = select(Disclosure.lead_id).where(
        col(Disclosure.lead_id).in_(lead_ids),
        Disclosure.way == DisclosureWay.API,
        Disclosure.recorded_by == actor,
        Disclosure.at > now - ONE_LINE_FOR,
    )
    noted = session.exec(lately).all()
    for lead_id in sorted(set(lead_ids).difference(noted)):
        add_disclosure_line(
            session,
            lead_id,
            DisclosureFacts(
                recipient=token.name,
                basis=basis,
                information=TOLD,
                purpose=token.basis_name,
                notice=NoticeWay.IN_IT,
            ),
            LineOrigin(DisclosureWay.API, now),
            actor=actor,
            now=now,
        )
