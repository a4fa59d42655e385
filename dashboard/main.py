"""The dashboard's frame: who is signed in, and which pages are theirs."""

import logging
from pathlib import Path

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from dashboard import (
    alert_bar,
    in_browser,
    language_switch,
    own_work_card,
    page_actions,
    page_reading,
    page_text,
    viewer,
)
from dashboard.http import live_updates
from dashboard.language import _
from dashboard.page_list import list_pages_of_role
from leads.alerting import escalation
from leads.database.transactions import reader, transaction
from leads.models.advisors import Advisor
from leads.people import presence
from leads.people.permissions import PERMITS_NOTHING, Permission, role_label
from leads.read_models.own_work import read_own_work
from leads.read_models.page_changes import Topic

log = logging.getLogger("dashboard")

HERE = Path(__file__).parent

ICON = str(HERE / "static" / "icon.png")

if viewer.is_television_screen():  # the guard keeps even the icon for people
    st.set_page_config(page_title="Ringback", layout="wide")
    st.navigation(
        [st.Page("wallboard.py", title=_("Wallboard"), default=True)], position="hidden"
    ).run()
    st.stop()
st.set_page_config(
    page_icon=ICON, layout="wide"
)  # before the navigation, whose icons would come from elsewhere
me = viewer.require_signed_in_advisor()

pages = [
    st.Page(
        one.file,
        title=_(one.title),
        icon=f":material/{one.icon}:",
        url_path=one.path,
        default=not one.path,
    )
    for one in list_pages_of_role(me.role)
]
if not pages:
    st.error(_(PERMITS_NOTHING))
    st.stop()
page = st.navigation(pages, expanded=True)
st.set_page_config(page_title=f"{page.title} · Ringback", page_icon=ICON)
st.logo(ICON, size="large")

with st.sidebar:
    st.write(
        f"**{page_text.escape_markdown(me.name)}**  \n:gray[{_(role_label(me.role).in_sentence)}]"
    )
    language_switch.draw_language_switch()
    st.link_button(_("Your account"), "/account", icon=":material/person:", type="tertiary")
    if st.button(_("Sign out"), icon=":material/logout:", type="tertiary"):
        st.logout()


@st.fragment(run_every=in_browser.FALLBACK)
def draw_supervisor_alerts() -> None:
    """Draw what a supervisor must hear of, whichever page is open."""
    in_browser.rerun_on_change(Topic.REVIEW, live_updates.change_version())
    alerts = page_reading.read_or_stop_page(
        lambda s, a: escalation.list_alerts_for_supervisor(s, a, now=viewer.read_utc_clock())
    )
    alert_bar.draw_alert_bar(alerts)


@st.fragment(run_every=in_browser.FALLBACK)
def draw_own_work() -> None:
    """Draw what an advisor has in hand while they look at something else, and ring the alarm."""
    seen = live_updates.change_version()
    work = page_reading.read_or_stop_page(read_own_work)
    in_browser.rerun_on_change(
        Topic.OWN_WORK, seen, offer=work.offer if work else "", asks_alarm=False
    )
    own_work_card.draw_own_work_card(work)


@st.fragment(run_every=in_browser.FALLBACK)
def keep_presence_alive() -> None:
    """Keep calls coming to whoever is available, whichever page is open.

    Nobody is told of a database that is away for a moment: the next time is soon enough.
    """
    now = viewer.read_utc_clock()
    try:
        with reader() as session:
            advisor = session.get_one(Advisor, me.advisor_id)
            is_due = presence.is_presence_heartbeat_due(advisor, now=now)
        if is_due:
            with transaction() as session:
                presence.record_presence_heartbeat(session, me.advisor_id, now=now)
    except SQLAlchemyError:
        log.warning("No heartbeat was recorded: the database is away.")


keep_presence_alive()
if me.may(Permission.SEE_ALERTS) and page.url_path != "wall":  # which has its own place for them
    draw_supervisor_alerts()
if viewer.note_page_opened(page.url_path) and page.url_path:
    page_actions.clear_action_message()  # it stays on its own page, or goes along to the desk
page.run()
if me.may(Permission.TAKE_CALLBACKS) and page.url_path not in ("", "wall"):
    draw_own_work()
