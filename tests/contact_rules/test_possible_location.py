"""Where somebody may be: by number, by ZIP code and by their own words, and never too narrowly."""

from __future__ import annotations

import tomllib
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
import zipcodes
from phonenumbers.tzdata import TIMEZONE_DATA

from leads.contact_rules import zip_zones
from leads.contact_rules.area_codes import area_codes
from leads.contact_rules.possible_location import possible_location
from leads.contact_rules.stated_places import read_stated_place
from leads.contact_rules.zip_zones import area_zones, find_zip_area
from tests.support import derive_zip_zones

NEW_YORK, CHICAGO, DENVER, PHOENIX, BOISE = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Boise",
)
PACIFIC, ANCHORAGE, ADAK, HONOLULU, GUAM = (
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Adak",
    "Pacific/Honolulu",
    "Pacific/Guam",
)
EDMONTON, TORONTO = "America/Edmonton", "America/Toronto"
ANYWHERE = {NEW_YORK, CHICAGO, DENVER, PHOENIX, PACIFIC, ANCHORAGE, ADAK, HONOLULU}
NUMBER, BERLIN, TOLL_FREE = "+13155550142", "+493012345678", "+18005550142"
SPLIT_CODES = {
    "423 448 574 606 729 812 850 906 930 219 270 364 931": {NEW_YORK, CHICAGO},
    "308 402 432 531 605 620 701 785": {CHICAGO, DENVER},
    "236 250 257 672 778": {"America/Vancouver", EDMONTON, "America/Creston"},
    "273 367 418 581": {TORONTO, "America/Halifax"},
    "458 541 775": {PACIFIC, DENVER},
    "306 474 639": {"America/Regina", EDMONTON},
    "907": {ANCHORAGE, ADAK},
    "208 986": {DENVER, PACIFIC},
    "928": {PHOENIX, DENVER},
    "867": {"America/Whitehorse", EDMONTON, "America/Iqaluit", "America/Rankin_Inlet"},
    "807": {TORONTO, "America/Winnipeg", "America/Atikokan"},
    "709 879": {"America/St_Johns", "America/Goose_Bay"},
    "334 483": {CHICAGO, NEW_YORK},
}
MISFILED = {"689": CHICAGO, "474": "America/Winnipeg", "907": HONOLULU, "867": TORONTO}
"""Zones that the library gives a code in which nobody lives by them, of 867 one of several."""

ONE_ZONE_CODES = {
    "246": "America/Barbados",
    "441": "Atlantic/Bermuda",
    "689": NEW_YORK,
    "684": "Pacific/Pago_Pago",
    "868": "America/Port_of_Spain",
    "829": "America/Santo_Domingo",
    "915": DENVER,
    "702": PACIFIC,
    "340": "America/St_Thomas",
    "671": GUAM,
}
KNOWN_BETTER = {"37405", "96941", "96943", "99923"}
"""ZIP codes whose zone the package mistakes, with a zone in which nobody lives there."""

NEWER_THAN_THE_LIBRARY = {
    "357": PACIFIC,
    "436": NEW_YORK,
    "457": CHICAGO,
    "471": CHICAGO,
    "483": CHICAGO,
    "621": CHICAGO,
    "624": NEW_YORK,
    "679": NEW_YORK,
    "729": NEW_YORK,
    "837": PACIFIC,
    "861": CHICAGO,
    "924": CHICAGO,
}


