"""The wallboard: one screen for a television, readable from five meters.

It changes within a second and ticks by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import copyable, in_browser, page_actions, page_reading, page_text, viewer, widgets
from dashboard.http import live_updates
from dashboard.language import _, translate_count, viewer_language, viewer_locale
from leads.alerting import escalation
from leads.alerting.escalation import CurrentAlert
from leads.config import settings
from leads.people import television_access
from leads.people.permissions import Permission
from leads.people.television_access import Television, WallboardSettings
from leads.read_models import wallboard
from leads.read_models.page_changes import Topic
from leads.read_models.wallboard import WallboardFigures

TARGETS = (1, 2, 5, 10, 15, 30, 60)
FAR_TOO_LONG = 3  # times the target
MOST_NAMES = 6
MOST_ALERTS = 2
STYLE = Path(__file__).parent / "static" / "wall.css"
TELEVISION_CODE_KEY = "wall-code"

is_television = viewer.is_television_screen()


def choose_wallboard_view() -> WallboardSettings:
    """Return the settings of what the wallboard shows.

    They are what the address says, else what the television was given, else this screen's zone.
    """
    defaults = WallboardSettings()
    if is_television:
        with page_reading.page_reader() as session:
            defaults = television_access.television_wallboard_settings(
                session, viewer.screen_sign_in_id()
            )
    asked = st.query_params
    chosen = television_access.parse_wallboard_settings(
        asked.get("target", str(defaults.target)), asked.get("zone", defaults.zone)
    )
    return WallboardSettings(chosen.target, chosen.zone or defaults.zone or viewer.viewer_zone())


@st.fragment(run_every=in_browser.FALLBACK)
def draw_wallboard() -> None:
    """Read and draw the whole wallboard.

    As a fragment that looks again, it outlives a restart of the server.
    """
    in_browser.rerun_on_change(Topic.WALL, live_updates.change_version())
    with page_reading.page_reader() as session:
        figures = wallboard.read_wallboard(
            session, target=target, zone=sight.zone, now=viewer.read_utc_clock()
        )
        alerts = escalation.list_current_alerts(session, now=viewer.read_utc_clock())
    in_browser.draw_wallboard_screen(
        {
            "title": _("Wallboard"),
            "lang": viewer_language(),
            "locale": viewer_locale().replace("_", "-"),
            "zone": sight.zone,
            "place": page_text.zone_city(sight.zone),
            "now": viewer.read_utc_clock().timestamp() * 1000,
            "below": "0px" if is_television else "4.25rem",
            "stale": _("No connection: these figures are out of date."),
            "definition": _(
                "Called within {target}: of everyone who asked today, the people called on "
                "time, divided by those plus everyone called later or still waiting "
                "longer. People who have waited less are pending.",
                target=target_minutes_text(sight.target),
            ),
            "alerts": wallboard_alert_lines(alerts),
            "tiles": wallboard_tiles(figures),
        }
    )


def wallboard_tiles(figures: WallboardFigures) -> list[dict[str, Any]]:
    """Return the wallboard's tiles.

    The figures that must not be missed are largest, and color never says anything alone.
    """
    nobody = _("no one")
    time, day = next_try_time_and_day(figures)
    level = _(
        "{hits} of {counted} · {pending} pending · {asked} requests",
        hits=figures.hits,
        counted=figures.counted,
        pending=figures.pending,
        asked=figures.asked,
    )
    return [
        _wallboard_tile(
            _("Waiting now"),
            str(figures.waiting),
            waiting_note(figures),
            "alarm" if figures.waiting else "",
        ),
        longest_wait_tile(figures),
        _wallboard_tile(
            _("Called within {target} today", target=target_minutes_text(sight.target)),
            page_text.share_text(figures.in_time),
            level,
        ),
        _wallboard_tile(
            _("Available"),
            str(len(figures.free)),
            free_advisor_names(figures),
            "" if figures.free else "alarm",
        ),
        _wallboard_tile(_("On a call"), str(figures.busy), _("of the advisors on duty")),
        _wallboard_tile(_("Next due"), time or nobody, day),
    ]


def waiting_note(figures: WallboardFigures) -> str:
    """Return what is counted as waiting, what needs a decision first, and since when that waits."""
    said = [translate_count(figures.waiting, "callback due", "callbacks due")]
    if figures.held:
        said.append(
            translate_count(figures.held, "{count} callback held", "{count} callbacks held")
        )
    if figures.messages:
        said.append(
            translate_count(
                figures.messages, "{count} message to review", "{count} messages to review"
            )
        )
    if figures.oldest_undecided_at is not None:
        waited = viewer.read_utc_clock() - figures.oldest_undecided_at
        said.append(_("the longest for {time}", time=page_text.duration_text(waited)))
    return " · ".join(said)


def longest_wait_tile(figures: WallboardFigures) -> dict[str, Any]:
    """Return the tile of the longest wait, which grows by itself.

    It has a word and a color for every length.
    """
    if figures.oldest_at is None:
        return _wallboard_tile(_("Longest wait"), _("no one due"), _("no first call is due"))
    seconds = sight.target * 60
    steps = [
        {"after": 0, "note": _("for a first call"), "look": ""},
        {"after": seconds, "note": _("too long for a first call"), "look": "late"},
        {
            "after": FAR_TOO_LONG * seconds,
            "note": _("far too long for a first call"),
            "look": "alarm",
        },
    ]
    grows = {"since": figures.oldest_at.timestamp() * 1000, "steps": steps}
    return _wallboard_tile(_("Longest wait"), "", "") | grows


def next_try_time_and_day(figures: WallboardFigures) -> tuple[str, str]:
    """Return the time of the next planned try, and its day if that is not today."""
    planned = _("scheduled attempts")
    if figures.next_due_at is None:
        return "", planned
    there = figures.next_due_at.astimezone(ZoneInfo(sight.zone))
    time = page_text.time_of_day_text(there.time())
    if there.date() == viewer.read_utc_clock().astimezone(ZoneInfo(sight.zone)).date():
        return time, planned
    return time, _("on {day}", day=page_text.day_text(there.date()))


def free_advisor_names(figures: WallboardFigures) -> str:
    """Return the names of the free advisors, as many as anybody reads."""
    more = len(figures.free) - MOST_NAMES
    shown = ", ".join(figures.free[:MOST_NAMES]) or _("no one is available")
    return _("{names} and {count} more", names=shown, count=more) if more > 0 else shown


def wallboard_alert_lines(alerts: Sequence[CurrentAlert]) -> list[dict[str, Any]]:
    """Return the alerts, as many lines of them as leave the figures their place."""
    urgent = sorted(alerts, key=escalation.alert_sort_key)
    first = urgent[: MOST_ALERTS if len(alerts) <= MOST_ALERTS else MOST_ALERTS - 1]
    lines = [{"text": wallboard_alert_text(alert), "taken": bool(alert.looking)} for alert in first]
    if more := len(alerts) - len(first):
        words = translate_count(
            more,
            "{count} more alert: see the work list.",
            "{count} more alerts: see the work list.",
        )
        lines.append({"text": words, "taken": all(alert.looking for alert in alerts)})
    return lines


def wallboard_alert_text(alert: CurrentAlert) -> str:
    """Return one alert, with who looks into it."""
    if alert.looking:
        return _("{alert} Acknowledged by {name}.", alert=alert.sentence, name=alert.looking)
    return _(alert.sentence)


def target_minutes_text(minutes: int) -> str:
    """Return the service level's target in words."""
    if minutes == 60:  # noqa: PLR2004 - an hour
        return _("one hour")
    return translate_count(minutes, "{count} minute", "{count} minutes")


