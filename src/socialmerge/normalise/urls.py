"""Web addresses: a key without scheme, tracking and other accidents, and the label that says whose site it is."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode

import idna

from socialmerge.normalise import lexicon, text
from socialmerge.records import Missing, Url

__all__ = ["VERSION", "parse"]

VERSION = 1

_LONGEST = 2048
_SIMPLE = re.compile(
    r"(https?://)?((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24})(/[A-Za-z0-9/_.@-]*)?"
).fullmatch
_SCHEME = re.compile(r"\A([A-Za-z][A-Za-z0-9+.-]{0,20}):(?=//|(?![0-9]{1,5}(?:[/?#]|\Z)))")
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]").fullmatch
_ADDRESS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}").fullmatch
_DEFAULT_PORTS = ("", "80", "443")
_SAFE = "/@:+,;=!$'()*~._-"
_EDGES = " \t\r\n<>\"'()[]{},;\u201c\u201d\u2018\u2019|"
_HTTP = frozenset({"http", "https"})


def parse(raw: str) -> Url | Missing:
    """Parse a web address, with or without its scheme.

    The key has no scheme, ``www.``, trailing slash, default port, fragment, credentials or tracking parameters; the
    host is lower case and ASCII (IDNA), the path keeps its case, other parameters are sorted. The front page of a
    platform is a placeholder; other schemes than http and https are malformed.

    >>> url = parse("HTTPS://www.Example.co.uk:443/About/?utm_source=x&b=2&a=1#top")
    >>> url.key, url.host, url.label
    ('example.co.uk/About?a=1&b=2', 'example.co.uk', 'example')
    >>> parse("hankjohnson.house.gov").label, parse("https://bücher.example.com/").key
    ('hankjohnson', 'xn--bcher-kva.example.com')
    >>> parse("https://www.facebook.com/").reason.value, parse("javascript:alert(1)").reason.value
    ('placeholder', 'malformed')
    """
    found = _SIMPLE(raw)
    if found and len(raw) <= _LONGEST:
        scheme, host, path = found.groups("")
        if "--" not in host and "//" not in path and "/." not in path:
            return _built(scheme, host, path.rstrip("/"), "")
    return _slow(raw)


def _slow(raw: str) -> Url | Missing:
    shown = text.clean(raw[: _LONGEST + 1]).strip(_EDGES)
    if len(raw) > _LONGEST and len(shown) >= _LONGEST:
        return text.MALFORMED
    reason = text.is_junk(shown)
    if reason is not None:
        return Missing(reason)
    scheme, rest = _without_scheme(shown)
    if rest.startswith(("http:/", "https:/")):  # pasted behind the scheme that a form had put there
        scheme, rest = _without_scheme(rest)
    if scheme and scheme not in _HTTP:
        return text.MALFORMED
    return _read(f"{scheme}://" if scheme else "", rest) if rest else text.PLACEHOLDER


def _read(scheme: str, rest: str) -> Url | Missing:
    address, _, query = rest.partition("#")[0].partition("?")
    place, slash, path = address.replace("\\", "/").partition("/")
    if "@" in place and not scheme:
        return text.MALFORMED  # an e-mail address
    host = _host(place.rpartition("@")[2])
    return _built(scheme, host, _path(slash + path), _query(query)) if host else text.MALFORMED


def _without_scheme(shown: str) -> tuple[str, str]:
    found = _SCHEME.match(shown)
    if not found:
        return "", shown.lstrip("/")
    return found[1].lower(), shown[found.end() :].lstrip("/\\")


@lru_cache(maxsize=4096)
def _host(place: str) -> str:
    """The host in ASCII with a port that is not the default, ``""`` when it is no host."""
    name, _, port = place.partition(":")
    name = name.lower().rstrip(".")
    if not name.isascii() or "xn--" in name:
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return ""
    if len(name) > 253 or not (_HOST(name) or _ADDRESS(name)):
        return ""
    if port in _DEFAULT_PORTS:
        return name
    return f"{name}:{int(port)}" if port.isascii() and port.isdigit() and len(port) <= 5 else ""


def _path(path: str) -> str:
    """Percent-encoding in one spelling, doubled and trailing slashes gone."""
    decoded = unquote(path, errors="replace")
    pieces = [piece for piece in text.clean(decoded).split("/") if piece not in {"", "."}]
    return "".join(f"/{quote(piece, safe=_SAFE)}" for piece in pieces)


def _query(query: str) -> str:
    """The parameters that are not tracking, sorted."""
    pairs = parse_qsl(query.replace(";", "&"), keep_blank_values=False, errors="replace", max_num_fields=None)
    return urlencode(sorted({(name, value) for name, value in pairs if not _is_tracking(name.lower())}))


@cache
def _tracking() -> tuple[frozenset[str], tuple[str, ...]]:
    listed = lexicon.words("urls", "tracking")
    prefixes = tuple(sorted(name[:-1] for name in listed if name.endswith("*")))
    return frozenset(name for name in listed if not name.endswith("*")), prefixes


def _is_tracking(name: str) -> bool:
    names, prefixes = _tracking()
    return name in names or name.startswith(prefixes)


def _built(scheme: str, host: str, path: str, query: str) -> Url | Missing:
    bare, label, platform, placeholder = _facts(host)
    if placeholder:
        return text.PLACEHOLDER
    if platform and not query and path.strip("/").lower() in lexicon.words("urls", "front_paths") | {""}:
        return text.PLACEHOLDER
    rest = f"{path}?{query}" if query else path
    return Url(f"{scheme}{host}{rest}", f"{bare}{rest}", bare, label)


@lru_cache(maxsize=65_536)
def _facts(host: str) -> tuple[str, str, bool, bool]:
    """Host without www, its label, whether it is a platform, whether it is a form's example."""
    bare = host
    while bare.startswith("www.") and bare.count(".") > 1:
        bare = bare[4:]
    name = bare.partition(":")[0]
    platform = name in lexicon.words("urls", "platforms")
    return bare, _label(name), platform, name in lexicon.words("urls", "placeholder_hosts")


def _label(host: str) -> str:
    """The label that tells whose site it is."""
    if _ADDRESS(host):
        return ""
    labels = host.split(".")
    for size in (3, 2):
        suffix = ".".join(labels[-size:])
        if len(labels) > size and suffix in lexicon.words("urls", "shared"):
            return _shown_label(labels[-size - 1])
        if len(labels) > size and suffix in lexicon.words("urls", "suffixes"):
            return _shown_label(labels[-size - 1])
    return _shown_label(labels[-2])


def _shown_label(label: str) -> str:
    """A label as people read it, folded: bucher of xn--bcher-kva."""
    if not label.startswith("xn--"):
        return label
    try:
        return text.fold(idna.decode(label)).replace(" ", "") or label
    except (idna.IDNAError, UnicodeError):
        return label
