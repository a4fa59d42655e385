"""Open promises: what is still owed to a person, where it stands, and what may be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from leads.callbacks import holds
from leads.models.advisors import Advisor
from leads.models.calls import Callback
from leads.models.enums import OPEN_CALLBACK, CallbackState
from leads.models.helplines import Brand


@dataclass(frozen=True)
class OpenPromise:
    """A callback that is still to be kept, as the person's record shows it.

    `hold`: why a person decides before it rings, or nothing; `hold_ids`: of the holds that say so.
    `safe_from` and `safe_until`: between which alone it may ring, where a safe time was agreed.
    """

    callback_id: int
    brand: str
    state: CallbackState
    due_at: datetime
    is_time_agreed: bool
    hold: str
    hold_ids: frozenset[int]
    advisor: str
    safe_from: datetime | None
    safe_until: datetime | None

    @property
    def waits(self) -> bool:
        """Whether nobody has it in hand."""
        return self.state == CallbackState.WAITING

    @property
    def may_be_called(self) -> bool:
        """Whether it may be taken, as far as nobody has to decide about it first."""
        return self.waits and not self.hold


def list_open_promises(session: Session, lead_ids: Sequence[int]) -> tuple[OpenPromise, ...]:
    """Return what is still owed to a person, one promise for each helpline, oldest first."""
    opened = (
        select(Callback, Brand.name, Advisor.name)
        .join(Brand, col(Brand.id) == col(Callback.brand_id))
        .outerjoin(Advisor, col(Advisor.id) == col(Callback.advisor_id))
        .where(col(Callback.lead_id).in_(lead_ids), col(Callback.state).in_(OPEN_CALLBACK))
        .order_by(col(Callback.id))
    )
    rows = session.exec(opened).all()
    causes = holds.read_open_holds(session, [one.id for one, *_ in rows if one.is_held])
    return tuple(
        OpenPromise(
            callback_id=callback.id,
            brand=brand,
            state=callback.state,
            due_at=callback.due_at,
            is_time_agreed=bool(callback.is_time_agreed),
            hold=holds.hold_sentence(causes.get(callback.id, ())),
            hold_ids=frozenset(cause.hold_id for cause in causes.get(callback.id, ())),
            advisor=advisor or "",
            safe_from=callback.safe_from,
            safe_until=callback.safe_until,
        )
        for callback, brand, advisor in rows
    )
