"""The route that keeps what an advisor types, while they type it.

The words are in no address and no log.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard.http.sign_in_policy import NOT_STORED, Now
from leads.call_questions import IntakeQuestion
from leads.database.transactions import transaction
from leads.errors import LeadsError
from leads.lead_records import call_notes, intake_answers
from leads.record_ids import read_record_id

LARGEST_BODY = 16 * call_notes.MAX_NOTE_LENGTH  # bytes, of which base and text are half each

Keep = Callable[[Session, int, str, str], str]
"""Keeps the text that an advisor, by id, made of a base; returns all that is kept then."""


def typed_words_routes(*, now: Now) -> list[Route]:
    """Return the routes of what advisors type.

    The guard lets only people with a session reach them, and only from a page of ours.
    """

    async def receive_notes(request: Request) -> Response:
        callback_id = read_record_id(request.path_params["callback_id"])
        if callback_id is None:
            return _no_such_callback()
        return await receive_typed_words(
            request,
            lambda s, advisor_id, base, text: call_notes.merge_into_note(
                s, callback_id, advisor_id, text, base=base, now=now()
            ),
            now=now,
        )

    async def receive_answer(request: Request) -> Response:
        callback_id = read_record_id(request.path_params["callback_id"])
        if callback_id is None:
            return _no_such_callback()
        question, part = request.path_params["question"], request.path_params["part"]
        if question not in set(IntakeQuestion) or part not in ANSWER_PARTS:
            return JSONResponse({"error": "There is no such question."}, 404, NOT_STORED)
        keep = ANSWER_PARTS[part]
        return await receive_typed_words(
            request,
            lambda s, advisor_id, base, text: keep(
                s, callback_id, advisor_id, IntakeQuestion(question), text, base=base, now=now()
            ),
            now=now,
        )

    return [
        Route("/api/notes/{callback_id}", receive_notes, methods=["POST"]),
        Route("/api/intake/{callback_id}/{question}/{part}", receive_answer, methods=["POST"]),
    ]


def _no_such_callback() -> Response:
    return JSONResponse({"error": "There is no such callback."}, 404, NOT_STORED)


def keep_choice(
    session: Session,
    callback_id: int,
    advisor_id: int,
    question: IntakeQuestion,
    choice: str,
    *,
    base: str,  # noqa: ARG001 - of two choices the later one counts
    now: datetime,
) -> str:
    """Keep which answer an advisor chose, and return it."""
    intake_answers.choose_answer(session, callback_id, advisor_id, question, choice, now=now)
    return choice


ANSWER_PARTS: Mapping[str, Callable[..., str]] = {
    "choice": keep_choice,
    "words": intake_answers.merge_answer_words,
}


async def receive_typed_words(request: Request, keep: Keep, *, now: Now) -> Response:
    """Keep the text of a request, and answer when that was, and what is kept if it is another.

    The body is JSON: `base` is what the tab knew to be kept, `text` what was made of it. The time
    is in milliseconds since 1970.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return JSONResponse({"error": "These words are too long."}, 413, NOT_STORED)
    try:
        sent = json.loads(body)
        base, text = _storable_text(sent["base"]), _storable_text(sent["text"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return JSONResponse({"error": "These are no words of a page of ours."}, 400, NOT_STORED)
    advisor_id, at = int(request.headers["x-ringback-id"]), now()

    def keep_in_transaction() -> str:
        with transaction() as session:
            return keep(session, advisor_id, base, text)

    try:
        kept = await run_in_threadpool(keep_in_transaction)
    except LeadsError as refusal:
        return JSONResponse({"error": str(refusal)}, 403, NOT_STORED)
    other = {"text": kept} if kept != text else {}
    return JSONResponse({"at": at.timestamp() * 1000, **other}, 200, NOT_STORED)


def _storable_text(text: str) -> str:
    """Return a text as a database can store it."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")
