"""The call presets panel: whom a helpline's advisors bring into a call by one press."""

from __future__ import annotations

import streamlit as st

from dashboard import widgets
from dashboard.language import _
from leads import phone_numbers
from leads.helplines import call_presets
from leads.helplines.call_presets import PRESET_PARTIES, HelplinePresets
from leads.i18n.translatable import Phrase
from leads.models.enums import Party
from leads.models.helplines import CallPreset

PARTY_TITLES = {
    Party.INTERPRETER: Phrase("Interpreter"),
    Party.THIRD_PARTY: Phrase("Somebody else"),
}


def draw_call_presets(helpline: HelplinePresets) -> None:
    """Draw a helpline's presets, each with the button that takes it out, and how to add one."""
    title = _("Who joins calls of {helpline}", helpline=widgets.escape_markdown(helpline.name))
    with st.expander(title, icon=":material/person_add:", key="call-presets"):
        widgets.draw_small_text(
            _(
                "An advisor in a call adds these people with one press. Emergency numbers are "
                "never added: 911 would send help to us and not to the caller."
            )
        )
        for preset in helpline.presets:
            _draw_preset(preset)
        # What was refused stays in its fields; what was added leaves them empty.
        key = f"preset-{helpline.brand_id}-{len(helpline.presets)}"
        with st.form(key, border=False):
            _draw_new_preset(helpline)


def _draw_preset(preset: CallPreset) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        facts = (preset.name, preset.language, phone_numbers.format_phone(preset.phone))
        keyed = [_("keys are pressed")] if preset.keys else []
        words = [_(PARTY_TITLES[Party(preset.party)]), *facts, *keyed]
        st.write(" · ".join(widgets.escape_markdown(word) for word in words if word))
        st.space("stretch")
        st.button(
            _("Remove"),
            on_click=_remove_preset,
            args=(preset.id,),
            key=f"remove-preset-{preset.id}",
            type="tertiary",
            icon=":material/delete:",
        )


def _remove_preset(preset_id: int) -> None:
    widgets.run_as_signed_in(
        lambda s, a: call_presets.remove_preset(s, preset_id, a, now=widgets.read_utc_clock()),
        _("Removed."),
    )


def _draw_new_preset(helpline: HelplinePresets) -> None:
    party = st.segmented_control(
        _("Who is it?"),
        PRESET_PARTIES,
        default=Party.INTERPRETER,
        required=True,
        format_func=lambda one: _(PARTY_TITLES[one]),
    )
    name = st.text_input(_("Name that advisors see"), max_chars=call_presets.LONGEST_NAME)
    left, right = st.columns(2)
    language = left.text_input(
        _("Language, of an interpreter"), max_chars=call_presets.LONGEST_NAME
    )
    number = right.text_input(_("Phone number"), placeholder="(315) 555-0100")
    keys = st.text_input(
        _("Keys to press once they answer"),
        placeholder="4471#",
        max_chars=2 * call_presets.MOST_KEYS,  # with the gaps between them
        help=_("A client code, for example. A comma waits a second. Nobody is shown it again."),
    )
    if st.form_submit_button(_("Add"), type="primary"):
        chosen = party or Party.INTERPRETER
        widgets.run_as_signed_in(
            lambda s, a: call_presets.add_preset(
                s,
                helpline.brand_id,
                a,
                chosen,
                name=name,
                number=number,
                language=language if chosen == Party.INTERPRETER else "",
                keys=keys,
                now=widgets.read_utc_clock(),
            ),
            _("Added. Advisors see it in their next call."),
        )
        st.rerun()