@pytest.mark.parametrize(
    ("stated", "codes"),
    [
        *[(said, {"US-GU"}) for said in ("Guam", "GU", "gu", "Guåhan")],
        *[(said, {"US-VI"}) for said in ("U.S. Virgin Islands", "VI", "USVI", "Islas Vírgenes")],
        *[(said, {"US-AS"}) for said in ("American Samoa", "AS", "Samoa Americana", "Pago Pago")],
        *[(said, {"US-GU"}) for said in ("Dededo, GU", "Tamuning", "Hagåtña, Guam")],
        ("SoCal", {"US-CA"}),
        ("Tenessee", {"US-TN"}),
        *[(said, {"US-MP"}) for said in ("MP", "Northern Mariana Islands", "CNMI")],
        *[
            (said, {"US-HI"})
            for said in (
                "Hawai'i", "Hawai\u02bbi", "Hawai\u2018i", "Hawai\u2019i",
                "Hawái", "US-HI", "us-hi", "HI, USA",
                "HI USA", "Hawaii, United States", "State of Hawaii", "Hawaii, EE. UU.",
                "\uff28\uff29",
                "HI 96813", "Honolulu, HI 96813", "hawaii!", " HAWAII ", "Estado de Hawái",
            )
        ],
        *[(said, {"US-CA"}) for said in ("California (CA)", "Calif.", "C.A.", "C. A.", "Cal.")],
        *[(said, {"US-WA"}) for said in ("WA - Washington", "Washington", "Washington State")],
        *[(said, {"US-DC"}) for said in ("Washington, D.C.", "D.C.", "Washington DC")],
        *[(said, {"US-WV"}) for said in ("West Virginia", "W. Va.", "Virginia Occidental")],
        *[
            (said, {"US-NM"})
            for said in ("Nuevo México", "New\u00a0Mexico", "New  Mexico", "N.M.", "nuevo mexico")
        ],
        *[(said, {"US-NY"}) for said in ("New York", "N.Y.", "Nueva York", "New-York", "NYC")],
        ("Ariz.", {"US-AZ"}),
        ("Ore.", {"US-OR"}),
        ("Portland, OR", {"US-OR"}),
        ("Carolina del Norte", {"US-NC"}),
        ("South Florida", {"US-FL"}),
        ("I live in Texas", {"US-TX"}),
        ("TX/NM", {"US-TX", "US-NM"}),
        ("Puerto Rico", {"US-PR"}),
        ("BC", {"CA-BC"}),
        ("CA-BC", {"CA-BC"}),
        ("Alberta", {"CA-AB"}),
        ("Ontario, Canada", {"CA-ON"}),
        ("V5K 0A1", {"CA-BC"}),
        ("Baja California", {"MX-BCN"}),
        ("Jalisco", {"MX"}),
        ("Alemania", {"DE"}),
        ("Paris, France", {"FR"}),
        *[
            (said, {"GB"})
            for said in ("UK", "U.K.", "London, England", "Scotland", "Great Britain", "Inglaterra")
        ],
        *[(said, {"KR"}) for said in ("Korea", "Camp Humphreys, South Korea", "Corea")],
        *[(said, {"PH"}) for said in ("Philippines", "the Philippines", "Filipinas")],
        *[(said, {"DO"}) for said in ("Rep. Dominicana", "Dominican Rep")],
        ("The Netherlands", {"NL"}),
        ("Holland, MI", {"US-MI"}),
        ("Wales, Alaska", {"US-AK"}),
        ("Toronto, Canada", {"CA"}),
        ("Lebanon, PA", {"US-PA"}),
        ("Honolulu HI USA", {"US-HI"}),
        ("Côte d\u2019Ivoire", {"CI"}),
    ],
)  # fmt: skip
def test_a_place_is_understood_as_people_write_it(stated: str, codes: set[str]) -> None:
    place = read_stated_place(stated)
    assert place.is_understood
    assert place.area is not None
    assert set(place.area.codes) == codes


@pytest.mark.parametrize(
    "stated",
    [
        "Atlantis", "Kansas City", "Delaware County", "Virginia Beach", "not Florida",
        "portland or", "Atlantis, USA", "Kansas City USA", "near Texas",
        "call me", "Toronto", "Texas? no", "00000", "abcde", "1234",
        "fuera de Texas", "L.A.",
    ],
)  # fmt: skip
def test_what_is_not_wholly_understood_may_be_anywhere_in_the_country(stated: str) -> None:
    assert not read_stated_place(stated).is_understood
    for where in ({"region": stated}, {"zip_code": stated}):
        assert set(possible_location(NUMBER, **where).zones) >= ANYWHERE


