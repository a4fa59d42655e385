"""Own outcomes: how often helplines' own words were chosen, each under the disposition it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from leads.i18n.translatable import OwnLabel, Phrase
from leads.models.calls import Callback
from leads.models.dispositions import HELPED_OR_REFERRED, Disposition
from leads.models.helplines import Brand, BrandDisposition
from leads.reporting.figure_definition import define_figure
from leads.reporting.filters import ReportFilter, apply_period_and_filter


@dataclass(frozen=True)
class OwnDispositionCount:
    """One of a helpline's own words, and of how many people it was said last."""

    helpline: str
    disposition: Disposition
    label: OwnLabel
    people: int


@define_figure(
    Phrase("Custom outcomes"),
    Phrase(
        "The latest choice among a helpline's custom outcomes, for requests received in "
        "the period. Each one also counts above as the outcome it belongs to."
    ),
)
def count_own_dispositions(
    session: Session, *, start: datetime, end: datetime, now: datetime, only: ReportFilter
) -> list[OwnDispositionCount]:
    chosen = (
        select(BrandDisposition, Brand.name, func.count())
        .join(Callback, col(Callback.own_disposition_id) == col(BrandDisposition.id))
        .join(Brand, col(Brand.id) == col(BrandDisposition.brand_id))
        .where(col(Callback.said_at) <= now)
        .group_by(col(BrandDisposition.id), Brand.name)
        .order_by(Brand.name, col(BrandDisposition.place), col(BrandDisposition.id))
    )
    if only.advisor_id is not None:  # nobody's referrals are counted
        chosen = chosen.where(col(BrandDisposition.disposition).not_in(HELPED_OR_REFERRED))
    counted = apply_period_and_filter(chosen, start=start, end=end, only=only)
    return [
        OwnDispositionCount(
            helpline, own.disposition, OwnLabel(own.english, spanish=own.spanish), int(people)
        )
        for own, helpline, people in session.exec(counted)
    ]
