"""Names of people: title, given, middle, family, generation and nickname, as folded keys beside the display."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from socialmerge.normalise import decorations, lexicon, name_words, organisations, scripts, text
from socialmerge.normalise.name_words import Parts, lead, tail, words_of
from socialmerge.normalise.nicknames import looks_like_given, same_nickname
from socialmerge.records import Missing, MissingReason, PersonName

__all__ = ["VERSION", "from_parts", "looks_like_given", "parse", "part", "same_nickname", "special_words"]

VERSION = 1

_LONGEST = 120
_SHOWN_SUFFIX = {"jr": "Jr.", "sr": "Sr.", "ii": "II", "iii": "III", "iv": "IV", "v": "V"}
_SIMPLE = re.compile(r"([A-Za-z]{2,24}) (?:([A-Za-z]{1,24})\.? )?([A-Za-z]{2,24})").fullmatch
_ADDRESS = re.compile(r"\S@[^\s@]+\.\S|://|^www\.|^mailto:", re.IGNORECASE)
_NUMBERED_USER = re.compile(r"(?:user|guest|member|customer|test|client) ?[0-9]*")


def parse(raw: str) -> PersonName | Missing:
    """Parse a full name, a display name or a "Family, Given" name.

    Particles (van der, de la, bin) begin the surname; otherwise the last word is the surname and the words between are
    middle names. A single word is a given name, after a title a surname. Family name first where the script shows it
    (Chinese, Japanese, Korean; Cyrillic with a patronymic). Credentials, pronouns, emoji and taglines leave the key.
    An organisation has ``is_organisation`` and its whole folded name in ``family``.

    Junk: the whole name is a placeholder phrase (see ``data/text.toml``). One word left by a machine or a tester (null,
    none, test) is dropped from a longer name, except as a surname written like one: *Jennifer Null* keeps hers,
    *jennifer null* and *JENNIFER NULL* do not: in exports a null is written in one case, and a lost surname costs one
    field where a false one would join strangers.

    Returns:
        The name, or `Missing`: empty, junk, placeholder, or malformed (an address, over 120 characters).

    >>> name = parse('Rep. Henry C. "Hank" Johnson, Jr.')
    >>> name.title, name.given, name.middle, name.nickname, name.family, name.suffix
    ('rep', 'henry', 'c', 'hank', 'johnson', 'jr')
    >>> parse("van der Berg, Ada").family, parse("Usama bin Zayd").family, parse("H.C. Johnson").middle
    ('van der berg', 'bin zayd', 'c')
    >>> parse("ВАСИЛЬЕВ, Александр Павлович").family, parse("Acme GmbH").is_organisation
    ('vasilev', True)
    """
    simple = _SIMPLE(raw)
    if simple:
        first, middle, last = simple.groups("")
        name = _plain(raw, first.lower(), middle.lower(), last.lower())
        if name:
            return name
    cleaned = text.clean(raw)
    reason = _no_name(cleaned)
    if reason is not None:
        return Missing(reason)
    shown = decorations.strip(cleaned)
    if len(shown) > _LONGEST:
        return text.MALFORMED
    reason = _no_name(shown)
    return Missing(reason) if reason is not None else _parsed(shown)


def _plain(display: str, given: str, middle: str, family: str) -> PersonName | None:
    """The name when none of its words means anything but itself."""
    special = special_words()
    letters = given + family
    if given in special or family in special or middle in special or letters.count(letters[0]) == len(letters):
        return None
    return PersonName(display, given, middle, family, "", "", "", display.lower())


@cache
def special_words() -> frozenset[str]:
    """Words that a name of plain words may not hold: they need the full parse.

    >>> "junior" in special_words(), "ada" in special_words()
    (True, False)
    """
    mappings = ("titles", "weak_titles", "suffixes")
    lists = ("machine", "credentials.sure", "credentials.comma", "particles.west", "particles.east", "particles.joined")
    known = frozenset().union(*(lexicon.mapping("names", name) for name in mappings))
    known |= frozenset().union(*(lexicon.words("names", name) for name in lists)) | organisations.marker_words()
    single = (phrase.split() for phrase in lexicon.words("text", "junk") | lexicon.words("text", "placeholder"))
    known |= frozenset(word for words in single for word in words) | {"and", "at", "from", "with", "senior", "junior"}
    return frozenset(word for word in known if len(word) > 1)  # a letter alone is an initial


def _no_name(shown: str) -> MissingReason | None:
    key = text.fold(shown)
    reason = text.no_value(shown, key)
    if reason is not None:
        return None if key in lexicon.words("names", "surnames") and shown.istitle() and key == "na" else reason
    if _ADDRESS.search(shown):
        return MissingReason.MALFORMED
    if _NUMBERED_USER.fullmatch(key) or key.replace(" ", "").isdigit():
        return MissingReason.JUNK
    return None


def _parsed(shown: str) -> PersonName | Missing:
    tokens = text.fold(shown).split()
    if organisations.is_organisation(tokens):
        return PersonName(shown, family=" ".join(tokens), original=_original(shown), is_organisation=True)
    taken = decorations.nickname(shown)
    eastern = scripts.family_first(taken.name)
    if eastern:
        family, given = eastern
        return PersonName(
            shown, text.fold(given), "", scripts.fold_family(family), nickname=taken.nickname, original=_original(shown)
        )
    parts = name_words.parts_of(taken.name)
    kept = name_words.without_machine_words(parts)
    if kept is not parts:
        rest = name_words.without(shown, {*parts.given, *parts.family} - {*kept.given, *kept.family})
        return parse(rest) if rest and rest != shown else text.JUNK
    return _assembled(shown, parts, taken.nickname)


def _original(shown: str) -> str:
    return shown.lower() if shown.isascii() else unicodedata.normalize("NFKC", shown).casefold()


def _assembled(shown: str, parts: Parts, nickname: str) -> PersonName | Missing:
    given = [word.key for word in parts.given]
    family = " ".join(word.key for word in parts.family)
    if not (given or family) or (not family and len(given) == 1 and given[0] in _not_alone()):
        return text.JUNK
    return PersonName(
        display=shown,
        given=given[0] if given else "",
        middle=" ".join(given[1:]),
        family=family,
        suffix=parts.suffix,
        nickname=nickname,
        title=parts.title,
        original=_original(shown),
    )


@cache
def _not_alone() -> frozenset[str]:
    """Words that are no name alone: what is left of "Mr." and ", Jr."."""
    return frozenset(["mr", "mrs", "ms", "dr", "prof", "jr", "sr", "ii", "iii"])


def from_parts(
    *, given: str = "", middle: str = "", family: str = "", suffix: str = "", title: str = "", nickname: str = ""
) -> PersonName | Missing:
    """The name in separate columns, read as `parse` would read it in one.

    A given column that holds the whole name, a generation in the family column and a title in the given column are put
    in their places. Two given names are given and middle, as in `parse`. Empty parts are ``""``.

    >>> from_parts(given="Mary Ann", family="Smith Jr").middle, from_parts(given="Mary", family="Smith Jr").suffix
    ('ann', 'jr')
    >>> from_parts(given="Ada Lovelace").family, from_parts(given="Teresa", family="Leger Fernandez").family
    ('lovelace', 'leger fernandez')
    """
    if not (suffix or title or nickname):
        simple = _simple_parts(given, middle, family)
        if simple:
            return simple
    raw = (title, given, middle, family, suffix)
    shown = [decorations.strip(text.clean(part)) for part in raw]
    if sum(map(len, shown)) > _LONGEST:
        return text.MALFORMED
    kept = ["" if part and _no_part(part) else part for part in shown]
    if not any(kept[1:4]):
        return text.JUNK if any(map(text.clean, raw[1:4])) else text.EMPTY
    return _from_shown(kept, text.fold(nickname) if not text.is_junk(nickname) else "")


def _simple_parts(given: str, middle: str, family: str) -> PersonName | None:
    """The name when every column holds one plain word."""
    columns = [column for column in (given, middle, family) if column]
    display = " ".join(columns)
    if not (given or family) or not display.isascii() or not all(column.isalpha() for column in columns):
        return None
    return _plain(display, given.lower(), middle.lower(), family.lower())


def part(raw: str, part: str) -> PersonName | Missing:
    """One column of a name whose other parts stand in columns of their own.

    Args:
        raw: the text.
        part: "given" (two words are given and middle, never given and family), "middle", "family" (with its
            generation), "suffix", "nickname", "title"; "full" and "" are `parse`.

    >>> part("Mary Ann", "given").middle, part("Smith Jr", "family").suffix, part("de la Cruz", "family").family
    ('ann', 'jr', 'de la cruz')
    >>> part("Null", "family").family, part("NULL", "family").reason.value
    ('null', 'junk')
    """
    if part in {"", "full"}:
        return parse(raw)
    if part in {"given", "family"} and raw.isalpha():
        simple = _simple_parts(raw, "", "") if part == "given" else _simple_parts("", "", raw)
        if simple:
            return simple
    shown = decorations.strip(text.clean(raw))
    key = text.fold(shown)
    if not key or _no_part(shown) or len(shown) > _LONGEST:
        return Missing(text.is_junk(raw) or MissingReason.MALFORMED)
    return _one_column(shown, key, part)


def _one_column(shown: str, key: str, part: str) -> PersonName | Missing:
    original = _original(shown)
    if part == "suffix":
        suffix = lexicon.mapping("names", "suffixes").get(key.replace(" ", ""), "")
        return PersonName(shown, suffix=suffix, original=original) if suffix else text.MALFORMED
    if part == "title":
        return PersonName(shown, title=lexicon.mapping("names", "titles").get(key, key), original=original)
    if part == "nickname":
        return PersonName(shown, nickname=key, original=original)
    if part == "middle":
        return PersonName(shown, middle=key, original=original)
    taken = decorations.nickname(shown)
    words = words_of(taken.name)
    title, words = lead(words) if part == "given" else ("", words)
    suffix, words = tail(words, after_comma=False, has_given=part == "given")
    given, family = (words, []) if part == "given" else ([], name_words.joined(words))
    kept = name_words.without_machine_words(Parts(given, family, suffix, title), alone=True)
    return _assembled(shown, kept, taken.nickname)


def _no_part(part: str) -> bool:
    """Whether one column holds no name; a surname that is also a junk word is settled when the whole name is known."""
    if _ADDRESS.search(part):
        return True
    kept = lexicon.words("names", "surnames") | lexicon.words("names", "words_too")
    return bool(text.is_junk(part)) and text.fold(part) not in kept


def _from_shown(shown: list[str], nickname: str) -> PersonName | Missing:
    title, given, middle, family, suffix = shown
    if _is_whole(given, middle, family):
        return _with(parse(given or family), title, suffix, nickname)
    taken = decorations.nickname(given)
    given_words = [*words_of(taken.name), *words_of(middle)]
    title_word, given_words = lead(given_words) if given else ("", given_words)
    family_suffix, family_words = tail(words_of(family), after_comma=False, has_given=False)
    given_suffix, given_words = tail(given_words, after_comma=False)
    repeated = [word.key for word in family_words]
    if len(given_words) > len(repeated) > 0 and [word.key for word in given_words[-len(repeated) :]] == repeated:
        given_words = given_words[: -len(repeated)]
    parts = Parts(given_words, name_words.joined(family_words), family_suffix or given_suffix, title_word)
    parts = name_words.without_machine_words(parts)
    shown_suffix = suffix or _SHOWN_SUFFIX.get(parts.suffix, "")
    return _with(_assembled(name_words.written(parts), parts, taken.nickname), title, shown_suffix, nickname)


def _is_whole(given: str, middle: str, family: str) -> bool:
    """Whether one column holds the whole name; a surname column does only if it begins with a given name."""
    if middle or (given and family):
        return False
    first, space, _ = text.fold(family).partition(" ")
    return bool(given) or "," in family or (bool(space) and looks_like_given(first))


def _with(name: PersonName | Missing, title: str, suffix: str, nickname: str) -> PersonName | Missing:
    """Add what stood in columns of its own."""
    if isinstance(name, Missing) or not (title or suffix or nickname):
        return name
    generation = lexicon.mapping("names", "suffixes").get(text.fold(suffix), "")
    shown = generation and generation not in text.fold(name.display).split()
    return PersonName(
        display=f"{name.display} {suffix}" if shown else name.display,
        given=name.given,
        middle=name.middle,
        family=name.family,
        suffix=name.suffix or generation,
        nickname=name.nickname or nickname,
        title=name.title or lexicon.mapping("names", "titles").get(text.fold(title), ""),
        original=name.original,
        is_organisation=name.is_organisation,
    )
