"""Addresses of pages that are part of the work list now: bookmarks and older messages have them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

from starlette.responses import RedirectResponse

from dashboard.http.sign_in_policy import NOT_STORED
from leads.read_models.callback_board import WaitsFor
from leads.read_models.work_filter import WorkPart, WorkState
from leads.read_models.work_kinds import WorkKind

WORK_PATH = "/work"
PARTS_OF_WAITS = {WaitsFor.DECISION: WorkPart.DECIDE, WaitsFor.IN_HAND: WorkPart.IN_HAND}


def redirect_if_moved(path: str, query: str) -> RedirectResponse | None:
    """Return where the work list shows what an older address asked for; None for any other."""
    if path == "/review":
        return _redirect_to_work({"part": WorkPart.DECIDE})
    if path != "/board":
        return None
    asked = {name: values[-1] for name, values in parse_qs(query).items()}
    waits = asked.get("waits_for", "")
    part = PARTS_OF_WAITS.get(WaitsFor(waits)) if waits in set(WaitsFor) else None
    state = WorkState.OVERDUE if asked.get("late") == "1" else waits
    callback = asked.get("callback", "")
    return _redirect_to_work(
        {
            "part": part or "",
            "state": state if state in set(WorkState) else "",
            "helpline": asked.get("helpline", ""),
            "advisor": asked.get("advisor", ""),
            "row": f"{WorkKind.CALLBACK}-{callback}" if callback else "",
        }
    )


def _redirect_to_work(asked: dict[str, str]) -> RedirectResponse:
    query = urlencode({name: value for name, value in asked.items() if value})
    return RedirectResponse(f"{WORK_PATH}?{query}" if query else WORK_PATH, 303, NOT_STORED)
