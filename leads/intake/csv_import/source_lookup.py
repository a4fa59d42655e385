"""Source lookup: which source a row of a CSV file means."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from leads.database.transactions import reader, transaction
from leads.errors import BadConfiguration, BadSubmission
from leads.helplines import brands_and_sources
from leads.i18n.translatable import Phrase
from leads.models.helpline_scope import Helplines, limited_to_helplines
from leads.models.helplines import Brand, Source

IMPORT = "import"


class SourceLookup:
    """The sources of one brand, or of all that somebody serves, by name.

    The source `import` takes the rows that name none of them.
    """

    def __init__(
        self, brand_name: str, *, helplines: Helplines | None = None, now: datetime
    ) -> None:
        self.brand_name, self.now = brand_name, now
        with reader() as session, limited_to_helplines(session, helplines):
            self.brands = session.exec(select(Brand)).all()
            sources = session.exec(select(Source)).all()
        if brand_name and brand_name not in (brand.name for brand in self.brands):
            raise BadConfiguration(Phrase("There is no helpline {name}.", name=brand_name))
        meant = {brand.id for brand in self.brands if brand_name in ("", brand.name)}
        self.sources: dict[str, list[Source]] = {}
        for source in sources:
            if source.brand_id in meant:
                self.sources.setdefault(source.name.casefold(), []).append(source)

    def resolve_source(self, name: str) -> tuple[Source, str]:
        """Return the source that a row means, and the row's own name where it is none of ours.

        The name then says where the person came from. Raises BadSubmission where several sources
        are meant.
        """
        sources = self.sources.get(name.casefold(), [])
        if sources:
            return self._require_single_source(sources), ""
        return self._require_single_source(
            self.sources.get(IMPORT) or self._open_import_source()
        ), name

    def _require_single_source(self, sources: list[Source]) -> Source:
        if len(sources) > 1:
            raise BadSubmission(
                Phrase(
                    "More than one source has this name: choose a helpline with --brand, "
                    "or rename one."
                )
            )
        return sources[0]

    def _open_import_source(self) -> list[Source]:
        if len(self.brands) > 1 and not self.brand_name:
            raise BadSubmission(
                Phrase(
                    "No known source is named, and there are several helplines: choose one "
                    "with --brand."
                )
            )
        try:
            sources = self._find_or_create_import_source()
        except IntegrityError:  # two imports opened the first helpline in the same instant
            sources = self._find_or_create_import_source()
        return self.sources.setdefault(IMPORT, sources)

    def _find_or_create_import_source(self) -> list[Source]:
        with transaction() as session:
            brand = brands_and_sources.resolve_brand(session, self.brand_name, now=self.now)
            session.refresh(brand, with_for_update={"key_share": True})
            there = select(Source).where(
                func.lower(Source.name) == IMPORT, Source.brand_id == brand.id
            )
            return list(session.exec(there)) or [
                brands_and_sources.add_source(
                    session, IMPORT, brand_name=self.brand_name, now=self.now
                )
            ]
