"""TwiML documents: fetched, parsed, and looked through for what Twilio's SDK does not know."""

from __future__ import annotations

import inspect
from functools import cache
from urllib.parse import urldefrag
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from twilio.twiml import lower_camel
from twilio.twiml.voice_response import Dial, VoiceResponse

from tests.support.twilio_simulator.legs import Source
from tests.support.twilio_simulator.wire import Pairs, Wire

WORDS_A_SECOND = 2.5
KINDS = ("text/xml", "application/xml", "text/html")


async def load_document(
    wire: Wire, source: Source, params: Pairs, *, sid: str, kind: str = "twiml"
) -> tuple[Element | None, str]:
    """Return a TwiML document and its URL; no document after an application error."""
    if source.text:
        return parse_document(wire, source.text, source.url, sid=sid), source.url
    params, url = [*params, *source.extra], source.url
    response = await wire.request_webhook(url, source.method, params, kind)
    if source.fallback and (response is None or response.is_error):
        params += [("ErrorCode", "11200"), ("ErrorUrl", url)]
        url = source.fallback
        response = await wire.request_webhook(url, "POST", params, "fallback")
    if response is None or response.is_error:
        wire.alert("11200", f"no TwiML from {url}", sid)
        return None, url
    content = response.headers.get("content-type", "").partition(";")[0]
    if content.startswith("audio/"):
        return _make_player(url), url
    if response.content and content not in KINDS:
        wire.alert("12300", f"{url} answered with {content or 'no content type'}", sid)
        return None, url
    return parse_document(wire, response.text, url, sid=sid), urldefrag(url).url


def parse_document(wire: Wire, text: str, url: str, *, sid: str) -> Element | None:
    """Return the root of a document, or nothing and an alert."""
    wire.note("document", url, sid=sid, text=text)
    if len(text.encode()) > 64 * 1024:
        wire.alert("11750", f"{url} answered with more than 64 kB", sid)
        return None
    try:
        root = ET.fromstring(text) if text.strip() else Element("Response")
    except ET.ParseError as error:
        wire.alert("12100", f"{url}: {error}", sid)
        return None
    if root.tag != "Response":
        wire.alert("12200", f"{url}: the root element is {root.tag}", sid)
        return None
    return root


def check_attributes(wire: Wire, verb: Element, base: str, *, sid: str) -> None:
    """Raise an alert for each attribute that Twilio's SDK does not know: Twilio passes it over."""
    for name in verb.attrib:
        if name not in list_attributes(verb.tag):
            wire.alert("12200", f"{base}: <{verb.tag}> has no attribute {name}", sid)


@cache
def list_attributes(tag: str) -> frozenset[str]:
    owner = Dial if tag in ("Number", "Conference") else VoiceResponse
    method = getattr(owner, tag.lower(), None)
    names = inspect.signature(method).parameters if method else ()
    return frozenset(lower_camel(name) for name in names if name not in ("self", "kwargs"))


def count_words(element: Element) -> int:
    return len("".join(element.itertext()).split())


def _make_player(url: str) -> Element:
    """Return the document that a URL of a sound amounts to."""
    root, play = Element("Response"), Element("Play", loop="0")
    play.text = url
    root.append(play)
    return root
