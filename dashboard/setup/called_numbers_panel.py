"""The called numbers panel: which countries and kinds of number a helpline calls by rule."""

from __future__ import annotations

import streamlit as st

from dashboard import page_actions, page_reading, viewer
from dashboard.language import _
from leads import phone_numbers
from leads.contact_rules.number_policy import CHOOSABLE_KINDS, KIND_LABELS, NumberKind
from leads.helplines import called_numbers
from leads.helplines.called_numbers import CalledNumbers
from leads.i18n.translatable import CountryName


def draw_called_numbers(brand_id: int) -> None:
    """Draw the form of a helpline's number policy."""
    helpline = page_reading.read_or_stop_page(called_numbers.list_called_numbers)[brand_id]
    st.caption(
        _(
            "Requests with any other kind of number are held on the work list until you "
            "decide. Premium-rate, shared-cost, satellite and "
            "personal numbers are never called."
        )
    )
    with st.form(f"called-{brand_id}", border=False):
        draw_called_numbers_fields(helpline)


def draw_called_numbers_fields(helpline: CalledNumbers) -> None:
    """Draw the fields of a helpline's number policy, and save them."""
    defaults = ", ".join(_(CountryName(country)) for country in helpline.by_default)
    countries = st.multiselect(
        _("Countries this helpline calls"),
        sorted(phone_numbers.supported_regions(), key=lambda country: _(CountryName(country))),
        default=helpline.countries,
        format_func=lambda country: _(CountryName(country)),
        placeholder=_("Default: {countries}", countries=defaults),
        help=_(
            "Caribbean countries with +1, such as Jamaica, are international, and so is "
            "Canada. Puerto Rico and the other territories are part of the United States. "
            "Allow exactly the same countries in your Twilio account (Voice, Geographic "
            "permissions)."
        ),
    )
    kinds = st.multiselect(
        _("Types of numbers this helpline calls"),
        [kind.value for kind in CHOOSABLE_KINDS],
        default=[str(kind) for kind in helpline.kinds],
        format_func=lambda kind: _(KIND_LABELS[NumberKind(kind)]),
        placeholder=_("Choose"),
    )
    budget = st.number_input(
        _("New numbers per hour without review, all sources"),
        min_value=1,
        value=helpline.new_numbers_per_hour,
    )
    if st.form_submit_button(_("Save"), type="primary"):
        page_actions.act_and_redraw(
            lambda s, a: called_numbers.change_called_numbers(
                s,
                helpline.brand_id,
                a,
                countries=countries,
                kinds=kinds,
                new_numbers_per_hour=int(budget),
                now=viewer.read_utc_clock(),
            ),
            _("Saved. It applies from the next call."),
        )
