"""Refusals on record: whoever is refused is in the audit log, which what was refused is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from leads.database.transactions import transaction
from leads.errors import NotAllowed
from leads.lifecycle.audit_log import Origin, set_origin
from leads.models.advisors import Advisor
from leads.people.refused_acts import record_refused_act


@contextmanager
def refusals_on_record(advisor_id: int, origin: Origin, *, now: datetime) -> Iterator[None]:
    """Run what a colleague may be refused; the refusal is on record before it goes on."""
    try:
        yield
    except NotAllowed as refusal:
        write_refusal(advisor_id, origin, refusal.lacking, now=now)
        raise


def write_refusal(advisor_id: int, origin: Origin, lacking: str, *, now: datetime) -> None:
    """Write down in a transaction of its own that a colleague was refused."""
    with transaction() as session:
        set_origin(session, origin)
        record_refused_act(session, session.get_one(Advisor, advisor_id), lacking, now=now)
