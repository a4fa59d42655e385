"""Data export: all that is stored about a person, for the person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_
from sqlmodel import Session, SQLModel, col, select

from leads.lead_records import merging, timeline
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.requests import Lead, Submission, Suppression
from leads.models.voicemails import Voicemail
from leads.models.watching import Transition
from leads.people.permissions import Permission, actor_of, require_permission
from leads.privacy.person_rows import find_rows_of_person


def export_lead_data(
    session: Session, lead: Lead, supervisor: Advisor, *, now: datetime
) -> dict[str, Any]:
    """Return all that is stored about a lead and the files merged into it, as JSON values.

    The export is recorded in the audit trail. Supervisors only.
    """
    require_permission(supervisor, Permission.EXPORT_LEAD_DATA)
    files = merging.lead_and_merged_files(session, lead)
    record_event(session, lead, "export", actor=actor_of(supervisor), now=now)
    rows = find_rows_of_person(session, files)
    submissions = [str(row.id) for row in rows["submissions"]]
    history = or_(
        timeline.transitions_of_person_clause(session, files),
        and_(
            col(Transition.record) == Submission.__tablename__,
            col(Transition.record_id).in_(submissions),
        ),
    )
    phones = [file.phone for file in files]
    rows["suppressions"] = session.exec(
        select(Suppression).where(col(Suppression.phone).in_(phones))
    ).all()
    rows["history"] = session.exec(
        select(Transition).where(history).order_by(col(Transition.id))
    ).all()
    return {
        "lead": _export_row(lead),
        "merged": list(map(_export_row, files[1:])),
        **{name: list(map(_export_row, some)) for name, some in rows.items()},
    }


def _export_row(row: SQLModel) -> dict[str, Any]:
    if isinstance(row, Lead):  # some of these places are other people's at the number
        return row.model_dump(mode="json", exclude={"further_places"})
    if isinstance(row, Voicemail):  # what was said is no text: it is downloaded from the file
        return row.model_dump(mode="json", exclude={"sealed"})
    if not isinstance(row, Submission):
        return row.model_dump(mode="json")
    body = row.body.decode("utf-8", "replace")
    return row.model_dump(mode="json", exclude={"body"}) | {"body": body}
