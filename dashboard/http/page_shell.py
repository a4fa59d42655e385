"""The page shell: Streamlit's index.html with our title, styles, scripts and a strict policy."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from streamlit import file_util

from dashboard.http.framework_words import framework_words_tag
from leads.errors import BadConfiguration
from leads.i18n.translatable import Phrase, translate

SCRIPTS = (
    *("session.js", "calm.js", "copying.js", "popover.js", "still.js", "language_switch.js"),
    *("unsaved.js", "framework_words.js", "icons.js", "connection.js"),
)
TITLE = "<title>Streamlit</title>"
LANGUAGE = '<html lang="en">'
HEAD_END, END = "</head>", "</body>"
STYLE = Path(__file__).parent / "page_shell.css"
BEFORE_ALL = (
    f"<script>{(Path(__file__).parent.parent / 'before_all.js').read_text('utf-8')}</script>"
)
NEEDS_SCRIPT = (
    r'\1<p>The desk needs JavaScript.</p><p lang="es">El escritorio necesita JavaScript.</p>\2'
)
NO_CONNECTION = Phrase("No server connection. Reconnecting … Notes you type are kept.")
POLICY = (
    "default-src 'none'; script-src 'self' blob: 'wasm-unsafe-eval' {hashes}; style-src 'self' "
    "'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; connect-src "
    "'self'; "
    "worker-src 'self' blob:; frame-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; "
    "object-src 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of the page.

`blob:` is for components without a build of their own, `unsafe-inline` for Streamlit's styles,
which take no nonce.
"""


@dataclass(frozen=True)
class PageShell:
    """The page around every page, and the policy that lets nothing into it but what is ours."""

    text: str
    policy: str

    def build_response(self, language: str, first_frame: str = "") -> Response:
        """Return the page in a language; what follows its first frame comes over the websocket."""
        told = f"{first_frame}{connection_bar(language)}{framework_words_tag(language)}"
        return HTMLResponse(
            self.text.replace(LANGUAGE, f'<html lang="{language}">', 1).replace(
                END, f"{told}{END}", 1
            ),
            headers={"Cache-Control": "no-store", "Content-Security-Policy": self.policy},
        )


def build_page_shell(folder: Path | None = None) -> PageShell:
    """Return the page shell, made of the index.html that is installed.

    Raises BadConfiguration if that is not the one we know.
    """
    html = ((folder or Path(file_util.get_static_dir())) / "index.html").read_text("utf-8")
    inline = re.findall(r"<script>(.*?)</script>", BEFORE_ALL + html, re.DOTALL)
    is_known = all(html.count(part) == 1 for part in (TITLE, LANGUAGE, HEAD_END, END, 'id="root"'))
    if not is_known or len(inline) > 2:  # noqa: PLR2004 - ours, and theirs where there is one
        msg = (
            "The installed Streamlit is not the version in requirements.txt: install it "
            "again from there."
        )
        raise BadConfiguration(msg)
    text = re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL).strip()
    text = re.sub(r'<link rel="service-desc"[^>]*>', "", text)
    text = re.sub(r"(<noscript>).*?(</noscript>)", NEEDS_SCRIPT, text, flags=re.DOTALL)
    text = text.replace(TITLE, "<title>Ringback</title>")
    ours = "".join(f'<script src="/{script}" defer></script>' for script in SCRIPTS)
    style = f"<style>{STYLE.read_text('utf-8')}</style>"
    text = text.replace(END, f"{ours}{END}").replace(HEAD_END, f"{BEFORE_ALL}{style}{HEAD_END}")
    return PageShell(text, POLICY.format(hashes=" ".join(map(_csp_script_hash, inline))))


def connection_bar(language: str) -> str:
    """Return the HTML of the line that `connection.js` shows while the server is away."""
    words = escape(translate(language, NO_CONNECTION))
    above = "data-react-aria-top-layer=true"  # a window of Streamlit's may not silence it
    return f'<p id="no-connection" role="alert" {above} hidden>{words}</p>'


def page_script_routes() -> list[Route]:
    """Return the routes of the scripts in the page."""
    return [Route(f"/{script}", _serve_page_script, methods=["GET"]) for script in SCRIPTS]


async def _serve_page_script(request: Request) -> Response:
    script = Path(__file__).parent.parent / request.url.path[1:]
    return Response(
        script.read_bytes(), media_type="text/javascript", headers={"Cache-Control": "no-cache"}
    )


def _csp_script_hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
