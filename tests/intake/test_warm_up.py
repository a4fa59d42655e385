"""A process's first form is read by words that its start has loaded."""

import subprocess
import sys

FIRST_FORM = """
import re
from datetime import UTC, datetime
from pathlib import Path
from leads.free_text.danger import read_danger
from leads.intake import body_readings, warm_up

warm_up.load_words_and_rules(now=datetime.now(UTC))

def refuse(*_args, **_more):
    raise AssertionError("the first form loads what the start should have loaded")

Path.read_text = re._compiler.compile = refuse
body = b'{"phone": "+1 315 200 0143", "message": "He took all the pills and will not wake up."}'
reading = body_readings.read_form_body(body, "application/json", ("generic", "US", {}))
print(read_danger(reading.request.own_words))
"""


def test_the_first_form_loads_no_words_and_compiles_no_expression() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_FORM], capture_output=True, text=True, check=False
    )
    assert done.stdout == "now\n", done.stderr
