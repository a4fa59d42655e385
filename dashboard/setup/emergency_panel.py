"""The emergency panel: whom advisors bring in in a crisis, and the counties' own numbers."""

from __future__ import annotations

import streamlit as st

from dashboard import page_actions, plain_table, viewer, widgets
from dashboard.language import _, translate_count
from dashboard.setup import topics
from leads import phone_numbers
from leads.helplines import emergency_numbers
from leads.helplines.emergency_numbers import HelplineEmergency


def draw_emergency_numbers(brand_id: int) -> None:
    """Draw the emergency numbers of a helpline."""
    helpline = topics.read_settings_of(brand_id, emergency_numbers.list_emergency_numbers)
    draw_crisis_line_form(helpline)
    draw_county_list(helpline)


def draw_crisis_line_form(helpline: HelplineEmergency) -> None:
    """Draw whom advisors bring into a call in a crisis."""
    with st.form(f"crisis-{helpline.brand_id}", border=False):
        number = st.text_input(
            _("Number advisors call to reach 988"),
            value=phone_numbers.format_phone(helpline.crisis_line),
            help=_(
                "Some phone providers cannot connect to 988. 1-800-273-8255 reaches the same line."
            ),
        )
        if st.form_submit_button(_("Save")):
            page_actions.act_and_redraw(
                lambda s, a: emergency_numbers.set_crisis_line(
                    s, helpline.brand_id, a, number, now=viewer.read_utc_clock()
                ),
                _("Saved. It applies from the next call."),
            )


def draw_county_list(helpline: HelplineEmergency) -> None:
    """Draw the counties' numbers, and the file that replaces them."""
    widgets.draw_small_text(
        _(
            "Dialing 911 from here sends help to us. Ask each county's emergency services "
            "for their ten-digit number. Upload a CSV file with the columns county, state, "
            "name and number; it replaces the whole list."
        )
    )
    if helpline.entries:
        count = len(helpline.entries)
        widgets.draw_small_text(translate_count(count, "{count} number", "{count} numbers"))
        lines = [
            {
                _("County"): entry.county,
                _("State"): entry.state,
                _("Who answers"): entry.name,
                _("Number"): phone_numbers.format_phone(entry.number),
            }
            for entry in helpline.entries
        ]
        plain_table.draw_plain_table(_("Emergency numbers of {brand}", brand=helpline.brand), lines)
    with (
        st.popover(_("Replace the list"), icon=":material/upload_file:"),
        widgets.form_kept_if_refused(f"counties-{helpline.brand_id}"),
    ):
        file = st.file_uploader(_("CSV file"), type=["csv"])
        if st.form_submit_button(_("Replace the list")) and file:
            replace_list(helpline, file.getvalue())


def replace_list(helpline: HelplineEmergency, content: bytes) -> None:
    """Replace a helpline's list with a file's."""
    page_actions.act_and_redraw(
        lambda s, a: emergency_numbers.replace_emergency_numbers(
            s, helpline.brand_id, a, content, now=viewer.read_utc_clock()
        ),
        _("List replaced."),
    )
