"""What a websocket says when it refuses or ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from tests.support.running_desk import PATIENCE


def refusal_of(dial: Callable[[], ClientConnection]) -> int:
    """The HTTP status with which it was not opened."""
    with pytest.raises(InvalidStatus) as refused, dial():
        pass
    return refused.value.response.status_code


def closing_code(stream: ClientConnection) -> int:
    """The code with which it was closed, after whatever was said before."""
    try:
        while True:
            stream.recv(timeout=PATIENCE)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 0
