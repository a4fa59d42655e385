"""A source that forms come from, and its doors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from leads.database.transactions import transaction
from leads.helplines import brands_and_sources
from tests.conftest import NOW
from tests.support.form_doors import Site, opened


@pytest.fixture
def source(database: str) -> int:
    with transaction() as session:
        brands_and_sources.add_brand(session, "Harbor Line", now=NOW)
        return brands_and_sources.add_source(session, "Site", now=NOW).id


@pytest.fixture
def site(database: str) -> Iterator[Site]:
    with opened() as site:
        yield site
