"""A process that has imported what the product needs, and starts it without doing that again.

Importing takes seconds of each start; some eighty tests start a desk of their own.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

from tests.support import dying
from tests.support.source_files import ROOT

KNOWN_DATABASE = "KNOWN_DATABASE"
context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(["tests.support.preloaded"])


def know_database(template: Path, address: str) -> None:
    """Let desks of this SQLite database have its first statements compiled before they start.

    To be said before the first of them starts.
    """
    os.environ[KNOWN_DATABASE] = f"{template} {address}"


def start(environment: dict[str, str], output: Path) -> multiprocessing.process.BaseProcess:
    """Run `app.py` in a process of its own that knows this environment alone."""
    process = context.Process(target=_run, args=(environment, str(output)), daemon=True)
    process.start()
    return process


def run(
    environment: dict[str, str], *words: str, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Do what `python -m leads` does with these words, in a process of its own.

    The process knows this environment alone.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "0").write_text(stdin)
        process = context.Process(target=_command, args=(environment, words, folder))
        process.start()
        process.join()
        output, problems = ((folder / number).read_text() for number in ("1", "2"))
        return subprocess.CompletedProcess(words, process.exitcode or 0, output, problems)


def _run(environment: dict[str, str], output: str) -> None:
    with Path(output).open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    _become(environment, "app.py")
    runpy.run_path("app.py", run_name="__main__")


def _command(environment: dict[str, str], words: tuple[str, ...], folder: Path) -> None:
    for number, mode in enumerate(("r", "w", "w")):
        with (folder / str(number)).open(mode) as file:
            os.dup2(file.fileno(), number)
    sys.stdin = os.fdopen(0)
    _become(environment, "leads", *words)
    runpy.run_module("leads", run_name="__main__", alter_sys=True)


def _become(environment: dict[str, str], *arguments: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    warnings.simplefilter("default")
    sys.argv = list(arguments)
    dying.end_at_points(environment)
