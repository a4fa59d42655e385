"""Turns each defence off in a copy of the source, one after the other: its tests have to fail."""

from __future__ import annotations

import argparse
import itertools
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tests.attacks.defences import Defence, read_defences, turn_off, turn_on_again
from tests.support.source_files import ROOT

LONGEST = 120  # seconds for the tests of one defence: a page in Chromium is waited for 45
ENDING_LASTS = 15  # seconds
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".*_cache", ".hypothesis", "*.db*", "screens")
PYTEST = (sys.executable, "-m", "pytest", "-q", "-rfE", "--tb=no", "--color=no", "-m", "")
FIRST_EXAMPLE = (
    *("-p", "tests.attacks.first_example", "--hypothesis-profile=first example"),
    *("-W", "ignore::hypothesis.errors.HypothesisWarning"),  # of one that is long to print
)
POSTGRESQL = "postgresql"
NOTHING_STARTS = ("never became ready", "Traceback", "NameError", "ImportError", "SyntaxError")
ENDS = ("", " ", "[")  # what follows the name of a test where it is told of
RED, GREEN, BROKEN = "red", "STILL GREEN", "BROKEN ENTRY"


class Told(NamedTuple):
    """What pytest said of the tests that it was given."""

    code: int
    failed: tuple[str, ...]
    errors: tuple[str, ...]
    output: str

    @property
    def names_of_failed(self) -> list[str]:
        return [one.partition(" - ")[0] for one in self.failed]

    def failure_of(self, test: str) -> str:
        """Return the first failure of a test's examples; empty where all of them passed."""
        theirs = (one for one in self.failed if one.startswith(test))
        return next((one for one in theirs if one[len(test) :][:1] in ENDS), "")


class Verdict(NamedTuple):
    """Whether the tests of a defence fail without it, and what else there is to say."""

    word: str
    why: str
    seconds: float


def main() -> int:
    asked = _parse_arguments()
    defences = [one for one in read_defences() if _is_asked_for(one, asked.words)]
    since = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="attacks-") as folder:
        copies = [_copy_source(Path(folder) / str(number)) for number in range(asked.jobs)]
        if not asked.unchecked and not _are_green(defences, copies[0], asked.jobs):
            return 1
        reds = sum(_try_all(defences, copies, says_why=asked.why))
    minutes, seconds = divmod(round(time.monotonic() - since), 60)
    print(f"{reds} of {len(defences)} defences are missed, in {minutes} min {seconds} s.")
    return int(reds != len(defences))


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("tests.attacks", description=__doc__)
    parser.add_argument("words", nargs="*", help="only attacks, files and tests with one of these")
    parser.add_argument("-n", "--jobs", type=int, default=2, help="how many at once (2)")
    parser.add_argument("--why", action="store_true", help="say how each test fails")
    parser.add_argument("--unchecked", action="store_true", help="take it that all pass now")
    return parser.parse_args()


def _is_asked_for(defence: Defence, words: Sequence[str]) -> bool:
    files = [change.file for change in defence.changes]
    text = "\n".join([defence.attack, *files, *defence.tests]).lower()
    return not words or any(one.lower() in text for one in words)


def _copy_source(copy: Path) -> Path:
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    return copy


def _are_green(defences: Sequence[Defence], copy: Path, jobs: int) -> bool:
    """Whether all that is to fail without its defence passes with it.

    What fails beside others is told again by itself: some of it measures time.
    """
    tests = sorted({test for defence in defences for test in defence.tests})
    print(f"With every defence on, {len(tests)} tests …", flush=True)
    by_database = itertools.groupby(sorted(tests, key=_is_of_postgresql), _is_of_postgresql)
    for some in [list(group) for _is_of, group in by_database]:
        told = _run_tests(some, copy, "-n", str(jobs), lasts=LONGEST * len(some))
        if told.failed:
            told = _run_tests(told.names_of_failed, copy, lasts=LONGEST * len(told.failed))
        if told.code:
            print(told.output)
            return False
    print("… pass. Without it:", flush=True)
    return True


def _is_of_postgresql(test: str) -> bool:
    return POSTGRESQL in test


def _try_all(
    defences: Sequence[Defence], copies: Sequence[Path], *, says_why: bool
) -> Iterator[bool]:
    """Say of each defence whether it is missed, as many at once as there are copies."""
    free: queue.SimpleQueue[Path] = queue.SimpleQueue()
    for copy in copies:
        free.put(copy)

    def attempt(number: int) -> Verdict:
        copy = free.get()
        try:
            return _try_without(defences[number], copy, number=number + 1)
        finally:
            free.put(copy)

    with ThreadPoolExecutor(len(copies)) as pool:
        for defence, verdict in zip(defences, pool.map(attempt, range(len(defences))), strict=True):
            _print_verdict(defence, verdict, says_why=says_why)
            yield verdict.word == RED


def _print_verdict(defence: Defence, verdict: Verdict, *, says_why: bool) -> None:
    files = ", ".join(dict.fromkeys(change.file for change in defence.changes))
    print(f"{verdict.word:12} {verdict.seconds:5.1f} s  {defence.attack} ({files})", flush=True)
    if says_why or verdict.word != RED:
        print(textwrap.indent(verdict.why, "    "), flush=True)


def _try_without(defence: Defence, copy: Path, *, number: int) -> Verdict:
    since = time.monotonic()
    try:
        turn_off(defence, copy, number=number)
        told = _run_tests(defence.tests, copy, lasts=LONGEST)
    except (LookupError, SyntaxError, TimeoutError) as problem:
        word, why = BROKEN, str(problem)
    else:
        word, why = _judge(defence, told)
    finally:
        turn_on_again(defence, copy)
    return Verdict(word, why, time.monotonic() - since)


def _judge(defence: Defence, told: Told) -> tuple[str, str]:
    """Return whether each test fails, and how: by itself, and not because nothing starts."""
    failures = {test: told.failure_of(test) for test in defence.tests}
    said = "\n".join(filter(None, (*failures.values(), *told.errors)))
    if told.code not in (0, 1) or told.errors or any(sign in said for sign in NOTHING_STARTS):
        return BROKEN, said or told.output
    passed = [test for test, failure in failures.items() if not failure]
    return (GREEN, "\n".join(passed)) if passed else (RED, said)


def _run_tests(tests: Sequence[str], copy: Path, *more: str, lasts: float) -> Told:
    """Run these tests in a copy, on SQLite alone where none of them names the other database.

    Raises TimeoutError where they do not end in time.
    """
    chosen = () if any(map(_is_of_postgresql, tests)) else ("-k", f"not {POSTGRESQL}")
    own = ("-p", "no:cacheprovider", f"--basetemp={copy}.tmp")
    with _process([*PYTEST, *FIRST_EXAMPLE, *own, *chosen, *more, *tests], copy) as run:
        try:
            output, _ = run.communicate(timeout=lasts)
        except subprocess.TimeoutExpired as late:
            msg = f"These tests did not end within {lasts} s."
            raise TimeoutError(msg) from late
    said = [line.split(" ", 1) for line in output.splitlines() if " tests/" in line]
    failed, errors = (
        tuple(line[1] for line in said if line[0] == word) for word in ("FAILED", "ERROR")
    )
    return Told(run.returncode, failed, errors, output)


@contextmanager
def _process(command: Sequence[str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a command; what it has started ends with it."""
    environment = {**os.environ, "COLUMNS": "300", "PYTHONPATH": ""}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            with suppress(subprocess.TimeoutExpired):
                process.send_signal(signal.SIGINT)  # it ends its database, which is on its own
                process.wait(timeout=ENDING_LASTS)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
