"""Reads the text of an account the long way: junk, addresses, URLs, paths and handles, by the channels' rules."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from urllib.parse import parse_qsl, unquote

from socialmerge.channels.registry import all_channels, find, find_by_host
from socialmerge.channels.rules import ChannelRules, UrlForm
from socialmerge.records import Account, Missing, MissingReason

__all__ = ["JUNK_WORDS", "TEMPLATE_WORDS", "account_in"]

_EMPTY = Missing(MissingReason.EMPTY)
_JUNK = Missing(MissingReason.JUNK)
_PLACEHOLDER = Missing(MissingReason.PLACEHOLDER)
_MALFORMED = Missing(MissingReason.MALFORMED)

_LONGEST = 2_000  # no account's URL is longer; bounds the time that a 10 MB "handle" takes
_WORDS: dict[str, list[str]] = tomllib.loads(
    resources.files(__package__).joinpath("account_words.toml").read_text(encoding="utf-8")
)
JUNK_WORDS = frozenset(_WORDS["junk"])
TEMPLATE_WORDS = frozenset(_WORDS["template"])
_TEMPLATE = re.compile(
    r"<[^<>/]*>|\{[^{}]*\}|\[[^\[\]]*\]|%[A-Z_]{4,}%$"
    r"|\b(?:your|my|insert|enter)[ _-]?(?:\w+ ){0,3}(?:user ?name|handle|name|profile|account|page|url|id)\b",
    re.IGNORECASE,
)
_UNSEEN = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_WRAPPING = " \t\r\n\"'`,;"
_ACCT = re.compile(r"(?:acct:@?|@)(?P<address>[^@\s/]+@[^@\s/]+)", re.IGNORECASE)
_PREFIX = re.compile(r"(?P<prefix>[a-z][a-z0-9 +-]{0,20}):\s*(?P<rest>.+)", re.IGNORECASE | re.DOTALL)
_SCHEME = re.compile(r"(?:[a-z][a-z0-9+-]{0,20}:)?//+", re.IGNORECASE)
_ADDRESS = re.compile(r"(?P<host>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?", re.DOTALL)
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.)+[a-z0-9-]{2,63}")


def account_in(text: str, rules: ChannelRules | None, scope: str) -> Account | Missing:
    """The account that a text names; ``rules`` are those of the channel that it is said to be of, if any."""
    if len(text) > _LONGEST:
        return _MALFORMED if text.strip() else _EMPTY
    cleaned = _UNSEEN.sub("", text).replace("\uff20", "@").strip(_WRAPPING)
    if cleaned.startswith("<") and cleaned.endswith(">") and "//" in cleaned:
        cleaned = cleaned[1:-1].strip(_WRAPPING)
    missing = _no_value(cleaned)
    if missing is not None:
        return missing
    acct = _ACCT.fullmatch(cleaned)
    if acct is not None:
        return _from_address(acct["address"])
    return _by_scheme(cleaned, rules, scope)


def _by_scheme(text: str, rules: ChannelRules | None, scope: str) -> Account | Missing:
    """``https://...``, ``did:...``, ``github: ada``, or nothing of the sort."""
    prefixed = _PREFIX.fullmatch(text)
    special = _schemes().get(prefixed["prefix"].lower()) if prefixed else None
    if prefixed is not None and special is not None:
        return _from_scheme(special, text, prefixed["rest"])
    scheme = _SCHEME.match(text)
    if scheme is not None:
        return _from_url(text[scheme.end() :], rules)
    if prefixed is not None:
        named = find(prefixed["prefix"])
        return _MALFORMED if named is None else account_in(prefixed["rest"], named.rules, scope)
    return _bare(text, rules, scope)


def _from_address(address: str) -> Account | Missing:
    """``user@host``: of Mastodon, but where the host is another channel's, as in ``@ada@twitter.com``."""
    user, _, host = address.rpartition("@")
    owner = find_by_host(host.lower())
    return _from_handle(_any_host()[0], address, "") if owner is None else _from_handle(owner, user, "")


def _no_value(text: str) -> Missing | None:
    """Whether a text stands for "no account"."""
    if not text:
        return _EMPTY
    word = text.casefold().removeprefix("@")
    if word in JUNK_WORDS or not any(map(str.isalnum, word)):
        return _JUNK
    if word in TEMPLATE_WORDS or _TEMPLATE.search(text):
        return _PLACEHOLDER
    return None


def _from_scheme(rules: ChannelRules, text: str, rest: str) -> Account | Missing:
    """``did:plc:...``, ``at://did...``, ``at://handle/...``, ``acct:user@host``."""
    pattern = rules.handle.id_pattern
    is_id = pattern is not None and pattern.fullmatch(text)
    return _from_handle(rules, text if is_id else rest.lstrip("/").partition("/")[0], "")


