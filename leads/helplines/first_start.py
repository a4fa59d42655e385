"""What an empty installation needs before its first form."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, col, select

from leads.database.engine import has_one_writer
from leads.helplines.brands_and_sources import add_source
from leads.models.helplines import Brand, Source
from leads.people import accounts

ALONE = text("LOCK TABLE source IN SHARE ROW EXCLUSIVE MODE")  # until the transaction ends


def prepare_first_start(session: Session, *, now: datetime) -> str | None:
    """Make an empty installation usable: a brand, a source with its hosted form, and a way in.

    Several processes may start at the same moment: one makes it, and the others find it. Returns
    the secret of the invitation for the first supervisor, None when there is one already.
    """
    if not _has_source(session) and not _has_source_after_others(session):
        first = session.exec(select(Brand).order_by(col(Brand.id)).limit(1)).first()
        add_source(session, "help", brand_name=first.name if first else "", now=now)
    return (
        accounts.issue_invitation(session, None, now=now)
        if accounts.needs_first_supervisor(session)
        else None
    )


def _has_source(session: Session) -> bool:
    return session.exec(select(Source).limit(1)).first() is not None


def _has_source_after_others(session: Session) -> bool:
    """Whether there is a source once nobody else can be making one; SQLite's writers queue."""
    if has_one_writer():
        return False
    session.execute(ALONE)
    return _has_source(session)
