"""Set up a helpline and its sources: their form tools, addresses, mappings and proofs of sender.

The form tool decides where submissions are sent from and what is read of them; secrets prove who
the sender is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from dashboard import widgets
from dashboard.language import _
from dashboard.setup import (
    after_call_panel,
    body_trial,
    call_presets_panel,
    called_numbers_panel,
    deliveries,
    emergency_panel,
    entrances_panel,
    file_import,
    intake_panel,
    own_hours,
    phone_panel,
    source_panel,
    texts_panel,
    wish_rules,
)
from leads.forms import form_reading
from leads.helplines import brands_and_sources, call_presets, called_numbers, source_settings
from leads.helplines.call_presets import HelplinePresets
from leads.helplines.called_numbers import CalledNumbers
from leads.helplines.source_settings import SourceDetails

me = widgets.require_signed_in_advisor()


@dataclass(frozen=True)
class HelplineSetup:
    """Everything the page shows besides the deliveries."""

    doors: dict[int, SourceDetails]
    brands: list[str]
    called: dict[int, CalledNumbers]
    presets: Mapping[int, HelplinePresets]


def load_helpline_setup() -> HelplineSetup:
    """Return the sources, and the helplines they may belong to."""
    doors, names, called, presets = widgets.read_or_stop_page(
        lambda s, a: (
            source_settings.list_source_details(s, a),
            brands_and_sources.list_brand_names(s),
            called_numbers.list_called_numbers(s, a),
            call_presets.list_helpline_presets(s, a),
        )
    )
    return HelplineSetup({door.source_id: door for door in doors}, names, called, presets)


def choose_source(setup: HelplineSetup) -> SourceDetails | None:
    """Let the supervisor choose a source, and return it.

    The choice is kept in the address of the page, so that it can be sent to a colleague.
    """
    asked = st.query_params.get("source", "")
    ids = list(setup.doors)
    index = ids.index(int(asked)) if asked.isdecimal() and int(asked) in setup.doors else 0
    names = Counter(door.name for door in setup.doors.values())
    labels = {
        n: door.name if names[door.name] == 1 else f"{door.name} ({n})"
        for n, door in setup.doors.items()
    }
    chosen = st.selectbox(_("Source"), ids, index=index, format_func=labels.__getitem__)
    if chosen is not None:
        st.query_params["source"] = str(chosen)
    return setup.doors.get(chosen or 0)


def draw_add_source_form(setup: HelplineSetup) -> None:
    """Draw the form that adds a source."""
    with st.expander(_("Add a source"), icon=":material/add:"), st.form("new", border=False):
        name = st.text_input(_("Name of the source"), placeholder=_("For example: Our website"))
        tool = _("Form tool")
        kind = st.selectbox(tool, form_reading.KINDS, format_func=source_panel.form_tool_title)
        left, right = st.columns(2)
        brand = left.selectbox(_("Helpline"), setup.brands) if len(setup.brands) > 1 else ""
        region = right.text_input(_("Country of its phone numbers"), value="US", max_chars=2)
        secret = st.text_input(_("Signing secret, if the tool shows one"), type="password")
        slug = st.text_input(
            _("Web address of the hosted form"),
            placeholder=_("Leave blank for a random one"),
            help=_("Your own word is easy to print, but easy to guess."),
        )
        if st.form_submit_button(_("Add the source"), type="primary"):
            options = {"brand_name": brand or "", "kind": kind, "region": region, "slug": slug}
            add_source_and_show(name, secret, options)


def add_source_and_show(name: str, secret: str, options: dict[str, str]) -> None:
    """Add a source and choose it on the page."""
    source_id = widgets.run_for_result(
        lambda s, a: (
            source_settings.add_source_as_supervisor(
                s,
                a,
                name,
                signing_secrets=(secret,) if secret.strip() else (),
                **options,
                now=widgets.read_utc_clock(),
            ).id
        ),
        _("The source is active. Follow the steps below."),
    )
    if source_id:
        st.query_params["source"] = str(source_id)
    st.rerun()


st.title(_("Helpline set-up"), anchor=False)
widgets.draw_action_message()
helpline_setup = load_helpline_setup()
draw_add_source_form(helpline_setup)
file_import.draw_file_import(helpline_setup.brands)
own_hours.draw_own_hours()
phone_panel.draw_phones()
intake_panel.draw_intake_questions_setup()
after_call_panel.draw_after_call()
wish_rules.draw_wish_rules()
texts_panel.draw_helpline_texts()
emergency_panel.draw_emergency_numbers()
chosen = choose_source(helpline_setup)
if chosen:
    connect, look_after = st.columns([3, 2], gap="large")
    with connect:
        source_panel.draw_connection_steps(chosen)
    with look_after:
        source_panel.draw_source_panel(chosen)
        entrances_panel.draw_entrances(chosen)
        called_numbers_panel.draw_called_numbers(helpline_setup.called[chosen.brand_id])
        call_presets_panel.draw_call_presets(helpline_setup.presets[chosen.brand_id])
    body_trial.draw_body_trial(chosen)
    deliveries.draw_deliveries(chosen)
