"""Contact cards: vCard 2.1, 3.0 and 4.0 as records, one a card, with the names of the properties as keys.

Follows RFC 6350 for lines, parameters and escapes, RFC 6868 for quoting in parameters, RFC 9554 for SOCIALPROFILE, and
what Apple and the old phones write besides: X-SOCIALPROFILE, quoted-printable, groups such as ``item1.``. Nothing is
resolved: a card is text, and pictures inside it are left out.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator

from socialmerge.channels.registry import find
from socialmerge.errors import ChannelError

__all__ = ["parse"]

# One pass each: a quoted part and a plain character exclude one another, so there is no way to try a line twice.
_LINE = re.compile(
    r"(?:[\w-]+\.)?(?P<name>[\w-]+)(?P<parameters>(?:;(?:\"[^\"]*\"|[^\":])*)?):(?P<value>.*)", re.DOTALL
)
_PARAMETER = re.compile(r";(?P<name>[^=;\"]*)(?:=(?P<value>(?:\"[^\"]*\"|[^\";])*))?")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CARET = {"^n": "\n", "^'": '"', "^^": "^"}
_PARTS = {
    "N": ("family", "given", "additional", "prefix", "suffix"),
    "ADR": ("pobox", "extended", "street", "locality", "region", "code", "country"),
}
_SCHEMES = {"EMAIL": ("mailto:",), "TEL": ("tel:",)}
_SOCIAL = frozenset({"SOCIALPROFILE", "X-SOCIALPROFILE"})
_TYPES = frozenset({"home", "work", "pref", "internet", "other", "cell"})  # a TYPE that names no service

Card = dict[str, object]


def parse(text: str, *, name: str = "the file") -> list[Card]:
    r"""Every card of a file, in order.

    A property holds a text, or a list where the card has several; ``N`` and ``ADR`` hold their parts by name, and
    ``SOCIAL`` the addresses of the accounts that the card names.

    Raises :class:`~socialmerge.errors.ChannelError` with the line, when a card is not closed or a line stands outside a
    card.

    >>> parse("BEGIN:VCARD\nVERSION:4.0\nFN:Ada\nEND:VCARD")
    [{'VERSION': '4.0', 'FN': 'Ada'}]
    """
    cards: list[Card] = []
    begun: list[int] = []
    for number, line in _lines(text):
        word = line.strip().upper()
        if word == "BEGIN:VCARD":
            begun.append(number)
            if len(begun) == 1:
                cards.append({})
        elif word == "END:VCARD" and begun:
            begun.pop()
        elif not begun:
            raise ChannelError(f"{name}, line {number}: outside of any card; a card starts with BEGIN:VCARD")
        elif len(begun) == 1:  # a card inside a card is another person's
            _add(cards[-1], line)
    if begun:
        raise ChannelError(f"{name}: the card that begins in line {begun[0]} has no END:VCARD; export the file again")
    return cards


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Logical lines with their numbers: folded ones and soft breaks of quoted-printable put together."""
    parts: list[str] = []
    start, quoted = 1, False
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if quoted:
            parts.append(line)
        elif parts and line[:1] in {" ", "\t"}:
            parts.append(line[1:])
        else:
            if parts:
                yield start, "".join(parts)
            parts, start = ([line], number) if line.strip() else ([], number)
        quoted = bool(parts) and line.endswith("=") and "QUOTED-PRINTABLE" in parts[0].upper()
        if quoted:
            parts[-1] = parts[-1][:-1]
    if parts:
        yield start, "".join(parts)


def _add(card: Card, line: str) -> None:
    match = _LINE.fullmatch(line)
    if match is None:
        return  # a stray line of a damaged note: nothing that could be attributed to a property
    name = match["name"].upper()
    parameters = _parameters(match["parameters"])
    value = _decoded(match["value"], parameters)
    if not value:
        return
    found: str | dict[str, str]
    if name in _SOCIAL:
        name, found = "SOCIAL", _account(_unescaped(value), parameters)
    elif name in _PARTS:
        found = dict(zip(_PARTS[name], map(_unescaped, re.split(r"(?<!\\);", value)), strict=False))
    else:
        found = _unescaped(value)
        for scheme in _SCHEMES.get(name, ()):
            found = found[len(scheme) :] if found.lower().startswith(scheme) else found
    held = card.get(name)
    if isinstance(held, list):
        held.append(found)
    else:
        card[name] = found if held is None else [held, found]


def _parameters(text: str) -> dict[str, str]:
    """Parameter values by lower-case name; the bare ones of vCard 2.1 (``;HOME``) are types or encodings."""
    found: dict[str, str] = {}
    for match in _PARAMETER.finditer(text):
        name, value = match["name"].strip().lower(), match["value"]
        if value is None:
            name, value = ("encoding" if name in {"quoted-printable", "base64", "b"} else "type"), name
        for caret, character in _CARET.items():
            value = value.replace(caret, character)
        found[name] = ",".join(filter(None, (found.get(name), value.strip().strip('"'))))
    return found


def _decoded(value: str, parameters: dict[str, str]) -> str:
    encoding = parameters.get("encoding", "").lower()
    if encoding in {"b", "base64"}:
        return ""
    if encoding != "quoted-printable":
        return value.strip()
    raw = quopri.decodestring(value.encode("utf-8", "surrogateescape"))
    try:
        return raw.decode(parameters.get("charset", "utf-8"), "replace").strip()
    except LookupError:
        return raw.decode("utf-8", "replace").strip()


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], text).strip()


def _account(value: str, parameters: dict[str, str]) -> str:
    """The address of an account: as the card has it, else made from the service and the name there."""
    if "//" in value:
        return value
    named = parameters.get("username") or parameters.get("x-user") or parameters.get("x-userid") or ""
    user = named or value.rpartition(":")[2]
    types = [word for word in parameters.get("type", "").split(",") if word.strip().lower() not in _TYPES]
    service = parameters.get("service-type") or next(iter(types), "")
    channel = find(service)
    if channel is not None and "{handle}" in channel.rules.url.handle_url and "/" not in user:
        return channel.rules.url.handle_url.replace("{handle}", user.removeprefix("@"))
    return f"{service.lower()}:{user}" if service and "@" not in user else user
