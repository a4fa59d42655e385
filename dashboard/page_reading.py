"""Page reading: what a page may read, as whoever looks, and that whom it shows is on record."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator
from typing import Any, TypeVar

import streamlit as st
from sqlmodel import Session

from dashboard import known_looks, viewer
from dashboard.http.refusal_record import refusals_on_record
from dashboard.language import _
from leads.database.transactions import reader, transaction
from leads.errors import LeadsError
from leads.lifecycle.audit_log import set_origin
from leads.models.advisors import Advisor
from leads.models.helpline_scope import limited_to_helplines
from leads.people import emergency_access, looks, sessions, television_access
from leads.people.looks import Look
from leads.people.permissions import Permission, require_permission, served_helplines

Seen = TypeVar("Seen")


def read_or_stop_page(
    read: Callable[[Session, Advisor], Seen], *, emergency_lead_id: int | None = None
) -> Seen:
    """Return what a query reads as the colleague who is signed in.

    Whom it shows them is on record before they see it. A refusal is shown as a sentence, and the
    page ends there. `emergency_lead_id`: whom alone it reads, whose file they opened in an
    emergency.
    """
    advisor_id = viewer.require_signed_in_advisor().advisor_id
    try:
        with refusals_of_screen_on_record():
            with page_reader(emergency_lead_id) as session:
                seen = read(session, session.get_one(Advisor, advisor_id))
            if shown := find_new_looks(seen):
                with transaction() as session:
                    set_origin(session, viewer.screen_origin())
                    advisor = session.get_one(Advisor, advisor_id)
                    looks.record_looks(session, advisor, shown, now=viewer.read_utc_clock())
                keep_looks_known(shown)
    except LeadsError as refusal:
        st.error(_(refusal.args[0]))
        st.stop()
    return seen


def refusals_of_screen_on_record() -> contextlib.AbstractContextManager[None]:
    """Run what the colleague who is signed in may be refused; a refusal is on record."""
    advisor_id = viewer.require_signed_in_advisor().advisor_id
    return refusals_on_record(advisor_id, viewer.screen_origin(), now=viewer.read_utc_clock())


@contextlib.contextmanager
def page_reader(emergency_lead_id: int | None = None) -> Iterator[Session]:
    """Open a view for reading that is limited to the helplines of whoever looks.

    With the id of a person whose file they opened in an emergency, also to those of that person. A
    television shows what whoever let it in may see.
    """
    with reader() as session:
        if viewer.is_television_screen():
            who = television_access.find_who_let_in(session, viewer.screen_sign_in_id())
        else:
            who = session.get_one(Advisor, viewer.require_signed_in_advisor().advisor_id)
        helplines = served_helplines(who)
        if emergency_lead_id is not None:
            helplines = emergency_access.find_readable_helplines(
                session, emergency_lead_id, who, now=viewer.read_utc_clock()
            )
        with limited_to_helplines(session, helplines):
            yield session


def load_signed_in_person() -> Advisor:
    """Return the colleague who is signed in, for a verb that has transactions of its own."""
    return read_or_stop_page(lambda _session, person: person)


def stop_unless_permitted(permission: Permission) -> None:
    """Stop the page with a sentence unless the person signed in has a permission now."""
    read_or_stop_page(lambda _session, person: require_permission(person, permission))


def has_viewer_proof() -> bool:
    """Whether whoever looks has proved lately who they are."""
    return read_or_stop_page(
        lambda s, _a: sessions.has_recent_proof(
            s, viewer.screen_sign_in_id(), now=viewer.read_utc_clock()
        )
    )


def find_new_looks(shown: object) -> Collection[Look]:
    """Return whom something shows whom this session has not just seen on this page."""
    found = looks.find_looks(shown)
    return known_looks.filter_new_looks(found, **_where_and_when()) if found else found


def keep_looks_known(shown: Collection[Look]) -> None:
    """Keep that somebody was shown on this page, which is on record now."""
    if shown:
        known_looks.keep_looks(shown, **_where_and_when())


def _where_and_when() -> dict[str, Any]:
    return {
        "sign_in_id": viewer.screen_sign_in_id(),
        "view": viewer.screen_view(),
        "now": viewer.read_utc_clock(),
    }
