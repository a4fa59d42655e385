"""Budgets of new numbers: how many a source, and a helpline, promises a call by rule in an hour.

Beyond them nobody is refused: people wait until a supervisor has looked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import sqlalchemy
from sqlalchemy import bindparam, func
from sqlmodel import Session, col

from leads.intake.admission_plan import AdmissionCandidate
from leads.models.calls import Callback

BUDGET_PERIOD = timedelta(hours=1)


def select_promised_lately(*before: Any) -> Any:
    """Return the query for how many callbacks each source promised since `since`.

    `before`: columns that come first, so that it can be a part of another query. Two processes that
    count at the same instant may each promise one batch more.
    """
    by_source = (col(Callback.source_id), col(Callback.brand_id))
    promised = sqlalchemy.select(*before, *by_source, func.count().label("promised"))
    return promised.where(col(Callback.received_at) > bindparam("since")).group_by(*by_source)


PROMISED_LATELY = select_promised_lately()


class NewNumberBudgets:
    """What was promised within the hour, counted on while new numbers are admitted."""

    def __init__(self, promised: Iterable[tuple[int, int, int]] = ()) -> None:
        self._of_source: Counter[int] = Counter()
        self._of_brand: Counter[int] = Counter()
        for source_id, brand_id, count in promised:
            self._of_source[source_id] += count
            self._of_brand[brand_id] += count

    def is_used_up(self, candidate: AdmissionCandidate) -> bool:
        """Whether the source of a candidate, or its helpline, has promised as much as it may."""
        source, brand = candidate.source, candidate.brand
        return (
            self._of_source[source.id] >= source.new_numbers_per_hour
            or self._of_brand[brand.id] >= brand.new_numbers_per_hour
        )

    def use_up_one(self, candidate: AdmissionCandidate) -> None:
        """Count one more promise of a candidate's source."""
        self._of_source[candidate.source.id] += 1
        self._of_brand[candidate.source.brand_id] += 1


def load_budgets(session: Session, candidate: AdmissionCandidate) -> NewNumberBudgets:
    """Return what was promised within the hour before a candidate came."""
    since = candidate.submission.received_at - BUDGET_PERIOD
    rows = session.execute(PROMISED_LATELY, {"since": since}).all()
    return NewNumberBudgets((source_id, brand_id, count) for source_id, brand_id, count in rows)
