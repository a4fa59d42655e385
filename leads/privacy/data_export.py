"""Data export: all that is stored about a person, for the person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from leads.lead_records import merging, timeline
from leads.lead_records.lead_file import record_lead_event
from leads.models.advisors import Advisor
from leads.models.calls import CallAttempt, Callback, GateDecision, Hold
from leads.models.requests import Consent, Lead, Submission, Suppression
from leads.models.watching import Transition
from leads.people.permissions import require_supervisor


def export_lead_data(
    session: Session, lead: Lead, supervisor: Advisor, *, now: datetime
) -> dict[str, Any]:
    """Return all that is stored about a lead and the files merged into it, as JSON values.

    The export is recorded in the audit trail. Supervisors only.
    """
    require_supervisor(supervisor, "export a person's data")
    files = merging.lead_and_merged_files(session, lead)
    theirs = [file.id for file in files]
    callbacks = session.exec(select(Callback.id).where(col(Callback.lead_id).in_(theirs))).all()
    record_lead_event(session, lead, "export", supervisor, now=now)
    return {
        "lead": lead.model_dump(mode="json"),
        "merged": [file.model_dump(mode="json") for file in files[1:]],
        "submissions": [
            {**_export_row(row), "body": row.body.decode("utf-8", "replace")}
            for row in session.exec(select(Submission).where(col(Submission.lead_id).in_(theirs)))
        ],
        "consents": _export_rows(session, Consent, col(Consent.lead_id).in_(theirs)),
        "callbacks": _export_rows(session, Callback, col(Callback.lead_id).in_(theirs)),
        "holds": _export_rows(session, Hold, col(Hold.callback_id).in_(callbacks)),
        "calls": _export_rows(session, CallAttempt, col(CallAttempt.callback_id).in_(callbacks)),
        "decisions": _export_rows(session, GateDecision, col(GateDecision.lead_id).in_(theirs)),
        "suppressions": _export_rows(
            session, Suppression, col(Suppression.phone).in_([file.phone for file in files])
        ),
        "history": _export_rows(
            session, Transition, timeline.transitions_of_person_clause(session, files)
        ),
    }


def _export_rows(session: Session, kind: type[SQLModel], condition: Any) -> list[dict[str, Any]]:
    return [_export_row(row) for row in session.exec(select(kind).where(condition))]


def _export_row(row: SQLModel) -> dict[str, Any]:
    return row.model_dump(mode="json", exclude={"body"})
