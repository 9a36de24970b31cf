"""Accounts: one canonical account from a URL, ``acct:`` address, ``@handle``, handle or id of any channel."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from urllib.parse import quote, urlsplit

from socialmerge.channels.registry import all_channels, find
from socialmerge.channels.rules import ChannelRules, HandleRules, UrlRules
from socialmerge.normalise.account_text import JUNK_WORDS, TEMPLATE_WORDS, account_in
from socialmerge.normalise.confusables import skeleton
from socialmerge.records import Account, Missing

__all__ = ["canonical_handle", "name_part", "parse", "skeleton", "url"]

_PLAIN = re.compile(r"@?([A-Za-z][A-Za-z0-9_-]{0,38})")

_Quick = tuple[str, bool, Callable[[str], object], Callable[[str], object] | None, frozenset[str]]


def parse(text: str, *, channel: str = "", scope: str = "") -> Account | Missing:
    """The account that a text names, or why it names none.

    Takes a URL of any channel, with or without ``https://``; ``acct:user@host`` and ``@user@host``; a DID; and, when
    ``channel`` (a name or alias) says where it belongs, ``@handle``, a bare handle, or the channel's own id. A handle
    alone names no account. A URL says itself which channel it is of, whatever ``channel`` says. ``scope`` is the
    workspace of a Slack handle, or the host of a Mastodon handle written without one. A channel that is not known takes
    any word as a handle, in lower case.

    ``Missing`` has the reason ``empty``, ``junk`` ("n/a"), ``placeholder`` (a site's bare address, "<your username>"),
    or ``malformed`` (no such handle can be, or a page of the site that is nobody's account). Parsing the canonical
    handle or :func:`url` of an account gives the same account.

    >>> parse("https://twitter.com/Ada_Example/status/1")
    Account(channel='x', scope='', account_id='', handle='ada_example', is_person=None)
    >>> parse("https://www.facebook.com/")
    Missing(reason=<MissingReason.PLACEHOLDER: 'placeholder'>)
    """
    quick = _quick().get(channel)
    if quick is not None:
        match = _PLAIN.fullmatch(text)
        if match is not None:
            name, scoped, is_handle, is_id, refused = quick
            handle = match[1].lower()
            if is_handle(handle) and handle not in refused and not (is_id and is_id(match[1])):
                return Account(name, scope if scoped else "", "", handle)
    return account_in(text, _rules(channel) if channel else None, scope)


def canonical_handle(channel: str, handle: str) -> str:
    """The canonical spelling of a handle of a channel; ``""`` when it cannot be one.

    >>> canonical_handle("facebook", "Ada.Lovelace")
    'adalovelace'
    """
    account = parse(handle, channel=channel)
    return account.handle if isinstance(account, Account) else ""


def name_part(account: Account) -> str:
    """The part of a handle that can come from a person's name.

    Without the host of a Mastodon or Bluesky handle, the suffix that LinkedIn adds, and the kind of a YouTube name.

    >>> name_part(Account("linkedin", handle="ada-lovelace-1a2b3c4d"))
    'ada-lovelace'
    """
    channel = find(account.channel)
    pattern = channel.rules.handle.name_part if channel else None
    match = pattern.fullmatch(account.handle) if pattern else None
    return (match["name"] or account.handle) if match else account.handle


def url(account: Account) -> str:
    """The canonical link of an account; ``""`` when its channel has no link for what is known of it.

    >>> url(Account("mastodon", handle="ada@social.example.com"))
    'https://social.example.com/@ada'
    """
    channel = find(account.channel)
    if channel is None:
        return ""
    form = channel.rules.url
    if not account.handle:
        known = account.account_id and form.id_url and ("{scope}" not in form.id_url or account.scope)
        link = form.id_url.replace("{id}", quote(account.account_id, safe=":")) if known else ""
        return link.replace("{scope}", account.scope)
    if any(other.namespace and account.handle.startswith(other.namespace) for other in form.forms):
        site = urlsplit(form.handle_url)
        return f"{site.scheme}://{site.netloc}/{quote(account.handle)}"
    user, _, host = account.handle.rpartition("@")
    made = form.handle_url.replace("{handle}", quote(account.handle, safe="/@.~"))
    return made.replace("{user}", quote(user)).replace("{host}", host)


@cache
def _quick() -> dict[str, _Quick]:
    """What the fast path needs, by every name and alias of a channel; handles of plain letters need no other rule."""
    found: dict[str, _Quick] = {}
    for channel in all_channels().values():
        rules = channel.rules
        handle = rules.handle
        refused = JUNK_WORDS | TEMPLATE_WORDS | handle.reserved | handle.placeholders
        is_id = handle.bare_id.fullmatch if handle.bare_id else None
        quick = (rules.name, handle.scoped, handle.pattern.fullmatch, is_id, refused)
        found |= dict.fromkeys((rules.name, *rules.aliases), quick)
    return found


@lru_cache(maxsize=1024)
def _rules(channel: str) -> ChannelRules:
    """The rules of a channel; for one that has no TOML, rules that take any word."""
    found = find(channel)
    if found is not None:
        return found.rules
    name = channel.strip().casefold()
    return ChannelRules(
        name=name,
        title=name,
        aliases=(),
        handle=HandleRules(re.compile(r"[^\s/\"'`,;<>%:@][^\s/\"'`,;<>%:]*"), scoped=True),
        url=UrlRules(),
        purposes=(),
        visibility="public",
        trust={},
        basis="",
    )
