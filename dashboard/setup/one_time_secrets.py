"""One-time secrets: what was just made, and is shown to whoever made it until they have kept it."""

from __future__ import annotations

import streamlit as st

from dashboard import copyable, page_text, widgets
from dashboard.language import _


def keep_one_time_secret(place: str, name: str, secret: str) -> None:
    """Show a secret in a place of this screen from now on."""
    st.session_state[f"secret-{place}"] = (name, secret)


@widgets.in_stable_container
def draw_one_time_secret(place: str) -> None:
    """Draw the secret that was just made, if there is one, and the button that takes it away."""
    kept: tuple[str, str] | None = st.session_state.get(f"secret-{place}")
    if kept is None:
        return
    name, secret = kept
    st.info(
        _(
            "Secret of {name}. Copy it now: it is not shown again.",
            name=page_text.escape_markdown(name),
        )
    )
    copyable.draw_copyable(secret)
    if st.button(_("I saved it"), key=f"saved-{place}"):
        del st.session_state[f"secret-{place}"]
        st.rerun()
