"""Deliveries: what a source brought lately.

Ten lines fill themselves; the one that is clicked is shown whole.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import (
    in_browser,
    page_actions,
    page_reading,
    page_text,
    plain_table,
    viewer,
    widgets,
)
from dashboard.http import live_updates
from dashboard.language import _
from dashboard.plain_table import PressableCell
from dashboard.setup import reading_table
from leads.config import settings
from leads.helplines import source_deliveries, source_settings
from leads.helplines.source_deliveries import SourceDelivery
from leads.helplines.source_settings import SourceDetails
from leads.i18n.translatable import Phrase
from leads.intake import discard_undo, source_test
from leads.models.advisors import Advisor
from leads.models.enums import SubmissionState
from leads.models.helplines import Source
from leads.models.requests import Submission
from leads.person_facts import MAPPING_LABELS
from leads.phone_numbers import mask_phone
from leads.read_models.page_changes import Topic

OUR_FIELD_LABELS = {**MAPPING_LABELS, "id": Phrase("ID assigned by the form tool")}
DELIVERY_STATE_LABELS = {
    "received": Phrase("just arrived"),
    "admitted": Phrase("in the queue"),
    "duplicate": Phrase("added to an earlier request"),
    "withheld": Phrase("held: opted out before"),
    "needs_review": Phrase("to review"),
    "discarded": Phrase("discarded"),
    "refused": Phrase("rejected: wrong signature"),
}
TEST = Phrase("test")
FIRST_WORDS = 40  # characters of a message


def draw_deliveries(door: SourceDetails) -> None:
    """Draw a source's test and its latest deliveries as they come."""
    draw_source_test(door)
    draw_delivery_table(door)


@widgets.in_stable_container
def draw_source_test(door: SourceDetails) -> None:
    """Draw the button that sends the tool's own example as the tool sends it.

    What came of it stays until the next test.
    """
    hint = _(
        "Sends a sample from this tool through the live webhook with a valid signature. No "
        "one is called."
    )
    if st.button(_("Send a test"), icon=":material/send:", help=hint):
        with page_reading.page_reader() as session:
            supervisor = session.get_one(Advisor, viewer.require_signed_in_advisor().advisor_id)
        site = settings.load_settings().public_url
        tried = source_test.send_source_test(
            door.source_id, supervisor, public_url=site, now=viewer.read_utc_clock()
        )
        st.session_state["tried"] = (door.source_id, tried)
    source_id, tried = st.session_state.get("tried", (0, None))
    if tried and source_id == door.source_id:
        (st.success if tried.is_fine else st.warning)(_(tried.sentence))


@st.fragment(run_every=in_browser.FALLBACK)
def draw_delivery_table(door: SourceDetails) -> None:
    """Draw the last ten deliveries with what was read of each."""
    in_browser.rerun_on_change(Topic.DELIVERIES, live_updates.change_version())
    deliveries = page_reading.read_or_stop_page(
        lambda s, a: source_deliveries.read_latest_deliveries(s, door.source_id, a)
    )
    if not deliveries:
        st.info(
            _("Nothing received yet. Send a test from here, then one from your form."),
            icon=":material/inbox:",
        )
        return
    chosen = choose_delivery(door, deliveries)
    if chosen:
        draw_delivery_details(door, chosen)
    else:
        st.caption(_("Click a row to see how it was read and to choose the phone number field."))


def choose_delivery(
    door: SourceDetails, deliveries: Sequence[SourceDelivery]
) -> SourceDelivery | None:
    """Draw the lines of the deliveries, and return the delivery that is chosen.

    It stays chosen while others arrive above it.
    """
    table = f"deliveries-{door.source_id}"
    chosen_id = remember_pressed(table)
    chosen = next((one for one in deliveries if str(one.submission_id) == chosen_id), None)
    rows = [delivery_table_row(one, is_chosen=one is chosen) for one in deliveries]
    plain_table.draw_pressable_table(table, _("Last 10 deliveries"), rows)
    return chosen


def remember_pressed(table: str) -> str | None:
    """Return the value that was pressed last in a table which is drawn further down."""
    key, pressed = f"pressed in {table}", in_browser.pressed_value(table)
    if pressed is not None:
        st.session_state[key] = pressed
    chosen: str | None = st.session_state.get(key)
    return chosen


