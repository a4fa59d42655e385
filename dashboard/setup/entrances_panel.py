"""The entrances panel: every way in to a source, its proof, and its budget of new numbers."""

from __future__ import annotations

import streamlit as st

from dashboard import viewer
from dashboard.language import _
from dashboard.setup.source_panel import act_on_source
from leads.helplines import source_settings
from leads.helplines.source_settings import SourceDetails


def draw_entrances(door: SourceDetails) -> None:
    """Draw the ways in to a source, and its hosted form's switch and address."""
    for entrance in source_settings.list_entrances(door):
        proof = _(entrance.proof) if entrance.is_open else _("Closed.")
        st.markdown(f"**{_(entrance.name)}**  \n{proof}")
    draw_hosted_form_switch(door)
    draw_form_address(door)


def draw_hosted_form_switch(door: SourceDetails) -> None:
    """Draw the switch that opens or closes the hosted form, and what either means."""
    if door.takes_hosted_form and door.secrets:
        st.warning(_("This source has a secret, but its hosted form accepts requests without it."))
    label = _("Close the hosted form") if door.takes_hosted_form else _("Open the hosted form")
    if st.button(label, key=f"hosted-{door.source_id}"):
        act_on_source(
            door.source_id,
            lambda s, d, a: source_settings.switch_hosted_form(
                s, d, a, is_open=not door.takes_hosted_form, now=viewer.read_utc_clock()
            ),
        )


def draw_form_address(door: SourceDetails) -> None:
    """Draw how to give the hosted form an address that nobody can guess, or one of choice."""
    with st.form(f"slug-{door.source_id}", border=False):
        slug = st.text_input(
            _("Web address of the form"),
            placeholder=_("Leave blank for a random one"),
            help=_("Your own word is easy to print, but easy to guess."),
        )
        if st.form_submit_button(_("Change the form's address")):
            act_on_source(
                door.source_id,
                lambda s, d, a: source_settings.change_form_address(
                    s, d, a, slug=slug, now=viewer.read_utc_clock()
                ),
                _("The old form address no longer works. Put the new one on your site now."),
            )


def draw_source_budget(door: SourceDetails) -> None:
    """Draw how many new numbers of a source are called by rule within an hour."""
    with st.form(f"budget-{door.source_id}", border=False):
        budget = st.number_input(
            _("New numbers per hour without review"),
            min_value=1,
            value=door.new_numbers_per_hour,
            help=_(
                "Requests above this limit are not rejected: they are held on "
                "the work list, and you get an alert. Raise the limit before a "
                "campaign."
            ),
        )
        if st.form_submit_button(_("Save")):
            act_on_source(
                door.source_id,
                lambda s, d, a: source_settings.set_new_number_budget(
                    s, d, int(budget), a, now=viewer.read_utc_clock()
                ),
                _("Saved. It applies to new submissions."),
            )
