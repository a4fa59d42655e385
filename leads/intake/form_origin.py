"""Where a post of the hosted form comes from: our own page, or somebody else's. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def is_post_of_own_page(headers: Mapping[str, str], *, public_url: str) -> bool:
    """Whether a browser says that a page of ours sent a post, also from within a frame.

    `Sec-Fetch-Site` says it where it is sent, else `Origin`, else the page in `Referer`, as of old
    browsers. Whoever says nothing is not known to be a visitor of ours. Behind a proxy we may have
    another name than we are asked by: `public_url` is one of ours, too.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    page = headers.get("origin") or headers.get("referer", "")
    host = headers.get("host", "")
    own = {_origin_of(f"{scheme}://{host}") for scheme in DEFAULT_PORTS} | {_origin_of(public_url)}
    origin = _origin_of(page)
    return origin is not None and origin in own


def is_post_of_other_page(headers: Mapping[str, str], *, public_url: str) -> bool:
    """Whether a browser says that somebody else's page sent a post.

    For a post with a secret of its own, which is no other page's: old browsers hide where it comes
    from when its page has no referrer.
    """
    is_silent = "sec-fetch-site" not in headers and headers.get("origin", "null") == "null"
    return not is_silent and not is_post_of_own_page(headers, public_url=public_url)


def _origin_of(url: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an address; None where it has none, such as `null`."""
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname and port else None
