"""Plain tables hold strangers' words, which are text and nothing else."""

from __future__ import annotations

from dashboard.plain_table import PressableCell, plain_table_html

HOSTILE = '<img src=x onerror="go()">'


def test_what_a_stranger_wrote_is_text_and_numbers_stand_to_the_right() -> None:
    rows = [
        {"Field": "Name", "Times": 2},
        {"Field": PressableCell(HOSTILE, HOSTILE), "Times": PressableCell(3, "3")},
    ]
    html = plain_table_html(HOSTILE, rows)
    assert "<img" not in html
    assert html.count("&lt;img src=x onerror=&quot;go()&quot;&gt;") == 3
    cell = 'data-column="Times" class="number"'
    assert f'{cell}><button type="button" value="3" aria-pressed="false">3' in html
    assert '>Name</th><td role="cell" data-column="Times" class="number">2</td>' in html
    assert '<th scope="col" role="columnheader" class="number">Times</th>' in html


def test_hours_days_and_phone_numbers_are_read_in_one_piece() -> None:
    """A narrow column breaks words and not what has digits, unless it is long."""
    html = plain_table_html("Shifts", [{"Name": "Ana Ruiz", "Mon, Nov 23": "8 AM\u20134 PM"}])
    assert 'role="columnheader" class="whole">Mon, Nov 23</th>' in html
    assert 'data-column="Mon, Nov 23" class="whole">8 AM\u20134 PM</td>' in html
    long = plain_table_html("Shifts", [{"Name": "8 AM\u201312 PM, 1 PM\u20135 PM (offered)"}])
    assert "whole" not in long
