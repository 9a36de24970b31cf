"""Names of plain words by column: the same as the parser says of each."""

from __future__ import annotations

import string

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from socialmerge.normalise import names, plain_names
from socialmerge.records import Missing, PersonName

WORDS = st.sampled_from(
    [
        "Ada",
        "mary ann",
        "O'Neil",
        "Jr",
        "Dr",
        "null",
        "NULL",
        "aaa",
        "A",
        "B.",
        "van",
        "de la Cruz",
        "Smith",
        "Éva",
        "GmbH",
    ]
) | st.text(string.ascii_letters + " .-'", max_size=12)


def parts(name: PersonName | Missing) -> tuple[str, ...] | None:
    """The parts of a name that is a person's and has no others."""
    if isinstance(name, Missing):
        return None
    assert not (name.is_organisation)
    assert not (name.nickname)
    assert not (name.suffix)
    assert not (name.title)
    return name.given, name.middle, name.family


@given(st.lists(WORDS, min_size=1, max_size=3).map(" ".join))
def test_a_plain_full_name_is_what_the_parser_reads(raw: str) -> None:
    found = plain_names.of_full(pa.array([raw]))
    if found.plain[0].as_py():
        assert parts(names.parse(raw)) == (found.given[0].as_py(), found.middle[0].as_py(), found.family[0].as_py())


@given(WORDS | st.just(""), WORDS | st.just(""), WORDS | st.just(""))
def test_plain_columns_are_what_the_parser_puts_together(first: str, middle: str, last: str) -> None:
    found = plain_names.of_columns(pa.array([first]), pa.array([middle]), pa.array([last]))
    if found.plain[0].as_py():
        said = names.from_parts(given=first, middle=middle, family=last)
        assert parts(said) == (found.given[0].as_py(), found.middle[0].as_py(), found.family[0].as_py())


def test_usual_names_are_plain() -> None:
    assert plain_names.of_full(pa.array(["Ada Lovelace", "Ada B. Lovelace"])).plain.to_pylist() == [True, True]
    apart = plain_names.of_columns(pa.array(["Ada", ""]), pa.array(["", ""]), pa.array(["Lovelace", "Lovelace"]))
    assert apart.plain.to_pylist() == [True, True]
