"""The hosted form on other people's pages: the HTML that embeds it, and what it carries along."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from leads.i18n import languages

CARRIED_FIELDS = {
    "page_url": ("page_url",),
    "campaign": ("campaign", "utm_campaign"),
    "city": ("city",),
    "region": ("region", "state"),
    "zip": ("zip",),
    "language": ("lang", "language"),
}
"""The fields that the form takes over from its address into the submission, by their parameters."""

LONGEST_CARRIED = 500
FRAME_HEIGHT = "max(2000px,3500px - 250vw)"
"""The height of the form's frame: narrow pages break more lines.

A frame cannot grow with its content where no script may run.
"""


def form_embed_code(form_url: str, *, language: str = "") -> str:
    """Return the one line of HTML that shows the form on any page.

    The form is in `language`, or in each visitor's own. The frame's referrer policy brings the
    page's whole address along, whatever the page's own policy is.
    """
    words = languages.page_texts(language or languages.DEFAULT_LANGUAGE)
    address = escape(f"{form_url}?lang={language}" if language else form_url)
    policy = 'referrerpolicy="no-referrer-when-downgrade"'
    return (
        f'<iframe src="{address}" title="{escape(words["title"])}" {policy} loading="lazy"'
        f' style="width:100%;min-width:280px;height:{FRAME_HEIGHT};border:0"></iframe>'
        f'<p><a href="{address}" {policy}>{escape(words["on_its_own"])}</a></p>'
    )


def fields_from_visit(asked: Mapping[str, str], referer: str, *, host: str) -> dict[str, str]:
    """Return the fields that say where a visitor comes from.

    The form's own address says it, else that of the page around it or before it. Of that page's
    address the path and `utm_…` are kept; the rest may be about a person.
    """
    page = _external_referrer(referer, host)
    around = (
        {**dict(parse_qsl(page.query)), "page_url": _strip_personal_parts(page)} if page else {}
    )
    return {
        name: next(
            (
                fields[spelt]
                for fields in (asked, around)
                for spelt in spellings
                if fields.get(spelt)
            ),
            "",
        )[:LONGEST_CARRIED]
        for name, spellings in CARRIED_FIELDS.items()
    }


def _external_referrer(referer: str, host: str) -> SplitResult | None:
    """Return the address of the page that led to the form, if it is somebody else's."""
    try:
        page = urlsplit(referer)
    except ValueError:
        return None
    return page if page.scheme in ("http", "https") and page.netloc not in ("", host) else None


def _strip_personal_parts(page: SplitResult) -> str:
    known = [(name, value) for name, value in parse_qsl(page.query) if name.startswith("utm_")]
    return urlunsplit(
        (page.scheme, page.netloc.rpartition("@")[2], page.path, urlencode(known), "")
    )
