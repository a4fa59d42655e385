"""What a page lets somebody download goes to their session, once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Message

from dashboard.http.page_files import PageFiles

ADDRESS = f"/media/{'a1' * 28}.json"
MINE, THEIRS = 1, 2
FILE = [(b"content-disposition", b"attachment; filename=x"), (b"cache-control", b"public")]


@pytest.fixture
def files() -> PageFiles:
    offered = PageFiles()
    told = b"\x0a" + bytes([len(ADDRESS)]) + ADDRESS.encode() + b"J\x04json"
    offered.note_message(MINE, {"type": "websocket.send", "bytes": told})
    offered.note_message(THEIRS, {"type": "websocket.send", "text": ADDRESS})
    return offered


def fetched(files: PageFiles, headers: list[tuple[bytes, bytes]]) -> tuple[int, bytes, bytes]:
    """What a browser gets of the file: status, whether to store it, and content."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def answer() -> None:
        send_once: Any = files.sending_once(MINE, ADDRESS, send)
        await send_once({"type": "http.response.start", "status": 200, "headers": headers})
        await send_once({"type": "http.response.body", "body": b"{}"})

    asyncio.run(answer())
    return sent[0]["status"], dict(sent[0]["headers"])[b"cache-control"], sent[1]["body"]


def test_a_file_is_of_the_session_whose_page_was_told_of_it(files: PageFiles) -> None:
    assert files.is_offered(MINE, ADDRESS)
    assert not files.is_offered(THEIRS, ADDRESS)
    assert not files.is_offered(MINE, ADDRESS.replace("a1", "b2"))


def test_a_download_is_sent_once_and_stored_nowhere(files: PageFiles) -> None:
    assert fetched(files, FILE) == (200, b"no-store", b"{}")
    assert not files.is_offered(MINE, ADDRESS)
    assert fetched(files, FILE) == (404, b"no-store", b"")  # as of two requests at once


def test_a_picture_is_no_download(files: PageFiles) -> None:
    for _ in range(2):
        assert fetched(files, [(b"content-type", b"image/png")])[0] == 200
