"""Every pair of colors that people read can be told apart (WCAG 2.2 AA), in both themes."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from streamlit import file_util

from tests.support.source_files import ROOT

HUES = ("red", "orange", "yellow", "green", "blue", "violet", "gray")
READ, SEEN = 4.5, 3.0  # text; the edges and marks by which something is recognised
FADED = 0.6  # of the text's colour is what Streamlit draws captions and placeholders with
Rgb = tuple[float, float, float]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_can_be_read_in_light_and_dark(scheme: str) -> None:
    theme = _theme()[scheme]
    assert [pair for pair in _pairs_of(theme) if _contrast(*pair[1:3]) < pair[3]] == []


@pytest.mark.parametrize("dark", [False, True])
def test_the_pages_before_the_desk_can_be_read_in_light_and_dark(*, dark: bool) -> None:
    css = (ROOT / "leads/pages/plain.css").read_text("utf-8")
    schemes = [
        dict(re.findall(r"--([a-z-]+):(#\w+)", part)) for part in re.findall(r":root\{[^}]*\}", css)
    ]
    colours = {name: _rgb(colour) for name, colour in schemes[dark].items()}
    on = {
        "paper": ("ink", "soft"),
        "card": ("ink", "soft", "accent"),
        "accent": ("on-accent",),
        "warn-paper": ("warn",),
    }
    pairs = [(colours[text], colours[ground]) for ground, texts in on.items() for text in texts]
    assert [pair for pair in pairs if _contrast(*pair) < READ] == []
    assert _contrast(colours["line"], colours["card"]) >= SEEN


def test_fonts_come_from_this_server() -> None:
    assert not any(
        "font" in name.lower() and "http" in str(value) for name, value in _theme().items()
    )
    css = "".join(
        path.read_text("utf-8")
        for path in (ROOT / file_util.get_static_dir()).glob("static/css/*.css")
    )
    assert "Source Sans" in css
    assert re.findall(r"url\(['\"]?(?:https?:)?//[^)]*", css) == []


def _pairs_of(theme: dict[str, str]) -> list[tuple[str, Rgb, Rgb, float]]:
    """Return what is drawn on what: its name, both colours, and how far apart they must be."""
    colour = {name: _rgb(value) for name, value in theme.items()}
    pairs = [("button", _rgb("#ffffff"), colour["primaryColor"], READ)]
    for ground in ("backgroundColor", "secondaryBackgroundColor"):
        on, text = colour[ground], colour["textColor"]
        faded = tuple(
            FADED * one + (1 - FADED) * other for one, other in zip(text, on, strict=True)
        )
        pairs += [
            ("text", text, on, READ),
            ("caption", faded, on, READ),
            ("link", colour["linkColor"], on, READ),
        ]
        pairs += [(hue, colour[f"{hue}TextColor"], on, READ) for hue in HUES]
        pairs += [("primary", colour["primaryColor"], on, SEEN)]
    pairs += [
        (f"{hue} box", colour[f"{hue}TextColor"], colour[f"{hue}BackgroundColor"], READ)
        for hue in HUES
    ]
    return pairs + [
        (f"{hue} mark", colour[f"{hue}Color"], colour["backgroundColor"], SEEN) for hue in HUES
    ]


def _contrast(one: Rgb, other: Rgb) -> float:
    """WCAG 2.2's contrast ratio, from 1 to 21."""
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Rgb) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (part / 255 for part in colour)
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _rgb(colour: str) -> Rgb:
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    return tuple(float(int(digits[start : start + 2], 16)) for start in (0, 2, 4))


def _theme() -> dict[str, Any]:
    return tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))["theme"]
