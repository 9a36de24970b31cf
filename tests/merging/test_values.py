"""What a value is worth, by kind; and moments."""

import pyarrow as pa
import pytest

from socialmerge.merging.fields import GoldenField
from socialmerge.merging.moments import UNDATED, moments
from socialmerge.merging.values import EMPTY, INVALID, VALID, judge_one
from socialmerge.records import Kind


def field(kind: Kind, part: str = "", channel: str = "") -> GoldenField:
    return GoldenField("f", kind, part, "f", channel=channel)


EQUAL = [
    (field(Kind.NAME, "full"), "Byron, Ada", "ADA BYRON"),
    (field(Kind.NAME, "family"), "O'Neil", "oneil"),
    (field(Kind.EMAIL), "Ada@Example.com", "ada@example.com"),
    (field(Kind.PHONE), "(202) 555-0143", "+1 202-555-0143"),
    (field(Kind.URL), "https://www.example.com/", "example.com"),
    (field(Kind.ACCOUNT, "url", "github"), "https://github.com/Ada", "@ada"),
    (field(Kind.PLACE, "postcode"), "90210 ", "90210"),
    (field(Kind.DATE), "1815-12-10", "10 December 1815"),
    (field(Kind.NUMBER), "12", "12.0"),
    (field(Kind.NUMBER), "1,200.50", "1.200,5"),
    (field(Kind.NUMBER), "€1,200", "1200 €"),
    (field(Kind.TEXT), "Analytical, Ltd.", "analytical ltd"),
]
DIFFERENT = [
    (field(Kind.NAME, "full"), "John Smith Jr", "John Smith Sr"),
    (field(Kind.CODE), "00aB", "00AB"),
    (field(Kind.NUMBER), "1,5", "15"),
    (field(Kind.NUMBER), "€5", "$5"),
    (field(Kind.PHONE), "+1 202 555 0143", "+1 202 555 0143 x7"),
    (field(Kind.DATE), "1815", "1815-12-10"),
    (field(Kind.TEXT), "✨", "🦄"),
]


@pytest.mark.parametrize(("of", "left", "right"), EQUAL)
def test_two_spellings_of_one_value_share_a_key(of: GoldenField, left: str, right: str) -> None:
    assert judge_one(of, left, region="US").key == judge_one(of, right, region="US").key


@pytest.mark.parametrize(("of", "left", "right"), DIFFERENT)
def test_two_values_have_two_keys(of: GoldenField, left: str, right: str) -> None:
    assert judge_one(of, left, region="US").key != judge_one(of, right, region="US").key


@pytest.mark.parametrize("kind", [Kind.NAME, Kind.EMAIL, Kind.PHONE, Kind.URL, Kind.DATE, Kind.PLACE, Kind.TEXT])
def test_what_stands_for_no_value_is_empty_in_every_kind(kind: Kind) -> None:
    assert judge_one(field(kind), "n/a", region="US").standing == EMPTY


@pytest.mark.parametrize("kind", [Kind.EMAIL, Kind.PHONE, Kind.DATE])
def test_what_is_not_of_its_kind_is_invalid(kind: Kind) -> None:
    assert judge_one(field(kind), "call me", region="US").standing == INVALID


def test_a_full_place_is_more_complete_the_more_parts_it_names() -> None:
    place = field(Kind.PLACE, "full")
    short, long = judge_one(place, "Leeds"), judge_one(place, "12 Main Street, Springfield, IL 62701")
    assert short.standing == long.standing == VALID
    assert short.completeness < long.completeness


def test_moments_are_read_in_the_order_of_the_column() -> None:
    read = moments(pa.array(["31/12/2023", "05/06/2024", "no date", None])).tolist()
    assert read[0] < read[1]
    assert read[2:] == [UNDATED, UNDATED]
    assert moments(pa.array(["2024-06-05"])).tolist() == [read[1]]
