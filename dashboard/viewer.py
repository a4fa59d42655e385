"""The viewer: who looks at this screen, at which page, where and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from dashboard.language import _
from leads.lifecycle.audit_log import Origin
from leads.models.enums import AdvisorRole
from leads.people import browser_names
from leads.people.permissions import Permission, role_may

WALL_ROLE = "wall"  # as the guard says it
PAGE_KEY, JUST_OPENED_KEY = "page shown", "page just opened"
FIRST_PAGE = "desk"  # as the audit log calls the page without a path


@dataclass(frozen=True)
class SignedInAdvisor:
    """The colleague who is signed in on this page."""

    advisor_id: int
    name: str
    role: AdvisorRole

    def may(self, permission: Permission) -> bool:
        """Whether their role has a permission."""
        return role_may(self.role, permission)


def require_signed_in_advisor() -> SignedInAdvisor:
    """Return the colleague who is signed in, as the guard says; nobody else ever reaches a page."""
    user = st.user.to_dict()
    if "id" not in user:
        st.error(_("Please sign in."))
        st.stop()
    if is_television_screen():
        st.error(_("This screen shows the wallboard and nothing else."))
        st.stop()
    return SignedInAdvisor(
        int(str(user["id"])), unquote(str(user["name"])), AdvisorRole(str(user["role"]))
    )


def is_television_screen() -> bool:
    """Whether this screen is a television's: it may show the wallboard and do nothing."""
    return str(st.user.to_dict().get("role")) == WALL_ROLE


def screen_sign_in_id() -> int:
    """Return the id of this screen's session."""
    return int(str(st.user.to_dict()["sign_in"]))


def viewer_zone() -> str:
    """Return the viewer's time zone."""
    zone = st.context.timezone or "UTC"
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"
    return zone


def read_utc_clock() -> datetime:
    """Return the time: a page is an edge, which reads the clock."""
    return datetime.now(UTC)


def note_page_opened(path: str) -> bool:
    """Note in a full run of the app which page it draws, before the page asks whether it is new.

    Whether it is another one than was drawn last.
    """
    is_other = st.session_state.get(PAGE_KEY) != path
    st.session_state[JUST_OPENED_KEY] = is_other
    st.session_state[PAGE_KEY] = path
    return is_other


def is_page_just_opened() -> bool:
    """Whether the last full run of the app came from another page, or is the first."""
    return bool(st.session_state.get(JUST_OPENED_KEY, True))


def screen_view() -> str:
    """Return which page this screen shows, as the audit log calls it."""
    return st.session_state.get(PAGE_KEY) or FIRST_PAGE


def screen_origin() -> Origin:
    """Return from where this screen asks, and which page it shows."""
    address = str(st.context.ip_address or "127.0.0.1")  # else Streamlit says none
    browser = browser_names.name_browser(st.context.headers.get("User-Agent") or "")
    return Origin(screen_sign_in_id(), address, browser, screen_view())
