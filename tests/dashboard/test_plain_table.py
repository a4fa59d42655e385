"""Plain tables hold strangers' words, which are text and nothing else."""

from __future__ import annotations

from dashboard.plain_table import plain_table_html

HOSTILE = '<img src=x onerror="go()">'


def test_what_a_stranger_wrote_is_text_and_numbers_stand_to_the_right() -> None:
    rows = [{"Field": "Name", "Times": 2}, {"Field": HOSTILE, "Times": 3}]
    html = plain_table_html(HOSTILE, rows)
    assert "<img" not in html
    assert html.count("&lt;img src=x onerror=&quot;go()&quot;&gt;") == 2
    assert '<th scope="row">Name</th><td class="number">2</td>' in html
    assert '<th scope="col" class="number">Times</th>' in html
