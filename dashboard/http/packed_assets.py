"""Streamlit's own scripts and styles, sent packed: a first visit transfers half as much."""

from __future__ import annotations

import asyncio
import functools
import gzip
from pathlib import Path

from starlette.datastructures import Headers
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import file_util

PACKED_KINDS = (".css", ".js", ".json", ".svg")  # fonts and pictures are packed as they are
A_YEAR = "public, immutable, max-age=31536000"  # each name holds a hash of what it names


class PackedAssets:
    """Answers for the files that the page shell names: Streamlit keeps that path for itself."""

    def __init__(self, app: ASGIApp) -> None:
        folder = Path(file_util.get_static_dir()) / "static"
        files = PackedFiles(directory=folder, follow_symlink=True)
        self._app, self._files = app, ExceptionMiddleware(files)  # it answers where there is none

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a file, or hand the request on."""
        is_asset = scope["type"] == "http" and scope["path"].startswith("/static/")
        if is_asset:
            scope = {**scope, "root_path": "/static"}
        await (self._files if is_asset else self._app)(scope, receive, send)


class PackedFiles(StaticFiles):
    """Serves files by their hashed names; each is packed once, off the event loop."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, packed where the browser takes that; raises HTTPException where none."""
        response = await super().get_response(path, scope)
        if response.status_code < 400:  # noqa: PLR2004 - an error is not there for a year
            response.headers["Cache-Control"] = A_YEAR
        asked = Headers(scope=scope)
        takes_packed = "gzip" in asked.get("accept-encoding", "") and "range" not in asked
        if not isinstance(response, FileResponse) or not path.endswith(PACKED_KINDS):
            return response
        response.headers["Vary"] = "Accept-Encoding"
        if not takes_packed:
            return response
        packed = await asyncio.to_thread(_pack_file, str(response.path))
        kept = {name: response.headers[name] for name in ("Cache-Control", "ETag", "Vary")}
        return Response(
            packed, media_type=response.media_type, headers=kept | {"Content-Encoding": "gzip"}
        )


@functools.cache
def _pack_file(path: str) -> bytes:
    return gzip.compress(Path(path).read_bytes(), mtime=0)
