"""Places, addresses and their parts."""

from __future__ import annotations

import pytest

from socialmerge.normalise import places
from socialmerge.records import Missing, MissingReason, Place


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        (
            "638 Downey St, Salem, OR 97301",
            {"house": "638", "street": "downey st", "city": "salem", "state": "or", "postcode": "97301"},
        ),
        (
            "2240 Rayburn House Office Building Washington DC 20515-1004",
            {
                "house": "2240",
                "street": "rayburn house office bldg",
                "city": "washington",
                "state": "dc",
                "postcode": "20515",
            },
        ),
        (
            "12 Main Street Apt 4, Springfield, Illinois",
            {"house": "12", "street": "main st", "unit": "4", "city": "springfield", "state": "il"},
        ),
        (
            "18 Danver Place, Loughborough, Leicestershire, LE11 1UU, United Kingdom",
            {
                "house": "18",
                "street": "danver pl",
                "city": "loughborough",
                "state": "leicestershire",
                "postcode": "le111uu",
                "country": "gb",
            },
        ),
        (
            "Hauptstraße 5, 10115 Berlin, Germany",
            {"house": "5", "street": "hauptstr", "city": "berlin", "postcode": "10115", "country": "de"},
        ),
        ("Sydney NSW 2000", {"city": "sydney", "state": "nsw", "postcode": "2000"}),
        ("1515 Adela Ln, LV, NV", {"house": "1515", "street": "adela ln", "city": "las vegas", "state": "nv"}),
        ("Berlin, Germany", {"city": "berlin", "country": "de"}),
        ("Munich, Bavaria, Germany", {"city": "munich", "state": "bavaria", "country": "de"}),
        ("Austin, Texas, United States", {"city": "austin", "state": "tx", "country": "us"}),
        ("SF Bay Area", {"city": "san francisco", "state": "ca", "country": "us"}),
        ("NYC 🗽", {"city": "new york", "state": "ny", "country": "us"}),
        ("Berlin / Lisbon", {"city": "berlin"}),
        ("🇩🇪", {"country": "de"}),
        ("12396 Austin Rd", {"house": "12396", "street": "austin rd"}),
        ("Suite 900, 1450 N City Rd", {"house": "1450", "street": "n city rd", "unit": "900"}),
        ("PO Box 12987", {"street": "po box 12987"}),
        ("10115 Berlin", {"city": "berlin", "postcode": "10115"}),
        ("🇩🇪 Berlin", {"city": "berlin", "country": "de"}),
        ("New York", {"city": "new york"}),
        ("Georgia, USA", {"state": "ga", "country": "us"}),
        ("California", {"state": "ca"}),
        ("nh", {"state": "nh"}),
        ("UK", {"country": "gb"}),
        ("Москва", {"city": "moscow"}),
    ],
)
def test_an_address_or_location_is_cut_into_parts(raw: str, parts: dict[str, str]) -> None:
    place = places.parse(raw)
    assert isinstance(place, Place)
    assert place == Place(place.display, **parts)


@pytest.mark.parametrize(
    "raw", ["remote", "Earth", "🌍", "the internet", "Everywhere and nowhere", "127.0.0.1", "n/a", "52.5, 13.4", "?"]
)
def test_what_is_no_place_is_junk(raw: str) -> None:
    assert places.parse(raw) == Missing(MissingReason.JUNK)


@pytest.mark.parametrize(
    ("part", "spellings", "key"),
    [
        ("street", ["12 North Main Street", "12 n. main st.", "12 N Main St Apt 4", "12 N Main St #4"], "12 n main st"),
        ("street", ["First Avenue", "1st Ave."], "1st ave"),
        ("street", ["Saint James Street", "St James St"], "st james st"),
        ("street", ["Hauptstraße", "Hauptstrasse", "hauptstr"], "hauptstr"),
        ("unit", ["Apt 4", "#4", "Unit 4", "4", "apt. #4"], "4"),
        ("house", ["12a", "No. 12a", "12A"], "12a"),
        ("city", ["Saint Louis", "St. Louis", "ST LOUIS"], "st louis"),
        ("city", ["New York City", "NYC", "new york"], "new york"),
        ("city", ["Mc Camey", "McCamey"], "mccamey"),
        ("city", ["Mobile"], "mobile"),
        ("state", ["California", "CA", "Calif.", "ca"], "ca"),
        ("state", ["New York", "N.Y.", "ny"], "ny"),
        ("state", ["New South Wales", "NSW", "n.s.w."], "nsw"),
        ("state", ["Ontario", "ON"], "on"),
        ("state", ["Bavaria"], "bavaria"),
        ("postcode", ["97301", "97301-1234", "973011234", "97301.0"], "97301"),
        ("postcode", ["SW1A 1AA", "sw1a1aa"], "sw1a1aa"),
        ("postcode", ["D-10115", "10115"], "10115"),
        ("postcode", ["2222"], "2222"),
        ("country", ["USA", "U.S.A.", "United States", "us", "America"], "us"),
        ("country", ["Deutschland", "Germany", "DEU"], "de"),
        ("country", ["Atlantis"], "atlantis"),
    ],
)
def test_every_spelling_of_a_part_has_one_key(part: str, spellings: list[str], key: str) -> None:
    assert {places.part(spelling, part) for spelling in spellings} == {key}


@pytest.mark.parametrize(
    ("raw", "part", "reason"),
    [
        ("", "city", MissingReason.EMPTY),
        ("unknown", "city", MissingReason.JUNK),
        ("null", "state", MissingReason.JUNK),
        ("00000", "postcode", MissingReason.PLACEHOLDER),
        ("n/a", "street", MissingReason.JUNK),
    ],
)
def test_a_part_without_a_value_says_why(raw: str, part: str, reason: MissingReason) -> None:
    assert places.part(raw, part) == Missing(reason)
