"""Names of people: title, given, middle, family, generation and nickname, as folded keys beside the display."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from socialmerge.normalise import decorations, lexicon, organisations, scripts, text
from socialmerge.normalise.nicknames import looks_like_given, same_nickname
from socialmerge.records import Missing, MissingReason, PersonName

__all__ = ["VERSION", "from_parts", "looks_like_given", "parse", "same_nickname"]

VERSION = 1

_LONGEST = 120
_SHOWN_SUFFIX = {"jr": "Jr.", "sr": "Sr.", "ii": "II", "iii": "III", "iv": "IV", "v": "V"}
_SIMPLE = re.compile(r"([A-Za-z]{2,24}) (?:([A-Za-z]{1,24})\.? )?([A-Za-z]{2,24})").fullmatch
_ADDRESS = re.compile(r"\S@\S+\.\S|://|^www\.|^mailto:", re.IGNORECASE)
_NUMBERED_USER = re.compile(r"(?:user|guest|member|customer|test|client) ?[0-9]*")
_CAMEL = re.compile(r"([A-Z][a-z]{2,})([A-Z][a-z]{2,})").fullmatch
_DOTTED = re.compile(r"\.(?=\w)")


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of a name: as written, and its key (a hyphenated word's key has spaces)."""

    written: str
    key: str


@dataclass(frozen=True, slots=True)
class _Parts:
    """The words of a name, sorted; order inside each list is that of the name."""

    given: list[_Word]
    family: list[_Word]
    suffix: str = ""
    title: str = ""


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
    special = _special()
    if given in special or family in special or middle in special:
        return None
    return PersonName(display, given, middle, family, "", "", "", display.lower())


@cache
def _special() -> frozenset[str]:
    """Words that a name of plain words may not hold: they need the full parse."""
    mappings = ("titles", "weak_titles", "suffixes")
    lists = ("machine", "credentials.sure", "credentials.comma", "particles.west", "particles.east", "particles.joined")
    known = frozenset().union(*(lexicon.mapping("names", name) for name in mappings))
    known |= frozenset().union(*(lexicon.words("names", name) for name in lists)) | organisations.marker_words()
    single = (phrase.split() for phrase in lexicon.words("text", "junk") | lexicon.words("text", "placeholder"))
    known |= frozenset(word for words in single for word in words) | {"and", "at", "from", "with"}
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
    parts = _by_comma(taken.name) if "," in taken.name else _in_order(_words(taken.name))
    kept = _without_machine_words(parts)
    return _assembled(shown if kept is parts else _written(kept), kept, taken.nickname)


def _original(shown: str) -> str:
    return shown.lower() if shown.isascii() else unicodedata.normalize("NFKC", shown).casefold()


def _assembled(shown: str, parts: _Parts, nickname: str) -> PersonName | Missing:
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


def _written(parts: _Parts) -> str:
    return " ".join(word.written for word in (*parts.given, *parts.family))


@cache
def _not_alone() -> frozenset[str]:
    """Words that are no name alone: what is left of "Mr." and ", Jr."."""
    return frozenset(lexicon.mapping("names", "titles")) | frozenset(lexicon.mapping("names", "suffixes"))


def _words(name: str) -> list[_Word]:
    """Cut a name into words: at spaces, and at the full stops of initials (H.C.) but not of credentials (Ph.D.)."""
    words: list[_Word] = []
    for chunk in name.replace("_", " ").split():
        solid = text.fold(chunk.replace(".", ""))
        whole = solid in _endings() or "." not in chunk
        pieces = [chunk] if whole else _DOTTED.sub(". ", chunk).split()
        keys = [solid] if whole else [text.fold(piece) for piece in pieces]
        words.extend(_Word(piece, key) for piece, key in zip(pieces, keys, strict=True) if key)
    camel = _CAMEL(words[0].written) if len(words) == 1 else None
    if camel and looks_like_given(camel[1].lower()):
        return [_Word(piece, piece.lower()) for piece in camel.groups()]
    return words


