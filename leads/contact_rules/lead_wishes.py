"""Where a lead may be, and when and whether they wish to be called. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from leads.contact_rules.possible_location import (
    PossibleLocation,
    possible_location,
    unite_locations,
)
from leads.contact_rules.zip_zones import US
from leads.models.requests import Lead


@dataclass(frozen=True)
class LeadWishes:
    """Where a lead may be, and when and whether they wish to be called, stored or not yet.

    `lead_id`: whose wishes they are; None where nothing of theirs is stored.
    """

    phone: str
    region: str
    zip: str
    best_time: str
    any_hour: bool
    safe_to_call: bool | None
    city: str = ""
    safe_to_text: bool | None = None
    safe_to_voicemail: bool | None = None
    further_places: Sequence[Sequence[str]] = ()  # region and ZIP code of each
    lead_id: int | None = None

    @classmethod
    def of_lead(cls, lead: Lead, *, any_hour: bool) -> Self:
        """Return the wishes of a stored lead; any hour is the wish of one callback alone."""
        return cls(
            phone=lead.phone,
            region=lead.region,
            zip=lead.zip,
            best_time=lead.best_time,
            any_hour=any_hour,
            safe_to_call=lead.safe_to_call,
            city=lead.city,
            safe_to_text=lead.safe_to_text,
            safe_to_voicemail=lead.safe_to_voicemail,
            further_places=lead.further_places,
            lead_id=lead.id,
        )


def lead_location(lead: Lead | LeadWishes, source_region: str | None = None) -> PossibleLocation:
    """Return where a lead may be, by number, by what they stated and what else was said."""
    return location_of_phone(
        lead.phone,
        (lead.region, lead.zip, lead.city),
        lead.further_places,
        source_region=source_region or US,
    )


def location_of_phone(
    number: str,
    stated: Sequence[str],
    further_places: Sequence[Sequence[str]],
    *,
    source_region: str = US,
) -> PossibleLocation:
    """Return where a phone may be: at the place that was stated, and at each further one.

    A place is a region, a ZIP code and perhaps a city, as they were given.
    """
    places = [
        possible_location(
            number,
            region=region,
            zip_code=zip_code,
            city="".join(city),
            source_region=source_region,
        )
        for region, zip_code, *city in (stated, *further_places)
    ]
    return places[0] if len(places) == 1 else unite_locations(places)
