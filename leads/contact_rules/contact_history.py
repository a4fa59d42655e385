"""Contact history: what the database knows of a number and its lead, for the gate's rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, String, bindparam, cast, extract, func, type_coerce
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select, union_all

from leads.contact_rules import confirmed_numbers, own_numbers
from leads.contact_rules.number_policy import NumberPolicy
from leads.contact_rules.stated_call_times import (
    FIELD_END,
    ROW_END,
    StatedCallTime,
    parse_stated_times,
)
from leads.database.sealed_columns import JoinedSealedText
from leads.models.calls import CallAttempt, Callback
from leads.models.enums import SuppressedChannel
from leads.models.helpline_scope import OVER_ALL_HELPLINES
from leads.models.helplines import Brand, Source
from leads.models.requests import Consent, Lead, OutgoingText, Suppression

# a number, in a rolling day: FL 501.616(6)(b), OK 775C.4 and MD say so, and everybody deserves it
MOST_CALLS = 3
CAP_WINDOW = timedelta(hours=24)
SEPARATOR = ","


@dataclass(frozen=True)
class ContactHistory:
    """What the database knows of a number and its lead, for the rules.

    What one person refused or said is not safe counts for whoever else is at the number.
    `stops` names the channels that are closed, with commas between them. `stated_times`: when
    those who share the number wish it to ring, as `parse_stated_times` reads it.
    `called_countries`, `called_kinds` and `own_hours` are the helpline's that promised the callback
    in question, `source_region` its source's; None where none is in question. Until
    `hours_overridden_until` no hours bind that callback's next call. `is_time_agreed`: its lead
    agreed its time with an advisor, with the phone in their hands. `safe_from` and `safe_until`:
    between which that callback alone may ring, because its lead agreed that it is safe then.
    """

    stops: str | None = None
    refused: bool = False
    unsafe: bool = False
    third_last_ring: datetime | None = None
    is_own_number: bool = False
    is_confirmed: bool = False
    stated_times: str | None = None
    called_countries: Sequence[str] | None = None
    called_kinds: Sequence[str] | None = None
    own_hours: dict[str, Any] | None = None
    source_region: str | None = None
    hours_overridden_until: datetime | None = None
    is_time_agreed: bool = False
    safe_from: datetime | None = None
    safe_until: datetime | None = None

    def times_stated_by_others(self, lead_id: int | None) -> tuple[StatedCallTime, ...]:
        """Return when the others at the number wish it to ring, which bounds calls to this lead."""
        if self.stated_times is None or self.is_time_agreed:
            return ()
        stated = parse_stated_times(self.stated_times)
        return tuple(one for one in stated if one.person_id != lead_id)

    def overrides_hours(self, at: datetime) -> bool:
        """Whether supervisors let the callback's next call through at an instant."""
        return self.hours_overridden_until is not None and at < self.hours_overridden_until

    @property
    def suppressed(self) -> bool:
        """Whether nothing may reach the number."""
        return self._is_stopped(SuppressedChannel.ALL)

    @property
    def calls_stopped(self) -> bool:
        """Whether no call may reach the number, if anything may."""
        return self.suppressed or self._is_stopped(SuppressedChannel.CALL)

    @property
    def texts_stopped(self) -> bool:
        """Whether no text may reach the number, if anything may."""
        return self.suppressed or self._is_stopped(SuppressedChannel.TEXT)

    def _is_stopped(self, channel: SuppressedChannel) -> bool:
        return bool(self.stops) and channel in str(self.stops).split(SEPARATOR)

    @property
    def policy(self) -> NumberPolicy | None:
        """The number policy that holds, as far as one is known."""
        if self.source_region is None:
            return None
        return NumberPolicy.of_helpline(
            self.called_countries or (), self.called_kinds or (), source_region=self.source_region
        )


NO_CONTACT_HISTORY = ContactHistory()
_AT_NUMBER = aliased(Lead)
_SHARING = aliased(Lead)
_STATED_TIMES_TEXT = JoinedSealedText("lead.best_time", FIELD_END + ROW_END)


def _stated_times_column(number: Any) -> ColumnElement[Any]:
    """Return when whoever has a number wishes it to ring, all in one text; null for no wish."""
    person = func.coalesce(_SHARING.merged_into_id, _SHARING.id)
    said_at = extract("epoch", col(_SHARING.created_at))
    row = (
        cast(person, String)
        + FIELD_END
        + cast(said_at, String)  # no number of SQL's: whether it is rounded differs
        + FIELD_END
        + func.replace(type_coerce(_SHARING.best_time, String()), ROW_END, " ")
    )
    stated = (
        select(type_coerce(func.aggregate_strings(row, ROW_END), _STATED_TIMES_TEXT))
        .select_from(_SHARING)
        .where(_SHARING.phone == number, _SHARING.best_time != "")
    )
    return stated.correlate(Lead).scalar_subquery()


