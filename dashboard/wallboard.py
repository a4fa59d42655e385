"""The wallboard: one screen for a television, readable from five metres. It changes within a second and ticks alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st
from babel import dates

from dashboard import in_browser, widgets
from dashboard.http import live_updates
from dashboard.language import _, counted, language, locale
from leads.alerting import escalation
from leads.alerting.escalation import CurrentAlert
from leads.config import settings
from leads.database.transactions import reader
from leads.people import television_access
from leads.people.television_access import Television, WallboardSettings
from leads.read_models import wallboard
from leads.read_models.page_changes import Topic
from leads.read_models.wallboard import WallboardFigures

TARGETS = (1, 2, 5, 10, 15, 30, 60)
FAR_TOO_LONG = 3  # times the target
MOST_NAMES = 6
MOST_ALERTS = 2
STYLE = Path(__file__).parent / "static" / "wall.css"
CODE = "wall-code"

is_television = widgets.is_television()


def choose_sight() -> WallboardSettings:
    """Return what to show: what the address says, else what the television was told, else this screen's zone."""
    told = WallboardSettings()
    if is_television:
        with reader() as session:
            told = television_access.television_wallboard_settings(session, widgets.sign_in_id())
    asked = st.query_params
    found = television_access.parse_wallboard_settings(
        asked.get("target", str(told.target)), asked.get("zone", told.zone)
    )
    return WallboardSettings(found.target, found.zone or told.zone or widgets.my_zone())


@st.fragment(run_every=in_browser.FALLBACK)
def draw() -> None:
    """Read and draw the whole screen. A fragment that looks again outlives a restart of the server."""
    in_browser.stay_live(Topic.WALL, live_updates.version())
    with reader() as session:
        found = wallboard.read_wallboard(session, target=target, zone=sight.zone, now=widgets.now())
        alerts = escalation.list_current_alerts(session, now=widgets.now())
    in_browser.wall(
        {
            "title": _("Wallboard"),
            "lang": language(),
            "locale": locale().replace("_", "-"),
            "zone": sight.zone,
            "now": widgets.now().timestamp() * 1000,
            "below": "0px" if is_television else "4.25rem",
            "stale": _("No connection to the desk: these figures are old."),
            "definition": _(
                "Rung within {target}: of everybody who asked today, those whose phone rang in that time, divided by "
                "those and everybody rung later or still waiting longer. Who has waited less is pending.",
                target=spelled(sight.target),
            ),
            "alerts": alert_lines(alerts),
            "tiles": tiles(found),
        }
    )


def tiles(found: WallboardFigures) -> list[dict[str, Any]]:
    """Return the figures: what must not be missed is largest, and colour never says anything alone."""
    nobody = _("nobody")
    time, day = next_due(found)
    level = _(
        "{hits} of {counted} · {pending} pending · {asked} asked",
        hits=found.hits,
        counted=found.counted,
        pending=found.pending,
        asked=found.asked,
    )
    return [
        _tile(_("Waiting now"), str(found.waiting), _("people due for a call"), "alarm" if found.waiting else ""),
        longest(found),
        _tile(
            _("Rung within {target} today", target=spelled(sight.target)),
            widgets.share(found.in_time),
            level,
        ),
        _tile(_("Free"), str(len(found.free)), names(found), "" if found.free else "alarm"),
        _tile(_("With somebody"), str(found.busy), _("advisors at work")),
        _tile(_("Next due"), time or nobody, day),
    ]


def longest(found: WallboardFigures) -> dict[str, Any]:
    """Return the figure that grows by itself, with its word and its colour for every length."""
    if found.oldest_at is None:
        return _tile(_("Waiting longest"), _("nobody"), _("everybody was rung"))
    seconds = sight.target * 60
    steps = [
        {"after": 0, "note": _("for a first ring"), "look": ""},
        {"after": seconds, "note": _("too long for a first ring"), "look": "late"},
        {"after": FAR_TOO_LONG * seconds, "note": _("far too long for a first ring"), "look": "alarm"},
    ]
    grows = {"since": found.oldest_at.timestamp() * 1000, "steps": steps}
    return _tile(_("Waiting longest"), "", "") | grows


def next_due(found: WallboardFigures) -> tuple[str, str]:
    """Return the time of the next planned try, and its day if that is another one."""
    planned = _("planned tries")
    if found.next_due_at is None:
        return "", planned
    there = found.next_due_at.astimezone(ZoneInfo(sight.zone))
    time = widgets.time_of_day(there.time())
    if there.date() == widgets.now().astimezone(ZoneInfo(sight.zone)).date():
        return time, planned
    return time, _("on {day}", day=dates.format_skeleton("MMMEd", there, locale=locale()))


