"""The laws of the normalisers; each test quotes the rule it holds."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import phonenumbers
import pytest
from email_validator import validate_email
from hypothesis import assume, example, given
from hypothesis import strategies as st

from socialmerge.normalise import address_parts, dates, emails, names, nicknames, phones, places, text, urls
from socialmerge.records import Email, Missing, PartialDate, PersonName, Phone, Place, Url

KEY = re.compile(r"(?:[a-z0-9]+(?: [a-z0-9]+)*)?").fullmatch
ORDER = dates.DateOrder()
REGIONS = ("", "US", "GB", "DE", "IT", "AR", "ZZ")

# ruff: noqa: E501 (tables of samples)
PIECES = [
    *"aAbBzZ019 .,;:-_'\"()[]{}<>@#/\\|&%+*~?!=$^`",
    "é",
    "ß",
    "Ł",
    "İ",
    "ﬁ",
    "𝓐",
    "Ω",
    "Ж",
    "ь",
    "张",
    "김",
    "カ",
    "・",
    "ا",
    "ศ",
    "٣",
    "²",
    "１",
    "\u0301",
    "\u200d",
    "\ufe0f",
    "\u00ad",
    "\u202e",
    "\ud800",
    "\x00",
    "\t",
    "\n",
    "\u2028",
    "😀",
    "🏳️\u200d🌈",
    "🇩🇪",
    "&amp;",
    "&#39;",
    "&#0;",
    "&lt;",
    "Dr.",
    "Jr",
    "van",
    "de la",
    "null",
    "N/A",
    "Ada",
    "Lovelace",
    "Smith",
    "O'Neil",
    "Mc",
    "PhD",
    "Inc",
    "she/her",
    "@example.com",
    "http://",
    "www.",
    "://",
    ".com",
    "?utm_source=x",
    "xn--",
    "+1",
    "00",
    "555",
    "2000",
    "01",
    "12",
    "31",
    "Jan",
    "T10:00Z",
    "St",
    "Apt 4",
    "CA",
    "97301",
    "Germany",
]
TEXTS = st.one_of(
    st.text(st.characters(codec=None, exclude_categories=()), max_size=40),
    st.lists(st.sampled_from(PIECES), max_size=10).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join),
)
PARSERS: dict[str, Callable[[str], object]] = {
    "text": text.parse,
    "name": names.parse,
    "given": lambda raw: names.from_parts(given=raw),
    "parts": lambda raw: names.from_parts(given=raw, middle=raw, family=raw, suffix=raw, title=raw, nickname=raw),
    **{f"name {part}": lambda raw, part=part: names.part(raw, part) for part in ("given", "family", "suffix", "title")},
    "email": emails.parse,
    **{f"phone {region}": lambda raw, region=region: phones.parse(raw, region) for region in REGIONS},
    "url": urls.parse,
    "date": lambda raw: dates.parse(raw, ORDER),
    "date dmy": lambda raw: dates.parse(raw, dates.DateOrder(day_first=True, compact="dmy", serial=True)),
    "place": places.parse,
    **{
        f"place {part}": lambda raw, part=part: places.part(raw, part)
        for part in ("street", "house", "unit", "city", "state", "postcode", "country", "full")
    },
}
TYPES = (str, Missing, PersonName, Email, Phone, Url, PartialDate, Place)


@pytest.mark.parametrize("kind", PARSERS)
@given(raw=TEXTS)
def test_any_text_gives_a_typed_value_or_missing_with_a_reason(kind: str, raw: str) -> None:
    # Rule: raw: str -> typed | Missing(reason), never raises on any text.
    value = PARSERS[kind](raw)
    assert isinstance(value, TYPES)
    assert value != ""


UNITS = [
    "a",
    "0",
    " ",
    ".",
    "@",
    "'",
    '"',
    "(",
    "<",
    "[",
    "&",
    "&amp;",
    "&#38;",
    "#",
    "/",
    "-",
    "+",
    "a.",
    "a@",
    "a@b.",
    "1-",
    "1 ",
    "()",
    "😀",
    "e\u0301\u0316",
    "\u0301\u0316",
    "张",
    "\ud800",
    "\x00",
    "van ",
    "Jr, ",
    "apt 1 ",
    "a,",
    "%41",
    "www.",
    "(1) ",
    "http://",
    "she/her ",
]


@pytest.mark.parametrize("kind", PARSERS)
def test_a_hundred_kilobytes_of_anything_take_no_time(kind: str) -> None:
    # Rule: no hang on any text, 100 kB of anything included.
    for unit in UNITS:
        raw = unit * (100_000 // len(unit))
        start = time.process_time()
        PARSERS[kind](raw)
        PARSERS[kind]("Ada " + raw + " Lovelace")
        assert time.process_time() - start < 10.0, f"slow on a run of {unit!r}"


@given(raw=TEXTS)
def test_fold_is_idempotent_and_plain(raw: str) -> None:
    # Rule: fold gives lower-case ASCII letters and digits separated by single spaces, and fold(fold(x)) == fold(x).
    key = text.fold(raw)
    assert KEY(key)
    assert text.fold(key) == key


@given(raw=TEXTS)
def test_fold_does_not_see_case_or_surrounding_space(raw: str) -> None:
    # Rule: the key has no case, and white space at the ends says nothing.
    assume(raw.isascii() and "&" not in raw)
    assert text.fold(raw.upper()) == text.fold(raw) == text.fold(f"  {raw}\n")


@given(raw=TEXTS)
@example("&amp;amp;amp;amp;amp;amp;")
def test_cleaning_a_display_twice_changes_nothing(raw: str) -> None:
    # Rule: a display is stable, can be stored (no lone surrogate, no control character) and keeps the key.
    shown = text.clean(raw)
    assert text.clean(shown) == shown
    shown.encode("utf-8")
    assert text.fold(shown) == text.fold(raw)


def keys(name: PersonName) -> tuple[object, ...]:
    return (
        name.given,
        name.middle,
        name.family,
        name.suffix,
        name.nickname,
        name.title,
        name.original,
        name.is_organisation,
    )


@given(raw=TEXTS)
def test_parsing_the_display_of_a_name_again_gives_the_same_name(raw: str) -> None:
    # Rule: every normaliser is idempotent: re-parsing the display gives equal keys.
    name = names.parse(raw)
    assume(isinstance(name, PersonName))
    assert isinstance(name, PersonName)
    assert names.parse(name.display) == name


@given(raw=TEXTS)
def test_every_part_of_a_name_is_a_folded_key(raw: str) -> None:
    # Rule: every text part but display and original is a folded key.
    name = names.parse(raw)
    if isinstance(name, PersonName):
        parts = (name.given, name.middle, name.family, name.suffix, name.nickname, name.title)
        assert all(KEY(part) for part in parts)
        assert name.given or name.family
        assert name.suffix in {"", "jr", "sr", "ii", "iii", "iv", "v"}


@given(raw=TEXTS)
def test_the_folded_name_parses_to_a_stable_name(raw: str) -> None:
    # Rule: parse(fold(x)) is stable.
    once = names.parse(text.fold(raw))
    if isinstance(once, PersonName):
        assert names.parse(text.fold(once.display)) == once


WORDS = st.from_regex(r"[A-Z][a-z]{2,9}", fullmatch=True)


@given(first=WORDS, last=WORDS)
def test_the_short_cut_for_plain_names_reads_like_the_full_parser(first: str, last: str) -> None:
    # Rule: a fast path is only a short cut: a full stop sends the same words the long way round.
    quick = names.parse(f"{first} {last}")
    long = names.parse(f"{first} {last}.")
    if isinstance(quick, PersonName) and isinstance(long, PersonName):
        assert keys(quick)[:6] == keys(long)[:6]
    else:
        assert quick == long


@given(first=WORDS, last=WORDS)
def test_name_columns_read_like_the_name_in_one(first: str, last: str) -> None:
    # Rule: from_parts does the same from separate columns.
    apart, whole = names.from_parts(given=first, family=last), names.parse(f"{first} {last}")
    if (
        isinstance(apart, PersonName)
        and isinstance(whole, PersonName)
        and not whole.is_organisation
        and not whole.title
    ):
        assert (apart.given, apart.family) == (whole.given, whole.family)


@given(left=WORDS, right=WORDS)
def test_being_a_nickname_is_mutual_and_includes_equality(left: str, right: str) -> None:
    # Rule: one hop in either direction.
    left, right = left.lower(), right.lower()
    assert nicknames.same_nickname(left, right) == nicknames.same_nickname(right, left)
    assert nicknames.same_nickname(left, left)


LABELS = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,8}[a-zA-Z0-9])?", fullmatch=True)
LOCALS = st.from_regex(r"[a-zA-Z0-9_+.-]{1,20}", fullmatch=True)


@given(local=LOCALS, host=st.lists(LABELS, min_size=1, max_size=3), top=st.from_regex(r"[A-Za-z]{2,6}", fullmatch=True))
def test_the_short_cut_for_addresses_equals_email_validator(local: str, host: list[str], top: str) -> None:
    # Rule: the fast path equals email-validator on everything that it accepts.
    raw = f"{local}@{'.'.join(host)}.{top}"
    assume(emails._quick(raw) is not None)
    value = emails.parse(raw)
    valid = validate_email(raw, check_deliverability=False)
    if isinstance(value, Email):
        assert value.display == valid.normalized
        assert value.key == f"{valid.local_part.lower()}@{valid.ascii_domain}"
    else:
        assert value == text.PLACEHOLDER


@given(raw=TEXTS)
def test_parsing_an_address_again_gives_the_same_address(raw: str) -> None:
    # Rule: idempotent: re-parsing the display gives an equal value, re-parsing the key an equal key.
    email = emails.parse(raw)
    if isinstance(email, Email):
        assert emails.parse(email.display) == email
        again = emails.parse(email.key)
        assert isinstance(again, Email)
        assert again.key == email.key
        assert again.canonical == email.canonical


@given(
    local=st.from_regex(r"[a-z]{3,8}\.[a-z]{3,8}", fullmatch=True), tag=st.from_regex(r"[a-z0-9]{1,5}", fullmatch=True)
)
def test_gmail_dots_and_tags_are_one_mailbox(local: str, tag: str) -> None:
    # Rule: gmail dots, plus tags, googlemail -> gmail make the second key, not the display.
    spellings = [f"{local}@gmail.com", f"{local.replace('.', '')}+{tag}@googlemail.com", f"{local.upper()}@GMAIL.com"]
    found = [emails.parse(spelling) for spelling in spellings]
    assume(all(isinstance(email, Email) for email in found))
    assert len({email.canonical for email in found if isinstance(email, Email)}) == 1
    assert len({email.key for email in found if isinstance(email, Email)}) == 2


LAYOUTS = st.sampled_from(["{0}", "{0} {1} {2}", "({0}) {1}-{2}", "{0}-{1}-{2}", "{0}.{1}.{2}", "({0}) {1}{2}"])


@given(region=st.sampled_from(sorted(phones.lexicon.table("phones")["national"])), data=st.data(), layout=LAYOUTS)
def test_the_short_cut_for_numbers_equals_phonenumbers(region: str, data: st.DataObject, layout: str) -> None:
    # Rule: the fast path equals phonenumbers on everything that it accepts, possible numbers included.
    prefix, group = phones.lexicon.table("phones")["national"][region].split("(")
    code = phones.lexicon.table("phones")["country_codes"][region]
    before = data.draw(st.sampled_from([f"(?:{prefix})", rf"\+{code}"]))
    digits = data.draw(st.from_regex(f"{before}({group}", fullmatch=True))
    raw = layout.format(digits[:3], digits[3:6], digits[6:]) if layout != "{0}" else digits
    assume(phones._PLAIN(raw))
    value = phones.parse(raw, region)
    assume(isinstance(value, Phone))
    assert isinstance(value, Phone)
    number = phonenumbers.parse(raw, region)
    assert phonenumbers.is_possible_number(number)
    assert value.e164 == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert value.national == phonenumbers.national_significant_number(number)
    assert value.country_code == number.country_code


@given(raw=TEXTS, region=st.sampled_from(REGIONS))
def test_parsing_a_number_again_gives_the_same_number(raw: str, region: str) -> None:
    # Rule: idempotent; an E.164 number reads the same in every region.
    phone = phones.parse(raw, region)
    if isinstance(phone, Phone):
        assert phones.parse(phone.display, region) == phone
        assert phone.national.isdigit()
        if phone.e164 and not phone.extension:
            again = phones.parse(phone.e164, "")
            assert isinstance(again, Phone)
            assert (again.e164, again.national) == (phone.e164, phone.national)


@given(values=st.lists(TEXTS, max_size=8), shuffled=st.randoms())
def test_the_region_of_a_column_does_not_depend_on_the_order_of_rows(values: list[str], shuffled: object) -> None:
    # Rule: the same input in any order gives the same answer.
    turned = values[::-1]
    assert phones.guess_region(values) == phones.guess_region(turned)
    assert dates.order(values) == dates.order(turned)


@given(raw=TEXTS)
def test_parsing_a_web_address_again_gives_the_same_key(raw: str) -> None:
    # Rule: idempotent, for the display and for the key.
    url = urls.parse(raw)
    if isinstance(url, Url):
        assert urls.parse(url.display) == url
        again = urls.parse(url.key)
        assert isinstance(again, Url)
        assert (again.key, again.host, again.label) == (url.key, url.host, url.label)


HOSTS = st.from_regex(r"[a-z]{3,9}\.example\.(com|org)", fullmatch=True).filter(lambda host: host[:4] != "www.")


@given(host=HOSTS, path=st.from_regex(r"(/[a-zA-Z0-9_-]{1,6}){0,3}", fullmatch=True))
def test_accidents_of_a_web_address_leave_its_key(host: str, path: str) -> None:
    # Rule: scheme, www., case of the host, default port, trailing slash, fragment, credentials and tracking do not count.
    spellings = [
        f"{host}{path}",
        f"http://{host}{path}/",
        f"HTTPS://WWW.{host.upper()}:443{path}#top",
        f"//{host}{path}",
        f"https://ada:secret@{host}{path}",
        f"https://{host}{path}?utm_source=x&fbclid=y",
        f"http://{host}:80{path}",
    ]
    found = [urls.parse(spelling) for spelling in spellings]
    assert {url.key if isinstance(url, Url) else url for url in found} == {f"{host}{path}"}
    assert not any("secret" in str(url) for url in found)


REAL_DATES = st.dates(min_value=dates.dt.date(1001, 1, 1), max_value=dates.dt.date(2200, 12, 31))


@given(
    day=REAL_DATES,
    layout=st.sampled_from(["%d/%m/%Y", "%d.%m.%Y", "%d %B %Y", "%Y-%m-%d", "%Y%m%d", "%Y-%m-%dT%H:%M:%SZ"]),
)
def test_a_date_reads_back_in_every_layout_of_a_day_first_column(day: dates.dt.date, layout: str) -> None:
    # Rule: a date column's order, decided once, reads every value of the column.
    shown = day.strftime(layout.replace("%Y", f"{day.year:04d}"))
    assert dates.parse(shown, dates.DateOrder(day_first=True)) == PartialDate(day.year, day.month, day.day)


@given(days=st.lists(REAL_DATES, min_size=1, max_size=20), first=st.booleans())
def test_one_value_that_only_one_order_reads_decides_the_column(days: list[dates.dt.date], first: bool) -> None:
    # Rule: day/month order by evidence.
    layout = "{0.day}/{0.month}/{0.year}" if first else "{0.month}/{0.day}/{0.year}"
    proof = dates.dt.date(2000, 5, 25)
    order = dates.order([layout.format(day) for day in [*days, proof]])
    assert order.day_first == first
    assert [dates.parse(layout.format(day), order) for day in days] == [
        PartialDate(d.year, d.month, d.day) for d in days
    ]


@given(raw=TEXTS, first=st.booleans())
def test_a_date_written_as_iso_reads_back(raw: str, first: bool) -> None:
    # Rule: idempotent.
    order = dates.DateOrder(day_first=first)
    date = dates.parse(raw, order)
    if isinstance(date, PartialDate):
        assert dates.parse(dates.iso(date), order) == date


@given(raw=TEXTS)
def test_parsing_a_place_again_gives_the_same_place(raw: str) -> None:
    # Rule: idempotent; every part is a folded key.
    place = places.parse(raw)
    if isinstance(place, Place):
        assert places.parse(place.display) == place
        parts = (place.house, place.street, place.unit, place.city, place.state, place.postcode, place.country)
        assert all(KEY(part) for part in parts)
        assert any(parts)


@pytest.mark.parametrize("part", ["street", "house", "unit", "city", "state", "postcode", "country", "full"])
@given(raw=TEXTS)
@example(raw="00000000:1")  # parted, no ZIP; without its space a ZIP of zeros and four more digits
def test_the_key_of_a_part_of_an_address_is_stable(part: str, raw: str) -> None:
    # Rule: idempotent: the key of a key is the key.
    key = places.part(raw, part)
    if isinstance(key, str):
        assert KEY(key)
        assert places.part(key, part) == key


@given(key=TEXTS.map(text.fold))
def test_splitting_a_street_loses_no_word(key: str) -> None:
    # Rule: a part is cut off, nothing is dropped but the words that name a unit.
    street, unit = address_parts.split_unit(key)
    assert set(street.split()) | set(unit.split()) <= set(key.split())
    house, rest = address_parts.split_house(key)
    assert sorted(f"{house} {rest}".split()) == sorted(key.split())
