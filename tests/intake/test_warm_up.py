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


A_COMMAND = """
from leads.commands import command_line  # all that a command may need
from leads.free_text import wish_rules, wishes

rules = [one for one in vars(wish_rules).values() if isinstance(one, wish_rules.Rules)]
assert len(rules) > 20
print(sum("expression" in vars(one) for one in rules))
wish_rules.make_all_expressions()
print(sum("expression" in vars(one) for one in rules) - len(rules))
"""


def test_a_command_waits_for_no_expression_that_it_does_not_need() -> None:
    done = subprocess.run(
        [sys.executable, "-c", A_COMMAND], capture_output=True, text=True, check=False
    )
    assert done.stdout == "0\n0\n", done.stderr
