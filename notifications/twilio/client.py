"""Twilio's REST API over HTTP: one request for each order.

What each way to fail means for asking again is said here.
"""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import requests
import urllib3
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProxyError

from leads.config.settings import TwilioCredentials
from leads.errors import BadConfiguration, FailureKind, TelephonyError
from leads.i18n.messages import Message, MessageKey
from leads.i18n.translatable import Phrase
from notifications.twilio import error_codes

log = logging.getLogger(__name__)

TWILIO = "https://api.twilio.com"
TIMEOUT = 10.0  # seconds; the library's own default waits for ever
INBOUND = "inbound"  # the direction of what comes to a number of ours
PAGE_SIZE = 200  # of what is listed whole
CONNECTIONS = 36  # kept open: as many as the relay uses at once, and some for what is looked up
SAFE_TO_REPEAT = (
    429,
    503,
)  # of these two Twilio says that a request is safe to repeat; other server errors may have acted
BAD_NUMBER = (21201, 21211, 21214, 21215, 21216, 21217, 21219)
"""Refusals of one number, which asking again does not cure.

A few of them are on our side all the same: `error_codes` has these.
"""


def build_twilio_client(twilio: TwilioCredentials, timeout: float = TIMEOUT) -> Any:
    """Return Twilio's own client for the account."""
    return Client(
        twilio.account_sid,
        twilio.auth_tokens[0],
        http_client=_TwilioHttpClient(twilio.api_url, timeout),
    )


@contextlib.contextmanager
def translate_twilio_errors() -> Iterator[None]:
    """Raise TelephonyError for every way in which a request can fail.

    The error says what the failure means for repeating the request.
    """
    try:
        yield
    except TwilioRestException as error:
        code = error.code or error.status
        is_unknown = (
            error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and error.status not in SAFE_TO_REPEAT
        )
        fault = error_codes.OUR_FAULT_BY_CODE.get(code)
        is_set_up_wrong = fault in error_codes.PROBLEM_KEYS
        raise TelephonyError(
            error_codes.problem_of_code(code),
            permanent=error.code in BAD_NUMBER,
            unknown=is_unknown,
            failure=FailureKind.CONFIGURATION if is_set_up_wrong else FailureKind.NETWORK,
            fault=fault or "",
            code=code,
        ) from None
    except HTTPError as error:
        if _is_connection_failure(error):
            raise TelephonyError(Message(MessageKey.TWILIO_UNREACHABLE)) from None
        raise TelephonyError(Message(MessageKey.TWILIO_BROKE_OFF), unknown=True) from None
    except (TwilioException, ValueError, KeyError):
        raise TelephonyError(Message(MessageKey.TWILIO_UNREADABLE), unknown=True) from None


def _is_connection_failure(error: HTTPError) -> bool:
    """Whether no connection was made, so that the request cannot have arrived."""
    cause = error.original_error if isinstance(error, ProxyError) else error
    return isinstance(cause, (NewConnectionError, ConnectTimeoutError))


class _TwilioHttpClient(HttpClient):  # type: ignore[misc] # it has no types
    """The HTTP client that Twilio's client sends with.

    It has a timeout, repeats nothing, and uses another base address where one is set. It goes
    straight to the connections, for half the work of the client that comes with Twilio's: many
    share the interpreter.
    """

    def __init__(self, api_url: str, timeout: float) -> None:
        super().__init__(log, is_async=False, timeout=timeout)
        self._api_url = api_url or TWILIO
        self._connections, self._target = _open_twilio_connections(self._api_url)

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str],
        auth: tuple[str, str],
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Send a request, to another base address if one is set."""
        wanted = requests.PreparedRequest()
        wanted.url = self._api_url + "/" + url.split("/", 3)[3]
        if params:
            wanted.url += "?" + urlencode(params, doseq=True)
        answer = self._connections.urlopen(
            method,
            self._target(wanted),
            body=urlencode(data, doseq=True) if data else None,
            headers={**headers, **urllib3.make_headers(basic_auth=":".join(auth))},
            timeout=timeout or self.timeout,
            redirect=allow_redirects,
            retries=False,
            assert_same_host=False,
        )
        return Response(answer.status, answer.data.decode(errors="replace"), answer.headers)


def _open_twilio_connections(address: str) -> tuple[Any, Callable[[requests.PreparedRequest], str]]:
    """Return connections to Twilio, and the function that says what to ask of them for a request.

    They go by the proxy and with the certificates that the machine's variables name.

    Raises BadConfiguration where those variables make no sense.
    """
    adapter, wanted = HTTPAdapter(pool_maxsize=CONNECTIONS), requests.PreparedRequest()
    wanted.url = address
    try:
        around = requests.Session().merge_environment_settings(address, {}, None, None, None)
        connections = adapter.get_connection_with_tls_context(
            wanted, around["verify"], around["proxies"]
        )
        verified = around["verify"]
        adapter.cert_verify(connections, address, verified, None)  # type: ignore[no-untyped-call]
    except (requests.RequestException, HTTPError, OSError):
        msg = Phrase(
            "Twilio cannot be reached with the current HTTPS_PROXY and REQUESTS_CA_BUNDLE settings."
        )
        raise BadConfiguration(msg) from None
    return connections, functools.partial(adapter.request_url, proxies=around["proxies"])
