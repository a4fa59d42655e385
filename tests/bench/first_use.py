"""How long a newcomer waits: README's `make demo` from a fresh clone, and the first steps in it.

`make bench` runs it. What is installed comes from where pip is configured to look. Steps are what
a browser that has never been here shows, in the order in which a newcomer comes to them.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from leads.commands import demo_data
from tests.support.browser import find_browser
from tests.support.chromium import fill_in_the_form
from tests.support.running_desk import free_port
from tests.support.source_files import ROOT

LONGEST = 600  # seconds that an installation may take
FORM = re.compile(r"http\S+/form/\S+")
PATIENCE = 60_000  # milliseconds


def main() -> None:
    """Print one line for each step, in seconds."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        clone = Path(folder) / "ringback"
        subprocess.run([shutil.which("git") or "git", "clone", "-q", ROOT, clone], check=True)
        with _demo(clone, "`make demo`, fresh clone → first page"):
            pass
        with _demo(clone, "`make demo` again → first page") as url:
            browser = playwright.chromium.launch(
                executable_path=find_browser(), args=["--no-sandbox"]
            )
            _measure_steps(browser, clone, url)
            browser.close()


@contextmanager
def _demo(clone: Path, step: str) -> Iterator[str]:
    """Start the demo as README says; yields its address once it answers."""
    url = f"http://127.0.0.1:{free_port()}"
    kept = ("PATH", "HOME", "PIP_INDEX_URL", "PIP_CONFIG_FILE")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment["PORT"] = url.rpartition(":")[2]
    with (clone / "output").open("w") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            [shutil.which("make") or "make", "demo"],
            cwd=clone,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_for_page(url, process)
            _tell(step, time.perf_counter() - began)
            yield url
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def _wait_for_page(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait for the server's first page. Raises TimeoutError if the server ends or never answers."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{url}/login", trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError


def _measure_steps(browser: Browser, clone: Path, url: str) -> None:
    page = browser.new_context().new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{url}/login")
    page.get_by_label("E-mail address").fill(f"{demo_data.SUPERVISOR[1]}@{demo_data.DOMAIN}")
    page.get_by_label("Password").fill(demo_data.PASSWORD)
    with _timed("sign in → desk drawn, cold"):
        page.get_by_role("button", name="Sign in").click()
        _wait_for_button(page, "I am available")
    with _timed("I am available → the phone rings"):
        page.get_by_role("button", name="I am available").click()
        page.get_by_text(re.compile("Your phone is ringing|On a call|Calling")).first.wait_for()
    _measure_invitation(browser, clone, url)
    _measure_form(browser, clone)


def _measure_invitation(browser: Browser, clone: Path, url: str) -> None:
    added = subprocess.run(
        [
            ".venv/bin/python",
            "-m",
            "leads",
            "advisor",
            "add",
            "--name=Robin",
            "--email=r@x.example",
        ],
        cwd=clone,
        env={"DATABASE_URL": "sqlite:///demo.db", "PUBLIC_URL": url, "PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
        text=True,
    )
    token = re.search(r"invitation=(\S+)", added.stdout)
    page = browser.new_context().new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{url}/login?invitation={token[1] if token else ''}")
    page.get_by_label("New password").fill("correct horse battery")
    with _timed("invitation → desk drawn, cold"):
        page.get_by_role("button", name="Continue").click()
        _wait_for_button(page, "I am available")


def _measure_form(browser: Browser, clone: Path) -> None:
    form = FORM.search((clone / "output").read_text())
    page = browser.new_context().new_page()
    with _timed("hosted form, drawn"):
        page.goto(form[0] if form else "")
    fill_in_the_form(page)
    with _timed("Call me → thanks"):
        page.get_by_role("button", name="Call me").click()
        page.get_by_role("heading", name="Thank you. We have your request.").wait_for()


def _wait_for_button(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).wait_for()


@contextmanager
def _timed(step: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    _tell(step, time.perf_counter() - began)


def _tell(step: str, took: float) -> None:
    print(f"{step:<44}{took:>8.2f} s", flush=True)


if __name__ == "__main__":
    main()
