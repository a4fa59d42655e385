"""Colleagues: who works here, who is signed in, and the links with which people come in."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from sqlmodel import Session

from dashboard import (
    competence_form,
    copyable,
    page_actions,
    page_reading,
    page_text,
    plain_table,
    viewer,
    widgets,
)
from dashboard.language import _
from leads import phone_numbers
from leads.config import settings
from leads.helplines import brands_and_sources
from leads.i18n.translatable import Phrase, capitalize_first
from leads.models.advisors import Advisor
from leads.models.enums import AdvisorRole
from leads.people import staff
from leads.people.permissions import PERMISSIONS, Permission, role_label, roles_under
from leads.people.staff import StaffMember

ONE_TIME_LINK_KEY = "one-time-link"
STATES = {
    "active": Phrase("Active"),
    "invited": Phrase("Invited"),
    "deactivated": Phrase("Deactivated"),
}

me = viewer.require_signed_in_advisor()


def load_staff_list() -> list[StaffMember]:
    """Return every colleague."""
    return page_reading.read_or_stop_page(
        lambda s, a: staff.read_staff(s, a, now=viewer.read_utc_clock())
    )


def staff_table_row(member: StaffMember) -> dict[str, object]:
    """Return the table's row of one colleague."""
    seen = _(
        "{count}, last active {time}",
        count=member.sessions,
        time=page_text.instant_text(member.seen_at),
    )
    return {
        _("Name"): member.name,
        _("Role"): _(role_label(member.role).title),
        _("Status"): status_text(member),
        _("Signed in"): seen if member.sessions else capitalize_first(_("no")),
        _("Two-step sign-in"): capitalize_first(_("on") if member.has_second_factor else _("off")),
        _("Languages and skills"): competence_form.competence_text(member),
        **({_("Helplines"): helplines_text(member)} if len(helplines) > 1 else {}),
        _("Phone"): phone_numbers.format_phone(member.phone) or capitalize_first(_("none")),
        _("E-mail"): member.email,
    }


def status_text(member: StaffMember) -> str:
    """Return whether a colleague can sign in, and whether somebody else seems to try."""
    status = _(STATES[member.state])
    if member.is_locked:
        return _("{status}; too many wrong passwords", status=status)
    return status


def helplines_text(member: StaffMember) -> str:
    """Return the names of the helplines that a colleague serves."""
    if member.helplines is None:
        return _("All")
    return page_text.join_words(
        [name for one, name in helplines.items() if one in member.helplines]
    )


def make_one_time_link(verb: Callable[[Session, Advisor], str], whose: str) -> None:
    """Make a one-time link and keep it on this screen until the next one is made."""
    secret = page_actions.run_for_result(verb)
    if secret:
        st.session_state[ONE_TIME_LINK_KEY] = (
            whose,
            f"{settings.load_settings().public_url}/login?invitation={secret}",
        )
    st.rerun()


def add_and_invite(
    session: Session,
    actor: Advisor,
    *,
    name: str,
    email: str,
    phone_number: str,
    role: AdvisorRole,
) -> str:
    """Add a colleague; returns the secret of their invitation."""
    now = viewer.read_utc_clock()
    colleague = staff.add_staff_member(
        session, name, email=email, phone_number=phone_number, role=role, actor=actor, now=now
    )
    return staff.invite_staff_member(session, colleague, actor, now=now)


@widgets.in_stable_container
def draw_one_time_link() -> None:
    """Draw the link that was just made, which nobody can show again."""
    whose, link = st.session_state.get(ONE_TIME_LINK_KEY, ("", ""))
    if link:
        with st.container(border=True):
            st.write(
                _(
                    "**Give this link to {name}.** It works once and expires in three days.",
                    name=page_text.escape_markdown(whose),
                )
            )
            copyable.draw_copyable(link)
            if st.button(_("I gave it to them")):
                del st.session_state[ONE_TIME_LINK_KEY]
                st.rerun()


def draw_add_colleague_form() -> None:
    """Draw the form that adds a colleague; whoever may not give a role is told so."""
    with (
        st.expander(_("Add a colleague"), icon=":material/person_add:"),
        st.form("new", border=False),
    ):
        name = st.text_input(_("Name"), max_chars=200)
        email = st.text_input(_("E-mail address"), max_chars=200)
        number = st.text_input(_("Phone for their calls"), max_chars=40)
        given = [role for role in PERMISSIONS if role in roles_under(me.role)]
        role = st.selectbox(_("Role"), given, format_func=lambda one: _(role_label(one).title))
        if st.form_submit_button(_("Add and create a link"), type="primary"):
            make_one_time_link(
                lambda s, a: add_and_invite(
                    s, a, name=name, email=email, phone_number=number, role=role
                ),
                name,
            )


