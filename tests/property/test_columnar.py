"""Keys of whole columns: on every text they are the parser's; each test holds a fast path equal to the long way."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from socialmerge.normalise import accounts, address_parts, dates, emails, lexicon, names, phones, places, text, urls
from socialmerge.normalise.account_text import JUNK_WORDS, TEMPLATE_WORDS
from socialmerge.normalise.columnar import accounts as account_columns
from socialmerge.normalise.columnar import bytewise, settle
from socialmerge.normalise.columnar import dates as date_columns
from socialmerge.normalise.columnar import emails as email_columns
from socialmerge.normalise.columnar import names as name_columns
from socialmerge.normalise.columnar import phones as phone_columns
from socialmerge.normalise.columnar import places as place_columns
from socialmerge.normalise.columnar import text as text_columns
from socialmerge.normalise.columnar import urls as url_columns
from socialmerge.normalise.columns import coded
from socialmerge.records import Email, Missing

Texts = Sequence[str]

ANYTHING = st.text(st.characters(codec="utf-8"), max_size=20)
MARKS = [*" .,;:-_'\"()[]{}<>@#/\\|&%+*~?!=$^`0189aAzZ", "é", "Ж", "張", "&amp;", "\x00", "\t", "\n", "  "]


def made_of(*pieces: str, joint: str = "", most: int = 5) -> st.SearchStrategy[list[str]]:
    """Texts of the pieces, of marks between them, and of anything."""
    words = st.sampled_from([*pieces, *(piece.title() for piece in pieces), *(piece.upper() for piece in pieces)])
    joined = st.lists(st.one_of(words, words, st.sampled_from(MARKS)), min_size=1, max_size=most)
    plain = st.lists(words, min_size=1, max_size=most)
    texts = st.one_of(plain.map(joint.join), joined.map(joint.join), joined.map("".join), words, ANYTHING)
    return st.lists(texts.filter(bool), min_size=1, max_size=12, unique=True)


def assert_same(found: pa.Array, expected: Sequence[str | Missing]) -> None:
    assert found.to_pylist() == [None if isinstance(key, Missing) else key or None for key in expected]


NOTHING = sorted(text.words_for_nothing())
SPECIAL = sorted(names.special_words())
FREE_TEXT = made_of("mill", "old", "ltd", "7", "oo", "0000", "xx", "your", *NOTHING, joint=" ")
NAMES = made_of("ada", "mary", "king", "de", "la", "o'neil", "t", "x", "aa", *SPECIAL, *NOTHING, joint=" ", most=4)


@given(texts=FREE_TEXT)
@example(["{{first_name}}", "<name>", "(Acme)", "Acme (UK)", "AT&T", "AT&amp;T", "R&D; more", "a", "aaaa", "00", "0 0"])
def test_keys_of_texts_are_the_parsers(texts: Texts) -> None:
    assert_same(text_columns.keys(pa.array(texts)), [text.parse(raw) for raw in texts])


@given(texts=FREE_TEXT)
def test_folding_plain_texts_as_bytes_is_folding_them(texts: Texts) -> None:
    plain = [raw for raw in texts if raw.isascii() and "&" not in raw]
    found = bytewise.folded(bytewise.bytes_of(pa.array(plain, pa.string())))
    assert bytewise.made(found.data, found.offsets).to_pylist() == [text.fold(raw) for raw in plain]


TURNED = st.lists(
    st.tuples(*[st.sampled_from(["ada", "mary", "king", "v", "jr", "de", "maryAnn", "phd", "oo", *SPECIAL])] * 3).map(
        lambda words: f"{words[0].title()}, {words[1].title()} {words[2]}".strip()
    ),
    min_size=1,
    max_size=20,
)


@given(texts=TURNED)
@example(["King, Ada", "KING, ADA MARY", "King, MaryAnn", "MaryAnn, King", "King, Ada V", "King, Jr", "Founder, Ada"])
def test_keys_of_names_with_the_surname_first_are_the_parsers(texts: Texts) -> None:
    found = name_columns.keys(pa.array(texts), "full")
    parsed = [names.parse(raw) for raw in texts]
    for each in name_columns.PARTS:
        assert_same(found[each], [name if isinstance(name, Missing) else getattr(name, each) for name in parsed])


@given(
    texts=st.lists(st.from_regex(r"[A-Z]?[a-z]{1,6}, [A-Z]?[a-z]{1,6}( [A-Z]?[a-z]{1,6})?", fullmatch=True), min_size=1)
)
def test_keys_of_any_words_with_a_comma_are_the_parsers(texts: Texts) -> None:
    found = name_columns.keys(pa.array(texts), "full")
    parsed = [names.parse(raw) for raw in texts]
    for each in name_columns.PARTS:
        assert_same(found[each], [name if isinstance(name, Missing) else getattr(name, each) for name in parsed])


@pytest.mark.parametrize("part", ["", "full", "given", "middle", "family", "suffix", "nickname", "title"])
@given(texts=NAMES)
@example(
    ["Ada", "T", "aa", "Aa Aa", "Ada T. King", "Ada B Cd", "A King", "null", "Null", "sr", "de la Cruz", "x" * 130]
)
def test_keys_of_names_are_the_parsers(part: str, texts: Texts) -> None:
    found = name_columns.keys(pa.array(texts), part)
    parsed = [names.part(raw, part) for raw in texts]
    for each in name_columns.PARTS:
        assert_same(found[each], [name if isinstance(name, Missing) else getattr(name, each) for name in parsed])


HOSTS = ("example.com", "gmail.com", "googlemail.com", "proton.me", "yahoo.com", "users.noreply.github.com", "thinkpad")
LOCALS = ("ada", "king", ".", "-", "_", "+news", "1", "aaa", "test", "noemail", "example", "no.reply", "info")


ADDRESSES = st.lists(
    st.tuples(st.lists(st.sampled_from(LOCALS), max_size=3).map("".join), st.sampled_from(HOSTS)).map("@".join),
    min_size=1,
    max_size=12,
)


@given(texts=ADDRESSES)
@example(
    ["test@test.com", "a@a.com", "x.x@gmail.com", "-@proton.me", "ada-1@yahoo.com", "Ada@EXAMPLE.com", "ada@x.test"]
)
def test_keys_of_addresses_are_their_mailboxes(texts: Texts) -> None:
    assert_same(email_columns.keys(pa.array(texts)), [email_columns.mailbox(raw) for raw in texts])


@given(texts=made_of(*LOCALS, *(f"@{host}" for host in HOSTS)))
def test_keys_of_what_looks_like_an_address_are_their_mailboxes(texts: Texts) -> None:
    assert_same(email_columns.keys(pa.array(texts)), [email_columns.mailbox(raw) for raw in texts])


@given(texts=ADDRESSES)
def test_the_mailbox_of_an_address_is_its_second_key(texts: Texts) -> None:
    for raw in texts:
        email = emails.parse(raw)
        if isinstance(email, Email):
            assert email_columns.mailbox(raw) == email.canonical


NUMBERS = made_of(
    "+44",
    "+33",
    "+32",
    "61",
    "+48",
    "2079460000",
    "612345678",
    "1234567890",
    "666666666",
    "+1",
    "1",
    "0",
    "00",
    "44",
    "20",
    "555",
    "0143",
    "202",
    "(",
    ")",
    "-",
    " ",
    "7946",
    "x7",
    "tel",
    most=7,
)


@pytest.mark.parametrize("region", ["", "US", "GB", "BE", "PL", "UK", "DE", "ZZ"])
@given(texts=NUMBERS)
@example(
    ["(202) 555-0143", "+1 202 555 0143", "2222222222", "1234567890", "(00) 44 20 7946 0000", "0 44 207 946", "12345"]
)
def test_keys_of_numbers_are_the_parsers(region: str, texts: Texts) -> None:
    parsed = [phones.parse(raw, region) for raw in texts]
    expected = [phone if isinstance(phone, Missing) else phone.e164 or phone.national for phone in parsed]
    assert_same(phone_columns.keys(pa.array(texts), region), expected)


ABROAD = st.lists(
    st.tuples(
        st.sampled_from(["+1", "+31", "+32", "+33", "+34", "+41", "+44", "+48", "+61", "+91"]),
        st.integers(10**6, 10**11),
    ),
    min_size=1,
    max_size=30,
)


@pytest.mark.parametrize("region", ["", "US", "DE"])
@given(numbers=ABROAD)
def test_keys_of_numbers_with_a_country_code_are_the_librarys(region: str, numbers: list[tuple[str, int]]) -> None:
    texts = [f"{code}{number}" for code, number in numbers]
    parsed = [phones.parse(raw, region) for raw in texts]
    expected = [phone if isinstance(phone, Missing) else phone.e164 or phone.national for phone in parsed]
    assert_same(phone_columns.keys(pa.array(texts), region), expected)


DATES = st.lists(
    st.one_of(
        st.dates().map(str),
        st.from_regex(r"(0|1|2)[0-9]{3}-[0-3][0-9]-[0-3][0-9]", fullmatch=True),
        st.from_regex(r"[0-3]?[0-9][-/.][01]?[0-9][-/.][0-9]{2,4}", fullmatch=True),
        st.sampled_from(["1970-01-01", "1900-01-01", "2031-05-06", "19990131", "n/a", "0000-00-00", "Jan 2000"]),
    ),
    min_size=1,
    max_size=12,
    unique=True,
)


@given(texts=DATES, placeholders=st.sampled_from([[], ["1970-01-01"]]))
def test_keys_of_dates_are_the_parsers(texts: Texts, placeholders: Texts) -> None:
    none = dates.DateOrder()
    unknown = frozenset(dates.parse(raw, none) for raw in placeholders)
    order = dates.DateOrder(placeholders=unknown)  # type: ignore[arg-type]  # all are dates
    found = date_columns.keys(pa.array(texts), order).to_pylist()
    for raw, key in zip(texts, found, strict=True):
        date = dates.parse(raw, order)
        if not isinstance(date, Missing):
            assert key == f"{date.year:04d}{date.month:02d}{date.day:02d}"
        else:
            assert key is None or (len(key) == 8 and key in raw.replace("-", "").replace("/", "").replace(".", ""))


@given(
    texts=DATES, rows=st.lists(st.integers(1, 40), min_size=12, max_size=12), region=st.sampled_from(["", "US", "GB"])
)
def test_how_a_column_writes_dates_is_decided_as_from_all_its_texts(texts: Texts, rows: list[int], region: str) -> None:
    counts = rows[: len(texts)]
    found = date_columns.order_of([(pa.array(texts), np.array(counts))], region)
    assert found == dates.order(texts, counts=counts, region=region)


STREETS = [*"abn", "12", "1st", "north", "main", "hauptstrasse", "no", "apt", "4", "unit", "#", "1 2", "12a", "same"]
WORDS = ["street", "road", "saint", "mc", "camey", "louis", "nyc", "california", "n y", "97301", "00000", "bar", "test"]


@pytest.mark.parametrize("part", ["street", "house", "unit", "city", "state", "postcode", "country"])
@given(texts=made_of(*STREETS, *WORDS, *NOTHING[:20], joint=" "))
@example(
    ["12 North Main Street", "12a 1st Ave", "no 7 Main", "Main St 5", "Hauptstraße 5", "street", "12 b", "2222", "St"]
)
def test_keys_of_parts_of_addresses_are_the_parsers(part: str, texts: Texts) -> None:
    found = place_columns.keys(pa.array(texts), part)
    parsed = [address_parts.part(raw, part) for raw in texts]
    if part != "street":
        assert_same(found[part], parsed)
        return
    for place, each in enumerate(("house", "street")):
        assert_same(found[each], [k if isinstance(k, Missing) else address_parts.split_house(k)[place] for k in parsed])


@given(texts=made_of("12 Main St", ", ", "Salem", "OR", "97301", "Germany", "remote", joint=" "))
def test_keys_of_whole_addresses_are_the_parsers(texts: Texts) -> None:
    found = place_columns.keys(pa.array(texts), "full")
    parsed = [places.parse(raw) for raw in texts]
    for each in place_columns.PARTS:
        assert_same(found[each], [place if isinstance(place, Missing) else getattr(place, each) for place in parsed])


HANDLES = [
    "ada",
    "ada.king",
    "@",
    "_k",
    "-1",
    ".com",
    ".me",
    "github.com",
    "my",
    "your",
    "handle",
    "t.me/",
    "x:",
    "https://",
]
HANDLES += sorted(JUNK_WORDS | TEMPLATE_WORDS)[:40]


@pytest.mark.parametrize(
    "channel", ["", "handle", "x", "Twitter ", "Intranet ", "mastodon", "linkedin", "discord", "github"]
)
@given(texts=made_of(*HANDLES, most=3))
@example(
    ["Ada_K", "@ada", "ada.love", "github.com", "@github.com", "my_handle", "a-my-name", "n/a", "none", "@none", "..."]
)
def test_keys_of_accounts_are_the_parsers(channel: str, texts: Texts) -> None:
    def key(raw: str) -> str:
        account = accounts.parse(raw, channel=channel)
        return "" if isinstance(account, Missing) else f"{account.channel}:{account.handle or account.account_id}"

    assert_same(account_columns.keys(pa.array(texts), channel), [key(raw) for raw in texts])


SITES = [
    "https://",
    "http://",
    "www.",
    "example",
    ".com",
    ".co.uk",
    "/about",
    "/",
    "//",
    "/.",
    "--",
    "facebook.com",
    "?a=1",
]


@given(texts=made_of(*SITES, *sorted(lexicon.words("urls", "placeholder_hosts"))[:5]))
@example(["www.com", "www.www.example.com", "https://www.facebook.com/", "example.com//a", "a.b", "ada@example.com"])
def test_keys_of_web_addresses_are_the_parsers(texts: Texts) -> None:
    parsed = [urls.parse(raw) for raw in texts]
    assert_same(url_columns.keys(pa.array(texts)), [url if isinstance(url, Missing) else url.key for url in parsed])


READERS: dict[str, Callable[[pa.Array], pa.Array]] = {
    "text": text_columns.keys,
    "code": text_columns.code_keys,
    "name": lambda texts: name_columns.keys(texts, "full")["family"],
    "street": lambda texts: place_columns.keys(texts, "street")["street"],
    "email": email_columns.keys,
    "phone": lambda texts: phone_columns.keys(texts, "US"),
    "account": lambda texts: account_columns.keys(texts, "handle"),
    "url": url_columns.keys,
}


@pytest.mark.parametrize("kind", READERS)
def test_a_column_of_no_text_has_no_key(kind: str) -> None:
    assert len(READERS[kind](pa.array([], pa.string()))) == 0


@pytest.mark.parametrize("kind", READERS)
def test_a_slice_of_a_column_has_the_keys_of_the_slice(kind: str) -> None:
    texts = pa.array(["é", "Ada King", "12 Main St", "ada@example.com", "(202) 555-0143", "Ж"])
    keys = READERS[kind]
    assert keys(texts.slice(1, 4)).to_pylist() == keys(texts).to_pylist()[1:5]


def test_columns_longer_than_is_read_at_one_time_keep_their_order() -> None:
    texts = [f"Mill {number}" for number in range(2 * settle.AT_ONCE + 3)]
    assert text_columns.keys(pa.array(texts)).to_pylist() == [raw.lower() for raw in texts]


@given(
    rows=st.lists(st.lists(st.sampled_from(["", "a", "b", "c", None]), max_size=8), min_size=1, max_size=3),
    encoded=st.booleans(),
)
def test_codes_are_given_out_in_the_order_of_the_rows(rows: list[list[str | None]], encoded: bool) -> None:
    columns = [pa.array(column, pa.string()) for column in rows]
    found = coded([column.dictionary_encode() for column in columns] if encoded else columns)
    whole = [value or None for column in rows for value in column]
    assert found.texts.to_pylist() == list(dict.fromkeys(value for value in whole if value))
    assert [None if code < 0 else found.texts[int(code)].as_py() for code in found.codes] == whole


def test_texts_of_a_dictionary_that_no_row_has_get_no_code() -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([2, None, 0], pa.int8()), pa.array(["c", "unused", "a"]))
    found = coded([column])
    assert (found.codes.tolist(), found.texts.to_pylist()) == ([0, -1, 1], ["a", "c"])
