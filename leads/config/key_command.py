"""Key command: asks a program of the operator for SECRET_KEY, which then stands in no file here."""

from __future__ import annotations

import functools
import shlex
import subprocess

from leads.errors import BadConfiguration

NAME = "SECRET_KEY_COMMAND"
PATIENCE = 30  # seconds


@functools.cache
def read_key_from_command(command: str) -> str:
    """Return what a command prints; it is asked once, and the process keeps the answer.

    No shell reads it, and what it says besides is passed over: it may be secret. Raises
    BadConfiguration where it cannot be run, fails, prints nothing or takes too long.
    """
    try:
        words = shlex.split(command)
    except ValueError:
        msg = f"{NAME} cannot be read: a quotation mark in it is not closed."
        raise BadConfiguration(msg) from None
    try:
        asked = subprocess.run(  # noqa: S603 - the operator's own words
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        msg = f"{NAME} took longer than {PATIENCE} seconds: {words[0]} may wait for somebody."
        raise BadConfiguration(msg) from None
    except OSError as problem:
        msg = f"{NAME} cannot be run: {words[0]}: {problem.strerror}."
        raise BadConfiguration(msg) from None
    if asked.returncode:
        msg = f"{NAME} failed: {words[0]} ended with status {asked.returncode}. Run it by hand."
        raise BadConfiguration(msg)
    printed = asked.stdout.decode("utf-8", "replace").strip()
    if not printed:
        msg = f"{NAME} printed nothing where the key should be. Run it by hand."
        raise BadConfiguration(msg)
    return ",".join(printed.splitlines())
