"""Data export: all that is stored about a person, for the person, whole and to be read.

Which columns it has follows from the classes of what is stored: all but colleagues' own data,
secrets and sounds.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_
from sqlmodel import Session, SQLModel, col, select

from leads.disclosures import ledger
from leads.disclosures.ledger import DisclosureFacts, LineOrigin
from leads.i18n import translatable
from leads.i18n.readable_times import format_instant
from leads.i18n.translatable import Phrase
from leads.lead_records import disclosure_account, merged_files, timeline
from leads.lead_records.timeline import TimelineEntry
from leads.lifecycle.audit_trail import record_event
from leads.models.advisors import Advisor
from leads.models.disclosure_words import DisclosureWay
from leads.models.requests import ConfirmedNumber, Lead, Submission, Suppression
from leads.models.watching import Transition
from leads.pages import rendering
from leads.people.permissions import Permission, actor_of, require_permission
from leads.person_facts import FACTS_BY_NAME, FILE_LABELS
from leads.privacy.data_classes import DataClass, columns_of_class
from leads.privacy.disclosure_notice import DISCLOSURE_NOTICE
from leads.privacy.person_rows import find_rows_of_person
from leads.privacy.unclaimed_rows import find_unclaimed_rows

EXPORTED_CLASSES = frozenset(DataClass) - {
    DataClass.RECORDING,  # what was said is no text: it is downloaded from the file
    DataClass.SECRET,
    DataClass.STAFF,
}
LEFT_OUT: Mapping[str, frozenset[str]] = {
    "lead": frozenset({"further_places"})  # some of these places are other people's at the number
}


@dataclass(frozen=True)
class PersonExport:
    """All that is stored about a person.

    `data`: every row, as JSON values. `facts`: what is known of them, by its label. `entries`: what
    happened, newest first.
    """

    data: Mapping[str, Any]
    facts: Mapping[Phrase, str]
    entries: Sequence[TimelineEntry]
    exported_at: datetime


def export_lead_data(
    session: Session,
    lead: Lead,
    supervisor: Advisor,
    *,
    to: DisclosureFacts | None = None,
    now: datetime,
) -> PersonExport:
    """Return all that is stored about a lead and the files merged into it.

    The export is recorded in the audit trail and in the person's account of disclosures. `to`: who
    gets it, and by what right; without it the person themselves. Supervisors only. Raises
    BadSubmission where something is missing, and NotNow for a consent that does not cover it.
    """
    require_permission(supervisor, Permission.EXPORT_LEAD_DATA, lead)
    facts = disclosure_account.require_whole_facts(
        session, lead, to or disclosure_account.facts_for_person(lead), at=now, is_export=True
    )
    origin = LineOrigin(DisclosureWay.EXPORT, now)
    ledger.add_disclosure_line(session, lead.id, facts, origin, actor=actor_of(supervisor), now=now)
    files = merged_files.lead_and_merged_files(session, lead)
    record_event(session, lead, "export", actor=actor_of(supervisor), now=now)
    rows = _collect_rows(session, files)
    data = {
        "notice": DISCLOSURE_NOTICE,
        "exported_at": now.isoformat(),
        "lead": _export_row(lead),
        "merged": list(map(_export_row, files[1:])),
        **{name: list(map(_export_row, some)) for name, some in rows.items()},
    }
    known = {
        label: FACTS_BY_NAME[name].answer_label(str(getattr(lead, name)))
        for name, label in FILE_LABELS.items()
        if getattr(lead, name)
    }
    return PersonExport(data, known, timeline.read_timeline(session, files), now)


def render_readable_export(export: PersonExport, *, language: str, zone: str) -> str:
    """Return an export as a document that a person can read and print."""
    tables = {
        name.replace("_", " "): list(map(_fields_with_content, rows))
        for name, rows in export.data.items()
        if isinstance(rows, list) and rows
    }
    return rendering.render_document(
        "export.html",
        _=functools.partial(translatable.translate, language),
        language=language,
        notice=DISCLOSURE_NOTICE,
        numbers=[export.data["lead"]["phone"], *(one["phone"] for one in export.data["merged"])],
        facts=export.facts,
        entries=export.entries,
        at=lambda instant: format_instant(instant, zone=zone, language=language),
        exported_at=export.exported_at,
        zone=zone,
        lead=_fields_with_content(export.data["lead"]),
        tables=tables,
    )


def _collect_rows(session: Session, files: list[Lead]) -> dict[str, Sequence[Any]]:
    """Return the rows of a person by what the export calls their table, whoever filed them."""
    rows = find_rows_of_person(session, files)
    forms = col(Transition.record_id).in_([str(row.id) for row in rows["submissions"]])
    history = or_(
        timeline.transitions_of_person_clause(session, files),
        and_(col(Transition.record) == Submission.__tablename__, forms),
    )
    phones = [file.phone for file in files]
    rows["never_filed"] = [row for file in files for row in find_unclaimed_rows(session, file)]
    for name, kind in (("suppressions", Suppression), ("confirmed_numbers", ConfirmedNumber)):
        rows[name] = session.exec(select(kind).where(col(kind.phone).in_(phones))).all()
    rows["history"] = session.exec(
        select(Transition).where(history).order_by(col(Transition.id))
    ).all()
    return rows


def _export_row(row: SQLModel) -> dict[str, Any]:
    """Return the columns of a row that an export tells, as JSON values."""
    left_out = LEFT_OUT.get(str(row.__tablename__), frozenset())
    columns = {column.name for column in columns_of_class(type(row), EXPORTED_CLASSES)} - left_out
    if not isinstance(row, Submission):
        return row.model_dump(mode="json", include=columns)
    body = row.body.decode("utf-8", "replace")
    return row.model_dump(mode="json", include=columns - {"body"}) | {"body": body}


def _fields_with_content(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value not in (None, "", [], {})}
