"""The text and the links of the HTML that some platforms put into a profile's fields, in time linear in its length."""

from __future__ import annotations

import re
from html import unescape

__all__ = ["links", "text"]

# A tag never reaches over another "<", so that "<<<<" costs no more than its length.
_TAG = re.compile(r"<(/?)([a-zA-Z!?][^\s<>/]*)([^<>]*)>")
_HREF = re.compile(r"\bhref\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))", re.IGNORECASE)
# Links to other people and to topics say nothing about the profile's owner.
_NOT_OWN = re.compile(r"\b(?:mention|hashtag)\b|\brel\s{0,9}=\s{0,9}[\"']?[^\"']{0,80}\btag\b", re.IGNORECASE)
_BREAKS = frozenset({"br", "p", "div", "li", "ul", "ol", "blockquote", "h1", "h2", "h3", "h4", "tr"})


def text(source: str) -> str:
    r"""HTML as plain text: tags gone, entities decoded, one line a paragraph.

    >>> text("<p>Ada &amp; engines<br />London</p>")
    'Ada & engines\nLondon'
    """
    if "<" not in source and "&" not in source:
        return source.strip()
    plain = unescape(_TAG.sub(_break, source))
    lines = (" ".join(line.split()) for line in plain.split("\n"))
    return "\n".join(line for line in lines if line)


def links(source: str) -> list[str]:
    """The addresses that the HTML links to, once each, without mentions of others and hashtags.

    >>> links('<a href="https://ada.example.com" rel="me">x</a> <a class="u-url mention" href="https://m.example.com/@bob">@bob</a>')
    ['https://ada.example.com']
    """
    found: dict[str, None] = {}
    for match in _TAG.finditer(source):
        if match[2].lower() != "a" or _NOT_OWN.search(match[3]):
            continue
        href = _HREF.search(match[3])
        if href is not None:
            found[unescape(href[1] or href[2] or href[3] or "").strip()] = None
    return [link for link in found if link]


def _break(match: re.Match[str]) -> str:
    return "\n" if match[2].lower() in _BREAKS else ""