def delivery_table_row(delivery: SourceDelivery, *, is_chosen: bool) -> dict[str, object]:
    """Return the table's row of one delivery, without anybody's whole number or address."""
    since = _("{length} ago", length=page_text.time_since_text(delivery.received_at))
    reading = delivery.reading
    message = " ".join(str(reading.get("message") or "").split())
    return {
        _("Received"): PressableCell(since, str(delivery.submission_id), is_chosen),
        _("Status"): _(TEST if delivery.is_test else DELIVERY_STATE_LABELS[delivery.state]),
        _("Why"): "" if delivery.is_test else _(delivery.reason),
        _("Name"): str(reading.get("name") or ""),
        _("Phone number"): mask_phone(reading["phone"]) if reading.get("phone") else "",
        _("E-mail address"): mask_email_address(str(reading.get("email") or "")),
        _("Message"): message
        if len(message) <= FIRST_WORDS
        else f"{message[:FIRST_WORDS].rstrip()} …",
    }


def mask_email_address(address: str) -> str:
    """Return an e-mail address so that it tells two people apart and names neither."""
    name, at, host = address.rpartition("@")
    return f"{name[:1]}•••{at}{host}" if name else "•••" * bool(address)


def draw_delivery_details(door: SourceDetails, delivery: SourceDelivery) -> None:
    """Draw a delivery's whole reading beside what arrived, and which of its fields is what."""
    if delivery.reason:
        st.write(page_text.escape_markdown(_(delivery.reason)))
    if delivery.state == SubmissionState.DISCARDED:
        draw_discard_undo(delivery)
    understood, arrived = st.columns(2)
    body = page_reading.read_or_stop_page(
        lambda s, a: source_deliveries.read_delivery_body(s, delivery.submission_id, a)
    )
    with arrived:
        reading_table.draw_raw_body(body.text)
    with understood:
        reading_table.draw_submission_reading(delivery.reading)
        draw_delivery_fields(door, delivery)


def draw_discard_undo(delivery: SourceDelivery) -> None:
    """Draw the button that lets a delivery wait again which somebody discarded a moment ago."""
    number, now = delivery.submission_id, viewer.read_utc_clock()
    if page_reading.read_or_stop_page(
        lambda s, a: discard_undo.may_undo_discard(s, number, a, now=now)
    ) and st.button(_("Undo"), key=f"undo-{number}", icon=":material/undo:"):
        page_actions.act_and_redraw(
            lambda s, a: discard_undo.undo_discard(
                s, s.get_one(Submission, number), a, now=viewer.read_utc_clock()
            ),
            page_actions.UNDONE,
        )


def draw_delivery_fields(door: SourceDetails, delivery: SourceDelivery) -> None:
    """Draw the fields of a delivery's form, what they hold, and which of them is what."""
    if not delivery.fields:
        st.write(_("No fields found."))
        return
    known = {
        theirs: OUR_FIELD_LABELS[ours]
        for ours, theirs in door.mapping.items()
        if ours in OUR_FIELD_LABELS
    }
    table = f"fields-{delivery.submission_id}"
    chosen = remember_pressed(table)
    lines = [
        {
            _("Field"): PressableCell(label, key, key == chosen),
            _("Value"): value,
            _("Your setting"): _(known[key]) if key in known else "",
        }
        for key, label, value in delivery.fields
    ]
    st.caption(_("Form fields. Click one and choose what it is."))
    plain_table.draw_pressable_table(table, _("Form fields"), lines)
    label = next((label for key, label, _value in delivery.fields if key == chosen), None)
    if label is not None:
        draw_field_mapping(door, str(chosen), label)


def draw_field_mapping(door: SourceDetails, theirs: str, label: str) -> None:
    """Draw the choice of what a field is.

    The field's name is a stranger's text, which no label of ours may hold.
    """
    st.text(f"“{label}”")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        ours = st.selectbox(
            _("This field is"),
            list(OUR_FIELD_LABELS),
            format_func=lambda name: _(OUR_FIELD_LABELS[name]),
            key=f"ours-{theirs}",
        )
        if st.button(_("Save"), type="primary", key=f"map-{theirs}"):
            save_field_mapping(door, ours, theirs)
        mapped = next((name for name, field in door.mapping.items() if field == theirs), "")
        if mapped and st.button(_("Clear"), key=f"forget-{theirs}"):
            save_field_mapping(door, mapped, "")


def save_field_mapping(door: SourceDetails, ours: str, theirs: str) -> None:
    """Map a field of the source's form from now on."""
    page_actions.act_and_redraw(
        lambda s, a: source_settings.map_form_field(
            s, s.get_one(Source, door.source_id), ours, theirs, a, now=viewer.read_utc_clock()
        ),
        _(
            "Saved for new submissions. To apply it to the ones already held, click "
            "“Process again” on the work list."
        ),
    )
