"""The source panel: one source in the hands of whoever looks after it.

It shows name, tool and country, pause, secrets and address.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from sqlmodel import Session

from dashboard import copyable, page_actions, page_text, viewer, widgets
from dashboard.language import _
from leads.config import settings
from leads.forms import form_reading
from leads.forms.vendor_recipes import load_vendor
from leads.helplines import brands_and_sources, source_settings
from leads.helplines.brands_and_sources import SourceAddresses
from leads.helplines.source_settings import SourceDetails
from leads.intake import form_embedding
from leads.models.advisors import Advisor
from leads.models.helplines import Source


def form_tool_title(kind: str) -> str:
    """Return what people call a kind of form tool."""
    return _(load_vendor(kind).title)


def draw_connection_steps(door: SourceDetails) -> None:
    """Draw where the form tool has to send to, and how to tell it."""
    st.caption(
        _("Webhook address: anyone who has it can send requests. Share it only with the form tool.")
    )
    copyable.draw_copyable(_addresses_of(door).webhook_url)
    st.markdown(
        "\n".join(f"{n}. {_(step)}" for n, step in enumerate(load_vendor(door.kind).steps, start=1))
    )


def draw_hosted_form(door: SourceDetails) -> None:
    """Draw where a source's hosted form is, and how to put it on another page."""
    form_url = _addresses_of(door).form_url
    if not door.takes_hosted_form:
        st.info(_("It is closed for this source. Open it under Entry points."))
    st.caption(_("Link to the form"))
    copyable.draw_copyable(form_url)
    st.caption(_("Code to embed it on any page; it passes along the page's address and campaign"))
    copyable.draw_copyable(form_embedding.form_embed_code(form_url))


def _addresses_of(door: SourceDetails) -> SourceAddresses:
    site = settings.load_settings().public_url
    return brands_and_sources.build_source_addresses(door.token, door.slug, public_url=site)


def secrets_title(door: SourceDetails) -> str:
    """Return how many secrets a source has."""
    if not door.secrets:
        return _("Secrets: none, the address is the only key")
    return _("Secrets: {count}", count=len(door.secrets))


@widgets.in_stable_container
def draw_pause_switch(door: SourceDetails) -> None:
    """Draw whether leads are rung for what a source sends, and what a pause means."""
    if door.paused_at:
        st.warning(
            _(
                "Paused {length} ago: new submissions are received and held on "
                "the work list. No one is called.",
                length=page_text.time_since_text(door.paused_at),
            )
        )
        if st.button(_("Resume"), icon=":material/play_arrow:", type="primary"):
            done = _(
                "Resumed. New submissions go to the queue. The ones received during the "
                "pause are waiting for your review."
            )
            act_on_source(
                door.source_id,
                lambda s, d, a: source_settings.resume_source(s, d, a, now=viewer.read_utc_clock()),
                done,
            )
        return
    st.caption(
        _(
            "Nothing is lost during a pause: submissions are still received and held for "
            "your review. No one is called."
        )
    )
    if st.button(_("Pause"), icon=":material/pause:"):
        act_on_source(
            door.source_id,
            lambda s, d, a: source_settings.pause_source(s, d, a, now=viewer.read_utc_clock()),
        )


def draw_source_details_form(door: SourceDetails) -> None:
    """Draw the form of a source's name, tool and country; each change is recorded."""
    with st.form(f"particulars-{door.source_id}", border=False):
        name = st.text_input(_("Name"), value=door.name)
        at = form_reading.KINDS.index(door.kind)
        kind = st.selectbox(
            _("Form tool"), form_reading.KINDS, index=at, format_func=form_tool_title
        )
        region = st.text_input(_("Country of its phone numbers"), value=door.region, max_chars=2)
        if st.form_submit_button(_("Save"), type="primary"):
            act_on_source(
                door.source_id,
                lambda s, d, a: save_source_details(s, d, a, name=name, kind=kind, region=region),
                _("Saved. It applies to new submissions."),
            )


def save_source_details(
    session: Session, source: Source, supervisor: Advisor, *, name: str, kind: str, region: str
) -> None:
    """Save the details of a source that were changed."""
    now = viewer.read_utc_clock()
    if name != source.name:
        source_settings.rename_source(session, source, name, supervisor, now=now)
    if kind != source.kind:
        source_settings.change_source_kind(session, source, kind, supervisor, now=now)
    if region != source.region:
        source_settings.change_source_region(session, source, region, supervisor, now=now)


def draw_source_secrets(door: SourceDetails) -> None:
    """Draw how to replace a source's secret without a gap.

    Add the new one, change it at the tool, remove the old one.
    """
    st.caption(
        _(
            "To replace one: add the new one here, change it in the form tool, then remove the "
            "old one here."
        )
    )
    draw_current_secrets(door)
    with widgets.form_kept_if_refused(f"secret-{door.source_id}"):
        secret = st.text_input(_("New secret"), type="password")
        if st.form_submit_button(_("Add the secret")):
            act_on_source(
                door.source_id,
                lambda s, d, a: source_settings.add_source_secret(
                    s, d, secret, a, now=viewer.read_utc_clock()
                ),
                _("Added. The earlier secrets still work."),
            )
    st.caption(_("Was the webhook address leaked?"))
    if st.button(
        _("Change the webhook address"), icon=":material/autorenew:", key=f"renew-{door.source_id}"
    ):
        act_on_source(
            door.source_id,
            lambda s, d, a: source_settings.renew_webhook_address(
                s, d, a, now=viewer.read_utc_clock()
            ),
            _("The old address no longer works. Paste the new one into the form tool now."),
        )


@widgets.in_stable_container
def draw_current_secrets(door: SourceDetails) -> None:
    """Draw the source's secrets, each by its end."""
    for place, end in enumerate(door.secrets):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.write(_("Secret ending {end}", end=page_text.escape_markdown(end)))
            if st.button(_("Remove"), key=f"drop-{door.source_id}-{place}"):
                remove_chosen_secret(door, place)


def remove_chosen_secret(door: SourceDetails, place: int) -> None:
    """Remove the chosen secret of a source."""
    act_on_source(
        door.source_id,
        lambda s, d, a: source_settings.remove_source_secret(
            s, d, place, a, now=viewer.read_utc_clock()
        ),
        _("Removed. Submissions signed with it are rejected from now on and kept for you to see."),
    )


def act_on_source(
    source_id: int, verb: Callable[[Session, Source, Advisor], object], done: str = ""
) -> None:
    """Change a source and draw the whole page again."""
    page_actions.act_and_redraw(lambda s, a: verb(s, s.get_one(Source, source_id), a), done)
