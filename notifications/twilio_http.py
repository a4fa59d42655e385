"""Twilio's REST API over HTTP: one request for each order, and what each way to fail means for asking again."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import certifi
import requests
import urllib3
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProxyError

from leads.errors import TelephonyError
from leads.phrase import Phrase
from leads.settings import Twilio

log = logging.getLogger(__name__)

TWILIO = "https://api.twilio.com"
TIMEOUT = 10.0  # seconds; the library's own default waits for ever
CONNECTIONS = 36  # kept open: as many as the relay uses at once, and some for what is looked up
NOT_DONE = (429, 503)  # of these two Twilio says that a request is safe to repeat; other server errors may have acted
BAD_NUMBER = (21201, 21211, 21214, 21215, 21216, 21217, 21219)
"""Refusals that are about the number to ring. Others are about our account: not the advisor's fault, and curable."""


def client_of(twilio: Twilio, timeout: float = TIMEOUT) -> Any:
    """Return Twilio's own client for the account."""
    return Client(twilio.account_sid, twilio.auth_tokens[0], http_client=_HttpClient(twilio.api_url, timeout))


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn every way in which a request can fail into what it means for repeating it."""
    try:
        yield
    except TwilioRestException as error:
        sentence = Phrase("Twilio refused (error {code}).", code=error.code or error.status)
        is_unknown = error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and error.status not in NOT_DONE
        raise TelephonyError(sentence, permanent=error.code in BAD_NUMBER, unknown=is_unknown) from None
    except HTTPError as error:
        if _never_left(error):
            msg = Phrase("Twilio could not be reached.")
            raise TelephonyError(msg) from None
        msg = Phrase("The connection to Twilio broke off.")
        raise TelephonyError(msg, unknown=True) from None
    except (TwilioException, ValueError, KeyError):
        msg = Phrase("Twilio's answer could not be read.")
        raise TelephonyError(msg, unknown=True) from None


def _never_left(error: HTTPError) -> bool:
    """Whether no connection was made, so that the request cannot have arrived."""
    cause = error.original_error if isinstance(error, ProxyError) else error
    return isinstance(cause, (NewConnectionError, ConnectTimeoutError))


class _HttpClient(HttpClient):  # type: ignore[misc]
    """What Twilio's client sends with: a timeout, no repetition, and another base address where one is set.

    Straight to urllib3, for half the work of the client that comes with it: sixteen of them share the interpreter.
    """

    def __init__(self, api_url: str, timeout: float) -> None:
        super().__init__(log, is_async=False, timeout=timeout)
        self._api_url = api_url
        self._pool = _pool(api_url or TWILIO)

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
        """Send a request, to the double if there is one."""
        if self._api_url:
            url = self._api_url + "/" + url.split("/", 3)[3]
        answer = self._pool.request(
            method,
            f"{url}?{urlencode(params, doseq=True)}" if params else url,
            body=urlencode(data, doseq=True) if data else None,
            headers={**headers, **urllib3.make_headers(basic_auth=":".join(auth))},
            timeout=timeout or self.timeout,
            redirect=allow_redirects,
            retries=False,
        )
        return Response(answer.status, answer.data.decode(), answer.headers)


def _pool(address: str) -> urllib3.PoolManager:
    """Return connections by the proxy, and with the certificates, that the machine's variables name."""
    around = requests.Session().merge_environment_settings(address, {}, None, None, None)
    trusted = certifi.where() if around["verify"] is True else around["verify"]
    if proxy := requests.utils.select_proxy(address, around["proxies"]):
        return urllib3.ProxyManager(proxy, maxsize=CONNECTIONS, ca_certs=trusted)
    return urllib3.PoolManager(maxsize=CONNECTIONS, ca_certs=trusted)
