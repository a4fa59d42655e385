"""The call presets panel: whom a helpline's advisors bring into a call by one press."""

from __future__ import annotations

import streamlit as st

from dashboard import page_actions, page_reading, page_text, viewer, widgets
from dashboard.language import _
from leads import phone_numbers
from leads.helplines import call_presets
from leads.helplines.call_presets import PRESET_PARTIES, HelplinePresets
from leads.i18n.translatable import Phrase
from leads.models.enums import Party
from leads.models.helplines import CallPreset

PARTY_TITLES = {
    Party.INTERPRETER: Phrase("Interpreter"),
    Party.THIRD_PARTY: Phrase("Someone else"),
}


def draw_call_presets(brand_id: int) -> None:
    """Draw a helpline's presets, each with the button that takes it out, and how to add one."""
    helpline = page_reading.read_or_stop_page(call_presets.list_helpline_presets)[brand_id]
    widgets.draw_small_text(
        _(
            "Advisors can add these people to a call with one click. Emergency numbers "
            "are never added: a 911 call from here would send help to us, not to the "
            "caller."
        )
    )
    for preset in helpline.presets:
        _draw_preset(preset)
    # What was refused stays in its fields; what was added leaves them empty.
    with st.form(f"preset-{brand_id}-{len(helpline.presets)}", border=False):
        _draw_new_preset(helpline)


def _draw_preset(preset: CallPreset) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        facts = (preset.name, preset.language, phone_numbers.format_phone(preset.phone))
        keyed = [_("keys dialed on answer")] if preset.keys else []
        words = [_(PARTY_TITLES[Party(preset.party)]), *facts, *keyed]
        st.write(" · ".join(page_text.escape_markdown(word) for word in words if word))
        st.space("stretch")
        st.button(
            _("Remove"),
            on_click=_remove_chosen_preset,
            args=(preset.id,),
            key=f"remove-preset-{preset.id}",
            type="tertiary",
            icon=":material/delete:",
        )


def _remove_chosen_preset(preset_id: int) -> None:
    page_actions.run_as_signed_in(
        lambda s, a: call_presets.remove_preset(s, preset_id, a, now=viewer.read_utc_clock()),
        _("Removed."),
    )


def _draw_new_preset(helpline: HelplinePresets) -> None:
    party = st.segmented_control(
        _("Type"),
        PRESET_PARTIES,
        default=Party.INTERPRETER,
        required=True,
        format_func=lambda one: _(PARTY_TITLES[one]),
    )
    name = st.text_input(_("Name advisors see"), max_chars=call_presets.LONGEST_NAME)
    left, right = st.columns(2)
    language = left.text_input(
        _("Language, if an interpreter"), max_chars=call_presets.LONGEST_NAME
    )
    number = right.text_input(_("Phone number"), placeholder="(315) 555-0100")
    keys = st.text_input(
        _("Keys to dial when they answer"),
        placeholder="4471#",
        max_chars=2 * call_presets.MOST_KEYS,  # with the gaps between them
        help=_("For example, a client code. A comma pauses one second. It is never shown again."),
    )
    if st.form_submit_button(_("Add"), type="primary"):
        chosen = party or Party.INTERPRETER
        page_actions.act_and_redraw(
            lambda s, a: call_presets.add_preset(
                s,
                helpline.brand_id,
                a,
                chosen,
                name=name,
                number=number,
                language=language if chosen == Party.INTERPRETER else "",
                keys=keys,
                now=viewer.read_utc_clock(),
            ),
            _("Added. Advisors see it on their next call."),
        )
