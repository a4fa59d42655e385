"""The alerts above every supervisor's page, and who is looking into them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import widgets
from dashboard.language import _
from leads import escalation
from leads.escalation import Shown


def draw(alerts: Sequence[Shown]) -> None:
    """Show each alert with its button, or with who pressed it."""
    for alert in alerts:
        since = _("Since {time}.", time=widgets.clock(alert.since))
        words = f"{widgets.plain(_(alert.sentence))} {since}"
        if alert.looking:
            name, time = widgets.plain(alert.looking), widgets.clock(alert.looking_since)
            looking = _("{name} is looking into it since {time}.", name=name, time=time)
            st.info(f"{words} {looking}", icon=":material/visibility:")
        else:
            _draw_open(alert, words)


def _draw_open(alert: Shown, words: str) -> None:
    sentence, button = st.columns([5, 1], vertical_alignment="center")
    sentence.error(words, icon=":material/warning:")
    key = f"look-{alert.kind}-{alert.about}"
    help_text = _("Nobody else is sent for, and everybody sees that it is you.")
    if button.button(_("I am looking"), key=key, help=help_text, width="stretch"):
        widgets.act(
            lambda session, person: escalation.acknowledge(
                session, person, kind=alert.kind, about=alert.about, now=widgets.now()
            )
        )
        st.rerun(scope="fragment")
