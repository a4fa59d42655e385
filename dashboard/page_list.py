"""The dashboard's pages: whose each one is, and at which address."""

from __future__ import annotations

from dataclasses import dataclass

from leads.i18n.translatable import Phrase
from leads.models.enums import AdvisorRole
from leads.people.permissions import Permission, role_may


@dataclass(frozen=True)
class DashboardPage:
    """A page: the permission that opens it, its file here, and the path of its address."""

    permission: Permission
    file: str
    title: Phrase
    icon: str
    path: str


PAGES = (
    DashboardPage(
        Permission.TAKE_CALLBACKS, "advisor_desk.py", Phrase("My desk"), "support_agent", ""
    ),
    DashboardPage(Permission.SEE_OWN_PEOPLE, "my_calls.py", Phrase("My calls"), "history", "calls"),
    DashboardPage(
        Permission.ENTER_REQUEST, "new_request.py", Phrase("New request"), "person_add", "new"
    ),
    DashboardPage(Permission.SEE_SHIFTS, "shifts.py", Phrase("Shifts"), "calendar_month", "shifts"),
    DashboardPage(Permission.SEE_BOARD, "open_work.py", Phrase("Work list"), "checklist", "work"),
    DashboardPage(
        Permission.SEE_INCIDENTS,
        "incidents.py",
        Phrase("Incidents"),
        "emergency_home",
        "incidents",
    ),
    DashboardPage(
        Permission.READ_LEAD_FILE, "lead_file.py", Phrase("People"), "folder_shared", "lead"
    ),
    DashboardPage(
        Permission.SEE_REPORT, "service_report.py", Phrase("Service report"), "monitoring", "report"
    ),
    DashboardPage(Permission.SEE_WALLBOARD, "wallboard.py", Phrase("Wallboard"), "tv", "wall"),
    DashboardPage(
        Permission.SEE_SOURCES, "helpline_setup.py", Phrase("Helpline set-up"), "settings", "setup"
    ),
    DashboardPage(
        Permission.SEE_ALERTS, "alert_settings.py", Phrase("Alerts"), "notifications", "alerts"
    ),
    DashboardPage(
        Permission.SEE_COLLEAGUES, "colleagues.py", Phrase("Colleagues"), "group", "colleagues"
    ),
    DashboardPage(
        Permission.RECORD_PRIVACY_CASE,
        "privacy_cases.py",
        Phrase("Privacy"),
        "gpp_maybe",
        "privacy",
    ),
    DashboardPage(Permission.SEE_AUDIT, "audit_log.py", Phrase("Audit log"), "policy", "audit"),
)


def list_pages_of_role(role: AdvisorRole) -> list[DashboardPage]:
    """Return the pages that a role may open, in the order of the navigation."""
    return [page for page in PAGES if role_may(role, page.permission)]


def find_lacking_permission(role: AdvisorRole, address: str) -> Permission | None:
    """Return what a role would need to open the page at an address; None where nothing lacks."""
    path = address.strip("/")
    return next(
        (
            page.permission
            for page in PAGES
            if page.path == path and not role_may(role, page.permission)
        ),
        None,
    )


def is_page_of_role(role: AdvisorRole, address: str) -> bool:
    """Whether an address is that of a page which a role may open; everybody has a first one."""
    path = address.strip("/")
    return not path or any(page.path == path for page in list_pages_of_role(role))