@pytest.mark.parametrize(
    ("number", "where", "zones"),
    [
        (NUMBER, {}, {NEW_YORK}),
        (NUMBER, {"region": "USA"}, {NEW_YORK}),
        (NUMBER, {"region": "USA", "zip_code": "96813"}, {NEW_YORK, HONOLULU}),
        (BERLIN, {"region": "USA"}, {"Europe/Berlin", "Europe/Busingen", *ANYWHERE}),
        (NUMBER, {"region": "HI"}, {NEW_YORK, HONOLULU}),
        (NUMBER, {"zip_code": "96813"}, {NEW_YORK, HONOLULU}),
        (NUMBER, {"zip_code": "\uff19\uff16\uff18\uff11\uff13"}, {NEW_YORK, HONOLULU}),
        (NUMBER, {"zip_code": "96813 1234"}, {NEW_YORK, HONOLULU}),
        (NUMBER, {"zip_code": "Honolulu, HI 96813-1234"}, {NEW_YORK, HONOLULU}),
        (NUMBER, {"city": "Honolulu, HI"}, {NEW_YORK, HONOLULU}),
        (NUMBER, {"city": "Kansas City"}, {NEW_YORK}),
        (NUMBER, {"region": "TX", "zip_code": "79901"}, {NEW_YORK, DENVER}),
        (NUMBER, {"region": "New York", "zip_code": "90210"}, {NEW_YORK, PACIFIC}),
        (NUMBER, {"region": "Atlantis", "zip_code": "10001"}, {NEW_YORK}),
        ("+18085550142", {"region": "Florida"}, {HONOLULU, NEW_YORK, CHICAGO}),
        (TOLL_FREE, {}, ANYWHERE),
        (TOLL_FREE, {"region": "Guam"}, {*ANYWHERE, GUAM}),
        ("+12995550142", {}, ANYWHERE),
        ("+14165550142", {}, {TORONTO}),
        ("+16715550142", {}, {GUAM}),
        (BERLIN, {}, {"Europe/Berlin", "Europe/Busingen"}),
        (BERLIN, {"region": "Hawaii"}, {"Europe/Berlin", "Europe/Busingen", HONOLULU}),
        (
            BERLIN,
            {"zip_code": "10115", "source_region": "DE"},
            {"Europe/Berlin", "Europe/Busingen"},
        ),
        (BERLIN, {"zip_code": "96813"}, {"Europe/Berlin", "Europe/Busingen", HONOLULU}),
    ],
)
def test_the_stated_place_and_that_of_the_number_both_count(
    number: str, where: dict[str, str], zones: set[str]
) -> None:
    assert set(possible_location(number, **where).zones) == zones


@pytest.mark.parametrize(
    ("number", "some"),
    [
        ("+61412345678", {"Australia/Perth", "Australia/Sydney", "Australia/Lord_Howe"}),
        ("+79161234567", {"Europe/Kaliningrad", "Asia/Kamchatka"}),
        ("+77012345678", {"Asia/Almaty", "Asia/Aqtau"}),
        ("+525512345678", {"America/Mexico_City", "America/Tijuana", "America/Cancun"}),
        ("+447911123456", {"Europe/London"}),
        ("+2526123456", {"Africa/Mogadishu"}),
    ],
)
def test_a_number_abroad_may_be_in_every_zone_of_its_country(number: str, some: set[str]) -> None:
    place = possible_location(number)
    assert set(place.zones) & some == some or place.zones == ("Europe/Guernsey",)
    assert place.jurisdictions == {"abroad"}


@pytest.mark.parametrize(
    "number", ["+870773111632", "+881612345678", "+80012345678", "+448001111111", "+88312345678"]
)
def test_nobody_can_tell_where_a_number_of_no_place_is_unless_it_was_stated(number: str) -> None:
    assert not possible_location(number).is_known
    assert possible_location(number, region="Alaska").is_known


def test_every_exchange_of_every_area_code_is_within_the_code_s_zones() -> None:
    codes = area_codes()
    of_exchanges = {
        prefix: zones
        for prefix, zones in TIMEZONE_DATA.items()
        if prefix.startswith("1") and len(prefix) >= len("1315") and prefix[1:4] in codes
    }
    assert {prefix[1:4] for prefix in of_exchanges} >= set(codes) - set(NEWER_THAN_THE_LIBRARY)
    for prefix, zones in of_exchanges.items():
        beyond = set(zones) - set(codes[prefix[1:4]].zones)
        known = {MISFILED.get(prefix[1:4])} | ({CHICAGO, "America/Winnipeg", "America/Vancouver",
            "America/Fort_Nelson"} if prefix[1:4] == "867" else set())  # fmt: skip
        assert beyond <= known, prefix


def test_every_code_that_the_library_dials_is_listed_unless_it_has_no_place() -> None:
    codes = area_codes()
    for code in range(200, 1000):
        number = phonenumbers.parse(f"+1{code}2345678")
        if str(code) in codes or not phonenumbers.is_valid_number(number):
            continue
        assert set(possible_location(f"+1{code}2345678").zones) == ANYWHERE
        assert phonenumbers.number_type(number) in {
            phonenumbers.PhoneNumberType.TOLL_FREE,
            phonenumbers.PhoneNumberType.PERSONAL_NUMBER,
            phonenumbers.PhoneNumberType.PREMIUM_RATE,
            phonenumbers.PhoneNumberType.VOIP,
        }, code