def draw_colleague_actions(everybody: list[StaffMember]) -> None:
    """Draw what may be done about one colleague."""
    theirs = {member.advisor_id: member for member in everybody if member.may_change}
    if not theirs:
        return
    st.header(_("Manage a colleague"), anchor=False)
    names = {number: member.name for number, member in theirs.items()}
    chosen = widgets.ask_colleague(names)
    if chosen is None:
        return
    member = theirs[chosen]
    with st.container(horizontal=True):
        draw_colleague_buttons(member)
    if member.state != "deactivated" and me.may(Permission.CHANGE_ROLE):
        draw_role_change(member)
    if member.state != "deactivated" and me.may(Permission.SET_HELPLINES):
        draw_helplines_form(member)


def draw_colleague_buttons(member: StaffMember) -> None:
    """Draw a button for each act on a colleague's account."""
    if member.state == "deactivated":
        draw_colleague_button(
            member,
            _("Activate"),
            staff.reactivate_staff_member,
            Phrase("They can sign in again."),
        )
        return
    words = _("New invitation") if member.state == "invited" else _("Link to choose a new password")
    if st.button(words, icon=":material/link:"):
        make_one_time_link(
            lambda s, a: staff.invite_staff_member(
                s, s.get_one(Advisor, member.advisor_id), a, now=viewer.read_utc_clock()
            ),
            member.name,
        )
    if member.sessions:
        draw_colleague_button(
            member,
            _("Sign out everywhere"),
            staff.sign_out_staff_member,
            Phrase("Signed out on every device."),
        )
    if member.has_second_factor:
        done = Phrase("Two-step sign-in is off for them.")
        draw_colleague_button(member, _("Reset two-step sign-in"), staff.reset_second_factor, done)
    draw_colleague_button(
        member,
        _("Deactivate"),
        staff.deactivate_staff_member,
        Phrase("They can no longer sign in or take calls."),
    )


def draw_colleague_button(
    member: StaffMember, words: str, verb: Callable[..., object], done: str
) -> None:
    """Draw a button that does one act on a colleague with one press."""
    if st.button(words):
        page_actions.act_and_redraw(
            lambda s, a: verb(
                s, s.get_one(Advisor, member.advisor_id), a, now=viewer.read_utc_clock()
            ),
            done,
        )


def draw_role_change(member: StaffMember) -> None:
    """Draw the choice of a colleague's role, which ends the colleague's sessions.

    Open pages would still show what the old role may see.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        index = list(PERMISSIONS).index(member.role) if member.role in PERMISSIONS else None
        role = st.selectbox(
            _("Role"),
            list(PERMISSIONS),
            index=index,
            format_func=lambda one: _(role_label(one).title),
            key=f"role-{member.advisor_id}",
        )
        pressed = st.button(_("Change the role"), disabled=role in (None, member.role))
        if pressed and role:
            page_actions.act_and_redraw(
                lambda s, a: staff.change_staff_role(
                    s, s.get_one(Advisor, member.advisor_id), role, a, now=viewer.read_utc_clock()
                ),
                Phrase("Role changed. They have to sign in again."),
            )


def draw_helplines_form(member: StaffMember) -> None:
    """Draw which helplines a colleague serves, to be changed."""
    if len(helplines) < 2 or member.role is AdvisorRole.ADMIN:  # noqa: PLR2004 - a choice
        return
    with st.form(f"helplines-{member.advisor_id}", border=False):
        all_of_them = st.checkbox(
            _("All helplines, including new ones"), value=member.helplines is None
        )
        chosen = st.multiselect(
            _("Or only these helplines"),
            list(helplines),
            default=sorted(member.helplines or ()),
            format_func=helplines.__getitem__,
            placeholder=_("Choose helplines"),
        )
        st.caption(_("They see and call only people who contacted these helplines."))
        if st.form_submit_button(_("Save helplines")):
            page_actions.act_and_redraw(
                lambda s, a: staff.set_staff_helplines(
                    s,
                    s.get_one(Advisor, member.advisor_id),
                    None if all_of_them else chosen,
                    a,
                    now=viewer.read_utc_clock(),
                ),
                Phrase("Helplines saved. They have to sign in again."),
            )


st.title(_("Colleagues"), anchor=False)
widgets.draw_action_message()
draw_one_time_link()
draw_add_colleague_form()
helplines = page_reading.read_or_stop_page(lambda s, _a: brands_and_sources.helpline_names(s))
everybody = load_staff_list()
plain_table.draw_plain_table(_("Colleagues"), [staff_table_row(one) for one in everybody])
if len(everybody) == 1:
    st.info(
        _("You are the only one here. Add a colleague above, and give them the link to sign in."),
        icon=":material/group_add:",
    )
draw_colleague_actions(everybody)
competence_form.draw_competence_form(everybody)
