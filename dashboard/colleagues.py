"""Colleagues: who works here, who is signed in, and the links with which people come in."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from sqlmodel import Session

from dashboard import widgets
from leads import colleagues, db, settings
from leads.colleagues import Colleague
from leads.errors import LeadsError
from leads.models import Advisor, AdvisorRole

LINK = "one-time-link"
ROLES = {AdvisorRole.ADVISOR: "Advisor", AdvisorRole.SUPERVISOR: "Supervisor", AdvisorRole.ADMIN: "Admin"}
STATES = {"active": "Active", "invited": "Has not come in yet", "deactivated": "Deactivated"}

me = widgets.me()


def read() -> list[Colleague]:
    """Read everybody; a refusal is a sentence, and the end of the page."""
    try:
        with db.reader() as session:
            return colleagues.read(session, session.get_one(Advisor, me.advisor_id), now=widgets.now())
    except LeadsError as refusal:
        st.error(str(refusal))
        st.stop()


def line_of(one: Colleague) -> dict[str, object]:
    """Return one person as a line."""
    return {
        "Name": one.name,
        "Role": ROLES[one.role],
        "State": STATES[one.state],
        "Signed in": f"{one.sessions}, last seen {widgets.ago(one.seen_at)} ago" if one.sessions else "no",
        "Second factor": "on" if one.has_second_factor else "off",
        "Phone": one.phone or "none",
        "E-mail": one.email,
    }


def act(verb: Callable[[Session, Advisor], object], done: str = "") -> None:
    """Do one thing and draw everything again."""
    widgets.act(verb, done)
    st.rerun()


def make_link(verb: Callable[[Session, Advisor], str], whose: str) -> None:
    """Make a one-time link and keep it on this screen until the next one."""
    made: list[str] = []
    widgets.act(lambda s, a: made.append(verb(s, a)))
    if made:
        st.session_state[LINK] = (whose, f"{settings.load().public_url}/login?invitation={made[0]}")
    st.rerun()


def draw_link() -> None:
    """Show the link that was just made: nobody can show it again."""
    whose, link = st.session_state.get(LINK, ("", ""))
    if link:
        with st.container(border=True):
            st.write(f"**Give this link to {widgets.plain(whose)}.** It works once, within three days.")
            st.code(link, language=None, wrap_lines=True)
            if st.button("I have passed it on"):
                del st.session_state[LINK]
                st.rerun()


def draw_new() -> None:
    """Add somebody; whoever may not give a role is told so."""
    with st.expander("Add a colleague", icon=":material/person_add:"), st.form("new", border=False):
        name = st.text_input("Name", max_chars=200)
        email = st.text_input("E-mail address", max_chars=200)
        number = st.text_input("Phone, where calls ring them", max_chars=40)
        given = list(ROLES) if me.role == AdvisorRole.ADMIN else [AdvisorRole.ADVISOR]
        role = st.selectbox("Role", given, format_func=ROLES.__getitem__)
        if st.form_submit_button("Add and make a link", type="primary"):
            make_link(
                lambda s, a: colleagues.add(
                    s, name, email=email, phone_number=number, role=role, actor=a, now=widgets.now()
                ),
                name,
            )


def draw_acts(everybody: list[Colleague]) -> None:
    """What may be done about one person."""
    theirs = {one.advisor_id: one for one in everybody if one.may_change}
    if not theirs:
        return
    st.header("Act on one", anchor=False)
    chosen = st.selectbox("Colleague", list(theirs), format_func=lambda number: theirs[number].name, index=None)
    if chosen is None:
        return
    one = theirs[chosen]
    with st.container(horizontal=True):
        if one.state == "deactivated":
            button(one, "Activate", colleagues.activate, "They can sign in again.")
            return
        words = "New invitation" if one.state == "invited" else "Link to choose a new password"
        if st.button(words, icon=":material/link:"):
            make_link(lambda s, a: colleagues.invite(s, s.get_one(Advisor, chosen), a, now=widgets.now()), one.name)
        if one.sessions:
            button(one, "Sign out everywhere", colleagues.sign_out, "Signed out, on every screen.")
        if one.has_second_factor:
            button(
                one, "Forget second factor", colleagues.forget_second_factor, "Nobody asks them for a code any more."
            )
        button(one, "Deactivate", colleagues.deactivate, "They can neither sign in nor be rung.")
    if me.role == AdvisorRole.ADMIN:
        draw_role(one)


def button(one: Colleague, words: str, verb: Callable[..., object], done: str) -> None:
    """One thing that is done with one press."""
    if st.button(words):
        act(lambda s, a: verb(s, s.get_one(Advisor, one.advisor_id), a, now=widgets.now()), done)


def draw_role(one: Colleague) -> None:
    """Another role signs them out: open pages still show what the old one may see."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        index = list(ROLES).index(one.role)
        role = st.selectbox(
            "Role", list(ROLES), index=index, format_func=ROLES.__getitem__, key=f"role-{one.advisor_id}"
        )
        if st.button("Change the role", disabled=role == one.role):
            act(
                lambda s, a: colleagues.change_role(s, s.get_one(Advisor, one.advisor_id), role, a, now=widgets.now()),
                "Changed. They sign in again.",
            )


st.title("Colleagues", anchor=False)
widgets.said()
draw_link()
draw_new()
everybody = read()
st.dataframe([line_of(one) for one in everybody], hide_index=True, width="stretch")
draw_acts(everybody)
