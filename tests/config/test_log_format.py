"""The log: what is printed of it, and how."""

from __future__ import annotations

import json
import re
import subprocess
import sys

LOGS = """
import logging
from leads.config.log_format import configure_logging
configure_logging()
logging.getLogger("leads.audit.chain").info("audit_sealed position=7")
logging.getLogger("leads.intake").info("nothing to see")
logging.getLogger("leads.intake").warning("something")
"""


def test_lines_have_a_time_of_utc_and_tell_where_the_audit_log_ends() -> None:
    command = [sys.executable, "-c", LOGS]
    done = subprocess.run(
        command, env={"TZ": "America/New_York"}, capture_output=True, text=True, check=True
    )
    lines = done.stderr.splitlines()
    assert [re.sub(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ", "", line) for line in lines] == [
        "INFO leads.audit.chain: audit_sealed position=7",
        "WARNING leads.intake: something",
    ]


FAILS = """
import logging
from leads.config.log_format import LogFormat, configure_logging
configure_logging(LogFormat.JSON)
try:
    raise ValueError("Maria Lopez, +1 315 555 0123")
except ValueError:
    logging.getLogger("leads.intake").exception("One of %d\\nlines", 2)
"""


def test_as_json_each_line_is_an_object_that_names_nobody() -> None:
    done = subprocess.run([sys.executable, "-c", FAILS], capture_output=True, text=True, check=True)
    [line] = done.stderr.splitlines()
    said = json.loads(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", said.pop("time"))
    assert said.pop("where").splitlines()[-1] == "ValueError"
    assert said == {"level": "ERROR", "logger": "leads.intake", "message": "One of 2\nlines"}
    assert "Maria" not in line
