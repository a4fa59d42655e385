"""The audit log: who looked at whom, who came in, when and from where. For admins."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import streamlit as st

from dashboard import page_reading, page_text, plain_table, viewer, widgets
from dashboard.language import _, translate_count
from dashboard.page_list import PAGES
from leads.audit import audit_list
from leads.audit.audit_list import (
    AUDIT_KIND_LABELS,
    IMPORT_RECORD,
    REPORT_RECORD,
    AuditFilter,
    AuditPage,
    AuditRow,
)
from leads.i18n.translatable import Phrase
from leads.lifecycle.audit_log import NOBODY
from leads.models.enums import AuditKind
from leads.people.permissions import OPERATOR
from leads.record_ids import read_record_id

EVER = "all"
NAMES = {NOBODY: Phrase("Not known"), OPERATOR.name: Phrase("Operator, on the server")}
VIEWS = {
    **{page.path: page.title for page in PAGES},
    viewer.FIRST_PAGE: Phrase("My desk"),
    "login": Phrase("Sign-in"),
    "logout": Phrase("Sign out"),
    "account": Phrase("Your account"),
    "confirm": Phrase("Confirm that it is you"),
    "second-factor": Phrase("Two-step sign-in"),
    "voicemail": Phrase("Voicemail"),
}
RECORDS = {
    "submission": Phrase("Form"),
    "text_message": Phrase("Text"),
    "voicemail": Phrase("Voicemail"),
    "television": Phrase("TV"),
    "api_token": Phrase("Access token"),
    REPORT_RECORD: Phrase("Service report"),
    IMPORT_RECORD: Phrase("Rejected rows of an import"),
}
"""What an entry may be about besides a person and a colleague."""


def read_audit_filter() -> AuditFilter:
    """Return what the page's address asks for; what nobody understands in it asks for nothing."""
    asked = st.query_params
    kind, days = asked.get("kind", ""), asked.get("days", str(audit_list.DEFAULT_DAYS))
    is_known_period = days in map(str, audit_list.DAYS)
    return AuditFilter(
        actor=asked.get("who") or None,
        person=read_record_id(asked.get("person", "")),
        kind=AuditKind(kind) if kind in AUDIT_KIND_LABELS else None,
        days=None if days == EVER else int(days) if is_known_period else audit_list.DEFAULT_DAYS,
        before=read_record_id(asked.get("before", "")),
    )


def draw_filters(page: AuditPage, only: AuditFilter) -> None:
    """Draw what the entries can be narrowed to; the address remembers it."""
    periods = {
        str(days): translate_count(days, "Last {count} day", "Last {count} days")
        for days in audit_list.DAYS
    }
    kinds = {str(kind): _(label) for kind, label in AUDIT_KIND_LABELS.items()}
    people = {"": _("Anyone"), **{one: _(name) for one, name in NAMES.items()}, **page.actors}
    with st.container(horizontal=True, vertical_alignment="bottom", key="audit-filter"):
        draw_audit_choice("who", _("Who"), people)
        draw_audit_choice("kind", _("What"), {"": _("Anything"), **kinds})
        usual = str(audit_list.DEFAULT_DAYS)
        draw_audit_choice("days", _("When"), {**periods, EVER: _("Any time")}, usual=usual)
        st.session_state["audit-person"] = st.query_params.get("person", "")
        st.text_input(
            _("Number of the person's file"),
            key="audit-person",
            on_change=lambda: store_audit_filter(
                "person", st.session_state["audit-person"].strip()
            ),
            width=220,
        )
        if only != AuditFilter():
            st.button(_("Clear filters"), type="tertiary", on_click=st.query_params.clear)


def draw_audit_choice(
    name: str, label: str, choices: Mapping[str, str], *, usual: str = ""
) -> None:
    """Draw one filter; what the address says wins over what was chosen before."""
    key, asked = f"audit-{name}", st.query_params.get(name, usual)
    st.session_state[key] = asked if asked in choices else usual
    st.selectbox(
        label,
        list(choices),
        format_func=lambda one: choices.get(one, one),
        key=key,
        on_change=store_audit_choice,
        args=(name, key, frozenset(choices), usual),
        width=220,
    )


def store_audit_choice(name: str, key: str, choices: Collection[str], usual: str) -> None:
    """Store a choice in the address; one that is still named in the language before is none."""
    chosen = st.session_state[key]
    if chosen in choices:
        store_audit_filter(name, "" if chosen == usual else chosen)


def store_audit_filter(name: str, value: str) -> None:
    """Put one filter into the address, and begin with the newest entry again."""
    st.query_params.pop("before", None)
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def audit_table_row(row: AuditRow) -> dict[str, object]:
    """Return the table's row of one entry."""
    return {
        _("Time"): page_text.instant_text(row.at),
        _("Who"): _(NAMES[row.who]) if row.who in NAMES else row.who,
        _("What"): _(AUDIT_KIND_LABELS[row.kind]),
        _("About"): about_text(row),
        _("Page"): _(VIEWS[row.view]) if row.view in VIEWS else row.view,
        _("From"): " · ".join(filter(None, (row.address, row.browser))),
    }


def about_text(row: AuditRow) -> str:
    """Return whom or what an entry is about: people are numbers here, as in the log itself."""
    if row.person is not None:
        return _("Person {number}", number=row.person)
    record, _space, record_id = row.about.partition(" ")
    return f"{_(RECORDS[record])} {record_id}" if record in RECORDS else row.about


def draw_paging(page: AuditPage, only: AuditFilter) -> None:
    """Draw the ways to older entries, and back to the newest."""
    with st.container(horizontal=True):
        if only.before is not None:
            st.button(_("Newest"), on_click=show_newest)
        if page.older is not None:
            older = str(page.older)
            st.button(_("Older"), on_click=lambda: st.query_params.update(before=older))


def show_newest() -> None:
    """Go back to the newest entries."""
    st.query_params.pop("before", None)


st.title(_("Audit log"), anchor=False)
only = read_audit_filter()
page = page_reading.read_or_stop_page(
    lambda s, a: audit_list.read_audit_log(s, a, only, now=viewer.read_utc_clock())
)
draw_filters(page, only)
if page.rows:
    plain_table.draw_plain_table(_("Audit log"), list(map(audit_table_row, page.rows)))
else:
    st.info(
        _("No entry fits. Choose a longer time, or clear the filters."), icon=":material/inbox:"
    )
draw_paging(page, only)
widgets.draw_small_text(
    _(
        "No one can change or delete an entry. To check that no one did, run "
        "`python -m leads audit verify` on the server."
    )
)
