"""The route that keeps an advisor's notes while they type.

The notes are in no address and no log.
"""

from __future__ import annotations

import functools

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard.http.sign_in_policy import NOT_STORED, Now
from leads.database.transactions import transaction
from leads.errors import NotAllowed
from leads.lead_records import call_notes

LARGEST_BODY = 4 * call_notes.MAX_NOTE_LENGTH  # bytes
LAST_ID = 2**31 - 1  # what a database can look for


def call_note_routes(*, now: Now) -> list[Route]:
    """Return the route of notes.

    The guard lets only people with a session reach it, and only from a page of ours.
    """
    return [
        Route(
            "/api/notes/{callback_id:int}",
            functools.partial(receive_typed_notes, now=now),
            methods=["POST"],
        )
    ]


async def receive_typed_notes(request: Request, *, now: Now) -> Response:
    """Keep the notes in a request's plain-text body, and answer when they were kept.

    The time is in milliseconds since 1970.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return JSONResponse({"error": "These notes are too long."}, 413, NOT_STORED)
    callback_id, advisor_id = (
        request.path_params["callback_id"],
        int(request.headers["x-ringback-id"]),
    )
    text = body.decode("utf-8", "replace").replace("\0", "")
    try:
        written = await run_in_threadpool(
            _store_typed_notes, min(callback_id, LAST_ID), advisor_id, text, now
        )
    except NotAllowed as refusal:
        return JSONResponse({"error": str(refusal)}, 403, NOT_STORED)
    return JSONResponse({"at": written}, 200, NOT_STORED)


def _store_typed_notes(callback_id: int, advisor_id: int, text: str, now: Now) -> float:
    at = now()
    with transaction() as session:
        call_notes.save_note(session, callback_id, advisor_id, text, now=at)
    return at.timestamp() * 1000
