"""The alerts above every supervisor's page, and who is looking into them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from sqlmodel import Session

from dashboard import page_text, viewer
from dashboard.desk.keyboard_buttons import draw_action_button
from dashboard.language import _, translate_count
from dashboard.work_list import address
from leads.alerting import escalation
from leads.alerting.escalation import CurrentAlert
from leads.models.advisors import Advisor


def draw_alert_bar(alerts: Sequence[CurrentAlert]) -> None:
    """Draw the gravest alert with its button, or with who acknowledged it, in one line.

    What does not fit into the line, and the others, open beside it and push nothing away.
    """
    if not alerts:
        return
    first, *others = sorted(alerts, key=escalation.alert_sort_key)
    with st.container(
        horizontal=True, wrap=False, vertical_alignment="center", gap="small", key="alert-line"
    ):
        st.markdown(_alert_markdown(first), width="stretch", wrap=False)
        _draw_link_to_rows(first)
        if not first.looking:
            _draw_acknowledge_button(first, place="line")
        count = translate_count(1 + len(others), "{count} alert", "{count} alerts")
        with st.popover(count, key="all-alerts"):
            for alert in (first, *others):
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.markdown(_alert_markdown(alert))
                    _draw_link_to_rows(alert)
                    if not alert.looking:
                        _draw_acknowledge_button(alert, place="beside")


def _alert_markdown(alert: CurrentAlert) -> str:
    """Return what it is about, since when, and who looks: a phone's line leaves out since when."""
    said = [
        page_text.escape_markdown(_(alert.sentence)),
        _("Since {time}.", time=page_text.instant_text(alert.since)),
    ]
    if alert.looking:
        name, time = (
            page_text.escape_markdown(alert.looking),
            page_text.instant_text(alert.looking_since),
        )
        said.append(_("Acknowledged by {name} at {time}.", name=name, time=time))
    color, icon = ("blue", "visibility") if alert.looking else ("red", "warning")
    parts = " ".join(f":{color}[{part}]" for part in said)
    return f":small[:{color}[:material/{icon}:] {parts}]"


def _draw_link_to_rows(alert: CurrentAlert) -> None:
    """Draw the way to the people whom an alert counts, if they are on the work list."""
    asked = address.query_of_alert(alert)
    if asked is not None:
        st.page_link("open_work.py", label=_("Show"), query_params=asked, width="content")


def _draw_acknowledge_button(alert: CurrentAlert, *, place: str) -> None:
    def acknowledge_shown_alert(session: Session, person: Advisor) -> None:
        escalation.acknowledge_alert(
            session, person, kind=alert.kind, about=alert.about, now=viewer.read_utc_clock()
        )

    help_text = _("No one else is paged, and everyone sees that you have it.")
    draw_action_button(
        _("Acknowledge"),
        acknowledge_shown_alert,
        key=f"look-{place}-{alert.kind}-{alert.about}",
        help=help_text,
    )
