"""Wait and hold music, and announcements: what a document plays to somebody in a conference."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urljoin

from tests.support.twilio_simulator.conferences import MUSIC, NOTHING, WORDS
from tests.support.twilio_simulator.documents import (
    WORDS_A_SECOND,
    check_attributes,
    count_words,
    load_document,
)
from tests.support.twilio_simulator.legs import Source
from tests.support.twilio_simulator.scripts import FOR_EVER
from tests.support.twilio_simulator.wire import Pairs, Wire

PLAY_SECONDS = 10.0  # every sound is as long


async def play_loop(
    wire: Wire,
    source: Source | None,
    params: Pairs,
    hear: Callable[[str], None],
    *,
    is_silent: bool,
    sid: str,
) -> None:
    """Play a wait or hold document, with its redirects, until it is over; then there is silence.

    Without a source it is Twilio's own music, or nothing if the application asked for none.
    """
    if source is None:
        hear(NOTHING if is_silent else MUSIC)
        await wire.clock.sleep(FOR_EVER)
    while source is not None:
        root, base = await load_document(wire, source, params, sid=sid, kind="music")
        source = None
        for verb in root if root is not None else ():
            check_attributes(wire, verb, base, sid=sid)
            if verb.tag == "Redirect":
                source = Source(
                    urljoin(base, (verb.text or "").strip()), verb.get("method", "POST")
                )
                await wire.clock.sleep(0.1)
                break
            if verb.tag == "Play":
                hear(MUSIC)
                await wire.clock.sleep(PLAY_SECONDS * int(verb.get("loop", 1)) or FOR_EVER)
            elif verb.tag == "Say":
                hear(WORDS)
                wire.note("heard", "Say in a conference", sid=sid, text=verb.text or "")
                await wire.clock.sleep(count_words(verb) / WORDS_A_SECOND)
            elif verb.tag == "Pause":
                hear(NOTHING)
                await wire.clock.sleep(float(verb.get("length", 1)))
            else:
                wire.alert("12200", f"{base}: no <{verb.tag}> while somebody waits", sid)
    hear(NOTHING)


async def play_once(wire: Wire, source: Source, params: Pairs, *, sid: str) -> list[str]:
    """Play an announcement; return what was said and played."""
    root, _ = await load_document(wire, source, params, sid=sid, kind="announcement")
    said = [
        "".join(verb.itertext())
        for verb in (root if root is not None else ())
        if verb.tag in ("Say", "Play")
    ]
    await wire.clock.sleep(sum(len(words.split()) for words in said) / WORDS_A_SECOND)
    return said
