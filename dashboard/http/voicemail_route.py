"""The route that plays a voicemail to whoever may listen, and records each play.

What was said is stored by no browser, and its address names nobody.
"""

from __future__ import annotations

import functools
import logging
import re
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.http import guard
from dashboard.http.refusal_record import refusals_on_record
from dashboard.http.sign_in_policy import NOT_STORED, Now
from leads.database.field_encryption import Vault
from leads.database.transactions import transaction
from leads.errors import NotAllowed
from leads.lifecycle.audit_log import Origin, set_origin
from leads.messaging import voicemails
from leads.models.advisors import Advisor
from leads.record_ids import read_record_id

log = logging.getLogger(__name__)

VOICEMAIL_PATH = "/api/voicemails/{voicemail_id}"
ONE_RANGE = re.compile(r"bytes=(\d{0,9})-(\d{0,9})")
SOUND = {**NOT_STORED, "Accept-Ranges": "bytes", "X-Content-Type-Options": "nosniff"}


class _UnopenedSoundError(Exception):
    """No key opens a recording: nobody hears it, and no play is recorded."""


def voicemail_routes(vault: Vault, *, now: Now) -> list[Route]:
    """Return the route of voicemails; the guard lets only people with a session reach it."""
    play = functools.partial(play_voicemail, vault=vault, now=now)
    return [Route(VOICEMAIL_PATH, play, methods=["GET"])]


def voicemail_address(voicemail_id: int) -> str:
    """Return where a voicemail is played."""
    return f"/api/voicemails/{voicemail_id}"


async def play_voicemail(request: Request, *, vault: Vault, now: Now) -> Response:
    """Answer with a voicemail's sound, or the part of it that a browser asks for to seek."""
    if request.method != "GET":  # a look at the headers is no play, and needs none
        return Response(status_code=HTTPStatus.METHOD_NOT_ALLOWED, headers=NOT_STORED)
    voicemail_id = read_record_id(request.path_params["voicemail_id"])
    if voicemail_id is None:
        return Response(status_code=HTTPStatus.NOT_FOUND, headers=NOT_STORED)
    asked = request.headers.get("range", "")
    open_sound = functools.partial(
        _open_sound,
        voicemail_id,
        int(request.headers["x-ringback-id"]),
        guard.request_origin(request, "voicemail"),
        vault=vault,
        from_start=_begins_at_start(asked),
        now=now,
    )
    try:
        sound = await run_in_threadpool(open_sound)
    except NotAllowed as refusal:
        return Response(str(refusal), HTTPStatus.FORBIDDEN, NOT_STORED, "text/plain")
    if sound is None:
        return Response(status_code=HTTPStatus.NOT_FOUND, headers=NOT_STORED)
    return _sound_response(sound, asked)


def _open_sound(
    voicemail_id: int, advisor_id: int, origin: Origin, *, vault: Vault, from_start: bool, now: Now
) -> bytes | None:
    try:
        with refusals_on_record(advisor_id, origin, now=now()), transaction() as session:
            set_origin(session, origin)
            sealed = voicemails.open_recording(
                session,
                voicemail_id,
                session.get_one(Advisor, advisor_id),
                from_start=from_start,
                now=now(),
            )
            return None if sealed is None else _unseal_sound(vault, voicemail_id, sealed)
    except _UnopenedSoundError:
        return None


def _unseal_sound(vault: Vault, voicemail_id: int, sealed: bytes) -> bytes:
    sound = vault.unseal_content(sealed, record=voicemails.content_record(voicemail_id))
    if sound is None:
        log.error("Voicemail %s cannot be opened: no key that is set fits.", voicemail_id)
        raise _UnopenedSoundError
    return sound


def _begins_at_start(asked: str) -> bool:
    """Whether a request asks for the first byte: every play does, and no seek."""
    wanted = ONE_RANGE.fullmatch(asked)
    return wanted is None or (wanted[1] != "" and int(wanted[1]) == 0)


def _sound_response(sound: bytes, asked: str) -> Response:
    """Return the whole sound, or one range of it (RFC 9110, 14); of several ranges the whole."""
    wanted = ONE_RANGE.fullmatch(asked)
    if wanted is None or wanted.groups() == ("", ""):
        return Response(sound, headers=SOUND, media_type="audio/wav")
    size = len(sound)
    if wanted[1]:
        first = int(wanted[1])
        last = min(int(wanted[2]), size - 1) if wanted[2] else size - 1
    else:  # the last so many bytes
        first, last = max(0, size - int(wanted[2])), size - 1
    if first > last:
        unsatisfied = {**SOUND, "Content-Range": f"bytes */{size}"}
        return Response(status_code=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=unsatisfied)
    part = {**SOUND, "Content-Range": f"bytes {first}-{last}/{size}"}
    return Response(
        sound[first : last + 1], HTTPStatus.PARTIAL_CONTENT, part, media_type="audio/wav"
    )
