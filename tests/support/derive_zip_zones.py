"""Derive `leads/contact_rules/zip_zones.txt` from the package `zipcodes`.

    python -m tests.support.derive_zip_zones

The package itself takes 40 MB and a quarter of a second before its first answer; what the product
needs of it is a line for each prefix, state and zone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import zipcodes

from leads.contact_rules import zip_zones

HEADER = """\
# ZIP codes by prefix, state and zone, from the PyPI package zipcodes 3.0.0 (MIT, Sean Pianka), by
# tests/support/derive_zip_zones.py. Left out: military codes, and rows whose zone is no zone of
# tzdata or no zone of their state.
"""
SEASONS = [datetime(2026, month, 1, tzinfo=UTC) for month in (1, 7)]


def trusted_rows() -> Iterator[tuple[str, str, str]]:
    """Yield ZIP, area and zone of every row that tzdata and the state's own zones agree with."""
    known, areas = available_timezones(), zip_zones.area_zones()
    for row in zipcodes.list_all():
        area = zip_zones.area_of_postal_state(row["state"])
        if row["timezone"] not in known or area not in areas:
            continue
        if _clock(row["timezone"]) in {_clock(zone) for zone in areas[area]}:
            yield row["zip_code"], area, row["timezone"]


def derive_lines() -> list[str]:
    """Return the lines of the file."""
    groups: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for zip_code, area, zone in sorted(trusted_rows()):
        groups[zip_code[:3], area, zone].append(int(zip_code[3:]))
    return [" ".join((*group, *_ranges(ends))) for group, ends in sorted(groups.items())]


def _ranges(ends: list[int]) -> Iterator[str]:
    first = last = ends[0]
    for end in [*ends[1:], 1000]:
        if end != last + 1:
            yield f"{first:02}" if first == last else f"{first:02}-{last:02}"
            first = end
        last = end


def _clock(zone: str) -> tuple[object, ...]:
    return tuple(at.astimezone(ZoneInfo(zone)).utcoffset() for at in SEASONS)


if __name__ == "__main__":
    zip_zones.TABLE.write_text(HEADER + "\n".join(derive_lines()) + "\n", "utf-8")
