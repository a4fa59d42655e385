"""Widgets: what pages share.

They are who is signed in, words for states, times in the viewer's zone, and refusals as sentences.
"""

from __future__ import annotations

import contextlib
import functools
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, NoReturn, ParamSpec, TypeVar
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from babel import lists
from sqlmodel import Session

from dashboard import known_looks
from dashboard.language import _, translate_count, viewer_language, viewer_locale
from leads.database.transactions import reader, transaction
from leads.errors import LeadsError, ProofNeeded
from leads.i18n import languages, readable_times
from leads.i18n.translatable import NamedZone, Phrase
from leads.lifecycle.audit_log import Origin, set_origin
from leads.models.advisors import Advisor
from leads.models.enums import AdvisorRole
from leads.models.helpline_scope import limited_to_helplines
from leads.people import browser_names, emergency_access, looks, sessions, television_access
from leads.people.looks import Look
from leads.people.permissions import (
    HAS_RECENT_PROOF,
    Permission,
    require_permission,
    role_may,
    served_helplines,
)

Seen = TypeVar("Seen")
Given = ParamSpec("Given")

QUARTER_HOURS = [time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)]
CRISIS_LINES = Phrase(
    "**In danger or an overdose: 911.** Suicide or crisis: call or text **988**. "
    "SAMHSA, free and confidential, day and night: **1-800-662-4357**."
)
UNDONE = Phrase("Undone. It waits again as before.")
FOR_WHOM_LABELS = languages.FOR_WHOM_LABELS


LINK_PATTERN, WORD_JOINER = re.compile(r"@|://|\bwww(?=\.)", re.IGNORECASE), "\u2060"
"""What Markdown makes a link however it is escaped, and the unseen character that prevents it."""
WALL_ROLE = "wall"  # as the guard says it
PAGE_KEY, JUST_OPENED_KEY = "page shown", "page just opened"
FIRST_PAGE = "desk"  # as the audit log calls the page without a path
SHOWN_KEY = "shown when a button was pressed"
ACTION_MESSAGE_KEY = "what came of the last action"
"""The key of the last action's message; a widget with this key would take it along when it goes."""
ACCEPTED_FORMS_KEY = "how often each form was accepted"
ANSWERS_KEY = "count and kind of the answers to actions"


AnswerKind = Literal["success", "warning"]
Act = Callable[[Session, Advisor], object]
"""What somebody who is signed in does, in a transaction."""


@dataclass(frozen=True)
class LastAction:
    """What came of the last action, and what takes it back where something does.

    `needs_proof`: it was refused until whoever acts has confirmed that it is them.
    """

    kind: AnswerKind
    sentence: str
    undo: Act | None = None
    needs_proof: bool = False


@dataclass(frozen=True)
class SignedInAdvisor:
    """The colleague who is signed in on this page."""

    advisor_id: int
    name: str
    role: AdvisorRole

    def may(self, permission: Permission) -> bool:
        """Whether their role has a permission."""
        return role_may(self.role, permission)


def require_signed_in_advisor() -> SignedInAdvisor:
    """Return the colleague who is signed in, as the guard says; nobody else ever reaches a page."""
    user = st.user.to_dict()
    if "id" not in user:
        st.error(_("Please sign in."))
        st.stop()
    if is_television_screen():
        st.error(_("This screen shows the wallboard and nothing else."))
        st.stop()
    return SignedInAdvisor(
        int(str(user["id"])), unquote(str(user["name"])), AdvisorRole(str(user["role"]))
    )


def load_signed_in_person() -> Advisor:
    """Return the colleague who is signed in, for a verb that has transactions of its own."""
    return read_or_stop_page(lambda _session, person: person)


def stop_unless_permitted(permission: Permission) -> None:
    """Stop the page with a sentence unless the person signed in has a permission now."""
    read_or_stop_page(lambda _session, person: require_permission(person, permission))


def is_television_screen() -> bool:
    """Whether this screen is a television's: it may show the wallboard and do nothing."""
    return str(st.user.to_dict().get("role")) == WALL_ROLE


def screen_sign_in_id() -> int:
    """Return the id of this screen's session."""
    return int(str(st.user.to_dict()["sign_in"]))


def read_utc_clock() -> datetime:
    """Return the time: a page is an edge, which reads the clock."""
    return datetime.now(UTC)


def viewer_zone() -> str:
    """Return the viewer's time zone."""
    zone = st.context.timezone or "UTC"
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"
    return zone


