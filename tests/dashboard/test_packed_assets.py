"""Streamlit's scripts and styles: packed for whoever takes that, and the same for all."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from streamlit import file_util

from dashboard.http.packed_assets import PackedAssets

FOLDER = Path(file_util.get_static_dir()) / "static"


def get(path: str, **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        app = httpx.ASGITransport(PackedAssets(Starlette()))
        async with httpx.AsyncClient(transport=app, base_url="http://desk") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


@pytest.mark.parametrize("kind", ["js/*.js", "css/*.css"])
def test_a_script_is_sent_packed_and_whole(kind: str) -> None:
    file = max(FOLDER.glob(kind), key=lambda one: one.stat().st_size)
    path = f"/static/{file.relative_to(FOLDER)}"
    packed = get(path, **{"Accept-Encoding": "br, gzip"})
    plain = get(path, **{"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < file.stat().st_size / 2
    assert "Content-Encoding" not in plain.headers
    assert packed.content == plain.content == file.read_bytes()
    assert packed.headers["Content-Type"] == plain.headers["Content-Type"]
    assert "immutable" in packed.headers["Cache-Control"]


def test_a_font_is_packed_as_it_is_and_a_part_is_cut_from_the_file_itself() -> None:
    font = next(FOLDER.glob("media/*.woff2"))
    sent = get(f"/static/{font.relative_to(FOLDER)}", **{"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in sent.headers
    assert sent.content == font.read_bytes()
    script = next(FOLDER.glob("js/*.js"))
    part = get(f"/static/js/{script.name}", Range="bytes=0-9")
    assert (part.status_code, part.content) == (206, script.read_bytes()[:10])


@pytest.mark.parametrize("path", ["/static/js/none.js", "/static/../index.html", "/other"])
def test_what_is_no_file_of_a_page_is_not_served(path: str) -> None:
    answer = get(path)
    assert answer.status_code == 404
    assert "Cache-Control" not in answer.headers
