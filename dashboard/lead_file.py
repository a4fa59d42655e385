"""The lead's file: find a person, see all that happened, and correct it.

All contact with them can be stopped or begun again, and files merged.
"""

from __future__ import annotations

import streamlit as st

from dashboard import (
    page_actions,
    page_reading,
    page_text,
    text_thread,
    viewer,
    voicemail_player,
    widgets,
)
from dashboard.desk import correction
from dashboard.language import _
from dashboard.record import (
    consent_section,
    contact_answer,
    contact_stop,
    disclosure_section,
    emergency_section,
    erasure_section,
    export_section,
    facts_section,
    legal_hold_section,
    merge_section,
    open_now,
    tasks_section,
    timeline_lines,
)
from dashboard.review import statements
from leads import phone_numbers
from leads.lead_records import later_statements, lead_file
from leads.lead_records.lead_file import LeadFile, LeadSearchHit
from leads.messaging import voicemails
from leads.models.labels import DANGER_CHECKLISTS, LEAD_STATE_TITLES
from leads.models.requests import Lead
from leads.read_models import said_calls
from leads.record_ids import read_record_id

MOST_CONSENTS = 2  # in sight: the history has all
me = viewer.require_signed_in_advisor()


@widgets.in_stable_container
def draw_lead_search() -> None:
    """Draw the search for a lead; nothing that is typed gets into the page's address."""
    text = st.text_input(_("Find by phone number, name or e-mail address"), key="search")
    hits = page_reading.read_or_stop_page(lambda s, a: lead_file.search_lead_files(s, text, a))
    if text and not hits:
        st.info(
            _(
                "No one on file has this number, name or e-mail address. Enter at least the first "
                "three letters of a name, or the whole address."
            ),
            icon=":material/search_off:",
        )
    for hit in hits:
        draw_search_result(hit)


def draw_search_result(hit: LeadSearchHit) -> None:
    """Draw one lead that the search found, to open."""
    name = page_text.escape_markdown(hit.name) or _("No name given")
    stands = _("merged into another file") if hit.is_merged else _(LEAD_STATE_TITLES[hit.state])
    label = f"{name} · {hit.number} · {stands}"
    if st.button(label, key=f"open-{hit.lead_id}", icon=":material/person:"):
        st.query_params["lead"] = str(hit.lead_id)
        st.session_state.pop("shown_number", None)
        st.rerun()


def load_file_from_url() -> LeadFile | None:
    """Return the file that the page's address names."""
    lead_id = read_record_id(st.query_params.get("lead", ""))
    if lead_id is None:
        return None
    return page_reading.read_or_stop_page(
        lambda s, a: lead_file.read_lead_file(s, lead_id, a, now=viewer.read_utc_clock())
    )


def draw_lead_file(file: LeadFile) -> None:
    """Draw the lead, what can be done about them, and everything that happened."""
    draw_name_and_number(file)
    draw_danger(file)
    open_now.draw_open_now(file)
    open_now.draw_recent_cancellations(file)
    contact_answer.draw_contact_answer(file)
    contact_answer.draw_no_dial_numbers(file)
    draw_neighbors(file)
    statements.draw_statements_to_decide(
        page_reading.read_or_stop_page(
            lambda s, a: later_statements.list_statements_to_decide(s, a, lead_ids=[file.lead_id])
        )
    )
    draw_past_and_acts(file)


def draw_name_and_number(file: LeadFile) -> None:
    """Draw who it is and at which number, hidden until it is asked for, and their time now."""
    st.header(page_text.escape_markdown(file.facts["name"]) or _("No name given"), anchor=False)
    shown = st.session_state.get("shown_number") or {}
    is_shown = shown.get("lead_id") == file.lead_id
    number = _(phone_numbers.format_phone(shown["number"]) if is_shown else file.number)
    if is_shown and (extension := file.facts["phone_extension"]):
        number = _("{number}, extension {extension}", number=number, extension=extension)
    with st.container(horizontal=True, vertical_alignment="center"):
        there = _(
            "{time} where they are", time=page_text.instant_text(viewer.read_utc_clock(), file.zone)
        )
        st.write(f"{number} · {_(LEAD_STATE_TITLES[file.state])} · {there}")
        draw_number_toggle(file, is_shown=is_shown)
        if file.promises:
            widgets.link_to_new_request(file.lead_id)


def draw_past_and_acts(file: LeadFile) -> None:
    """Draw everything that happened, and beside it what can be done."""
    past, acts = st.columns([3, 2], gap="large")
    with past:
        draw_voicemails(file)
        draw_timeline(file)
    with acts:
        draw_tasks_of_person(file)
        open_now.draw_outreach_form(file)
        draw_texts_of_person(file)
        facts_section.draw_facts(file)
        draw_consents(file)
        statements.draw_protections(file.protections)
        draw_said_calls_of_lead(file)
        contact_stop.draw_contact_stop(file)
        merge_section.draw_merge_section(file)
        consent_section.draw_disclosure_consents(file.lead_id, place="record")
        disclosure_section.draw_disclosure_account(file.lead_id, place="record")
        export_section.draw_data_export(file)
        legal_hold_section.draw_legal_holds(file)
        erasure_section.draw_erasure(file)