def run_as_signed_in(verb: Callable[[Session, Advisor], object], done: str = "") -> bool:
    """Run one verb as the colleague who is signed in, in a transaction; False if it is refused.

    A refusal becomes a sentence that stays until the next action.
    """
    return run_for_result(lambda s, a: (verb(s, a),), done) is not None


def run_for_result(verb: Callable[[Session, Advisor], Seen], done: str = "") -> Seen | None:
    """Run one verb as `run_as_signed_in` does; returns what it returns, None if it is refused."""
    try:
        with transaction() as session:
            set_origin(session, screen_origin())
            advisor = session.get_one(Advisor, require_signed_in_advisor().advisor_id)
            session.info[HAS_RECENT_PROOF] = lambda: sessions.has_recent_proof(
                session, screen_sign_in_id(), now=read_utc_clock()
            )
            result = verb(session, advisor)
            shown = _new_looks(result)
            looks.record_looks(session, advisor, shown, now=read_utc_clock())
    except LeadsError as refusal:
        needs_proof = isinstance(refusal, ProofNeeded)
        set_action_message(refusal.args[0], kind="warning", needs_proof=needs_proof)
        return None
    _keep_looks_known(shown)
    _keep_answer("success", LastAction("success", done) if done else None)
    return result


def act_and_redraw(verb: Act, done: str = "", *, undo: Act | None = None) -> NoReturn:
    """Run one verb as `run_as_signed_in` does, and draw the page as it is then.

    `undo`: what takes it back, by a button beside what came of it.
    """
    if run_as_signed_in(verb, done) and undo:
        set_action_message(done, undo=undo)
    st.rerun()


def note_shown(shown: object) -> None:
    """Note what a page showed when a button was pressed: it may have changed before it is read."""
    st.session_state[SHOWN_KEY] = shown


def take_shown() -> Any:
    """Return what the page showed when the button was pressed."""
    return st.session_state.pop(SHOWN_KEY)


def set_action_message(
    sentence: str,
    *,
    kind: AnswerKind = "success",
    undo: Act | None = None,
    needs_proof: bool = False,
) -> None:
    """Show a sentence on this screen until the next action, with the button that takes it back.

    `needs_proof`: with the link to where its person confirms that it is them instead.
    """
    _keep_answer(kind, LastAction(kind, sentence, undo, needs_proof))


def _keep_answer(kind: AnswerKind, message: LastAction | None) -> None:
    """Keep what came of an action: its message, and which answer of this screen it is."""
    count, _last = answers_to_actions()
    st.session_state[ANSWERS_KEY] = (count + 1, kind)
    st.session_state[ACTION_MESSAGE_KEY] = message


def answers_to_actions() -> tuple[int, AnswerKind | None]:
    """Return how many actions of this screen were answered, and of which kind the last one was."""
    answers: tuple[int, AnswerKind | None] = st.session_state.get(ANSWERS_KEY, (0, None))
    return answers


def action_message() -> str:
    """Return the sentence about the last action, empty where there is none."""
    last: LastAction | None = st.session_state.get(ACTION_MESSAGE_KEY)
    return last.sentence if last else ""


def clear_action_message() -> None:
    """Show no sentence about the last action any more."""
    st.session_state.pop(ACTION_MESSAGE_KEY, None)


def clear_success_message() -> None:
    """Show no more what went well last; what somebody must read stays."""
    last: LastAction | None = st.session_state.get(ACTION_MESSAGE_KEY)
    if last and last.kind == "success":
        clear_action_message()


def read_or_stop_page(
    read: Callable[[Session, Advisor], Seen], *, emergency_lead_id: int | None = None
) -> Seen:
    """Return what a query reads as the colleague who is signed in.

    Whom it shows them is on record before they see it. A refusal is shown as a sentence, and the
    page ends there. `emergency_lead_id`: whom alone it reads, whose file they opened in an
    emergency.
    """
    advisor_id = require_signed_in_advisor().advisor_id
    try:
        with page_reader(emergency_lead_id) as session:
            seen = read(session, session.get_one(Advisor, advisor_id))
        if shown := _new_looks(seen):
            with transaction() as session:
                set_origin(session, screen_origin())
                advisor = session.get_one(Advisor, advisor_id)
                looks.record_looks(session, advisor, shown, now=read_utc_clock())
            _keep_looks_known(shown)
    except LeadsError as refusal:
        st.error(_(refusal.args[0]))
        st.stop()
    return seen


