"""Browser names: what a browser says that it is, in two words that its owner knows it by."""

from __future__ import annotations

LONGEST_USER_AGENT = 400
PROGRAMS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
"""Each by its mark; many claim to be those below them as well."""
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Mac OS X": "Mac",
    "Linux": "Linux",
}


def name_browser(user_agent: str) -> str:
    """Return a browser's name and system as "Firefox, Windows"; empty where it says neither."""
    said = user_agent[:LONGEST_USER_AGENT]
    known = (
        next((name for mark, name in marks.items() if mark in said), "")
        for marks in (PROGRAMS, SYSTEMS)
    )
    return ", ".join(filter(None, known))