def _number_columns(number: Any) -> tuple[ColumnElement[Any], ...]:
    """Return what ContactHistory says of a number, in the order of its fields."""
    stops = select(func.aggregate_strings(col(Suppression.channel), SEPARATOR)).where(
        Suppression.phone == number, col(Suppression.lifted_at).is_(None)
    )
    refused = select(Consent.id).where(
        Consent.phone == number,
        col(Consent.granted).is_(False),
        col(Consent.lifted_at).is_(None),
    )
    unsafe = select(_AT_NUMBER.id).where(
        _AT_NUMBER.phone == number, col(_AT_NUMBER.safe_to_call).is_(False)
    )
    rings: Any = select(col(CallAttempt.rung_at).label("at")).where(
        CallAttempt.phone == number, col(CallAttempt.rung_at) > bindparam("since")
    )
    texts = select(col(OutgoingText.handed_at)).where(
        OutgoingText.phone == number, col(OutgoingText.handed_at) > bindparam("since")
    )
    contacts = union_all(rings.correlate(Lead), texts.correlate(Lead))
    third = contacts.order_by(sqlalchemy.desc("at")).offset(MOST_CALLS - 1).limit(1)
    # Of nothing but the lead, or a query that reads attempts too would take them for its own.
    return (
        stops.correlate(Lead).scalar_subquery(),
        refused.exists(),
        unsafe.exists(),
        third.scalar_subquery(),
        own_numbers.own_number_clause(number),
        confirmed_numbers.number_confirmed_clause(number),
        _stated_times_column(number),
    )


_HELPLINE_COLUMNS = (
    col(Brand.called_countries),
    col(Brand.called_kinds),
    col(Brand.calling_hours),
    col(Source.region),
)

# Made once: the gate is asked five times on the way to a call. PostgreSQL plans each subquery,
# which takes longer than running it: there are as few as the rules can do with.
_OF_NUMBER = sqlalchemy.select(*_number_columns(bindparam("number"))).execution_options(
    **OVER_ALL_HELPLINES
)

_OF_NUMBER_AT_HELPLINE = (
    _OF_NUMBER.add_columns(*_HELPLINE_COLUMNS)
    .select_from(Brand)
    .join(Source, col(Source.id) == bindparam("source_id"))
    .where(col(Brand.id) == bindparam("brand_id"))
)

CONTACT_HISTORY = (
    *_number_columns(col(Lead.phone)),
    *_HELPLINE_COLUMNS,
    col(Callback.hours_overridden_until),
    func.coalesce(Callback.is_time_agreed, sqlalchemy.false()),
    col(Callback.safe_from),
    col(Callback.safe_until),
)
"""The contact history as columns of a query of callbacks, their leads, brands and sources.

Whoever reads them with the callback and its lead saves the gate a query.
"""


def cap_window_start(now: datetime) -> datetime:
    """Return the instant from which rings count for the cap: the `since` of CONTACT_HISTORY."""
    return now - CAP_WINDOW


def load_contact_history(
    session: Session, number: str, callback: Callback | None = None, *, now: datetime
) -> ContactHistory:
    """Return what the rules need to know of a number, and of the helpline that owes a callback."""
    known = {"number": number, "since": cap_window_start(now)}
    if callback is None:
        return ContactHistory(*session.execute(_OF_NUMBER, known).one())
    helpline = {"brand_id": callback.brand_id, "source_id": callback.source_id}
    row = session.execute(_OF_NUMBER_AT_HELPLINE, known | helpline).one()
    return replace(
        ContactHistory(*row),
        hours_overridden_until=callback.hours_overridden_until,
        is_time_agreed=callback.is_time_agreed,
        safe_from=callback.safe_from,
        safe_until=callback.safe_until,
    )


_STATED_TIMES = sqlalchemy.select(_stated_times_column(bindparam("number"))).execution_options(
    **OVER_ALL_HELPLINES
)


def load_stated_times(session: Session, number: str) -> str | None:
    """Return when whoever has a number wishes it to ring, as a contact history has it."""
    stated: str | None = session.execute(_STATED_TIMES, {"number": number}).scalar_one()
    return stated
