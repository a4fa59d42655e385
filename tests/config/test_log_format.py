"""The log: what is printed of it, and how."""

from __future__ import annotations

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
