"""The service report's filters: which days, whose requests, and how fast is fast enough.

The page's address holds them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import page_reading, page_text, viewer
from dashboard.language import _
from leads.helplines import brands_and_sources
from leads.reporting import call_statistics, service_report
from leads.reporting.filters import ReportFilter
from leads.reporting.service_report import ReportQuestion

TARGETS = {
    "30 s": timedelta(seconds=30),
    **{f"{minutes} min": timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15, 30, 60)},
}
USUAL_TARGET_INDEX = list(TARGETS).index("5 min")
DAYS = 7
NARROWING = ("brand", "source", "advisor", "campaign")  # kept in the address by these names


def ask_report_question(zone: str) -> ReportQuestion:
    """Ask for the report's question, and return it.

    A filter with only one choice is not shown.
    """
    today = viewer.read_utc_clock().astimezone(ZoneInfo(zone)).date()
    with page_reading.page_reader() as session:
        brands, sources = (
            brands_and_sources.list_brand_names(session),
            service_report.source_display_names(session),
        )
        advisors = call_statistics.advisor_display_names(session)
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        week_ago = today - timedelta(days=DAYS - 1)
        look: Any = {"format": _("MM/DD/YYYY"), "bind": "query-params", "width": 140}
        first = st.date_input(_("From"), value=week_ago, key="from", **look)
        last = st.date_input(_("To"), value=today, key="to", **look)
        target = st.selectbox(
            _("Target"),
            list(TARGETS),
            index=USUAL_TARGET_INDEX,
            key="target",
            bind="query-params",
            width=110,
        )
        only = _ask_narrowing(brands, sources, advisors)
    return ReportQuestion(first, max(first, last), zone, TARGETS[target], only)


def _ask_narrowing(
    brands: Sequence[str], sources: Mapping[int, str], advisors: Mapping[int, str]
) -> ReportFilter:
    """Ask whose requests are counted: of a helpline, a source, an advisor or a campaign."""
    names = [st.session_state.get(key) or st.query_params.get(key) for key in NARROWING]
    label = ", ".join(map(_, filter(None, names))) or _("More filters")
    with st.popover(page_text.escape_markdown(label), key="narrowing"):
        brand = _draw_optional_select(_("Helpline"), brands, key="brand")
        source = _draw_optional_select(
            _("Source"), list(dict.fromkeys(sources.values())), key="source"
        )
        advisor = _draw_optional_select(
            _("Advisor"), list(advisors.values()), key="advisor", least=1
        )
        campaign = st.text_input(
            _("Campaign"), placeholder=_("any"), key="campaign", bind="query-params"
        )
    source_id = next((number for number, name in sources.items() if name == source), None)
    advisor_id = next((number for number, name in advisors.items() if name == advisor), None)
    return ReportFilter(brand or "", source_id, campaign.strip(), advisor_id)


def _draw_optional_select(
    label: str, names: Sequence[str], *, key: str, least: int = 2
) -> str | None:
    if len(names) < least:
        return None
    return st.selectbox(
        label,
        names,
        index=None,
        format_func=_,
        placeholder=_("any"),
        key=key,
        bind="query-params",
    )