@cache
def _endings() -> frozenset[str]:
    return lexicon.words("names", "credentials.sure") | frozenset(lexicon.mapping("names", "suffixes"))


def _in_order(words: list[_Word]) -> _Parts:
    """Title, given names, surname, generation: the order of most names without a comma."""
    title, words = _lead(words)
    suffix, words = _tail(words, after_comma=False)
    if len(words) == 1:
        return _Parts([], words, suffix, title) if title else _Parts(words, [], suffix, title)
    if len(words) == 3 and scripts.is_patronymic(words[2].written) and not scripts.is_patronymic(words[1].written):
        return _Parts(words[1:], words[:1], suffix, title)
    start = _family_start(words)
    return _Parts(words[:start], _joined(words[start:]), suffix, title)


def _lead(words: list[_Word]) -> tuple[str, list[_Word]]:
    """Take leading titles off: weak ones, which are names too, only when two words are left."""
    strong, weak = lexicon.mapping("names", "titles"), lexicon.mapping("names", "weak_titles")
    title = ""
    while len(words) > 1:
        key = words[0].key
        found = strong.get(key) or (weak.get(key) if len(words) > 2 else None)
        if found is None:
            break
        title = title or found.replace("the", "")
        words = words[1:]
    return title, words


def _tail(words: list[_Word], *, after_comma: bool) -> tuple[str, list[_Word]]:
    """Take generation and credentials off the end; what could be a name or an initial stays unless a comma precedes."""
    suffixes, credentials = lexicon.mapping("names", "suffixes"), lexicon.words("names", "credentials.sure")
    doubtful = lexicon.words("names", "credentials.comma")
    suffix = ""
    while words and (after_comma or len(words) > 1):
        key = words[-1].key
        found = suffixes.get(key, "")
        if found and (after_comma or found != "v") and not suffix and (key != "sen" or after_comma):
            suffix = found
        elif key not in credentials and not (after_comma and key in doubtful):
            break
        words = words[:-1]
    return suffix, words


def _family_start(words: list[_Word]) -> int:
    """Index of the first word of the surname."""
    west, east = lexicon.words("names", "particles.west"), lexicon.words("names", "particles.east")
    last = len(words) - 1
    keys = [word.key for word in words]
    if last > 1 and keys[0] in west and keys[1] in west:
        return 0  # nothing but a surname: de la Cruz
    for index in range(1, last):
        if keys[index] in west or keys[index] in lexicon.words("names", "particles.joined"):
            return index
    starts = [index for index in range(1, last) if keys[index] in east and keys[index - 1] not in east]
    return starts[-1] if starts else last


def _joined(words: list[_Word]) -> list[_Word]:
    """Write Mc Carthy as one word."""
    joined: list[_Word] = []
    for word in words:
        if joined and joined[-1].key in lexicon.words("names", "particles.joined"):
            joined[-1] = _Word(joined[-1].written + word.written, joined[-1].key + word.key)
        else:
            joined.append(word)
    return joined


def _by_comma(name: str) -> _Parts:
    """Family, Given Middle, Jr. or Given Family, Jr., PhD or Given Family, Founder at X."""
    segments = [words for words in (_words(segment) for segment in name.split(",")) if words]
    suffix, segments = _inner_suffix(segments)
    while len(segments) > 1:
        found, rest = _tail(segments[-1], after_comma=True)
        if rest and not _is_tagline(segments):
            break
        suffix = suffix or found
        segments = segments[:-1]
    if len(segments) < 2:
        parts = _in_order(segments[0] if segments else [])
        return _Parts(parts.given, parts.family, suffix or parts.suffix, parts.title)
    return _turned(segments[0], [word for words in segments[1:] for word in words], suffix)


def _inner_suffix(segments: list[list[_Word]]) -> tuple[str, list[list[_Word]]]:
    """The generation of Family, Jr., Given."""
    suffixes = lexicon.mapping("names", "suffixes")
    if len(segments) < 3 or len(segments[1]) > 1 or segments[1][0].key not in suffixes:
        return "", segments
    return suffixes[segments[1][0].key], [segments[0], *segments[2:]]


