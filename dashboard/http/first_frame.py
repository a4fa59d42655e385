"""The first frame: what a page shows until Streamlit has drawn it, in HTML of the server's."""

from __future__ import annotations

from html import escape

from dashboard.page_list import list_pages_of_role
from leads.i18n.translatable import translate
from leads.models.enums import AdvisorRole

WITHOUT = ("wall",)  # fills the screen, and has no navigation beside it


def render_first_frame(language: str, role: AdvisorRole, address: str) -> str:
    """Return the navigation of a role and the title of the page at an address, as HTML.

    `still.js` takes it away once the page stands. Nobody is read to from it: the page follows.
    """
    path, pages = address.strip("/"), list_pages_of_role(role)
    if path in WITHOUT or not pages:
        return ""
    here = next((page for page in pages if page.path == path), pages[0])
    entries = "".join(
        f"<li{' class=here' if page is here else ''}>{escape(translate(language, page.title))}</li>"
        for page in pages
    )
    title = escape(translate(language, here.title))
    return f'<div id="first-frame" aria-hidden="true"><ul>{entries}</ul><p>{title}</p></div>'