@contextlib.contextmanager
def page_reader(emergency_lead_id: int | None = None) -> Iterator[Session]:
    """Open a view for reading that is limited to the helplines of whoever looks.

    With the id of a person whose file they opened in an emergency, also to those of that person. A
    television shows what whoever let it in may see.
    """
    with reader() as session:
        if is_television_screen():
            viewer = television_access.find_who_let_in(session, screen_sign_in_id())
        else:
            viewer = session.get_one(Advisor, require_signed_in_advisor().advisor_id)
        helplines = served_helplines(viewer)
        if emergency_lead_id is not None:
            helplines = emergency_access.find_readable_helplines(
                session, emergency_lead_id, viewer, now=read_utc_clock()
            )
        with limited_to_helplines(session, helplines):
            yield session


def screen_origin() -> Origin:
    """Return from where this screen asks, and which page it shows."""
    address = str(st.context.ip_address or "127.0.0.1")  # else Streamlit says none
    browser = browser_names.name_browser(st.context.headers.get("User-Agent") or "")
    return Origin(screen_sign_in_id(), address, browser, _screen_view())


def _screen_view() -> str:
    return st.session_state.get(PAGE_KEY) or FIRST_PAGE


def _new_looks(shown: object) -> Collection[Look]:
    """Return whom something shows whom this session has not just seen on this page."""
    found = looks.find_looks(shown)
    return known_looks.filter_new_looks(found, **_where_and_when()) if found else found


def _keep_looks_known(shown: Collection[Look]) -> None:
    if shown:
        known_looks.keep_looks(shown, **_where_and_when())


def _where_and_when() -> dict[str, Any]:
    return {"sign_in_id": screen_sign_in_id(), "view": _screen_view(), "now": read_utc_clock()}


def in_stable_container(draw: Callable[Given, Seen]) -> Callable[Given, Seen]:
    """Return a function that draws a part of a page which comes, goes or grows, in one fixed place.

    Browsers know the parts of a page by their places. What moved stands there twice until the whole
    page is drawn: where it was, and where it is.
    """

    @functools.wraps(draw)
    def draw_in_container(*given: Given.args, **named: Given.kwargs) -> Seen:
        with st.container():
            return draw(*given, **named)

    return draw_in_container


@in_stable_container
def draw_action_message() -> None:
    """Draw what came of the last action."""
    last: LastAction | None = st.session_state.get(ACTION_MESSAGE_KEY)
    if last is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"last-action-{last.kind}"):
        (st.warning if last.kind == "warning" else st.success)(_(last.sentence))
        if last.undo and st.button(_("Undo"), key="undo-last", icon=":material/undo:"):
            act_and_redraw(last.undo, UNDONE)
        if last.needs_proof:
            link_to_confirmation()


@contextlib.contextmanager
def form_kept_if_refused(name: str) -> Iterator[None]:
    """Draw a form that is empty again once what was sent is accepted, and as it was if refused.

    What is in it needs no keys: it is another form then.
    """
    accepted: Counter[str] = st.session_state.setdefault(ACCEPTED_FORMS_KEY, Counter())
    before, _kind = answers_to_actions()
    try:
        with st.form(f"{name}-{accepted[name]}", border=False):
            yield
    finally:
        count, kind = answers_to_actions()
        accepted[name] += count > before and kind == "success"


def link_to_confirmation() -> None:
    """Draw the link to where somebody confirms that it is them, beside this page."""
    st.link_button(_("Confirm that it is you"), "/confirm", icon=":material/lock:")


def has_viewer_proof() -> bool:
    """Whether whoever looks has proved lately who they are."""
    return read_or_stop_page(
        lambda s, _a: sessions.has_recent_proof(s, screen_sign_in_id(), now=read_utc_clock())
    )


def draw_email_on_file(email: str) -> None:
    """Draw a person's e-mail address, if there is one, and that nothing is sent to it from here."""
    if email:
        st.write(_("E-mail on file: {email}", email=escape_markdown(email)))
        draw_small_text(
            _(
                "No e-mail is sent from here. Write from your own mailbox, then save the contact "
                "in their file."
            )
        )


def link_to_new_request(lead_id: int | None = None) -> None:
    """Draw the link to the page on which a request is entered by hand, for somebody known."""
    st.page_link(
        "new_request.py",
        label=_("New request"),
        icon=":material/person_add:",
        query_params={} if lead_id is None else {"lead": str(lead_id)},
    )


