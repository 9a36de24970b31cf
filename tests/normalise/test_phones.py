"""Telephone numbers."""

from __future__ import annotations

import pytest

from socialmerge.normalise import phones
from socialmerge.records import Missing, MissingReason, Phone


@pytest.mark.parametrize(
    "raw",
    [
        "2025550143",
        "(202) 555-0143",
        "202.555.0143",
        "202-555-0143",
        "1-202-555-0143",
        "+1 202 555 0143",
        "12025550143",
        "tel:+1-202-555-0143",
        "Phone: 202 555 0143",
        "２０２５５５０１４３",
    ],
)
def test_one_number_in_many_layouts_is_one_number(raw: str) -> None:
    phone = phones.parse(raw, "US")
    assert isinstance(phone, Phone)
    assert (phone.e164, phone.national, phone.country_code) == ("+12025550143", "2025550143", 1)


@pytest.mark.parametrize("raw", ["202-555-0143 x7", "202-555-0143 ext. 7", "tel:+1-202-555-0143;ext=7"])
def test_an_extension_is_a_part_of_its_own(raw: str) -> None:
    phone = phones.parse(raw, "US")
    assert isinstance(phone, Phone)
    assert (phone.e164, phone.extension) == ("+12025550143", "7")


@pytest.mark.parametrize(
    ("raw", "region", "e164", "national"),
    [
        ("020 7946 0018", "GB", "+442079460018", "2079460018"),
        ("020 7946 0018", "uk", "+442079460018", "2079460018"),
        ("0044 20 7946 0018", "", "+442079460018", "2079460018"),
        ("+44 (0)20 7946 0018", "", "+442079460018", "2079460018"),
        ("442079460018", "US", "+442079460018", "2079460018"),
        ("020 7946 0018", "", "", "02079460018"),
        ("020 7946 0018", "no such region", "", "02079460018"),
        ("555-0143", "US", "", "5550143"),
        ("06 12345678", "IT", "+390612345678", "0612345678"),
    ],
)
def test_a_number_is_read_in_its_region(raw: str, region: str, e164: str, national: str) -> None:
    phone = phones.parse(raw, region)
    assert isinstance(phone, Phone)
    assert (phone.e164, phone.national) == (e164, national)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", MissingReason.EMPTY),
        ("n/a", MissingReason.JUNK),
        ("000-000-0000", MissingReason.JUNK),
        ("5555555555", MissingReason.JUNK),
        ("1234567890", MissingReason.JUNK),
        ("+1 111 111 1111", MissingReason.JUNK),
        ("call me", MissingReason.MALFORMED),
        ("911", MissingReason.MALFORMED),
        ("202 555 0143 99", MissingReason.MALFORMED),
        ("1" + "2" * 90, MissingReason.MALFORMED),
    ],
)
def test_what_is_no_number_says_why(raw: str, reason: MissingReason) -> None:
    assert phones.parse(raw, "US") == Missing(reason)


@pytest.mark.parametrize(
    ("values", "region"),
    [
        (["(202) 555-0143", "415-555-0132", "3125550177"], "US"),
        (["416-555-0143", "604-555-0132", "514 555 0177"], "CA"),
        (["020 7946 0018", "0161 496 0000", "0117 496 0123"], "GB"),
        (["+49 30 901820", "+49 89 2180 0", "+49 40 42838 0"], "DE"),
        (["030 901820", "089 21800", "040 428380"], "DE"),
        (["555-0143", "555-0132"], ""),
        (["n/a", "", "7"], ""),
        ([], ""),
    ],
)
def test_a_column_shows_its_region(values: list[str], region: str) -> None:
    assert phones.guess_region(values) == region
