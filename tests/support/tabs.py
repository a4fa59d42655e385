"""Open pages without browsers.

What Streamlit's frontend and our live part say and hear, and nothing drawn.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import ssl
import time
from typing import Any

import streamlit
from google.protobuf.message import DecodeError
from streamlit.proto.AutoRerun_pb2 import AutoRerun
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from leads.read_models.page_changes import Topic

LOADED_WITHIN = 20  # seconds
COUNT = re.compile(rb"(\d+) waiting now")
DRAWN = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
STRANGE = (
    f"Streamlit {streamlit.__version__} and tests/support/tabs.py do not understand one another: "
    "{}. Compare the messages of a browser with the ones sent there."
)


class Tab:
    """One open desk.

    It runs what a browser would have run: when told of a change, and whenever a timer says so.
    """

    def __init__(self, url: str, cookies: str, trusts: ssl.SSLContext | None = None) -> None:
        self.shown: dict[int, float] = {}  # how many wait, and when that was first on the screen
        self._address = url.replace("http", "ws", 1)
        self._as = {
            "additional_headers": {"Cookie": cookies},
            "origin": url,
            "proxy": None,
            **({"ssl": trusts} if trusts else {}),
        }
        self._tasks: list[asyncio.Task[None]] = []
        self._loaded = asyncio.Event()
        self._asked: list[float] = []
        self._drawn: list[
            tuple[float, float]
        ] = []  # when a run was asked for, and when it was drawn
        self._script = self._fragment = self._part = ""
        self._seen = self._told = ""

    async def open(self) -> None:
        """Load the page.

        Raises TimeoutError if that takes too long, RuntimeError if Streamlit says other things than
        this file knows.
        """
        self._stream = await connect(
            f"{self._address}/_stcore/stream", subprotocols=["streamlit"], **self._as
        )
        self._do(self._listen())
        await self._run()
        loading = asyncio.create_task(self._loaded.wait())
        await asyncio.wait(
            {loading, *self._tasks}, timeout=LOADED_WITHIN, return_when=asyncio.FIRST_COMPLETED
        )
        for ended in self._tasks:
            if ended.done():
                await ended
        if not self._loaded.is_set():
            raise TimeoutError
        if not (self._part or (self.shown and self._fragment)):
            raise RuntimeError(STRANGE.format("no page that hears of changes was drawn"))
        if self._part:
            self._line = await connect(f"{self._address}/live", **self._as)
            await self._line.send(json.dumps({"topic": Topic.DESK, "seen": self._seen}))
            self._do(self._hear())

    def runs_since(self, began: float) -> list[float]:
        """Return how long each run took that was asked for since then, in seconds.

        One under way, until now.
        """
        under_way = [(asked, time.perf_counter()) for asked in self._asked[:1]]
        return [drawn - asked for asked, drawn in self._drawn + under_way if asked >= began]

    async def is_cut(self) -> None:
        """Wait until the server has gone."""
        await self._stream.wait_closed()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(self._stream.close(), *([self._line.close()] if self._part else []))

    def _do(self, work: Any) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def _listen(self) -> None:
        async for frame in self._stream:
            try:
                told = ForwardMsg.FromString(frame)
            except DecodeError as problem:
                raise RuntimeError(STRANGE.format(problem)) from problem
            await self._take(told, frame)

    async def _take(self, told: ForwardMsg, frame: bytes) -> None:
        kind = told.WhichOneof("type")
        if kind == "new_session":
            self._script = told.new_session.page_script_hash
        elif kind == "auto_rerun":
            self._fragment = told.auto_rerun.fragment_id
            self._do(self._repeat(told.auto_rerun))
        elif kind == "delta":
            self._draw(told.delta, frame)
        elif kind == "script_finished" and told.script_finished in DRAWN:
            await self._finish()

    def _draw(self, delta: Delta, frame: bytes) -> None:
        if found := COUNT.search(frame):
            self.shown.setdefault(int(found[1]), time.perf_counter())
        part = delta.new_element.bidi_component
        if part.id.endswith(f"-live-{Topic.DESK}"):
            self._part, self._seen = part.id, json.loads(part.json)["seen"]

    async def _finish(self) -> None:
        if self._asked:
            self._drawn.append((self._asked[0], time.perf_counter()))
        self._asked.clear()
        self._loaded.set()
        if self._part and _is_older(self._seen, self._told):
            await self._run(trigger=True)

    async def _repeat(self, timer: AutoRerun) -> None:
        await self._loaded.wait()
        # people do not open pages in step
        await asyncio.sleep(random.uniform(0, timer.interval))
        while True:
            await self._run(is_auto_rerun=True)
            await asyncio.sleep(timer.interval)

    async def _hear(self) -> None:
        async for told in self._line:
            news = json.loads(told)
            if Topic.DESK in news["changed"]:
                self._told = news["version"]
                if _is_older(self._seen, self._told) and not self._asked:
                    await self._run(trigger=True)

    async def _run(self, *, trigger: bool = False, is_auto_rerun: bool = False) -> None:
        """Ask for a run as the frontend does: the whole page first, then its fragment."""
        self._asked.append(time.perf_counter())
        told = BackMsg()
        run = told.rerun_script
        run.context_info.timezone, run.context_info.locale = "America/New_York", "en-US"
        run.page_script_hash, run.fragment_id, run.is_auto_rerun = (
            self._script,
            self._fragment,
            is_auto_rerun,
        )
        if trigger:
            pressed = [{"event": "changed", "value": 1}]
            run.widget_states.widgets.add(
                id=f"{self._part}__events", json_trigger_value=json.dumps(pressed)
            )
        await self._stream.send(told.SerializeToString())


def _is_older(seen: str, told: str) -> bool:
    """As in browser/live.js: versions are "process:count"."""
    return bool(told) and int(seen.rpartition(":")[2]) < int(told.rpartition(":")[2])