def _is_tagline(segments: list[list[_Word]]) -> bool:
    """Whether the last segment is a job or a place rather than given names."""
    first, last = segments[0], segments[-1]
    if len(first) < 2:
        return False
    jobs = lexicon.words("names", "decorations.jobs")
    if any(word.key in jobs for word in last):
        return True
    return looks_like_given(first[0].key) and not looks_like_given(last[0].key) and len(last[0].key) > 1


def _turned(before: list[_Word], after: list[_Word], suffix: str) -> _Parts:
    """The parts of a Family, Given name."""
    title, after = _lead(after) if len(after) > 1 else ("", after)
    before_title, before = _lead(before)
    before_suffix, before = _tail(before, after_comma=False)
    after_suffix, after = _tail(after, after_comma=False)
    particles: list[_Word] = []
    while len(after) > 1 and after[-1].key in lexicon.words("names", "particles.west"):
        particles, after = [after[-1], *particles], after[:-1]
    family = _joined([*particles, *before])
    return _Parts(after, family, suffix or before_suffix or after_suffix, title or before_title)


def _without_machine_words(parts: _Parts) -> _Parts:
    """Drop what machines and testers leave: see `parse` for the surname Null."""
    machine, surnames = lexicon.words("names", "machine"), lexicon.words("names", "surnames")
    given = [word for word in parts.given if word.key not in machine or word.written == "Na"]
    real = surnames if given else frozenset[str]()
    family = [word for word in parts.family if word.key not in machine or (word.key in real and word.written.istitle())]
    if len(given) == len(parts.given) and len(family) == len(parts.family):
        return parts
    return _Parts(given, family, parts.suffix, parts.title)


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
    if not (suffix or title or nickname) and given.isalpha() and family.isalpha() and (not middle or middle.isalpha()):
        display = f"{given} {middle} {family}" if middle else f"{given} {family}"
        if display.isascii():
            name = _plain(display, given.lower(), middle.lower(), family.lower())
            if name:
                return name
    raw = (title, given, middle, family, suffix)
    shown = [decorations.strip(text.clean(part)) for part in raw]
    if sum(map(len, shown)) > _LONGEST:
        return text.MALFORMED
    kept = ["" if part and _no_part(part) else part for part in shown]
    if not any(kept[1:4]):
        return text.JUNK if any(map(text.clean, raw[1:4])) else text.EMPTY
    return _from_shown(kept, text.fold(nickname) if not text.is_junk(nickname) else "")


def _no_part(part: str) -> bool:
    """Whether one column holds no name; a surname that is also a junk word is settled when the whole name is known."""
    if _ADDRESS.search(part):
        return True
    return bool(text.is_junk(part)) and text.fold(part) not in lexicon.words("names", "surnames")


def _from_shown(shown: list[str], nickname: str) -> PersonName | Missing:
    title, given, middle, family, suffix = shown
    if _is_whole(given, middle, family):
        return _with(parse(given or family), title, suffix, nickname)
    taken = decorations.nickname(given)
    lead, given_words = _lead([*_words(taken.name), *_words(middle)]) if given else ("", _words(middle))
    family_suffix, family_words = _tail(_words(family), after_comma=False)
    given_suffix, given_words = _tail(given_words, after_comma=False)
    repeated = [word.key for word in family_words]
    if len(given_words) > len(repeated) > 0 and [word.key for word in given_words[-len(repeated) :]] == repeated:
        given_words = given_words[: -len(repeated)]
    parts = _without_machine_words(_Parts(given_words, _joined(family_words), family_suffix or given_suffix, lead))
    shown_suffix = suffix or _SHOWN_SUFFIX.get(parts.suffix, "")
    return _with(_assembled(_written(parts), parts, taken.nickname), title, shown_suffix, nickname)


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
