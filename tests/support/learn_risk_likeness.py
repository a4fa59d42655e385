"""Learn `leads/free_text/risk_likeness.tsv` from messages that others wrote.

    python -m tests.support.learn_risk_likeness

A logistic regression over words and pairs of words (tests/free_text/data): whoever adds messages
learns anew. What was written to test it (`unseen_messages.tsv`) is never learned from.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from leads.free_text import risk_likeness
from leads.free_text.call_risks import words_to_read

DATA = Path(__file__).parents[1] / "free_text" / "data"
LEARNED_FROM = (
    "contact_messages.tsv",
    "oblique_messages.tsv",
    "ordinary_messages.tsv",
    "phone_messages.tsv",
    "phone_sentences.tsv",
)
HEADER = """\
# What words speak for a message that a person has to read before a call, and against it: log-odds,
# by tests/support/learn_risk_likeness.py. The line with a star is for every message.
# Digest of what was learned from: {digest}
"""
SEEN_OFTEN = 3  # messages: a phrase of fewer says nothing
SAYS_SOMETHING = 0.3  # log-odds: a weight below it is left out
RESTRAINT = 0.1  # how much a weight costs: it must help with more than one message
STEPS, STRIDE = 500, 8.0


def header() -> str:
    """Return how the file begins: it says from which messages it was learned."""
    learned_from = b"".join((DATA / name).read_bytes() for name in LEARNED_FROM)
    return HEADER.format(digest=hashlib.sha256(learned_from).hexdigest()[:16])


def read_messages(name: str) -> Iterator[tuple[str, str]]:
    """Yield the label and the text of each message of a file."""
    for line in (DATA / name).read_text("utf-8").splitlines():
        label, _, text = line.partition("\t")
        yield label, text


def learn_weights() -> dict[str, float]:
    """Return the weight of each phrase that says something, and of every message."""
    messages = [message for name in LEARNED_FROM for message in read_messages(name)]
    said = [risk_likeness.phrases_of(words_to_read(text)) for _label, text in messages]
    waits = np.array([label == "hold" for label, _text in messages], float)
    often = Counter(phrase for phrases in said for phrase in phrases)
    first = _weigh(said, waits, {phrase for phrase, count in often.items() if count >= SEEN_OFTEN})
    return _weigh(
        said, waits, {phrase for phrase, weight in first.items() if abs(weight) >= SAYS_SOMETHING}
    )


def _weigh(said: Sequence[set[str]], waits: np.ndarray, known: set[str]) -> dict[str, float]:
    """Return the weight of each known phrase, and of every message."""
    phrases = sorted(known - {risk_likeness.ALWAYS})
    places = {phrase: place for place, phrase in enumerate(phrases)}
    rows = np.zeros((len(said), len(phrases) + 1))
    rows[:, -1] = 1
    for row, in_message in zip(rows, said, strict=True):
        heard = in_message & places.keys()
        for phrase in heard:
            row[places[phrase]] = risk_likeness.share_of_each(heard)
    weights = _descend(rows, waits).tolist()
    return dict(zip([*phrases, risk_likeness.ALWAYS], weights, strict=True))


def _descend(rows: np.ndarray, waits: np.ndarray) -> np.ndarray:
    """Return the weights with which the messages are least surprising, the last for all of them."""
    weights = np.zeros(rows.shape[1])
    for _step in range(STEPS):
        expected = 1 / (1 + np.exp(-(rows @ weights)))
        cost = RESTRAINT * np.append(weights[:-1], 0)
        weights -= STRIDE * (rows.T @ (expected - waits) + cost) / len(waits)
    return weights


def main() -> None:
    """Write the file."""
    path = Path(risk_likeness.__file__).with_suffix(".tsv")
    lines = [f"{phrase}\t{weight:.2f}" for phrase, weight in sorted(learn_weights().items())]
    path.write_text(header() + "\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