def escape_markdown(text: str) -> str:
    """Return a stranger's text so that Markdown shows it as it was written.

    Nothing in it may become a link, a picture or a heading.
    """
    apart = LINK_PATTERN.sub(rf"\g<0>{WORD_JOINER}", text.replace("\n", " "))
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~:$])", r"\\\1", apart)


def join_words(words: Sequence[str]) -> str:
    """Return words as a list in the viewer's language: a, b, and c."""
    return lists.format_list(list(words), locale=viewer_locale())


def draw_small_text(text: str) -> None:
    """Draw text that matters less, smaller and dark enough to read, which `st.caption` is not."""
    st.markdown(f":small[{text}]")


def instant_text(at: datetime | None, zone: str | None = None) -> str:
    """Return an instant as people read it: the time, and the day if it is not today."""
    if at is None:
        return ""
    local, today = (
        at.astimezone(there := ZoneInfo(zone or viewer_zone())),
        read_utc_clock().astimezone(there).date(),
    )
    if local.date() == today:
        return time_of_day_text(local.time())
    if local.date() == today + timedelta(days=1):
        return _("tomorrow {time}", time=time_of_day_text(local.time()))
    return readable_times.format_day_and_time(local, language=viewer_language())


def zone_city(zone: str) -> str:
    """Return the city that a time zone is named after."""
    return _(NamedZone(zone))


def day_text(on: date) -> str:
    """Return a day as people read it."""
    return readable_times.format_day(on, language=viewer_language())


def time_of_day_text(at: time) -> str:
    """Return a time on the clock as people read it."""
    return readable_times.format_time_of_day(at, language=viewer_language())


def typed_time_text(at: time) -> str:
    """Return a time on the clock as people type it, for a list that finds what they type."""
    return time_of_day_text(at).replace(readable_times.NO_BREAK_SPACE, " ")


def ask_time_of_day(label: str, at: time, **look: Any) -> time:
    """Ask for a time of day, to the quarter of an hour.

    The parts of `st.time_input` are too small to be hit.
    """
    chosen: time = st.selectbox(
        label, QUARTER_HOURS, index=QUARTER_HOURS.index(at), format_func=typed_time_text, **look
    )
    return chosen


def ask_day_unset(label: str, days: Sequence[date], **look: Any) -> date | None:
    """Ask for a day of which none is a sensible guess."""
    chosen: date | None = st.selectbox(
        label, days, index=None, format_func=day_text, placeholder=_("Choose a day"), **look
    )
    return chosen


def ask_time_of_day_unset(label: str, **look: Any) -> time | None:
    """Ask for a time of day, to the quarter of an hour, of which none is a sensible guess."""
    chosen: time | None = st.selectbox(
        label,
        QUARTER_HOURS,
        index=None,
        format_func=typed_time_text,
        placeholder=_("Choose a time"),
        **look,
    )
    return chosen


def duration_text(length: timedelta | None) -> str:
    """Return a length of time in words; None is a percentile that is not reached."""
    if length is None:
        return _("not reached")
    seconds = round(length.total_seconds())
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds} s"
    minutes, hours = seconds // 60, seconds // 3600
    if hours < 1:
        is_short = minutes < 10  # noqa: PLR2004 - seconds matter
        return f"{minutes} min {seconds % 60:02d} s" if is_short else f"{minutes} min"
    if hours < 48:  # noqa: PLR2004 - two days
        return f"{hours} h {minutes % 60:02d} min"
    return translate_count(hours // 24, "{count} day", "{count} days")


def time_since_text(at: datetime | None) -> str:
    """Return in words how long ago an instant was."""
    return duration_text(read_utc_clock() - at) if at else ""


def share_text(part: float | None) -> str:
    """Return a share as a percentage; None is that of nobody."""
    return _("none yet") if part is None else f"{part:.0%}"


def note_page_opened(path: str) -> None:
    """Note in a full run of the app which page it draws, before the page asks whether it is new.

    What came of the last action stays on its own page, or goes with an action that leads to the
    desk.
    """
    is_other = st.session_state.get(PAGE_KEY) != path
    if is_other and path:
        clear_action_message()
    st.session_state[JUST_OPENED_KEY] = is_other
    st.session_state[PAGE_KEY] = path


def is_page_just_opened() -> bool:
    """Whether the last full run of the app came from another page, or is the first."""
    return bool(st.session_state.get(JUST_OPENED_KEY, True))
