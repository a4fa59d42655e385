"""Where a post of the hosted form comes from: our own page, or somebody else's. Pure."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

SAME_ORIGIN = "same-origin"
DEFAULT_PORTS = {"http": 80, "https": 443}


LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def own_address(public_url: str, scope: MutableMapping[str, Any]) -> str:
    """Return the address at which visitors reach us: as set up, else where the server listens."""
    host, port = scope.get("server") or ("", None)
    name = f"[{host}]" if ":" in host else host
    return public_url or f"{scope.get('scheme', 'http')}://{name}:{port or ''}".rstrip(":")


def is_post_of_own_page(headers: Mapping[str, str], *, public_url: str) -> bool:
    """Whether a browser says that a page of ours sent a post, also from within a frame.

    `Origin` has to be that of `public_url`, or the page in `Referer`, as of old browsers, and
    `Sec-Fetch-Site`, where it is sent, has to say the same. What a request calls us by, as `Host`
    does, proves nothing: whoever sends it has chosen it, and a name may be made to lead to us.
    Whoever says nothing is not known to be a visitor of ours.
    """
    page = headers.get("origin") or headers.get("referer", "")
    is_same_site = headers.get("sec-fetch-site", SAME_ORIGIN) == SAME_ORIGIN
    return is_same_site and _is_own_origin(page, public_url)


def is_post_of_other_page(headers: Mapping[str, str], *, public_url: str) -> bool:
    """Whether a browser says that somebody else's page sent a post.

    For a post with a secret of its own, which is no other page's: browsers hide where it comes from
    when its page has no referrer.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site != SAME_ORIGIN
    page = headers.get("origin", "null")
    return page != "null" and not _is_own_origin(page, public_url)


def _is_own_origin(page: str, public_url: str) -> bool:
    """Whether a page is at our address; on the machine itself that has several names."""
    origin, own = _origin_of(page), _origin_of(public_url)
    if origin is None or own is None:
        return False
    are_local = {origin[1], own[1]} <= LOOPBACK
    return origin == own or (are_local and origin[::2] == own[::2])


def _origin_of(url: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an address; None where it has none, such as `null`."""
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname and port else None
