"""The dashboard's frame: who is signed in, and which pages are theirs."""

from pathlib import Path

import streamlit as st

from dashboard import alert_bar, in_browser, widgets
from dashboard.http import live_updates
from dashboard.language import CHOSEN_LANGUAGE_KEY, _, viewer_language
from leads.alerting import escalation
from leads.database.transactions import reader
from leads.i18n import languages
from leads.people import accounts
from leads.read_models.page_changes import Topic

HERE = Path(__file__).parent

ICON = str(HERE / "static" / "icon.png")

if widgets.is_television_screen():  # the guard keeps even the icon for people
    st.set_page_config(page_title="Ringback", layout="wide")
    st.navigation(
        [st.Page("wallboard.py", title=_("Wallboard"), default=True)], position="hidden"
    ).run()
    st.stop()
st.set_page_config(
    page_icon=ICON, layout="wide"
)  # before the navigation, whose icons would come from elsewhere
me = widgets.require_signed_in_advisor()

pages = [
    st.Page("advisor_desk.py", title=_("My desk"), icon=":material/support_agent:", default=True)
]
if me.supervises:
    pages += [
        st.Page(
            "callback_board.py",
            title=_("Callback board"),
            icon=":material/view_list:",
            url_path="board",
        ),
        st.Page(
            "lead_file.py", title=_("Lead file"), icon=":material/folder_shared:", url_path="lead"
        ),
        st.Page(
            "service_report.py",
            title=_("Service report"),
            icon=":material/monitoring:",
            url_path="report",
        ),
        st.Page("wallboard.py", title=_("Wallboard"), icon=":material/tv:", url_path="wall"),
        st.Page(
            "submissions_review.py",
            title=_("Submissions to review"),
            icon=":material/rule:",
            url_path="review",
        ),
        st.Page(
            "helpline_setup.py",
            title=_("Helpline set-up"),
            icon=":material/settings:",
            url_path="setup",
        ),
        st.Page(
            "alert_settings.py",
            title=_("Alerts"),
            icon=":material/notifications:",
            url_path="alerts",
        ),
        st.Page(
            "colleagues.py", title=_("Colleagues"), icon=":material/group:", url_path="colleagues"
        ),
    ]
page = st.navigation(pages)
st.set_page_config(page_title=f"{page.title} · Ringback", page_icon=ICON)
st.logo(ICON, size="large")


def save_chosen_language() -> None:
    """Save the language just chosen, in which everything is said from now on."""
    widgets.run_as_signed_in(
        lambda s, a: accounts.set_advisor_language(s, a, st.session_state[CHOSEN_LANGUAGE_KEY])
    )


with st.sidebar:
    st.write(f"**{widgets.escape_markdown(me.name)}**  \n:gray[{_(widgets.ROLES[me.role])}]")
    st.radio(
        _("Language"),
        list(languages.LANGUAGES),
        index=list(languages.LANGUAGES).index(viewer_language()),
        format_func=languages.NATIVE_LANGUAGE_NAMES.__getitem__,
        horizontal=True,
        key=CHOSEN_LANGUAGE_KEY,
        on_change=save_chosen_language,
    )
    st.link_button(_("Second factor"), "/second-factor", icon=":material/key:", type="tertiary")
    if st.button(_("Sign out"), icon=":material/logout:", type="tertiary"):
        st.logout()


@st.fragment(run_every=in_browser.FALLBACK)
def draw_supervisor_alerts() -> None:
    """Draw what a supervisor must hear of, whichever page is open."""
    in_browser.rerun_on_change(Topic.REVIEW, live_updates.change_version())
    with reader() as session:
        found = escalation.list_current_alerts(session, now=widgets.read_utc_clock())
    alert_bar.draw_alert_bar(found)


if me.supervises and page.url_path != "wall":  # which has a place of its own for them
    draw_supervisor_alerts()
page.run()
