"""Own dispositions: a helpline's own words for what came of a call, each under one of ours."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from sqlmodel import Session, col, select

from leads.errors import NotNow
from leads.i18n.translatable import OwnLabel, Phrase
from leads.models.calls import Callback
from leads.models.dispositions import Disposition
from leads.models.helplines import BrandDisposition


@dataclass(frozen=True)
class OwnDisposition:
    """A helpline's own word: its label, and the disposition that it is for every figure."""

    own_id: int
    brand_id: int
    disposition: Disposition
    label: OwnLabel

    @classmethod
    def of_row(cls, row: BrandDisposition) -> Self:
        """Return what a row of the helpline's list says."""
        label = OwnLabel(row.english, spanish=row.spanish)
        return cls(row.id, row.brand_id, row.disposition, label)


def list_own_dispositions(
    session: Session, brand_ids: Collection[int]
) -> dict[int, tuple[OwnDisposition, ...]]:
    """Return what can be chosen at each of these helplines, in the order of its list."""
    in_use = select(BrandDisposition).where(
        col(BrandDisposition.brand_id).in_(brand_ids), col(BrandDisposition.retired_at).is_(None)
    )
    listed: dict[int, tuple[OwnDisposition, ...]] = {}
    for row in session.exec(in_use.order_by(col(BrandDisposition.place), col(BrandDisposition.id))):
        listed[row.brand_id] = (*listed.get(row.brand_id, ()), OwnDisposition.of_row(row))
    return listed


def list_own_of_callback(session: Session, callback_id: int) -> tuple[OwnDisposition, ...]:
    """Return what can be chosen for a callback, at its helpline."""
    brand_id = session.get_one(Callback, callback_id).brand_id
    return list_own_dispositions(session, [brand_id]).get(brand_id, ())


def read_own_labels(session: Session, own_ids: Collection[int]) -> dict[int, OwnLabel]:
    """Return the labels of own dispositions by id, those that are retired, too."""
    if not own_ids:
        return {}
    theirs = select(BrandDisposition).where(col(BrandDisposition.id).in_(own_ids))
    return {row.id: OwnDisposition.of_row(row).label for row in session.exec(theirs)}


def require_own_disposition(
    session: Session, callback: Callback, disposition: Disposition, own_id: int | None
) -> None:
    """Raise NotNow unless the helpline has this word for the disposition; None is no word."""
    if own_id is None:
        return
    own = session.get(BrandDisposition, own_id)
    is_theirs = own is not None and own.brand_id == callback.brand_id
    if own is None or not is_theirs or own.retired_at or own.disposition != disposition:
        raise NotNow(Phrase("That outcome is no longer in use. Choose another one."))