def test_a_split_code_is_in_all_of_its_zones_whatever_the_exchange() -> None:
    for codes, zones in SPLIT_CODES.items():
        for code in codes.split():
            for exchange in range(200, 1000, 7):
                found = set(possible_location(f"+1{code}{exchange}0142").zones)
                assert found >= zones, code
    for code, zone in (ONE_ZONE_CODES | NEWER_THAN_THE_LIBRARY).items():
        assert possible_location(f"+1{code}5550142").zones[0] in {zone, CHICAGO}
        assert zone in possible_location(f"+1{code}5550142").zones
    for code, zone in ONE_ZONE_CODES.items():
        assert possible_location(f"+1{code}5550142").zones == (zone,)


def test_every_zip_code_has_its_own_zone_and_state() -> None:
    in_several = 0
    trusted = {zip_code: (code, zone) for zip_code, code, zone in derive_zip_zones.trusted_rows()}
    for row in zipcodes.list_all():
        area = find_zip_area(row["zip_code"])
        assert area is not None, row["zip_code"]
        if row["zip_code"] in trusted:
            code, zone = trusted[row["zip_code"]]
            assert code in area.codes or row["zip_code"] == "96898"  # Wake is not Hawaii
            assert zone in area.zones or row["zip_code"] in KNOWN_BETTER
            in_several += len(area.zones) > 1
    assert len(trusted) > 41_900
    assert in_several < 30


def test_the_table_of_zip_codes_is_what_the_package_says() -> None:
    kept = zip_zones.TABLE.read_text("utf-8")
    assert kept == derive_zip_zones.HEADER + "\n".join(derive_zip_zones.derive_lines()) + "\n"


@pytest.mark.parametrize(
    ("zip_code", "codes", "some"),
    [
        ("20101", {"US-VA"}, {NEW_YORK}),
        ("37405", {"US-TN"}, {NEW_YORK}),
        ("37338", {"US-TN"}, {NEW_YORK, CHICAGO}),
        ("42603", {"US-KY"}, {NEW_YORK, CHICAGO}),
        ("83522", {"US-ID"}, {PACIFIC, BOISE}),
        ("67857", {"US-KS"}, {CHICAGO, DENVER}),
        ("89825", {"US-NV"}, {PACIFIC, DENVER}),
        *[(code, {"US-AZ"}, {PHOENIX, DENVER}) for code in ("86040", "86045", "86047", "86512")],
        ("06390", {"US-NY"}, {NEW_YORK}),
        ("00601", {"US-PR"}, {"America/Puerto_Rico"}),
        ("00801", {"US-VI"}, {"America/St_Thomas"}),
        ("96799", {"US-AS"}, {"Pacific/Pago_Pago"}),
        ("96910", {"US-GU"}, {GUAM}),
        ("96950", {"US-MP"}, {"Pacific/Saipan"}),
        ("96940", {"PW"}, {"Pacific/Palau"}),
        ("96941", {"FM"}, {"Pacific/Pohnpei"}),
        ("96942", {"FM"}, {"Pacific/Chuuk"}),
        ("96944", {"FM"}, {"Pacific/Kosrae"}),
        ("96960", {"MH"}, {"Pacific/Majuro"}),
        ("96970", {"MH"}, {"Pacific/Kwajalein"}),
        ("96898", {"US-UM"}, {"Pacific/Wake"}),
        ("99634", {"US-AK"}, {ANCHORAGE, ADAK}),  # whose row names a zone that does not exist
        ("37399", {"US-TN"}, {NEW_YORK, CHICAGO}),  # of a known prefix, and in no list
        ("79901", {"US-TX"}, {DENVER}),
        ("09012", {"US", "AE"}, {"Europe/Berlin", "Asia/Dubai"}),
        ("34002", {"US", "AA"}, {"America/Panama", "America/Havana"}),
        ("96201", {"US", "AP"}, {"Asia/Tokyo", "Asia/Seoul"}),
    ],
)
def test_a_zip_code_says_where_it_is(zip_code: str, codes: set[str], some: set[str]) -> None:
    area = find_zip_area(zip_code)
    assert area is not None
    assert set(area.codes) == codes
    assert some <= set(area.zones)


