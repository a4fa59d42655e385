"""Problems: why a read is refused, as RFC 9457 says it to a program."""

from __future__ import annotations

from enum import Enum
from http import HTTPStatus

from starlette.responses import JSONResponse

PROBLEM_TYPE = "application/problem+json"
NOT_KEPT = {"Cache-Control": "no-store"}


class Problem(Enum):
    """One reason, with its status and its title, which never change; the detail is in a request."""

    BAD_PARAMETER = HTTPStatus.BAD_REQUEST, "A parameter is not understood."
    NO_TOKEN = HTTPStatus.UNAUTHORIZED, "A valid access token is needed."
    NO_SCOPE = HTTPStatus.FORBIDDEN, "This token may not read this."
    NOT_FOUND = HTTPStatus.NOT_FOUND, "There is nothing here."
    NOT_READ = HTTPStatus.METHOD_NOT_ALLOWED, "This can only be read, with GET."
    TOO_MANY = HTTPStatus.TOO_MANY_REQUESTS, "Too many requests. Please wait a minute."
    AWAY = HTTPStatus.SERVICE_UNAVAILABLE, "The database is away for a moment."


HEADERS = {
    Problem.NO_TOKEN: {"WWW-Authenticate": "Bearer"},
    Problem.NOT_READ: {"Allow": "GET"},
    Problem.TOO_MANY: {"Retry-After": "60"},
    Problem.AWAY: {"Retry-After": "5"},
}


class ApiProblemError(Exception):
    """A read that is refused. `detail`: what is wrong, without a value that somebody sent."""

    def __init__(self, problem: Problem, detail: str = "") -> None:
        super().__init__(problem.name)
        self.problem, self.detail = problem, detail


def problem_response(problem: Problem, detail: str = "") -> JSONResponse:
    """Return the answer to a read that is refused."""
    status, title = problem.value
    content = {"type": "about:blank", "title": title, "status": int(status)}
    if detail:
        content["detail"] = detail
    headers = {**NOT_KEPT, **HEADERS.get(problem, {})}
    return JSONResponse(content, status, headers, media_type=PROBLEM_TYPE)