def _wallboard_tile(label: str, figure: str, note: str, look: str = "") -> dict[str, Any]:
    return {"label": label, "figure": figure, "note": note, "look": look}


def draw_wallboard_controls() -> None:
    """Draw what a supervisor does about the wallboard, below it; a television has none of it."""
    with st.container(key="wall-below", horizontal=True, vertical_alignment="center"):
        offered = sorted({*TARGETS, sight.target})
        chosen = st.selectbox(
            _("Target"),
            offered,
            index=offered.index(sight.target),
            format_func=target_minutes_text,
            label_visibility="collapsed",
            width=160,
        )
        if chosen != sight.target:
            st.query_params["target"] = str(chosen)
            st.rerun()
        with st.popover(_("TVs"), icon=":material/tv:"):
            draw_television_access()
        st.page_link(
            "open_work.py", label=_("Exit the wallboard"), icon=":material/close_fullscreen:"
        )


def draw_television_access() -> None:
    """Draw how to let a television in, and how to turn one off."""
    st.write(
        _("A TV can show this wallboard for 30 days with no one signed in. It shows nothing else.")
    )
    widgets.draw_action_message()
    if st.button(_("Show this on a TV"), type="primary", icon=":material/add_to_queue:"):
        code = page_actions.run_for_result(
            lambda s, a: television_access.create_television_code(
                s, a, sight, now=viewer.read_utc_clock()
            )
        )
        st.session_state[TELEVISION_CODE_KEY] = code or ""
    draw_television_code(st.session_state.get(TELEVISION_CODE_KEY, ""))
    televisions = page_reading.read_or_stop_page(
        lambda s, a: television_access.read_televisions(s, a, now=viewer.read_utc_clock())
    )
    for television in televisions:
        draw_television(television)


@widgets.in_stable_container
def draw_television_code(code: str) -> None:
    """Draw the code that lets one television in."""
    if code:
        address = f"{settings.load_settings().public_url}/tv"
        st.write(
            _(
                "On the TV, open this address and enter the code. It works once and "
                "expires in 30 minutes."
            )
        )
        copyable.draw_copyable(address)
        copyable.draw_copyable(code)
        st.write(_("Or open this link on the TV:"))
        copyable.draw_copyable(f"{address}?code={code}")


def draw_television(television: Television) -> None:
    """Draw one television, with the button that turns it off."""
    with st.container(horizontal=True, vertical_alignment="center"):
        words = _(
            "Added by {name}, {since}. Last active {seen} ago. Expires {until}.",
            name=page_text.escape_markdown(television.by),
            since=page_text.instant_text(television.since),
            seen=page_text.time_since_text(television.seen_at),
            until=page_text.instant_text(television.ends_at),
        )
        st.caption(words)
        if st.button(_("Turn off"), key=f"off-{television.sign_in_id}"):
            done = _("The TV is turned off.")
            page_actions.act_and_redraw(
                lambda s, a: television_access.end_television_session(
                    s, television.sign_in_id, a, now=viewer.read_utc_clock()
                ),
                done,
            )


sight = choose_wallboard_view()
target = timedelta(minutes=sight.target)
if not is_television:
    page_reading.stop_unless_permitted(Permission.SEE_WALLBOARD)
st.html(STYLE)
draw_wallboard()
if not is_television:
    draw_wallboard_controls()
