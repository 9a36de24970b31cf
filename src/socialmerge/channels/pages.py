"""What a saved web page tells of people: its JSON-LD, else its h-cards, as a kept parser of microformats reads them."""

from __future__ import annotations

import re
from collections.abc import Callable

from socialmerge.channels import jsonld
from socialmerge.errors import ChannelError, MissingExtraError

__all__ = ["objects"]

_SCRIPT = re.compile(r"<script\b[^<>]{0,300}\bapplication/ld\+json\b[^<>]{0,300}>", re.IGNORECASE)
_CARD = re.compile(r"\b(?:h-card|vcard)\b", re.IGNORECASE)  # the one of today, and that of 2005
_LARGEST = 1 << 22  # characters
_MOST_TAGS = 50_000  # a page has some thousands; what is deep is read in a time that grows faster than its length


def objects(page: str, name: str, load: Callable[[str, str], list[object]]) -> list[object]:
    """The JSON values that a page holds, or its microformats as JSON; ``load`` reads JSON, ``name`` is for messages.

    Raises:
        ChannelError: the JSON is broken, or the page is larger or deeper than pages are.
        MissingExtraError: the page tells of people by h-cards alone, and the extra ``web-profiles`` is not installed.
    """
    found = _scripts(page, name, load)
    if jsonld.has_people(found) or not _CARD.search(page):
        return found
    return [*found, _microformats(page, name)]


def _scripts(page: str, name: str, load: Callable[[str, str], list[object]]) -> list[object]:
    found: list[object] = []
    start = _SCRIPT.search(page)
    while start is not None:
        end = page.find("</script", start.end())
        if end < 0:
            break
        found += load(page[start.end() : end], name)
        start = _SCRIPT.search(page, end)
    return found


def _microformats(page: str, name: str) -> object:
    """The microformats of a page; its text is all that is handed over, so that nothing is fetched."""
    if len(page) > _LARGEST or page.count("<") > _MOST_TAGS:
        raise ChannelError(f"{name}: larger than any page about a person; save the page of one person")
    try:
        import mf2py  # only who reads a page of h-cards needs it
    except ImportError as error:
        said = 'python -m pip install "socialmerge[web-profiles]"'
        raise MissingExtraError(
            f"{name} seems to tell of people by h-cards, and reading those needs mf2py; install the extra: {said}"
        ) from error
    try:
        return mf2py.parse(doc=page, html_parser="html.parser")
    except RecursionError:
        raise ChannelError(f"{name}: nested deeper than any page; save it again, or give its h-cards as JSON") from None
