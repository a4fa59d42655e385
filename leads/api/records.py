"""What may be read: helplines, callbacks, people and the figures, in pages of bounded length."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlmodel import Session, SQLModel, col, select

from leads.config import parsing
from leads.models.calls import Callback
from leads.models.dispositions import Disposition
from leads.models.enums import CallbackOrigin, CallbackState, CloseReason, LeadState
from leads.models.helplines import Brand
from leads.models.requests import Lead
from leads.outbox.legal_basis import LegalBasis, select_covered_people
from leads.reporting import service_report, terminal_report
from leads.reporting.filters import ReportFilter
from leads.reporting.service_report import ReportQuestion

Record = TypeVar("Record")
Kind = TypeVar("Kind", bound=SQLModel)


@dataclass(frozen=True)
class PageOf:
    """Which page is asked for: so many records after the one with an id."""

    limit: int
    after: int


@dataclass(frozen=True)
class HelplineRecord:
    """A helpline."""

    id: int
    name: str
    operator: str
    locale: str


@dataclass(frozen=True)
class CallbackRecord:
    """A callback; nothing in it says who it is about, or what they said."""

    id: int
    lead_id: int
    helpline_id: int
    source_id: int
    state: CallbackState
    origin: CallbackOrigin
    received_at: datetime
    promised_at: datetime
    due_at: datetime
    first_rung_at: datetime | None
    first_conversation_at: datetime | None
    finished_at: datetime | None
    misses: int
    disposition: Disposition | None
    close_reason: CloseReason | None


@dataclass(frozen=True)
class LeadRecord:
    """A person. Name, phone and e-mail are there only by a scope, and by its right to this person.

    `helpline_ids`: of their callbacks, as far as the token sees them.
    """

    id: int
    state: LeadState
    created_at: datetime
    closed_at: datetime | None
    close_reason: CloseReason | None
    helpline_ids: tuple[int, ...]
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    notice: str | None = None


@dataclass(frozen=True)
class RecordReader:
    """Reads for one token: of these helplines, all if none are named.

    `personal`: by what right it reads who people are; None where it does not. `notice`: what goes
    with each record that says so.
    """

    session: Session
    now: datetime
    brand_ids: tuple[int, ...] = ()
    personal: LegalBasis | None = None
    notice: str = ""

    def list_helplines(self) -> list[HelplineRecord]:
        """Return the helplines that the token sees."""
        query = select(Brand).order_by(col(Brand.id))
        if self.brand_ids:
            query = query.where(col(Brand.id).in_(self.brand_ids))
        return [_copy_fields(HelplineRecord, one) for one in self.session.exec(query)]

    def list_callbacks(
        self, page: PageOf, *, state: CallbackState | None, received_since: datetime | None
    ) -> list[CallbackRecord]:
        """Return a page of callbacks, oldest first."""
        query = self._callbacks()
        if state is not None:
            query = query.where(col(Callback.state) == state)
        if received_since is not None:
            query = query.where(col(Callback.received_at) >= received_since)
        return list(map(_callback_record, _rows_of_page(self.session, query, Callback, page)))

    def find_callback(self, callback_id: int) -> CallbackRecord | None:
        """Return a callback; None for one that the token does not see."""
        query = self._callbacks().where(col(Callback.id) == callback_id)
        row = self.session.scalars(query).first()
        return _callback_record(row) if row else None

    def list_leads(self, page: PageOf, *, state: LeadState | None) -> list[LeadRecord]:
        """Return a page of people, in the order in which they first asked."""
        query = self._leads()
        if state is not None:
            query = query.where(col(Lead.state) == state)
        return self._lead_records(_rows_of_page(self.session, query, Lead, page))

    def find_lead(self, lead_id: int) -> LeadRecord | None:
        """Return a person; None for whoever the token does not see, and for who was erased."""
        rows = self.session.scalars(self._leads().where(col(Lead.id) == lead_id)).all()
        return next(iter(self._lead_records(rows)), None)

    def read_report(
        self, *, first: date, last: date, zone: str, helpline: Brand | None
    ) -> dict[str, Any]:
        """Return the figures of a period, as `python -m leads report --json` has them."""
        only = ReportFilter(brand=helpline.name if helpline else "")
        target = parsing.parse_service_level_target(300)
        question = ReportQuestion(first, last, zone, target, only)
        period = service_report.read_period_figures(self.session, question, now=self.now)
        return terminal_report.period_figures_as_dict(period)

    def find_helpline(self, brand_id: int) -> Brand | None:
        """Return a helpline; None for one that the token does not see."""
        if self.brand_ids and brand_id not in self.brand_ids:
            return None
        return self.session.get(Brand, brand_id)

    def _callbacks(self) -> Select[Any]:
        query = select(Callback)
        return query.where(col(Callback.brand_id).in_(self.brand_ids)) if self.brand_ids else query

    def _leads(self) -> Select[Any]:
        query = select(Lead).where(col(Lead.erased_at).is_(None))
        if not self.brand_ids:
            return query
        theirs = select(Callback.id).where(
            col(Callback.lead_id) == col(Lead.id), col(Callback.brand_id).in_(self.brand_ids)
        )
        return query.where(theirs.exists())

    def _lead_records(self, rows: Sequence[Lead]) -> list[LeadRecord]:
        ids = {row.id for row in rows}
        basis = self.personal
        covered = select_covered_people(self.session, basis, ids, now=self.now) if basis else set()
        helplines = self._helplines_of(ids)
        return [
            LeadRecord(
                id=row.id,
                state=row.state,
                created_at=row.created_at,
                closed_at=row.closed_at,
                close_reason=row.close_reason,
                helpline_ids=helplines.get(row.id, ()),
                name=row.name if row.id in covered else None,
                phone=row.phone if row.id in covered else None,
                email=row.email if row.id in covered else None,
                notice=self.notice if row.id in covered else None,
            )
            for row in rows
        ]

    def _helplines_of(self, lead_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
        query = select(Callback.lead_id, Callback.brand_id).where(
            col(Callback.lead_id).in_(lead_ids)
        )
        if self.brand_ids:
            query = query.where(col(Callback.brand_id).in_(self.brand_ids))
        found: dict[int, tuple[int, ...]] = {}
        for lead_id, brand_id in self.session.exec(
            query.distinct().order_by(col(Callback.brand_id))
        ):
            found[lead_id] = (*found.get(lead_id, ()), brand_id)
        return found


def _rows_of_page(
    session: Session, query: Select[Any], kind: type[Kind], page: PageOf
) -> Sequence[Kind]:
    row_id: Any = getattr(kind, "id")  # noqa: B009 - of every table
    narrowed = query.where(row_id > page.after).order_by(row_id).limit(page.limit)
    return session.scalars(narrowed).all()


def _callback_record(row: Callback) -> CallbackRecord:
    own = {
        one.name: getattr(row, one.name)
        for one in fields(CallbackRecord)
        if one.name != "helpline_id"
    }
    return CallbackRecord(**own, helpline_id=row.brand_id)


def _copy_fields(kind: type[Record], row: SQLModel) -> Record:
    dataclass: Any = kind
    return kind(**{one.name: getattr(row, one.name) for one in fields(dataclass)})
