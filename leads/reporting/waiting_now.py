"""Who waits at this moment, whatever the period of a report."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import exists, func
from sqlmodel import Session, col, select

from leads.i18n.translatable import Phrase
from leads.models.calls import Callback
from leads.models.enums import OPEN_CALLBACK, LeadState
from leads.models.requests import Lead
from leads.reporting import cohort, filters
from leads.reporting.cohort import Cohort
from leads.reporting.figure_definition import define_figure
from leads.reporting.filters import ReportFilter

UNRUNG_SINCE = select(func.min(Callback.received_at)).where(
    col(Callback.state).in_(OPEN_CALLBACK), col(Callback.first_rung_at).is_(None)
)


def longest_waiting_since(session: Session, only: ReportFilter | None = None) -> datetime | None:
    """Return when the person who has waited longest for a first ring sent their form.

    Without a filter tests of a source count too, as they do on the work list.
    """
    chosen = UNRUNG_SINCE if only is None else filters.apply_report_filter(UNRUNG_SINCE, only)
    since: datetime | None = session.exec(chosen).one()
    return since


def find_longest_waiting(session: Session, only: ReportFilter, *, now: datetime) -> Cohort:
    """Return the person who has waited longest for a first ring, as a cohort of one or of nobody.

    An advisor's report has the same person as everybody's: who was not rung is no advisor's.
    """
    everybodys = replace(only, advisor_id=None)
    since = longest_waiting_since(session, everybodys) or now
    end = since + timedelta(microseconds=1)
    people = cohort.read_cohort(session, start=since, end=end, now=now, only=everybodys)
    return people[people.is_open & ~people.rung][:1]


@define_figure(
    Phrase("Not in any queue"),
    Phrase("Open leads that are not in any queue. Always 0: anything else is a forgotten person."),
)
def list_limbo_leads(session: Session) -> list[int]:
    queued = exists().where(
        col(Callback.lead_id) == col(Lead.id), col(Callback.state).in_(OPEN_CALLBACK)
    )
    lost = select(Lead.id).where(Lead.state == LeadState.OPEN, ~queued)
    return list(session.exec(lost))
