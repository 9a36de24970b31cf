"""Organisations: names that are not a person's."""

from __future__ import annotations

from functools import cache

from socialmerge.normalise import lexicon, nicknames

__all__ = ["is_organisation", "marker_words"]


@cache
def marker_words() -> frozenset[str]:
    """Every word that may show an organisation; a name without any of them is a person's."""
    lists = ("legal", "legal_weak", "sure", "weak")
    return frozenset().union(*(lexicon.words("names", f"organisations.{name}") for name in lists)) | {"of", "the"}


def is_organisation(tokens: list[str]) -> bool:
    """Whether folded tokens name an organisation.

    A legal form at the end or a word such as *university* anywhere is enough. Words that may be part of a person's name
    (Church, Group) count with *of* or *the*, and at the end unless the name begins with a known given name.

    >>> [is_organisation(name.split()) for name in ("acme gmbh", "acme support", "charlotte church")]
    [True, True, False]
    """
    markers = marker_words().intersection(tokens)
    if not markers or len(tokens) < 2:
        return bool(markers & lexicon.words("names", "organisations.sure"))
    if tokens[-1] in lexicon.words("names", "organisations.legal") - lexicon.words("names", "organisations.legal_weak"):
        return True
    if len(tokens) > 2 and tokens[-1] in lexicon.words("names", "organisations.legal_weak"):
        return not nicknames.looks_like_given(tokens[0])
    if markers & lexicon.words("names", "organisations.sure"):
        return True
    return _is_weakly(tokens, markers)


def _is_weakly(tokens: list[str], markers: frozenset[str]) -> bool:
    weak = lexicon.words("names", "organisations.weak")
    if not markers & weak:
        return tokens[0] == "the" and "of" in markers
    if tokens[0] in {"the", "team"} or "of" in markers:
        return True
    if tokens[-1] in lexicon.words("names", "organisations.surnames"):
        return len(markers) > 1 and not nicknames.looks_like_given(tokens[0])
    return tokens[-1] in weak and not nicknames.looks_like_given(tokens[0])
