"""A process that has imported what the product needs, and starts it without doing that again.

Importing takes seconds of each start; some eighty tests start a desk of their own.
"""

import multiprocessing
import os
import runpy
import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).parent.parent
context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(["tests.preloaded"])


def start(environment: dict[str, str], output: Path) -> multiprocessing.process.BaseProcess:
    """Run `app.py` in a process of its own that knows this environment alone."""
    process = context.Process(target=_run, args=(environment, str(output)), daemon=True)
    process.start()
    return process


def _run(environment: dict[str, str], output: str) -> None:
    with Path(output).open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    warnings.simplefilter("default")
    sys.argv = ["app.py"]
    runpy.run_path("app.py", run_name="__main__")