def _bare(text: str, rules: ChannelRules | None, scope: str) -> Account | Missing:
    """A URL without its scheme, a path, a handle or an id."""
    if "/" in text:
        text = text.lstrip("@ ")
    host, slash, _ = text.partition("/")
    host = host.lower() if host.isascii() or "@" in host else _host(host)
    is_handle = rules is not None and rules.handle.is_domain and not slash
    if not is_handle and _HOST.fullmatch(host) and (slash or find_by_host(host)):
        return _from_url(text, rules)
    if rules is None:
        return _MALFORMED
    if slash and rules.url.hosts and not any(map(str.isspace, text)):
        return _from_path(text, rules)
    return _from_handle(rules, text, scope)


def _from_path(text: str, rules: ChannelRules) -> Account | Missing:
    """``in/ada`` or ``c/ada``: a path, which must end at the handle."""
    return _by_forms(rules, rules.url.hosts[0], "/" + unquote(text.strip("/")), "", exact=True)


def _from_url(address: str, rules: ChannelRules | None) -> Account | Missing:
    """A URL without its scheme."""
    if any(map(str.isspace, address)):
        return _MALFORMED
    match = _ADDRESS.fullmatch(address)
    host = _host(match["host"]) if match else ""
    if match is None or not host:
        return _MALFORMED
    fragment = match["fragment"] or ""
    path = fragment[1:] if fragment.startswith("!/") else match["path"]
    path = re.sub(r"/{2,}", "/", unquote(path)).rstrip("/")
    owner = find_by_host(host)
    if owner is not None:
        return _by_forms(owner, host, path, match["query"] or "")
    for other in _any_host():
        found = _by_forms(other, host, path, "")
        if isinstance(found, Account):
            return found
    if rules is not None and not rules.url.hosts and not rules.url.any_host:
        return _from_handle(rules, host + path, "")
    return _MALFORMED


def _host(text: str) -> str:
    """A host in lower case, in ASCII, without user, port and ``www.``; ``""`` when it is none."""
    host = text.rpartition("@")[2].partition(":")[0].lower().rstrip(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    host = host.removeprefix("www.")
    return host if _HOST.fullmatch(host) else ""


def _by_forms(rules: ChannelRules, site: str, path: str, query: str, *, exact: bool = False) -> Account | Missing:
    """The account that the first fitting form of the channel finds."""
    parameters = dict(parse_qsl(query)) if query else {}
    missing = _PLACEHOLDER if not path and not parameters else _MALFORMED
    for form in rules.url.forms:
        match = form.pattern.fullmatch(site + path)
        if match is None or not all(parameter in parameters for _, parameter in form.query):
            continue
        if exact and match["more"]:
            continue
        if form.nobody:
            return _MALFORMED
        groups = match.groupdict() | {group: parameters[parameter] for group, parameter in form.query}
        found = _from_groups(rules, form, groups | {"site": site})
        if isinstance(found, Account):
            return found
        missing = found
    return missing


def _from_groups(rules: ChannelRules, form: UrlForm, groups: dict[str, str]) -> Account | Missing:
    if "id" in groups:
        pattern = rules.handle.id_pattern
        if pattern is not None and not pattern.fullmatch(groups["id"]):
            return _MALFORMED
        return Account(rules.name, groups.get("scope", ""), groups["id"], "", form.is_person)
    handle = form.handle.format_map(groups) if form.handle else groups["handle"]
    found = _from_handle(rules, handle, "", namespace=form.namespace)
    if isinstance(found, Account) and form.is_person is not None:
        return Account(found.channel, found.scope, found.account_id, found.handle, form.is_person)
    return found


def _from_handle(rules: ChannelRules, text: str, scope: str, *, namespace: str = "") -> Account | Missing:
    """A handle or id by itself."""
    syntax = rules.handle
    scope_kept = scope if syntax.scoped else ""
    bare = text.removeprefix(syntax.prefix)
    if syntax.bare_id is not None and not namespace and syntax.bare_id.fullmatch(bare):
        return Account(rules.name, scope_kept, bare)
    text = text.strip()
    handle = rules.canonical(text)
    missing = _no_value(handle) or _no_value(text) or _refused(rules, handle, text.lower())
    if missing is not None:
        return missing
    if syntax.at_host and scope and "@" not in handle:
        handle = f"{handle}@{scope.lower()}"
    handle = namespace + handle
    return Account(rules.name, scope_kept, "", handle) if syntax.pattern.fullmatch(handle) else _MALFORMED


def _refused(rules: ChannelRules, handle: str, text: str) -> Missing | None:
    """Whether a handle is one that the site keeps for itself, or the address of another site."""
    if rules.handle.placeholders & {handle, text}:
        return _PLACEHOLDER
    if rules.handle.reserved & {handle, text}:
        return _MALFORMED
    if rules.handle.at_host and find_by_host(handle.rpartition("@")[2]):
        return _MALFORMED
    is_site = (
        "." in text
        and not rules.handle.is_domain
        and rules.url.hosts
        and find_by_host(text.removeprefix(rules.handle.prefix).strip())
    )
    return _MALFORMED if is_site else None


@cache
def _any_host() -> tuple[ChannelRules, ...]:
    return tuple(channel.rules for channel in all_channels().values() if channel.rules.url.any_host)


@cache
def _schemes() -> dict[str, ChannelRules]:
    return {scheme: channel.rules for channel in all_channels().values() for scheme in channel.rules.handle.schemes}