def names(found: WallboardFigures) -> str:
    """Return who is free, as many as anybody reads."""
    more = len(found.free) - MOST_NAMES
    shown = ", ".join(found.free[:MOST_NAMES]) or _("nobody is free")
    return _("{names} and {count} more", names=shown, count=more) if more > 0 else shown


def alert_lines(alerts: Sequence[CurrentAlert]) -> list[dict[str, Any]]:
    """Return what needs a supervisor, as much of it as leaves the figures their place."""
    urgent = sorted(alerts, key=escalation.alert_sort_key)
    first = urgent[: MOST_ALERTS if len(alerts) <= MOST_ALERTS else MOST_ALERTS - 1]
    lines = [{"text": alert_line(alert), "taken": bool(alert.looking)} for alert in first]
    if more := len(alerts) - len(first):
        words = counted(
            more, "{count} more alert: see the callback board.", "{count} more alerts: see the callback board."
        )
        lines.append({"text": words, "taken": all(alert.looking for alert in alerts)})
    return lines


def alert_line(alert: CurrentAlert) -> str:
    """Return one alert, with who looks into it."""
    if alert.looking:
        return _("{alert} {name} is looking into it.", alert=alert.sentence, name=alert.looking)
    return _(alert.sentence)


def spelled(minutes: int) -> str:
    """Return the target in words."""
    if minutes == 60:  # noqa: PLR2004 - an hour
        return _("one hour")
    return counted(minutes, "{count} minute", "{count} minutes")


def _tile(label: str, figure: str, note: str, look: str = "") -> dict[str, Any]:
    return {"label": label, "figure": figure, "note": note, "look": look}


def draw_below() -> None:
    """What a supervisor does about the wallboard, below it: a television has none of it."""
    with st.container(key="wall-below", horizontal=True, vertical_alignment="center"):
        offered = sorted({*TARGETS, sight.target})
        chosen = st.selectbox(
            _("Target"),
            offered,
            index=offered.index(sight.target),
            format_func=spelled,
            label_visibility="collapsed",
            width=160,
        )
        if chosen != sight.target:
            st.query_params["target"] = str(chosen)
            st.rerun()
        with st.popover(_("Televisions"), icon=":material/tv:"):
            draw_televisions()
        st.page_link("callback_board.py", label=_("Leave the wallboard"), icon=":material/close_fullscreen:")


def draw_televisions() -> None:
    """Let a television in, and turn one off."""
    st.write(_("A television shows this wallboard for 30 days without anybody signed in, and nothing else."))
    widgets.said()
    if st.button(_("Show this on a television"), type="primary", icon=":material/add_to_queue:"):
        made: list[str] = []
        widgets.act(lambda s, a: made.append(television_access.create_television_code(s, a, sight, now=widgets.now())))
        st.session_state[CODE] = made[0] if made else ""
    draw_code(st.session_state.get(CODE, ""))
    with reader() as session:
        found = television_access.read_televisions(session, now=widgets.now())
    for one in found:
        draw_television(one)


@widgets.in_place
def draw_code(code: str) -> None:
    """The way in for one television."""
    if code:
        address = f"{settings.load_settings().public_url}/tv"
        st.write(_("On the television, open this address and type the code. It works once, within half an hour."))
        st.code(f"{address}\n{code}", language=None)
        st.write(_("Or open this link there:"))
        st.code(f"{address}?code={code}", language=None, wrap_lines=True)


def draw_television(one: Television) -> None:
    """Show one television with its button."""
    with st.container(horizontal=True, vertical_alignment="center"):
        words = _(
            "Let in by {name}, {since}. Last seen {seen} ago. Until {until}.",
            name=widgets.plain(one.by),
            since=widgets.clock(one.since),
            seen=widgets.ago(one.seen_at),
            until=widgets.clock(one.ends_at),
        )
        st.caption(words)
        if st.button(_("Turn off"), key=f"off-{one.sign_in_id}"):
            done = _("The television is off.")
            widgets.act(
                lambda s, a: television_access.end_television_session(s, one.sign_in_id, a, now=widgets.now()), done
            )
            st.rerun()


sight = choose_sight()
target = timedelta(minutes=sight.target)
st.html(STYLE)
draw()
if not is_television:
    draw_below()
