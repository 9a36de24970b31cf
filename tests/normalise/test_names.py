"""Names of people."""

from __future__ import annotations

import pytest

from socialmerge.normalise import names
from socialmerge.records import Missing, MissingReason, PersonName


def parsed(raw: str) -> PersonName:
    name = names.parse(raw)
    assert isinstance(name, PersonName)
    return name


@pytest.mark.parametrize(
    ("raw", "given", "middle", "family"),
    [
        ("Ada Lovelace", "ada", "", "lovelace"),
        ("ADA LOVELACE", "ada", "", "lovelace"),
        ("Lovelace, Ada", "ada", "", "lovelace"),
        ("Lovelace, Ada King", "ada", "king", "lovelace"),
        ("J. Luis Correa", "j", "luis", "correa"),
        ("H.C. Johnson", "h", "c", "johnson"),
        ("J.R.R. Tolkien", "j", "r r", "tolkien"),
        ("Jill N. Tokuda", "jill", "n", "tokuda"),
        ("Ludwig van Beethoven", "ludwig", "", "van beethoven"),
        ("van der Berg, Ada", "ada", "", "van der berg"),
        ("Gogh, Vincent van", "vincent", "", "van gogh"),
        ("Maria de la Cruz Garcia", "maria", "", "de la cruz garcia"),
        ("de la Cruz", "", "", "de la cruz"),
        ("Zayd bin Omar ibn Hasan", "zayd", "bin omar", "ibn hasan"),
        ("Maggie O'Neil-Smith", "maggie", "", "oneil smith"),
        ("Ronald Mc Donald", "ronald", "", "mcdonald"),
        ("Jean-Luc Godard", "jean luc", "", "godard"),
        ("Van Morrison", "van", "", "morrison"),
        ("Minh Le", "minh", "", "le"),
        ("Jack Ma", "jack", "", "ma"),
        ("Ada", "ada", "", ""),
        ("Ada L.", "ada", "", "l"),
        ("ada_lovelace", "ada", "", "lovelace"),
        ("AdaLovelace", "ada", "", "lovelace"),
        ("Dr. Lovelace", "", "", "lovelace"),
        ("Ünal Łucja", "unal", "", "lucja"),
    ],
)
def test_a_name_is_cut_into_given_middle_and_family(raw: str, given: str, middle: str, family: str) -> None:
    name = parsed(raw)
    assert (name.given, name.middle, name.family) == (given, middle, family)


@pytest.mark.parametrize(
    ("raw", "suffix"),
    [
        ("Ada King Jr", "jr"),
        ("King Jr., Ada", "jr"),
        ("King, Ada, Sr.", "sr"),
        ("King, Jr., Ada", "jr"),
        ("Ada King III", "iii"),
        ("Ada King 3rd", "iii"),
        ("Ada King, Jr., PhD", "jr"),
        ("Ada King", ""),
    ],
)
def test_the_generation_is_kept_in_one_spelling(raw: str, suffix: str) -> None:
    name = parsed(raw)
    assert (name.given, name.family, name.suffix) == ("ada", "king", suffix)


@pytest.mark.parametrize(
    "raw",
    [
        "Ada King, PhD",
        "Ada King Ph.D.",
        "Ada King, MD, MBA",
        "Ada King, MA",
        "Ms. Ada King",
        "Prof. Dr. Ada King",
        "Ada King (she/her)",
        "Ada King she/her",
        "✨ Ada King ✨",
        "Ada King 🏳️\u200d🌈",
        "Ada King | Founder at Acme",
        "Ada King - Acme",
        "Ada King @ Acme",
        "Ada King, CEO at Acme",
        "Ada King, Engineer",
        "Ada King (Acme)",
        '"Ada King"',
        "@ Ada King",
    ],
)
def test_credentials_pronouns_emoji_and_taglines_leave_the_key(raw: str) -> None:
    name = parsed(raw)
    assert (name.given, name.middle, name.family) == ("ada", "", "king")


@pytest.mark.parametrize(
    ("raw", "nickname"),
    [
        ('Henry "Hank" King', "hank"),
        ("Henry “Hank” King", "hank"),
        ("Henry 'Hank' King", "hank"),
        ("Henry (Hank) King", "hank"),
        ("Henry King (Hank)", "hank"),
        ("Henry King (Acme)", ""),
    ],
)
def test_a_nickname_in_quotes_or_brackets_is_a_part_of_its_own(raw: str, nickname: str) -> None:
    name = parsed(raw)
    assert (name.given, name.family, name.nickname) == ("henry", "king", nickname)


