"""Downloads: the only buttons by which a file or a page to print leaves the building.

What is pressed is written into the audit log before the browser has the file, or there is no file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from sqlmodel import Session

from dashboard import viewer
from dashboard.http.refusal_record import refusals_on_record
from leads.database.transactions import transaction
from leads.lifecycle.audit_log import Origin, set_origin
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.advisors import Advisor
from leads.models.enums import AuditKind
from leads.people import looks
from leads.people.looks import TakenFile
from leads.people.permissions import Permission

Content = str | bytes
Make = Callable[[Session, Advisor], Content]
TYPES = {
    "html": (AuditKind.PRINT, "text/html"),
    "csv": (AuditKind.EXPORT, "text/csv"),
    "json": (AuditKind.EXPORT, "application/json"),
}
"""How the audit log calls it that a file leaves, and what it is, by the end of its name."""


def draw_download_button(
    label: str,
    make: Make,
    file_name: str,
    subject: TrailSubject,
    permission: Permission,
    **look: Any,
) -> None:
    """Draw a button that makes a file when it is pressed, and records who took it.

    `make` is called away from the page: it draws nothing, and takes its language along. `subject`:
    what the file is about, in ids and codes.
    """
    kind, media_type = TYPES[file_name.rpartition(".")[2]]
    file = TakenFile(kind, subject, permission)
    origin = viewer.screen_origin()
    advisor_id = viewer.require_signed_in_advisor().advisor_id

    def make_on_record() -> Content:
        return make_recorded_file(make, file, origin, advisor_id)

    st.download_button(label, make_on_record, file_name, media_type, on_click="ignore", **look)


def make_recorded_file(make: Make, file: TakenFile, origin: Origin, advisor_id: int) -> Content:
    """Make a file for a colleague, and write into the audit log that they took it.

    Raises NotAllowed where their role does not permit it by now.
    """
    now = viewer.read_utc_clock()
    with refusals_on_record(advisor_id, origin, now=now), transaction() as session:
        set_origin(session, origin)
        advisor = session.get_one(Advisor, advisor_id)
        looks.record_taken_file(session, advisor, file, now=now)
        return make(session, advisor)
