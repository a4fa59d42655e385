"""Races: the same act by several threads at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier


def at_once(many: int, act: Callable[[int], None]) -> list[BaseException | None]:
    """Let so many threads act together; returns what each raised, if anything."""
    together = Barrier(many)

    def one(number: int) -> None:
        together.wait()
        act(number)

    with ThreadPoolExecutor(many) as pool:
        return [
            future.exception() for future in [pool.submit(one, number) for number in range(many)]
        ]
