"""The filters above the work list, which the page's address remembers."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import streamlit as st

from dashboard import page_reading, page_text, viewer, widgets
from dashboard.language import _
from dashboard.work_list import address
from leads.callbacks.holds import HOLD_SENTENCES
from leads.models.labels import ALERT_TITLES
from leads.read_models import work_list
from leads.read_models.work_filter import WORK_STATE_LABELS, WorkFilter
from leads.read_models.work_kinds import WORK_KIND_LABELS


def draw_filter_bar() -> None:
    """Draw what the list can be narrowed to."""
    choices = page_reading.read_or_stop_page(
        lambda s, a: work_list.list_filter_choices(s, a, now=viewer.read_utc_clock())
    )
    advisors = {str(number): name for number, name in choices.advisors.items()}
    states = {str(one): _(label) for one, label in WORK_STATE_LABELS.items()}
    kinds = {str(one): _(label) for one, label in WORK_KIND_LABELS.items()}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="work-filter"):
        _draw_choice("kind", _("Type"), kinds, _("All types"))
        _draw_choice("state", _("Status"), states, _("Any status"))
        helplines = {name: name for name in choices.helplines}
        _draw_choice("helpline", _("Helpline"), helplines, _("All helplines"))
        _draw_choice("advisor", _("Assigned to"), advisors, _("Any advisor"))
        _draw_grouping()
        only = address.filter_from_address()
        if only != WorkFilter():
            st.button(_("Clear filters"), type="tertiary", on_click=address.clear_filter)
    if only.alert:
        title = _(ALERT_TITLES.get(only.alert.kind, only.alert.kind))
        source = choices.sources.get(only.alert.source_id or 0)
        alert = page_text.escape_markdown(f"{title} · {source}" if source else title)
        widgets.draw_small_text(_("Only what this alert counts: {alert}", alert=alert))
    if only.hold:
        held = HOLD_SENTENCES.get(only.hold)
        reason = _(held) if held else str(only.hold)
        widgets.draw_small_text(
            _("Only callbacks held for: {reason}", reason=page_text.escape_markdown(reason))
        )


def _draw_choice(name: str, label: str, options: Mapping[str, str], everything: str) -> None:
    """Draw one filter; the address may name a choice that nothing on the list has any more."""
    asked, key = st.query_params.get(name, ""), f"only-{name}"
    words = {"": everything, **options} | ({asked: options.get(asked, asked)} if asked else {})
    st.session_state[key] = asked  # a link to this page changes the address alone
    st.selectbox(
        label,
        list(words),
        format_func=lambda one: words.get(one, one),
        key=key,
        on_change=_store_choice,
        args=(name, key, frozenset(words)),
        label_visibility="collapsed",
        width=170,
    )


def _draw_grouping() -> None:
    key = "only-group"
    st.session_state[key] = st.query_params.get("group") == address.GROUP_BY_REASON
    st.toggle(
        _("Group by reason"),
        key=key,
        on_change=lambda: address.store_in_address(
            "group", address.GROUP_BY_REASON if st.session_state[key] else ""
        ),
    )


def _store_choice(name: str, key: str, choices: Collection[str]) -> None:
    """Store a choice; one that is still named in the language before is none."""
    if st.session_state[key] in choices:
        address.store_in_address(name, st.session_state[key])
