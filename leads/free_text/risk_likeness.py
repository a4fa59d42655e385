"""Risk likeness: whether a message reads like those that a person had to read before a call.

What no sign of `call_risks.toml` names is often said in words of its kind. A linear model has
learned from messages of others what each word, and each two in a row, speak for or against:
`risk_likeness.tsv`, by `tests/support/learn_risk_likeness.py`. It only ever holds. Pure.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

LEAST = 0.8
"""Log-odds from which a message waits: whoever wrote an ordinary one would wait for nothing."""
FEWEST = 12  # words: what is said in fewer hangs on single ones, which signs read better
ALWAYS = "*"  # what speaks for or against every message


def reads_like_risk(words: Sequence[str]) -> bool:
    """Whether a message of these canonical words is one for a person to read before a call."""
    if len(words) < FEWEST:
        return False
    weights = load_weights()
    known = phrases_of(words) & weights.keys()
    said = sum(weights[phrase] for phrase in known) * share_of_each(known)
    return weights[ALWAYS] + said > LEAST


def phrases_of(words: Sequence[str]) -> set[str]:
    """Return the words, and each two in a row."""
    return {*words, *map(" ".join, itertools.pairwise(words))}


def share_of_each(phrases: set[str]) -> float:
    """Return how much each of a message's phrases counts: a long message has more of them."""
    return 1 / math.sqrt(len(phrases) or 1)


@functools.cache
def load_weights() -> Mapping[str, float]:
    """Return the weight of each phrase, and of every message."""
    lines = Path(__file__).with_suffix(".tsv").read_text("utf-8").splitlines()
    read = (line.split("\t") for line in lines if not line.startswith("# "))
    return {phrase: float(weight) for phrase, weight in read}
