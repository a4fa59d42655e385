"""People who write in one after another, whatever happens to the processes meanwhile."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.support.running_desk import eventually

PAUSE = 0.25  # seconds between two forms


class FormStream:
    """What was sent, by the number of the sender, and how it was answered."""

    def __init__(self, webhook: str, trusts: ssl.SSLContext) -> None:
        self.answers: dict[str, int] = {}  # 0: the connection was cut
        self._webhook, self._over = webhook, threading.Event()
        self._http = httpx.Client(timeout=45, trust_env=False, verify=trusts)

    def taken(self) -> list[str]:
        """Return the numbers of those who were told that their form has come."""
        return [number for number, status in self.answers.items() if status == 200]

    def send(self) -> None:
        number = f"+1315{200 + len(self.answers) // 9000}{1000 + len(self.answers) % 9000}"
        body = {"name": f"Writer {len(self.answers)}", "phone": number, "any_hour": True}
        try:
            status = self._http.post(self._webhook, json=body).status_code
        except httpx.TransportError:
            status = 0
        self.answers[number] = status

    def go_on(self) -> None:
        while not self._over.wait(PAUSE):
            self.send()

    def wait_for_more(self, count: int) -> None:
        """Wait until so many more have been told that their form has come."""
        before = len(self.taken())
        eventually(lambda: len(self.taken()) >= before + count, "no form is taken", within=60)

    def end(self) -> None:
        self._over.set()

    def close(self) -> None:
        self._http.close()


@contextmanager
def forms_coming(webhook: str, trusts: ssl.SSLContext) -> Iterator[FormStream]:
    """Send one form after another meanwhile."""
    stream = FormStream(webhook, trusts)
    thread = threading.Thread(target=stream.go_on)
    thread.start()
    try:
        yield stream
    finally:
        stream.end()
        thread.join()
        stream.close()
