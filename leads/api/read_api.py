"""The door of the read API: who asks, whether they may, what they read, and the record of it.

One door for every address. A token is asked for before anything is looked up, four requests are
read at a time, and whom an answer shows is in the audit log before it leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anyio import CapacityLimiter, to_thread
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from leads.api import named_people, tokens
from leads.api.openapi import build_openapi_document
from leads.api.operations import OPERATIONS, PREFIX, ApiAnswer, Asked, Operation
from leads.api.problems import NOT_KEPT, ApiProblemError, Problem, problem_response
from leads.api.records import CallbackRecord, LeadRecord, RecordReader
from leads.database.transactions import reader, transaction
from leads.lifecycle.audit_log import NOTHING, Origin, record_access, set_origin
from leads.lifecycle.trail_subject import TrailSubject
from leads.models.enums import ApiScope, AuditKind
from leads.models.outbound import ApiToken
from leads.models.requests import Lead
from leads.people.permissions import API_ACTOR

Now = Callable[[], datetime]
AT_A_TIME = 4
PER_MINUTE = RateLimitItemPerMinute(120)  # for each token
BEARER = "bearer "
LONGEST_TOKEN = 200


@dataclass(frozen=True)
class _Holder:
    """The token by which somebody reads."""

    token_id: int
    scopes: frozenset[str]
    brand_ids: tuple[int, ...]
    row: ApiToken


class ReadDoor:
    """What all addresses share: the time, how many read at once, and how often a token may."""

    def __init__(self, *, now: Now, notice: str) -> None:
        self.now, self.notice, self.places = now, notice, CapacityLimiter(AT_A_TIME)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def count_request(self, token_id: int) -> None:
        """Count a request of a token; raises ApiProblemError beyond its limit."""
        if not self._limiter.hit(PER_MINUTE, str(token_id)):
            raise ApiProblemError(Problem.TOO_MANY)


class ApiEndpoint:
    """One address. An ASGI application, so that any method is answered as the API answers."""

    def __init__(self, door: ReadDoor, answer: Callable[[ReadDoor, Request], Response]) -> None:
        self._door, self._answer = door, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; whatever it asks, no body of it is read."""
        request = Request(scope)
        response = await to_thread.run_sync(self._respond, request, limiter=self._door.places)
        await response(scope, receive, send)

    def _respond(self, request: Request) -> Response:
        if request.method != "GET":
            return problem_response(Problem.NOT_READ)
        try:
            return self._answer(self._door, request)
        except ApiProblemError as refusal:
            return problem_response(refusal.problem, refusal.detail)
        except SQLAlchemyError:
            return problem_response(Problem.AWAY)


def read_api_routes(*, now: Now, notice: str) -> list[Route]:
    """Return the routes of the read API, with its document, and what is answered beside them.

    `notice`: what has to go with every record that says who somebody is.
    """
    door, document = ReadDoor(now=now, notice=notice), build_openapi_document()

    def show_document(_door: ReadDoor, _request: Request) -> Response:
        return JSONResponse(document, headers=NOT_KEPT)

    return [
        Route(f"{PREFIX}/openapi.json", ApiEndpoint(door, show_document)),
        *(Route(one.address, ApiEndpoint(door, _answer_of(one))) for one in OPERATIONS),
        Route(f"{PREFIX}/{{rest:path}}", ApiEndpoint(door, _answer_unknown)),
    ]


def _answer_of(operation: Operation) -> Callable[[ReadDoor, Request], Response]:
    def answer(door: ReadDoor, request: Request) -> Response:
        now = door.now()
        with reader() as session:
            holder = _require_token(session, request, now=now)
            door.count_request(holder.token_id)
            if operation.scope and operation.scope not in holder.scopes:
                raise ApiProblemError(Problem.NO_SCOPE, f"The scope {operation.scope} is needed.")
            asked = Asked(_asked_values(operation, request))
            personal = tokens.basis_of_token(holder.row) if _may_know(holder) else None
            records = RecordReader(session, now, holder.brand_ids, personal, door.notice)
            found = operation.read(records, asked)
        _record_read(operation, holder, found, request, now=now)
        return JSONResponse(_content_of(found), headers=NOT_KEPT)

    return answer


def _answer_unknown(_door: ReadDoor, _request: Request) -> Response:
    raise ApiProblemError(Problem.NOT_FOUND)


def _require_token(session: Any, request: Request, *, now: datetime) -> _Holder:
    """Return the token of a request; raises ApiProblemError without a good one."""
    said = request.headers.get("authorization", "")
    token = said[len(BEARER) :].strip() if said.lower().startswith(BEARER) else ""
    row = None
    if token.startswith(tokens.TOKEN_PREFIX) and len(token) <= LONGEST_TOKEN:
        row = tokens.find_token(session, token, now=now)
    if row is None:
        raise ApiProblemError(Problem.NO_TOKEN)
    return _Holder(row.id, frozenset(row.scopes), tuple(row.brand_ids), row)


def _may_know(holder: _Holder) -> bool:
    return ApiScope.PERSONAL in holder.scopes


def _asked_values(operation: Operation, request: Request) -> Mapping[str, str]:
    """Return what a request asks; raises ApiProblemError for what is not known or said twice."""
    known = {one.name for one in operation.parameters}
    in_path = {name: str(value) for name, value in request.path_params.items()}
    in_query = request.query_params.multi_items()
    values = dict(in_query)
    if len(values) < len(in_query) or set(values) - known or set(values) & set(in_path):
        told = f"Known are: {', '.join(sorted(known - set(in_path))) or 'none'}; each once."
        raise ApiProblemError(Problem.BAD_PARAMETER, told)
    return {**values, **in_path}


def _record_read(
    operation: Operation, holder: _Holder, found: ApiAnswer, request: Request, *, now: datetime
) -> None:
    """Write down what was read: one entry, or one for each person of whom it is told who they are.

    A read of one record is about its person.
    """
    records = found.content if found.is_page else [found.content]
    kind = AuditKind.LIST if found.is_page else AuditKind.OPEN
    people = [] if found.is_page else _people_of(records)
    known = [one.id for one in records if isinstance(one, LeadRecord) and one.phone is not None]
    subjects = [TrailSubject.of_kind(Lead, one) for one in known or people] or [NOTHING]
    address = request.client.host if request.client else ""
    with transaction() as session:
        set_origin(session, Origin(address=address, view=f"api{operation.path}"))
        for subject in subjects:
            record_access(
                session,
                kind,
                subject,
                actor=f"{API_ACTOR}{holder.token_id}",
                now=now,
                count=len(records),
            )
        if known:
            named_people.note_named_people(session, holder.token_id, known, now=now)
        tokens.note_token_use(session, holder.token_id, now=now)


def _people_of(records: Any) -> list[int]:
    return [
        one.lead_id if isinstance(one, CallbackRecord) else one.id
        for one in records
        if isinstance(one, CallbackRecord | LeadRecord)
    ]


def _content_of(found: ApiAnswer) -> Any:
    if found.is_page:
        items = [_plain_values(one) for one in found.content]
        return {"items": items, "next_cursor": found.next_cursor}
    return found.content if isinstance(found.content, dict) else _plain_values(found.content)


def _plain_values(record: Any) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in vars(record).items()
    }
