"""What Streamlit says itself is known, and told to a page in its reader's language."""

from __future__ import annotations

import json
import re
from pathlib import Path

from streamlit import file_util

from dashboard.http import framework_words, page_shell

TOLD = re.compile(r'<script type="application/json" id="framework-words">(.*?)</script>')
MADE_OF_OTHERS = {"Choose options", "Choose date, {label}", "day, {label}"} | {
    "month, {label}",
    "year, {label}",
}
"""What no script has as it stands: React Aria joins a name and a label."""


def test_every_word_is_one_that_the_installed_streamlit_says() -> None:
    scripts = (Path(file_util.get_static_dir()) / "static" / "js").glob("*.js")
    said = "".join(script.read_text("utf-8") for script in scripts)
    known = {*framework_words.WORDS, *framework_words.FRAMES} - MADE_OF_OTHERS
    assert {word for word in known if word.replace("{label}", "") not in said} == set()


def test_a_spanish_page_is_told_all_of_them_and_an_english_one_none() -> None:
    shell = page_shell.build_page_shell()
    english, spanish = (bytes(shell.build_response(one).body).decode() for one in ("en", "es"))
    assert TOLD.search(english) is None
    told = json.loads(TOLD.search(spanish)[1])
    assert set(told["words"]) == set(framework_words.WORDS)
    assert ["Help for ", ""] in [frame[0] for frame in told["frames"]]
    assert ["Ayuda sobre ", ""] in [frame[1] for frame in told["frames"]]
    assert '<html lang="es">' in spanish
