"""The file of one person: find them, see all that happened, put it right, and let them be forgotten or found again."""

from __future__ import annotations

import json

import streamlit as st

from dashboard import widgets
from leads import closing, db, lead_file, phone
from leads.lead_file import Found, LeadFile
from leads.models import Lead
from leads.roles import actor_of

STANDS = {"open": "waits for us", "closed": "closed", "suppressed": "must not be contacted"}
LABELS = {
    "for_whom": "For whom",
    "best_time": "Best time",
    "email": "E-mail address",
    "zip": "ZIP code",
    "region": "State",
}

me = widgets.me()


def search() -> None:
    """Find somebody; nothing that was typed gets into the address of the page."""
    text = st.text_input("Find by phone number, name or e-mail address", key="search")
    with db.reader() as session:
        found = lead_file.find(session, text)
    if text and not found:
        st.info("Nobody here has this number, name or address.", icon=":material/search_off:")
    for one in found:
        draw_found(one)


def draw_found(one: Found) -> None:
    """One line of the search, to open."""
    name = widgets.plain(one.name) or "No name given"
    label = f"{name} · {one.number} · {STANDS[one.state]}"
    if st.button(label, key=f"open-{one.lead_id}", icon=":material/person:"):
        st.query_params["lead"] = str(one.lead_id)
        st.session_state.pop("shown_number", None)
        st.rerun()


def chosen() -> LeadFile | None:
    """Return the file that the address of the page names."""
    asked = st.query_params.get("lead", "")
    if not asked.isdecimal():
        return None
    with db.reader() as session:
        return lead_file.read(session, int(asked))


def draw(file: LeadFile) -> None:
    """The person, what can be done about them, and everything that happened."""
    st.subheader(widgets.plain(file.facts["name"]) or "No name given", anchor=False)
    shown = st.session_state.get("shown_number") or {}
    number = phone.spoken(shown["number"]) if shown.get("lead_id") == file.lead_id else file.number
    with st.container(horizontal=True, vertical_alignment="center"):
        st.write(f"{number} · {STANDS[file.state]} · {widgets.clock(widgets.now(), file.zone)} where they are")
        if number == file.number and st.button("Show the number", icon=":material/visibility:"):
            show_number(file)
    if file.no_dial:
        others = ", ".join(file.no_dial)
        st.warning(f"Also in their forms, and never to be rung: {others}", icon=":material/phone_disabled:")
    past, acts = st.columns([3, 2], gap="large")
    with past:
        draw_entries(file)
    with acts:
        draw_facts(file)
        draw_contact(file)
        draw_export(file)


def show_number(file: LeadFile) -> None:
    """Show the number, which is written down."""
    seen: list[str] = []
    widgets.act(lambda s, a: seen.append(lead_file.reveal(s, s.get_one(Lead, file.lead_id), a, now=widgets.now())))
    st.session_state["shown_number"] = {"lead_id": file.lead_id, "number": seen[0]} if seen else None
    st.rerun()


def draw_entries(file: LeadFile) -> None:
    """The timeline, newest first."""
    for entry in file.entries:
        said = f": {widgets.plain(entry.said)}" if entry.said else ""
        by = f" · {widgets.plain(entry.by)}" if entry.by else ""
        with st.container(gap=None):
            st.write(f"**{widgets.plain(entry.what)}**{said}")
            st.caption(f"{widgets.clock(entry.at)}{by}")


def draw_facts(file: LeadFile) -> None:
    """What may be put right."""
    with st.form(f"facts-{file.lead_id}"):
        corrected = {
            name: st.text_input(LABELS.get(name, name.capitalize()), value=value) for name, value in file.facts.items()
        }
        if st.form_submit_button("Correct"):
            widgets.act(
                lambda s, a: lead_file.correct(s, s.get_one(Lead, file.lead_id), corrected, a, now=widgets.now()),
                "Corrected. What it was before stays in the file.",
            )
            st.rerun()


def draw_contact(file: LeadFile) -> None:
    """Stop all contact, or begin again."""
    if "reinstate" in file.events:
        st.caption("They said stop. If they took it back, say so; nobody is rung before they ask again.")
        if st.button("They may be contacted again", icon=":material/undo:"):
            widgets.act(
                lambda s, a: closing.reinstate(s, s.get_one(Lead, file.lead_id), a, now=widgets.now()),
                "The stop is lifted.",
            )
            st.rerun()
        return
    with st.form(f"stop-{file.lead_id}", border=False):
        reason = st.text_input("How they asked us to stop", placeholder="For example: by e-mail")
        if st.form_submit_button("Stop all contact", icon=":material/block:"):
            widgets.act(
                lambda s, a: closing.stop_contact(
                    s,
                    s.get_one(Lead, file.lead_id).phone,
                    reason=reason.strip() or "said so",
                    actor=actor_of(a),
                    now=widgets.now(),
                ),
                "This number is not contacted any more, by anybody here.",
            )
            st.rerun()


def draw_export(file: LeadFile) -> None:
    """All that is stored about them, in one file; it is made when it is asked for, and that is written down."""
    if not st.button("Export their data", icon=":material/download:"):
        return
    made: list[str] = []
    widgets.act(
        lambda s, a: made.append(
            json.dumps(lead_file.export(s, s.get_one(Lead, file.lead_id), a, now=widgets.now()), indent=1)
        )
    )
    if made:
        st.download_button("Download", made[0], f"lead-{file.lead_id}.json", "application/json", on_click="ignore")


st.title("Lead file", anchor=False)
widgets.said()
search()
file = chosen()
if file:
    draw(file)
elif "lead" in st.query_params:
    st.info("There is no such person.", icon=":material/person_off:")