def draw_number_toggle(file: LeadFile, *, is_shown: bool) -> None:
    """Draw the button that shows the lead's number, and hides it again."""
    if is_shown and st.button(_("Hide the number"), icon=":material/visibility_off:", key="hide"):
        del st.session_state["shown_number"]
        st.rerun()
    if not is_shown and st.button(_("Show the number"), icon=":material/visibility:", key="show"):
        reveal_number_on_page(file)


def reveal_number_on_page(file: LeadFile) -> None:
    """Show the lead's number, and record that somebody wanted to see it."""
    number = page_actions.run_for_result(
        lambda s, a: lead_file.reveal_lead_number(
            s, s.get_one(Lead, file.lead_id), a, now=viewer.read_utc_clock()
        )
    )
    st.session_state["shown_number"] = number and {"lead_id": file.lead_id, "number": number}
    st.rerun()


@widgets.in_stable_container
def draw_danger(file: LeadFile) -> None:
    """Draw what kind of danger the open promise is about, and what to do first."""
    if file.danger:
        st.error(_(DANGER_CHECKLISTS[file.danger]), icon=":material/emergency_home:")


@widgets.in_stable_container
def draw_neighbors(file: LeadFile) -> None:
    """Draw the other people who have asked from the lead's phone, each to open."""
    if not file.neighbors:
        return
    st.write(_("Others have asked for help from this phone. Never tell one about another."))
    for lead_id, name in file.neighbors.items():
        label = page_text.escape_markdown(name) or _("No name given")
        if st.button(label, key=f"neighbor-{lead_id}", icon=":material/person:"):
            st.query_params["lead"] = str(lead_id)
            st.session_state.pop("shown_number", None)
            st.rerun()


@widgets.in_stable_container
def draw_voicemails(file: LeadFile) -> None:
    """Draw what the lead said on the phone when nobody answered, newest first."""
    for voicemail in page_reading.read_or_stop_page(
        lambda s, a: voicemails.list_voicemails_of_leads(s, [file.lead_id, *file.merged], a)
    ):
        with st.container(border=True):
            st.write(voicemail_player.voicemail_title(voicemail))
            voicemail_player.draw_voicemail_player(voicemail)
            if voicemail.is_empty:
                st.write(_(voicemail_player.voicemail_sentence(voicemail)))
            elif not voicemail.is_settled:
                voicemail_player.draw_finish_button(voicemail)


def draw_timeline(file: LeadFile) -> None:
    """Draw what happened, newest first: contacts alone, if somebody asks for that."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(_("Contacts and history"), anchor=False, width="content")
        only_contacts = st.toggle(_("Contacts only"), key=f"contacts-{file.lead_id}")
    shown = [entry for entry in file.entries if entry.direction or not only_contacts]
    st.markdown("\n\n".join(map(timeline_lines.timeline_text, shown)) or _("No contact yet."))


@widgets.in_stable_container
def draw_tasks_of_person(file: LeadFile) -> None:
    """Draw what is to be done for the person besides calls, and the form that adds to it."""
    st.subheader(_("Tasks"), anchor=False)
    if not file.tasks:
        widgets.draw_small_text(_("No open task."))
    tasks_section.draw_tasks(file.tasks, names_person=False)
    tasks_section.draw_task_form(file.lead_id, place="record")


@widgets.in_stable_container
def draw_texts_of_person(file: LeadFile) -> None:
    """Draw the texts with the person, if they were ever promised a call."""
    if file.texts:
        text_thread.draw_text_thread(file.texts, may_write=True)


@widgets.in_stable_container
def draw_consents(file: LeadFile) -> None:
    """Draw what the person agreed to or refused last, in which words, and who heard it."""
    st.subheader(_("Consent and safety"), anchor=False)
    if not file.consents:
        widgets.draw_small_text(_("None of their forms asked for consent."))
    for consent in file.consents[:MOST_CONSENTS]:
        title = _("Agreed to be called") if consent.is_granted else _("Did not agree to be called")
        title = _("{answer} (removed since)", answer=title) if consent.is_lifted else title
        by = f" · {page_text.escape_markdown(consent.recorded_by)}" if consent.recorded_by else ""
        at = page_text.escape_markdown(page_text.instant_text(consent.given_at))
        wording = f": {page_text.escape_markdown(consent.wording)}" if consent.wording else ""
        st.markdown(f"**{title}**{wording}  \n:small[{at}{by}]")


@widgets.in_stable_container
def draw_said_calls_of_lead(file: LeadFile) -> None:
    """Draw what came of the calls with the lead, which a supervisor may correct at any time."""
    calls = page_reading.read_or_stop_page(
        lambda s, a: said_calls.read_said_calls_of_lead(s, file.lead_id, a)
    )
    correction.draw_said_calls(calls, title=_("Outcomes of the calls"), names_person=False)


st.title(_("People"), anchor=False)
widgets.draw_action_message()
draw_lead_search()
emergency_section.draw_emergency_access()
file = load_file_from_url()
if file and file.erased_at:
    erasure_section.draw_erased_file(file)
elif file:
    draw_lead_file(file)
elif "lead" in st.query_params:
    st.info(_("There is no such person."), icon=":material/person_off:")
elif not st.session_state["search"]:
    st.info(
        _(
            "Everyone who has asked for help is here. Search above, or open someone from the work "
            "list."
        ),
        icon=":material/person_search:",
    )
