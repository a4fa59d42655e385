"""The work list: callbacks, forms, texts, voicemails and incidents, what harms most first."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import in_browser, page_reading, viewer, widgets
from dashboard.http import live_updates
from dashboard.language import _
from dashboard.review import all_forms
from dashboard.work_list import address, around_list, filter_bar, row_list, side_panel
from leads.intake import bursts
from leads.people.permissions import Permission
from leads.read_models import waiting_forms
from leads.read_models.page_changes import Topic
from leads.read_models.work_filter import WorkPart

STYLE = Path(__file__).parent / "work_list" / "work_list.css"

page_reading.stop_unless_permitted(Permission.SEE_BOARD)


@st.fragment(key=row_list.LIST, run_every=in_browser.FALLBACK)
def draw_live_list() -> None:
    """Draw the list as it is now, and again at every change."""
    in_browser.rerun_on_change(Topic.WORK, live_updates.change_version())
    work = side_panel.read_work()
    around_list.draw_board_warnings(work.board)
    calls = side_panel.list_shown_calls(work.board, work.part)
    around_list.draw_calls_in_progress(calls)
    if calls or not side_panel.is_in_use():
        widgets.draw_action_message()
    row_list.draw_row_list(work)
    if work.part == WorkPart.DECIDE:
        draw_verbs_for_all_forms()
    if work.part == WorkPart.IN_HAND:
        around_list.draw_colleagues(work.board.colleagues)


@widgets.in_stable_container
def draw_verbs_for_all_forms() -> None:
    """Draw what is decided about all forms at once."""
    if page_reading.read_or_stop_page(waiting_forms.is_any_to_review):
        all_forms.draw_burst_button(page_reading.read_or_stop_page(bursts.count_of_burst))
        all_forms.draw_reprocess_button()


if viewer.is_page_just_opened():  # its rows are drawn unselected
    row_list.forget_selection()
address.show_in_browser()
st.html(STYLE)
with st.container(horizontal=True, vertical_alignment="center"):
    st.title(_("Work list"), anchor=False)
    widgets.link_to_new_request()
filter_bar.draw_filter_bar()
with st.container(key="work-beside"):
    beside, panel = st.columns([3, 2], gap="medium")
with beside:
    draw_live_list()
with panel:
    side_panel.draw_side_panel()
