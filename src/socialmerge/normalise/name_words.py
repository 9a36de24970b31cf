"""The words of a name, sorted into given names, surname, generation and title."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from socialmerge.normalise import lexicon, scripts, text
from socialmerge.normalise.nicknames import looks_like_given

__all__ = [
    "Parts",
    "Word",
    "by_comma",
    "in_order",
    "joined",
    "lead",
    "parts_of",
    "tail",
    "without",
    "without_machine_words",
    "words_of",
    "written",
]

_CAMEL = re.compile(r"([A-Z][a-z]{2,})([A-Z][a-z]{2,})").fullmatch
_EDGES = ".,;:'\"()[]"
_SPELLED = {"senior": "sr", "junior": "jr"}  # after a whole name: alone they are surnames too
_DOTTED = re.compile(r"\.(?=\w)")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a name: as written, and its key (a hyphenated word's key has spaces)."""

    written: str
    key: str


@dataclass(frozen=True, slots=True)
class Parts:
    """The words of a name, sorted; order inside each list is that of the name."""

    given: list[Word]
    family: list[Word]
    suffix: str = ""
    title: str = ""


def written(parts: Parts) -> str:
    """Given names and surname as they were written."""
    return " ".join(word.written for word in (*parts.given, *parts.family))


def words_of(name: str) -> list[Word]:
    """Cut a name into words: at spaces, and at the full stops of initials (H.C.) but not of credentials (Ph.D.)."""
    words: list[Word] = []
    for chunk in name.replace("_", " ").split():
        solid = text.fold(chunk.replace(".", ""))
        whole = solid in _endings() or "." not in chunk
        pieces = [chunk] if whole else _DOTTED.sub(". ", chunk.replace(".-", ".")).split()
        keys = [solid] if whole else [text.fold(piece) for piece in pieces]
        words.extend(Word(piece, key) for piece, key in zip(pieces, keys, strict=True) if key)
    camel = _CAMEL(words[0].written) if len(words) == 1 else None
    if camel and looks_like_given(camel[1].lower()):
        return [Word(piece, piece.lower()) for piece in camel.groups()]
    return words


@cache
def _endings() -> frozenset[str]:
    return lexicon.words("names", "credentials.sure") | frozenset(lexicon.mapping("names", "suffixes"))


def parts_of(name: str) -> Parts:
    """The words of a name without a nickname, sorted: by its comma where it has one, else in their order."""
    return by_comma(name) if "," in name else in_order(words_of(name))


def in_order(words: list[Word]) -> Parts:
    """Title, given names, surname, generation: the order of most names without a comma."""
    title, words = lead(words)
    suffix, words = tail(words, after_comma=False)
    if len(words) == 1:
        return Parts([], words, suffix, title) if title else Parts(words, [], suffix, title)
    if len(words) == 3 and scripts.is_patronymic(words[2].written) and not scripts.is_patronymic(words[1].written):
        return Parts(words[1:], words[:1], suffix, title)
    start = _family_start(words)
    return Parts(words[:start], joined(words[start:]), suffix, title)


def lead(words: list[Word]) -> tuple[str, list[Word]]:
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


def tail(words: list[Word], *, after_comma: bool, has_given: bool = True) -> tuple[str, list[Word]]:
    """Take generation and credentials off the end; what could be a name or an initial stays unless a comma precedes."""
    suffixes, credentials = lexicon.mapping("names", "suffixes"), lexicon.words("names", "credentials.sure")
    doubtful = lexicon.words("names", "credentials.comma")
    suffix = ""
    while words and (after_comma or len(words) > 1):
        key = words[-1].key
        found = suffixes.get(key, "")
        if len(words) > 1 + has_given and key in _SPELLED:
            found = _SPELLED[key]
        if found and (after_comma or found != "v") and not suffix and (key != "sen" or after_comma):
            suffix = found
        elif key not in credentials and not (after_comma and key in doubtful):
            break
        words = words[:-1]
    return suffix, words


def _family_start(words: list[Word]) -> int:
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


def joined(words: list[Word]) -> list[Word]:
    """Write Mc Carthy as one word."""
    whole: list[Word] = []
    for word in words:
        if whole and whole[-1].key in lexicon.words("names", "particles.joined"):
            whole[-1] = Word(whole[-1].written + word.written, whole[-1].key + word.key)
        else:
            whole.append(word)
    return whole


def by_comma(name: str) -> Parts:
    """Family, Given Middle, Jr. or Given Family, Jr., PhD or Given Family, Founder at X."""
    segments = [words for words in (words_of(segment) for segment in name.split(",")) if words]
    suffix, segments = _inner_suffix(segments)
    while len(segments) > 1:
        found, rest = tail(segments[-1], after_comma=True)
        if rest and not _is_tagline(segments):
            break
        suffix = suffix or found
        segments = segments[:-1]
    if len(segments) < 2:
        parts = in_order(segments[0] if segments else [])
        return Parts(parts.given, parts.family, suffix or parts.suffix, parts.title)
    return _turned(segments[0], [word for words in segments[1:] for word in words], suffix)


def _inner_suffix(segments: list[list[Word]]) -> tuple[str, list[list[Word]]]:
    """The generation of Family, Jr., Given."""
    suffixes = lexicon.mapping("names", "suffixes")
    if len(segments) < 3 or len(segments[1]) > 1 or segments[1][0].key not in suffixes:
        return "", segments
    return suffixes[segments[1][0].key], [segments[0], *segments[2:]]


def _is_tagline(segments: list[list[Word]]) -> bool:
    """Whether the last segment is a job or a place rather than given names."""
    first, last = segments[0], segments[-1]
    if len(first) < 2:
        return False
    jobs = lexicon.words("names", "decorations.jobs")
    if any(word.key in jobs for word in last):
        return True
    return looks_like_given(first[0].key) and not looks_like_given(last[0].key) and len(last[0].key) > 1


def _turned(before: list[Word], after: list[Word], suffix: str) -> Parts:
    """The parts of a Family, Given name."""
    title, after = lead(after) if len(after) > 1 else ("", after)
    before_title, before = lead(before)
    before_suffix, before = tail(before, after_comma=False)
    after_suffix, after = tail(after, after_comma=False)
    particles: list[Word] = []
    while len(after) > 1 and after[-1].key in lexicon.words("names", "particles.west"):
        particles, after = [after[-1], *particles], after[:-1]
    family = joined([*particles, *before])
    return Parts(after, family, suffix or before_suffix or after_suffix, title or before_title)


def without(shown: str, dropped: set[Word]) -> str:
    """A name as shown, without some of its words."""
    gone = {word.written.strip(_EDGES) for word in dropped}
    chunks = _DOTTED.sub(". ", shown.replace("_", " ")).split()
    return " ".join(chunk for chunk in chunks if chunk.strip(_EDGES) not in gone)


def without_machine_words(parts: Parts, *, alone: bool = False) -> Parts:
    """Drop what machines and testers leave: see `names.parse` for the surname Null."""
    machine, surnames = lexicon.words("names", "machine"), lexicon.words("names", "surnames")
    given = [word for word in parts.given if word.key not in machine or word.written == "Na"]
    real = surnames if given or alone else frozenset[str]()
    family = [word for word in parts.family if word.key not in machine or (word.key in real and word.written.istitle())]
    if len(given) == len(parts.given) and len(family) == len(parts.family):
        return parts
    return Parts(given, family, parts.suffix, parts.title)
