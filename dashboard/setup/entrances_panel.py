"""The entrances panel: every way in to a source, its proof, and its budget of new numbers."""

from __future__ import annotations

import streamlit as st

from dashboard import widgets
from dashboard.language import _
from dashboard.setup.source_panel import act_on_source
from leads.helplines import source_settings
from leads.helplines.source_settings import SourceDetails


def draw_entrances(door: SourceDetails) -> None:
    """Draw the ways in to a source, its hosted form's switch and address, and its budget."""
    with st.expander(_("Ways in, and the proof each one needs"), icon=":material/door_front:"):
        for entrance in source_settings.list_entrances(door):
            proof = _(entrance.proof) if entrance.is_open else _("Closed.")
            st.markdown(f"**{_(entrance.name)}**  \n{proof}")
        draw_hosted_form_switch(door)
        draw_form_address(door)
    with st.expander(
        _("New numbers per hour: {count}", count=door.new_numbers_per_hour), icon=":material/speed:"
    ):
        draw_source_budget(door)


def draw_hosted_form_switch(door: SourceDetails) -> None:
    """Draw the switch that opens or closes the hosted form, and what either means."""
    if door.takes_hosted_form and door.secrets:
        st.warning(_("This source has a secret, and its hosted form lets in whoever has none."))
    label = _("Close the hosted form") if door.takes_hosted_form else _("Open the hosted form")
    if st.button(label, key=f"hosted-{door.source_id}"):
        act_on_source(
            door.source_id,
            lambda s, d, a: source_settings.switch_hosted_form(
                s, d, a, is_open=not door.takes_hosted_form, now=widgets.read_utc_clock()
            ),
        )


def draw_form_address(door: SourceDetails) -> None:
    """Draw how to give the hosted form an address that nobody can guess, or one of choice."""
    with st.form(f"slug-{door.source_id}", border=False):
        slug = st.text_input(
            _("End of the form's address"),
            placeholder=_("Leave empty for a random one"),
            help=_("A word of your own is easy to print, and anybody can guess it."),
        )
        if st.form_submit_button(_("Give the form a new address")):
            act_on_source(
                door.source_id,
                lambda s, d, a: source_settings.change_form_address(
                    s, d, a, slug=slug, now=widgets.read_utc_clock()
                ),
                _("The old address of the form is closed. Put the new one on your pages now."),
            )


def draw_source_budget(door: SourceDetails) -> None:
    """Draw how many new numbers of a source are called by rule within an hour."""
    with st.form(f"budget-{door.source_id}", border=False):
        budget = st.number_input(
            _("New numbers per hour that need no review"),
            min_value=1,
            value=door.new_numbers_per_hour,
            help=_(
                "Whoever comes beyond it is not turned away: they wait for you under Submissions "
                "to review, and an alert says so. Raise it before a campaign."
            ),
        )
        if st.form_submit_button(_("Save")):
            act_on_source(
                door.source_id,
                lambda s, d, a: source_settings.set_new_number_budget(
                    s, d, int(budget), a, now=widgets.read_utc_clock()
                ),
                _("Saved. It counts for what comes from now on."),
            )
