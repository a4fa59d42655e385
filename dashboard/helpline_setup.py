"""Set up a helpline and its sources: a list of topics, of which one is open.

The form tool of a source decides where submissions are sent from and what is read of them; secrets
prove who the sender is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from dashboard import page_actions, page_reading, page_text, viewer, widgets
from dashboard.language import _
from dashboard.setup import (
    after_call_panel,
    api_tokens_panel,
    body_trial,
    call_presets_panel,
    called_numbers_panel,
    deliveries,
    destinations_panel,
    emergency_panel,
    entrances_panel,
    file_import,
    intake_panel,
    own_hours,
    phone_panel,
    retention_panel,
    source_panel,
    texts_panel,
    topics,
    wish_rules,
)
from dashboard.setup.topics import SetupTopic
from leads.forms import form_reading
from leads.helplines import own_hours_settings, source_settings
from leads.helplines.own_hours_settings import HelplineHours
from leads.helplines.source_settings import SourceDetails
from leads.i18n.translatable import Phrase
from leads.people.permissions import Permission
from leads.record_ids import read_record_id

CONNECT = "connect"
READABLE_WIDTH = 900  # pixels: wider than this, a form is hard to read
HELPLINE_TOPICS: Sequence[tuple[str, Phrase, str, Callable[[int], None]]] = (
    ("hours", Phrase("Calling hours of {brand}"), "schedule", own_hours.draw_own_hours),
    ("phone", Phrase("Phone of {brand}"), "call", phone_panel.draw_phone),
    (
        "questions",
        Phrase("Questions on a call at {brand}"),
        "checklist",
        intake_panel.draw_intake_questions_setup,
    ),
    (
        "people",
        Phrase("People to add to calls: {helpline}"),
        "person_add",
        call_presets_panel.draw_call_presets,
    ),
    (
        "emergency",
        Phrase("Emergency numbers of {brand}"),
        "emergency_home",
        emergency_panel.draw_emergency_numbers,
    ),
    (
        "after",
        Phrase("After a call at {brand}"),
        "call_end",
        after_call_panel.draw_after_call,
    ),
    (
        "wishes",
        Phrase("Advisor preferences: {brand}"),
        "record_voice_over",
        wish_rules.draw_wish_rules,
    ),
    (
        "texts",
        Phrase("Text messages: {helpline}"),
        "sms",
        texts_panel.draw_helpline_texts,
    ),
    (
        "numbers",
        Phrase("Numbers we call: {helpline}"),
        "public",
        called_numbers_panel.draw_called_numbers,
    ),
)
"""What is set up of each helpline: name, title, icon, and what draws it."""

me = viewer.require_signed_in_advisor()


def choose_helpline(helplines: Sequence[HelplineHours], asked: SourceDetails | None) -> int:
    """Let the supervisor choose a helpline, if there are several; first that of what was asked."""
    names = {one.brand_id: one.brand for one in helplines}
    if len(names) == 1:
        return next(iter(names))
    ids = list(names)
    index = ids.index(asked.brand_id) if asked else 0
    chosen: int = st.selectbox(_("Helpline"), ids, index=index, format_func=names.__getitem__)
    return chosen


def choose_source(doors: Mapping[int, SourceDetails], asked: SourceDetails | None) -> SourceDetails:
    """Let the supervisor choose a source of a helpline, and return it.

    The choice is kept in the address of the page, so that it can be sent to a colleague.
    """
    ids = list(doors)
    names = Counter(door.name for door in doors.values())
    labels = {
        n: door.name if names[door.name] == 1 else f"{door.name} ({n})" for n, door in doors.items()
    }
    index = ids.index(asked.source_id) if asked and asked.source_id in doors else 0
    chosen: int = st.selectbox(_("Source"), ids, index=index, format_func=labels.__getitem__)
    st.query_params["source"] = str(chosen)
    return doors[chosen]


def draw_add_source_form(brands: Sequence[str]) -> None:
    """Draw the form that adds a source."""
    with st.form("new", border=False):
        name = st.text_input(_("Name of the source"), placeholder=_("For example: Our website"))
        tool = _("Form tool")
        kind = st.selectbox(tool, form_reading.KINDS, format_func=source_panel.form_tool_title)
        left, right = st.columns(2)
        brand = left.selectbox(_("Helpline"), brands) if len(brands) > 1 else ""
        region = right.text_input(_("Country of its phone numbers"), value="US", max_chars=2)
        secret = st.text_input(_("Signing secret, if the tool shows one"), type="password")
        slug = st.text_input(
            _("Web address of the hosted form"),
            placeholder=_("Leave blank for a random one"),
            help=_("Your own word is easy to print, but easy to guess."),
        )
        if st.form_submit_button(_("Add the source"), type="primary"):
            options = {"brand_name": brand or "", "kind": kind, "region": region, "slug": slug}
            add_source_and_show(name, secret, options)


def add_source_and_show(name: str, secret: str, options: dict[str, str]) -> None:
    """Add a source, choose it on the page, and show how to connect it."""
    source_id = page_actions.run_for_result(
        lambda s, a: (
            source_settings.add_source_as_supervisor(
                s,
                a,
                name,
                signing_secrets=(secret,) if secret.strip() else (),
                **options,
                now=viewer.read_utc_clock(),
            ).id
        ),
        _("The source is active. Follow the steps below."),
    )
    if source_id:
        st.query_params["source"] = str(source_id)
        topics.open_topic(CONNECT)
    st.rerun()


def topics_of_source(door: SourceDetails) -> list[SetupTopic]:
    """Return what is set up of a source."""
    tool, count = source_panel.form_tool_title(door.kind), door.new_numbers_per_hour
    rows: list[tuple[str, str, str, Callable[[SourceDetails], None]]] = [
        (
            CONNECT,
            _("How to connect: {tool}", tool=tool),
            "cable",
            source_panel.draw_connection_steps,
        ),
        ("form", _("Or use our hosted form"), "web", source_panel.draw_hosted_form),
        ("deliveries", _("Last 10 deliveries"), "inbox", deliveries.draw_deliveries),
        ("trial", _("Test what your form sends"), "science", body_trial.draw_body_trial),
        ("name", _("Name, form tool and country"), "edit", source_panel.draw_source_details_form),
        ("secrets", source_panel.secrets_title(door), "key", source_panel.draw_source_secrets),
        (
            "entrances",
            _("Entry points and required verification"),
            "door_front",
            entrances_panel.draw_entrances,
        ),
        (
            "budget",
            _("New numbers per hour: {count}", count=count),
            "speed",
            entrances_panel.draw_source_budget,
        ),
    ]
    return [SetupTopic(name, label, icon, partial(draw, door)) for name, label, icon, draw in rows]


def topics_of_helpline(brand_id: int, brand: str) -> list[SetupTopic]:
    """Return what is set up of a helpline."""
    name = page_text.escape_markdown(brand)
    return [
        SetupTopic(topic, _(title, brand=name, helpline=name), icon, partial(draw, brand_id))
        for topic, title, icon, draw in HELPLINE_TOPICS
    ]


def topics_for_admins() -> list[SetupTopic]:
    """Return what only an admin sees."""
    rows: list[tuple[Permission, str, str, str, Callable[[], None]]] = [
        (
            Permission.SEE_RETENTION,
            "retention",
            _("What is deleted after a time"),
            "auto_delete",
            retention_panel.draw_retention,
        ),
        (
            Permission.SEE_DESTINATIONS,
            "destinations",
            _("Where events are sent"),
            "outbound",
            partial(destinations_panel.draw_destinations, brand_names),
        ),
        (
            Permission.SEE_API_TOKENS,
            "tokens",
            _("Who may read over the API"),
            "api",
            partial(api_tokens_panel.draw_api_tokens, brand_names),
        ),
    ]
    return [
        SetupTopic(name, label, icon, draw)
        for permission, name, label, icon, draw in rows
        if me.may(permission)
    ]


st.title(_("Helpline set-up"), anchor=False)
widgets.draw_action_message()
sources, helplines = page_reading.read_or_stop_page(
    lambda s, a: (
        {door.source_id: door for door in source_settings.list_source_details(s, a)},
        own_hours_settings.list_helpline_hours(s, a),
    )
)
topics.forget_closed_topics_of_last_visit()
own_hours.draw_waiting_hours(helplines)
brand_names = [one.brand for one in helplines]
asked_source = sources.get(read_record_id(st.query_params.get("source", "")) or 0)
with st.container(width=READABLE_WIDTH):
    if helplines:
        with st.container(key="setup-subject"):
            helpline_id = choose_helpline(helplines, asked_source)
            theirs = {n: door for n, door in sources.items() if door.brand_id == helpline_id}
            if theirs:
                source = choose_source(theirs, asked_source)
            topics.put_question_before_loss()
        if theirs:
            source_panel.draw_pause_switch(source)
            topics.draw_topics(topics_of_source(source), subject=f"-{source.source_id}")
    topics.draw_topics(
        [
            SetupTopic("add", _("Add a source"), "add", partial(draw_add_source_form, brand_names)),
            SetupTopic(
                "import",
                _("Import a CSV file"),
                "upload_file",
                partial(file_import.draw_file_import, brand_names),
            ),
            *topics_for_admins(),
        ]
    )
    if helplines:
        st.header(_("Helpline"), anchor=False)
        brand_name = next(one.brand for one in helplines if one.brand_id == helpline_id)
        topics.draw_topics(
            topics_of_helpline(helpline_id, brand_name), subject=f"-of-{helpline_id}"
        )
topics.put_answer_to_save()
