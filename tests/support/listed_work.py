"""What stands on the work list, for tests of whatever puts it there."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from leads.models.advisors import Advisor
from leads.read_models import work_list
from leads.read_models.work_kinds import WorkKind
from tests.conftest import NOW


def listed_ids(
    session: Session, supervisor: Advisor, kind: WorkKind, *, now: datetime = NOW
) -> list[int]:
    """Return the records of a kind that wait for a decision, in the order of the list."""
    rows = work_list.read_work_list(session, supervisor, now=now).rows
    return [row.record_id for row in rows if row.kind == kind]
