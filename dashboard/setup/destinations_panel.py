"""The destinations panel: where events are sent, by what right, and what of it arrived."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st
from sqlmodel import Session

from dashboard import page_actions, page_reading, plain_table, viewer, widgets
from dashboard.language import _
from dashboard.setup import one_time_secrets, outside_reader_fields
from leads.config import settings
from leads.errors import BadConfiguration
from leads.i18n.translatable import Phrase
from leads.models.advisors import Advisor
from leads.models.enums import DestinationStop, EventType
from leads.outbox import destinations, event_orders, outside_readers
from leads.outbox.destinations import MOST_SECRETS, DestinationDetails
from leads.public_addresses import require_public_url

PLACE = "destinations"
EVENT_LABELS: Mapping[EventType, Phrase] = {
    EventType.LEAD_CREATED: Phrase("New person"),
    EventType.CALLBACK_CREATED: Phrase("New callback"),
    EventType.CALLBACK_ANSWERED: Phrase("Conversation"),
    EventType.CALLBACK_CLOSED: Phrase("Callback closed"),
    EventType.SUPPRESSION_ADDED: Phrase("Opted out"),
    EventType.SUPPRESSION_LIFTED: Phrase("Opt-out removed"),
}
STOP_LABELS: Mapping[DestinationStop, Phrase] = {
    DestinationStop.BY_HAND: Phrase("Turned off"),
    DestinationStop.GONE: Phrase("Stopped: it wants no more events"),
    DestinationStop.UNKNOWN: Phrase("Turned off"),
}


def draw_destinations(helplines: Sequence[str]) -> None:
    """Draw the destinations, what can be done with one of them, and how to add one."""
    widgets.draw_small_text(
        _(
            "A destination gets a signed message when something happens here: numbers of files "
            "and callbacks, never a name or a phone number. See docs/outbound.md."
        )
    )
    one_time_secrets.draw_one_time_secret(PLACE)
    found = page_reading.read_or_stop_page(
        lambda s, a: destinations.list_destinations(s, a, now=viewer.read_utc_clock())
    )
    plain_table.draw_plain_table(_("Destinations"), list(map(_destination_row, found)))
    if found:
        _draw_chosen_destination(found)
    _draw_new_destination(helplines)


def _destination_row(one: DestinationDetails) -> dict[str, object]:
    stopped = STOP_LABELS[one.stopped_because or DestinationStop.BY_HAND]
    return {
        _("Name"): one.name,
        _("Server"): one.host,
        _("Events"): ", ".join(_(EVENT_LABELS[EventType(event)]) for event in one.event_types),
        _("Helplines"): ", ".join(one.helplines) or _("All"),
        _("Permitted by"): outside_reader_fields.legal_basis_text(one.basis),
        _("Status"): _(stopped) if one.stopped_at else _("Active"),
        _("Sent this week"): one.counts.sent,
        _("Waiting"): one.counts.waiting,
        _("Not accepted"): one.counts.failed,
    }


@widgets.in_stable_container
def _draw_chosen_destination(found: Sequence[DestinationDetails]) -> None:
    by_id = {one.destination_id: one for one in found}
    chosen: int = st.selectbox(
        _("Destination"), list(by_id), format_func=lambda n: by_id[n].name, key="destination"
    )
    one = by_id[chosen]
    with st.container(horizontal=True):
        if st.button(_("Send again what was not accepted"), icon=":material/replay:"):
            _act_on_destination(event_orders.replay_events, chosen, _("It will be sent again."))
        if one.secret_count < MOST_SECRETS:
            if st.button(_("New secret"), icon=":material/key:"):
                _rotate_secret(one)
        elif st.button(_("Remove the old secret"), icon=":material/key_off:"):
            drop = destinations.drop_old_destination_secret
            _act_on_destination(drop, chosen, _("Removed. Only the new secret signs now."))
        if one.stopped_at is None:
            if st.button(_("Turn off"), key="stop-destination", icon=":material/pause:"):
                stop = destinations.stop_destination
                _act_on_destination(stop, chosen, _("Turned off. Nothing more is sent to it."))
        elif st.button(_("Turn on"), key="resume-destination", icon=":material/play_arrow:"):
            resume = destinations.resume_destination
            _act_on_destination(resume, chosen, _("Turned on. It gets what happens from now on."))


def _draw_new_destination(helplines: Sequence[str]) -> None:
    with widgets.form_kept_if_refused("destination"):
        name = st.text_input(_("Name of the destination"), max_chars=outside_readers.LONGEST_NAME)
        url = st.text_input(_("Address"), placeholder="https://example.org/hook")
        events = outside_reader_fields.ask_several(_("Events"), EVENT_LABELS)
        chosen = outside_reader_fields.ask_helplines(helplines)
        basis = outside_reader_fields.ask_legal_basis()
        if st.form_submit_button(_("Add the destination"), type="primary"):
            given = {"event_types": events, "helplines": chosen, **basis}
            _add_destination_and_show(name, url=url.strip(), **given)


def _add_destination_and_show(name: str, *, url: str, **given: Any) -> None:
    """Add a destination and show its secret; where its server is, is asked before."""
    try:
        require_public_url(url, allowed=settings.load_settings().allowed_private_networks)
    except BadConfiguration as refusal:
        page_actions.set_action_message(refusal.args[0], kind="warning")
        st.rerun()
    secret = page_actions.run_for_result(
        lambda s, a: destinations.add_destination(
            s, a, name, url=url, now=viewer.read_utc_clock(), **given
        ).secrets[0],
        _("Added. It gets what happens from now on."),
    )
    if secret:
        one_time_secrets.keep_one_time_secret(PLACE, name, secret)
    st.rerun()


def _rotate_secret(one: DestinationDetails) -> None:
    secret = page_actions.run_for_result(
        lambda s, a: destinations.rotate_destination_secret(
            s, a, one.destination_id, now=viewer.read_utc_clock()
        ),
        _("Both secrets sign until you remove the old one."),
    )
    if secret:
        one_time_secrets.keep_one_time_secret(PLACE, one.name, secret)
    st.rerun()


def _act_on_destination(verb: Callable[..., object], destination_id: int, done: str) -> None:
    def act(session: Session, admin: Advisor) -> object:
        return verb(session, admin, destination_id, now=viewer.read_utc_clock())

    page_actions.act_and_redraw(act, done)
