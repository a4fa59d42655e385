"""Mistakes in requests that Twilio would let pass, found by the signatures of Twilio's own SDK.

The SDK is generated from Twilio's OpenAPI file, so the installed version knows every parameter, its
type and the values of its enumerations; Twilio itself ignores an unknown parameter in silence.
"""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Callable
from typing import Any, get_args
from urllib.parse import urlsplit

from twilio.rest.api.v2010.account import call as calls
from twilio.rest.api.v2010.account import conference as conferences
from twilio.rest.api.v2010.account import incoming_phone_number as numbers
from twilio.rest.api.v2010.account import message as messages
from twilio.rest.api.v2010.account import recording as recordings
from twilio.rest.api.v2010.account.conference import participant as participants
from twilio.rest.api.v2010.account.message import media

from tests.support.twilio_simulator.wire import Pairs

_OPERATIONS: dict[str, tuple[Any, Any]] = {
    r"/Calls": (calls.CallList, calls.CallContext),
    r"/Conferences": (conferences.ConferenceList, conferences.ConferenceContext),
    r"/Conferences/[^/]+/Participants": (
        participants.ParticipantList,
        participants.ParticipantContext,
    ),
    r"/IncomingPhoneNumbers": (
        numbers.IncomingPhoneNumberList,
        numbers.IncomingPhoneNumberContext,
    ),
    r"/Messages": (messages.MessageList, messages.MessageContext),
    r"/Messages/[^/]+/Media": (media.MediaList, media.MediaContext),
    r"(?:/Calls/[^/]+)?/Recordings": (recordings.RecordingList, recordings.RecordingContext),
}
_SPELLINGS = {
    "from_": "From",
    "start_time_after": "StartTime>",
    "start_time_before": "StartTime<",
    "date_sent_after": "DateSent>",
}
_PAGING = frozenset({"PageSize", "Page", "PageToken"})


def list_request_faults(method: str, path: str, query: Pairs, form: Pairs) -> list[str]:
    """Return what is wrong with a request to the REST API, or nothing."""
    operation = _find_operation(method, path)
    if operation is None:
        return [f"{method} {path} is not in Twilio's specification"]
    known = _list_parameters(operation)
    given = form if method == "POST" else [pair for pair in query if pair[0] not in _PAGING]
    names = Counter(name for name, _ in given)
    found = [f"unknown parameter {name}" for name in names if name not in known]
    found += [
        f"missing parameter {name}"
        for name, parameter in known.items()
        if parameter.default is parameter.empty and method == "POST" and name not in names
    ]
    for name, value in given:
        if name in known and not _is_fitting(name, known[name].annotation, value, operation):
            found.append(f"parameter {name} cannot be {value!r}")
    found += [
        f"parameter {name} is repeated"
        for name, count in names.items()
        if count > 1 and name in known and "List[str]" not in str(known[name].annotation)
    ]
    return [f"{method} {path}: {fault}" for fault in found]


def _find_operation(method: str, path: str) -> Callable[..., Any] | None:
    for pattern, (collection, item) in _OPERATIONS.items():
        if re.fullmatch(rf"/2010-04-01/Accounts/[^/]+{pattern}\.json", path):
            name = {"POST": "create", "GET": "list"}.get(method, "")
            return getattr(collection, name, None)
        if re.fullmatch(rf"/2010-04-01/Accounts/[^/]+{pattern}/[^/]+\.json", path):
            name = {"POST": "update", "GET": "fetch", "DELETE": "delete"}.get(method, "")
            return getattr(item, name, None)
    return None


def _list_parameters(operation: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    return {
        _SPELLINGS.get(name, "".join(word.title() for word in name.split("_"))): parameter
        for name, parameter in inspect.signature(operation).parameters.items()
        if name not in ("self", "limit", "page_size")
    }


def _is_fitting(name: str, annotation: Any, value: str, operation: Callable[..., Any]) -> bool:
    kinds = get_args(annotation) or (annotation,)
    if int in kinds:
        return re.fullmatch(r"-?\d+", value) is not None
    if bool in kinds:
        return value.lower() in ("true", "false")
    if name.endswith("Method"):
        return value in ("GET", "POST")
    if name.endswith(("Url", "StatusCallback")) and value:
        return urlsplit(value).scheme in ("http", "https") and bool(urlsplit(value).netloc)
    if named := re.search(r"(\w+Instance)\.(\w+)", str(annotation)):
        instance, enumeration = named.groups()
        owner = getattr(inspect.getmodule(operation), instance)
        return value in vars(getattr(owner, enumeration)).values()
    return True
