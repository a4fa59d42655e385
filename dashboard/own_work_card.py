"""The card that says, on every page but the desk, that an advisor's phone rings or a call is on."""

from __future__ import annotations

import streamlit as st

from dashboard import in_browser
from dashboard.language import _
from leads.read_models.own_work import OwnWork


def draw_own_work_card(work: OwnWork | None) -> None:
    """Draw what the advisor has in hand, for how long, and the way to their desk.

    It lies over the end of the page: what somebody reads there stays where it is.
    """
    if work is None:
        return
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", border=True, key="own-work"
    ):
        title = f"{_(work.title)} "
        if work.since is None:
            st.markdown(title, width="content")
        else:
            in_browser.draw_running_clock(
                "own-work-clock", work.since, strong=title, written="watch", look="call"
            )
        st.page_link("advisor_desk.py", label=_("My desk"), icon=":material/support_agent:")
