"""What an empty installation needs before its first form."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from leads.helplines.brands_and_sources import add_source
from leads.models.helplines import Brand, Source
from leads.people import accounts


def prepare_first_start(session: Session, *, now: datetime) -> str | None:
    """Make an empty installation usable: a brand, a source with its hosted form, and a way in.

    Returns the secret of the invitation for the first supervisor, None when there is one already.
    """
    if session.exec(select(Source).limit(1)).first() is None:
        first = session.exec(select(Brand).order_by(col(Brand.id)).limit(1)).first()
        add_source(session, "help", brand_name=first.name if first else "", now=now)
    return (
        accounts.issue_invitation(session, None, now=now)
        if accounts.needs_first_supervisor(session)
        else None
    )