@pytest.mark.parametrize(
    ("raw", "given", "middle", "family"),
    [
        ("张秀英", "xiuying", "", "zhang"),
        ("欧阳娜娜", "nana", "", "ouyang"),
        ("山田 太郎", "tailang", "", "shantian"),
        ("김철수", "cheolsu", "", "kim"),
        ("Александр Павлович Васильев", "aleksandr", "pavlovich", "vasilev"),
        ("Васильев Александр Павлович", "aleksandr", "pavlovich", "vasilev"),
        ("ВАСИЛЬЕВ, Александр Павлович", "aleksandr", "pavlovich", "vasilev"),
    ],
)
def test_a_script_that_shows_the_order_decides_it(raw: str, given: str, middle: str, family: str) -> None:
    name = parsed(raw)
    assert (name.given, name.middle, name.family) == (given, middle, family)
    assert name.original == raw.casefold()


@pytest.mark.parametrize(
    "raw",
    [
        "Acme Inc.",
        "Acme GmbH",
        "University of Example",
        "The Acme Company",
        "Team Acme",
        "Acme Support",
        "Friends of the Library",
        "Example Foundation",
        "Acme & Co. Ltd",
        "First Church of Example",
    ],
)
def test_an_organisation_is_not_a_person(raw: str) -> None:
    assert parsed(raw).is_organisation


@pytest.mark.parametrize(
    "raw", ["Charlotte Church", "Peter Banks", "Ada House", "Jaylynn Farm", "Joan of Arc", "Ada Lovelace"]
)
def test_a_person_whose_surname_is_a_word_of_organisations_stays_a_person(raw: str) -> None:
    assert not parsed(raw).is_organisation


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", MissingReason.EMPTY),
        ("null", MissingReason.JUNK),
        ("NULL NULL", MissingReason.JUNK),
        ("12345", MissingReason.JUNK),
        ("user1234", MissingReason.JUNK),
        ("🌍", MissingReason.JUNK),
        ("Mr.", MissingReason.JUNK),
        ("Your Name", MissingReason.PLACEHOLDER),
        ("ada@example.com", MissingReason.MALFORMED),
        ("https://example.com", MissingReason.MALFORMED),
        ("a" * 500, MissingReason.MALFORMED),
    ],
)
def test_what_is_no_name_says_why(raw: str, reason: MissingReason) -> None:
    assert names.parse(raw) == Missing(reason)


def test_the_surname_null_is_kept_only_where_it_is_written_like_a_surname() -> None:
    assert parsed("Jennifer Null").family == "null"
    assert parsed("Null, Jennifer").family == "null"
    assert parsed("jennifer null").family == ""
    assert parsed("JENNIFER NULL").family == ""


def test_columns_are_read_like_the_name_in_one() -> None:
    name = names.from_parts(given="Dr. Mary Ann", family="Smith Jr")
    assert isinstance(name, PersonName)
    assert (name.title, name.given, name.middle, name.family, name.suffix) == ("dr", "mary", "ann", "smith", "jr")


def test_a_given_column_that_holds_the_whole_name_is_cut() -> None:
    for name in (names.from_parts(given="Ada Lovelace"), names.from_parts(given="Ada Lovelace", family="Lovelace")):
        assert isinstance(name, PersonName)
        assert (name.given, name.family) == ("ada", "lovelace")


def test_a_generation_spelled_out_counts_only_after_a_whole_name() -> None:
    assert parsed("David King Senior").suffix == "sr"
    assert (parsed("Neymar Junior").family, parsed("Neymar Junior").suffix) == ("junior", "")
    column = names.part("King Senior", "family")
    assert isinstance(column, PersonName)
    assert (column.family, column.suffix) == ("king", "sr")


def test_columns_without_a_name_say_why() -> None:
    assert names.from_parts() == Missing(MissingReason.EMPTY)
    assert names.from_parts(given="N/A", family="null") == Missing(MissingReason.JUNK)


@pytest.mark.parametrize("raw", ["V", "Jun", "Sen", "Mx"])
def test_a_given_name_that_is_a_title_or_suffix_elsewhere_is_kept(raw: str) -> None:
    name = names.part(raw, "given")
    assert isinstance(name, PersonName)
    assert name.given == raw.lower()


@pytest.mark.parametrize("raw", ["Guest", "Sample", "Blank", "True", "de la Cruz", "Church"])
def test_a_surname_column_keeps_surnames_that_are_words(raw: str) -> None:
    name = names.part(raw, "family")
    assert isinstance(name, PersonName)
    assert name.family == raw.lower()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("henry", "hank"),
        ("william", "bill"),
        ("jim", "jimmy"),
        ("alexander", "sasha"),
        ("jose", "pepe"),
        ("chris", "christopher"),
    ],
)
def test_nicknames_are_the_same_name(left: str, right: str) -> None:
    assert names.same_nickname(left, right)


@pytest.mark.parametrize(
    ("left", "right"), [("hank", "harry"), ("paul", "paula"), ("ada", "eva"), ("", ""), ("j", "james"), ("al", "bo")]
)
def test_other_names_are_not(left: str, right: str) -> None:
    assert not names.same_nickname(left, right)
