"""The alerts above every supervisor's page, and who is looking into them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from sqlmodel import Session

from dashboard import widgets
from dashboard.desk.keyboard_buttons import act_button
from dashboard.language import _, counted
from leads.alerting import escalation
from leads.alerting.escalation import CurrentAlert
from leads.models.advisors import Advisor


def draw(alerts: Sequence[CurrentAlert]) -> None:
    """Show an alert with its button, or with who pressed it; of several, the gravest, and the others when opened."""
    if not alerts:
        return
    first, *others = sorted(alerts, key=escalation.alert_sort_key)
    with st.container(border=True, gap="xsmall"):
        _draw(first)
        if others:
            more = counted(len(others), "{count} more alert", "{count} more alerts")
            with st.expander(f":small[{more}]", key="more-alerts"):
                for alert in others:
                    _draw(alert)


def _draw(alert: CurrentAlert) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(_line(alert), width="content" if alert.looking else "stretch")
        if not alert.looking:
            _offer_to_look(alert)


def _line(alert: CurrentAlert) -> str:
    since = _("Since {time}.", time=widgets.clock(alert.since))
    words = f"{widgets.plain(_(alert.sentence))} {since}"
    if not alert.looking:
        return f":small[:red[:material/warning: {words}]]"
    name, time = widgets.plain(alert.looking), widgets.clock(alert.looking_since)
    looking = _("{name} is looking into it since {time}.", name=name, time=time)
    return f":small[:blue[:material/visibility: {words} {looking}]]"


def _offer_to_look(alert: CurrentAlert) -> None:
    def look(session: Session, person: Advisor) -> None:
        escalation.acknowledge_alert(session, person, kind=alert.kind, about=alert.about, now=widgets.now())

    help_text = _("Nobody else is sent for, and everybody sees that it is you.")
    act_button(_("I am looking"), look, key=f"look-{alert.kind}-{alert.about}", help=help_text)
