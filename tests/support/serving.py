"""An application served over real HTTP, in a thread of the tests' process."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

PATIENCE = 45.0  # seconds: a busy machine takes many times as long as a quiet one
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients of http:// alone.

Each would read all of the world's authorities, for 20 ms, and ask none.
"""


class _Server(uvicorn.Server):
    """A server that ends at once.

    uvicorn's own looks every 0.1 s whether it should, and then waits as long again.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = asyncio.Event()

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._over.wait()

    # uvicorn's signature
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for task in self.server_state.tasks:
            task.cancel()

    def end(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._over.set)


@contextmanager
def serving(app: Any, **options: Any) -> Iterator[str]:
    """Serve an ASGI application; yields its address.

    A request that comes before it is ready waits.
    """
    server = _Server(uvicorn.Config(app, log_level="critical", lifespan="off", **options))
    with socket.create_server(("127.0.0.1", 0), backlog=100) as door:
        thread = threading.Thread(target=server.run, args=([door],), daemon=True)
        thread.start()
        while not server.started:
            thread.join(0.005)
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.end()
            thread.join(10)
