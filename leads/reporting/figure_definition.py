"""What a figure is called and what it means: said once, above the function that computes it.

Page, paper, terminal and mail take both from there, so that no figure has two definitions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, ParamSpec, Self, TypeVar, cast, overload

from leads.i18n.translatable import Phrase

Given = ParamSpec("Given")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Figure(Generic[Given, Value]):
    """A function that computes a figure, or a property that is one, with its words.

    `key` is what programs call it, `label` its name above a value, `row` its name in a line of a
    table of text. Values in braces are whoever shows it to fill in.
    """

    compute: Callable[Given, Value]
    key: str
    label: Phrase
    row: Phrase
    definition: Phrase

    def __call__(self, *args: Given.args, **kwargs: Given.kwargs) -> Value:
        """Compute it."""
        return self.compute(*args, **kwargs)

    @overload
    def __get__(self, whole: None, of: type) -> Self: ...
    @overload
    def __get__(self, whole: object, of: type) -> Value: ...
    def __get__(self, whole: object | None, of: type) -> Self | Value:
        """Return a property's value, or from its class the figure itself."""
        return self if whole is None else cast("Callable[[object], Value]", self.compute)(whole)


def define_figure(
    label: Phrase, definition: Phrase, *, key: str = "", row: Phrase | None = None
) -> Callable[[Callable[Given, Value]], Figure[Given, Value]]:
    """Make a figure of the function below; its definition is the function's docstring."""

    def make_figure(compute: Callable[Given, Value]) -> Figure[Given, Value]:
        compute.__doc__ = definition
        return Figure(compute, key or compute.__name__, label, row or label, definition)

    return make_figure


def format_wait(length: timedelta | None) -> str:
    """Return a wait in hours, minutes and seconds."""
    if length is None:
        return Phrase("not reached")
    return str(timedelta(seconds=round(length.total_seconds())))


def format_share(part: float | None) -> str:
    """Return a part of people in per cent."""
    return Phrase("none yet") if part is None else f"{part:.0%}"