def test_a_prefix_without_zip_codes_is_no_place() -> None:
    assert find_zip_area("00000") is None
    assert find_zip_area("21300") is None


def test_every_zone_in_the_tables_exists() -> None:
    zones = {zone for area in area_codes().values() for zone in area.zones}
    zones |= {zone for area in zip_zones.area_zones().values() for zone in area}
    zones |= {zone for area in zip_zones.us_places()["military"].values() for zone in area}
    for code in ("00501", "89883", "96941", "96898"):
        area = find_zip_area(code)
        assert area is not None
        zones |= set(area.zones)
    assert all(ZoneInfo(zone) for zone in zones)


@pytest.mark.parametrize(
    ("region", "city", "country"),
    [
        ("Tbilisi, Georgia", "", "GE"),
        ("London", "", "GB"),
        ("", "London", "GB"),
        ("Londres", "", "GB"),
        ("Toronto", "", "CA"),
        ("Guadalajara", "", "MX"),
        ("Nuevo Laredo", "", "MX"),
        ("", "Mumbai", "IN"),
        ("Barcelona", "", "ES"),
        ("Tokio", "", "JP"),
        ("Hanoi", "", "VN"),
        ("Delhi", "", "IN"),
        ("", "Cd. Juárez", "MX"),
        ("La Habana", "", "CU"),
        ("Ciudad de México", "", "MX"),
    ],
)
def test_a_city_abroad_counts_beside_everywhere_the_number_may_be(
    region: str, city: str, country: str
) -> None:
    told = possible_location("+13155550142", region=region, city=city)
    assert country in told.places
    assert set(possible_location("+13155550142").zones) <= set(told.zones)


def test_a_city_in_a_stated_state_is_not_abroad() -> None:
    assert possible_location("+13155550142", region="KY", city="London").places == (
        "US-KY",
        "US-NY",
    )
    assert possible_location("+13155550142", city="Springfield").places == ("US-NY",)


@pytest.mark.parametrize(
    ("said", "country"),
    [
        ("Kingston Jamaica", "JM"),
        ("mumbai india", "IN"),
        ("Santa Ana El Salvador", "SV"),
        ("san josé costa rica", "CR"),
    ],
)
def test_a_country_is_heard_behind_its_city_without_a_comma(said: str, country: str) -> None:
    area = read_stated_place(said).area
    assert area is not None
    assert area.codes == (country,)


@pytest.mark.parametrize(
    "said", ["South Jordan", "Mount Lebanon", "East Palestine", "Jamaica Plain"]
)
def test_a_town_at_home_is_not_the_country_of_its_name(said: str) -> None:
    assert read_stated_place(said).area is None


@pytest.mark.parametrize(
    ("said", "country"),
    [
        ("Okinawa", "JP"),
        ("Kadena Air Base", "JP"),
        ("stationed at yokosuka", "JP"),
        ("USAG Humphreys", "KR"),
        ("US Army Garrison Humphreys", "KR"),
        ("Ramstein AB", "DE"),
        ("Landstuhl", "DE"),
        ("Base naval de Guantánamo", "CU"),
        ("Diego Garcia", "IO"),
        ("Incirlik, APO AE", "TR"),
        ("Okinawa, USA", "JP"),
    ],
)
def test_a_base_abroad_counts_whatever_stands_beside_it(said: str, country: str) -> None:
    for told in (
        possible_location("+13155550142", region=said),
        possible_location("+13155550142", region="Florida", city=said),
    ):
        assert country in told.places
        assert set(area_zones()[country]) <= set(told.zones)
        assert "America/New_York" in told.zones


@pytest.mark.parametrize(
    ("said", "state"), [("Stuttgart, AR", "US-AR"), ("Milan TN", "US-TN"), ("Rota, NY", "US-NY")]
)
def test_a_namesake_at_home_of_a_city_abroad_is_at_home(said: str, state: str) -> None:
    area = read_stated_place(said).area
    assert area is not None
    assert area.codes == (state,)


def test_every_base_and_city_abroad_is_in_a_country_with_zones() -> None:
    names = tomllib.loads((zip_zones.HERE / "place_names.toml").read_text("utf-8"))
    assert set(names["bases_abroad"]) | set(names["cities_abroad"]) <= set(area_zones())
