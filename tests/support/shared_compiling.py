"""What the workers of a run compile for each other."""

from __future__ import annotations

import contextlib
import importlib

import pytest

from tests.support.source_files import ROOT


def pytest_sessionstart(session: pytest.Session) -> None:
    """Have each worker of a whole run begin with other files, and compile these for all.

    In the same order, each would compile every file in the same moment as the others.
    """
    worker = getattr(session.config, "workerinput", None)
    if worker and session.config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        files = sorted((ROOT / "tests").rglob("test_*.py"))
        for file in files[int(worker["workerid"].removeprefix("gw")) :: worker["workercount"]]:
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            with contextlib.suppress(Exception):  # it is told where the file is collected
                importlib.import_module(name)
