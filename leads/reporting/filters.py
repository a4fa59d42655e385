"""Report filters: whose callbacks the figures are asked about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, select

from leads.models.calls import CallAttempt, Callback
from leads.models.enums import SubmissionState
from leads.models.helplines import Brand, Source
from leads.models.requests import Merge, Submission

TEST = "test"  # the kind of a source that people only try things out with


@dataclass(frozen=True)
class ReportFilter:
    """Which callbacks: of one helpline, source, campaign or advisor; all by default.

    An advisor's callbacks are those whose lead this advisor was the first to ring: whoever was not
    rung is nobody's.
    """

    brand: str = ""
    source_id: int | None = None
    campaign: str = ""
    advisor_id: int | None = None


EVERYBODY = ReportFilter()


def apply_period_and_filter(
    chosen: Any, *, start: datetime, end: datetime, only: ReportFilter
) -> Any:
    """Return a query of callbacks with the conditions of a period's `received_at` and a filter."""
    return apply_report_filter(
        chosen.where(Callback.received_at >= start, Callback.received_at < end), only
    )


def apply_report_filter(chosen: Any, only: ReportFilter) -> Any:
    """Return a query of callbacks with the conditions of a filter.

    Tests of a source, which are nobody's request, and callbacks that went into another are left
    out.
    """
    chosen = chosen.where(
        col(Callback.source_id).not_in(select(Source.id).where(Source.kind == TEST))
    )
    chosen = chosen.where(col(Callback.id).not_in(merged_callback_ids()))
    if only.brand:
        chosen = chosen.where(
            col(Callback.brand_id).in_(select(Brand.id).where(Brand.name == only.brand))
        )
    if only.source_id is not None:
        chosen = chosen.where(Callback.source_id == only.source_id)
    if only.campaign:
        came = select(Submission.id).where(
            Submission.callback_id == Callback.id, _campaign_column() == only.campaign
        )
        chosen = chosen.where(came.where(Submission.state == SubmissionState.ADMITTED).exists())
    if only.advisor_id is not None:
        chosen = chosen.where(
            select(CallAttempt.id).where(is_first_ring(), _is_by_advisor(only.advisor_id)).exists()
        )
    return chosen


def is_first_ring() -> ColumnElement[bool]:
    """Return the condition that a call was the first to ring its lead's phone."""
    return and_(
        col(CallAttempt.callback_id) == Callback.id,
        col(CallAttempt.rung_at) == Callback.first_rung_at,
    )


def campaigns_by_callback(session: Session, *, start: datetime, end: datetime) -> dict[int, str]:
    """Return the campaign of each callback received in a period, by the callback's id."""
    admitted = select(col(Submission.callback_id), _campaign_column()).where(
        Submission.state == SubmissionState.ADMITTED
    )
    admitted = admitted.where(Submission.received_at >= start, Submission.received_at < end)
    return {number: name or "" for number, name in session.exec(admitted) if number is not None}


def merged_callback_ids() -> Any:
    """Return the query for callbacks that a merge dropped: one person counts once."""
    return select(Merge.dropped_id).where(col(Merge.dropped_id).is_not(None))


def _is_by_advisor(advisor_id: int) -> ColumnElement[bool]:
    return col(CallAttempt.advisor_id) == advisor_id


def _campaign_column() -> ColumnElement[str]:
    said: ColumnElement[str] = col(Submission.reading)["campaign"].as_string()
    return said
