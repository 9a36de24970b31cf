"""What one channel's TOML says about accounts: handle syntax, URL forms, uses; as values ready to apply."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

__all__ = ["ChannelRules", "HandleRules", "UrlForm", "UrlRules"]


@dataclass(frozen=True, slots=True)
class HandleRules:
    """What a handle looks like, and what two spellings of one handle share."""

    pattern: re.Pattern[str]  # on the canonical handle
    drop: str = ""  # characters without meaning: the dots of Facebook
    reserved: frozenset[str] = frozenset()  # paths of the site that are nobody's handle
    placeholders: frozenset[str] = frozenset()  # handles that stand for "no account"
    scoped: bool = False  # the handle is unique only within a workspace
    at_host: bool = False  # user@host
    is_domain: bool = False  # the handle is a domain name, so a bare host is a handle
    schemes: tuple[str, ...] = ()  # "acct": what may stand before a handle or an id, with a colon
    prefix: str = "@"  # what people and platforms write before a handle
    name_part: re.Pattern[str] | None = None  # group "name": the part that can come from a person's name
    id_pattern: re.Pattern[str] | None = None  # a stable id, where a URL has one
    bare_id: re.Pattern[str] | None = None  # a text that, by itself, is an id rather than a handle


@dataclass(frozen=True, slots=True)
class UrlForm:
    """One shape of an account's URL, as a pattern over ``host/path`` and the query."""

    pattern: re.Pattern[str]
    query: tuple[tuple[str, str], ...] = ()  # (group, name of the query parameter)
    handle: str = ""  # how to build the handle from the groups, when it is not the group "handle"
    namespace: str = ""  # before the handle, where one site has several kinds of names: "c/", "company/"
    is_person: bool | None = None
    nobody: bool = False  # looks like an account and is none: a search, a list


@dataclass(frozen=True, slots=True)
class UrlRules:
    """Which URLs name an account."""

    hosts: tuple[str, ...] = ()  # exact hosts; "*.linkedin.com" takes every sub-domain
    forms: tuple[UrlForm, ...] = ()  # tried in order
    handle_url: str = ""  # canonical link, with {handle}, {user}, {host}, {scope}
    id_url: str = ""  # canonical link, with {id}, {scope}
    any_host: bool = False  # the forms may stand on any host (Mastodon)


@dataclass(frozen=True, slots=True)
class ChannelRules:
    """All that a channel's TOML says, but for its file formats.

    ``purposes`` is what the channel is good for, ``visibility`` the most private value that may be shown on it
    (``"public"`` or ``"private"``), ``trust`` the worth in [0, 1] of its *verified*, *asserted* and *derived* values,
    and ``basis`` the ground on which its data is usually held.
    """

    name: str
    title: str
    aliases: tuple[str, ...]
    handle: HandleRules
    url: UrlRules
    purposes: tuple[str, ...]
    visibility: str
    trust: Mapping[str, float]
    basis: str
    is_hub: bool = False  # a page of links: it says where its owner's accounts are, and is none itself

    def canonical(self, handle: str) -> str:
        """The canonical spelling of a handle, whether or not it is well formed.

        >>> from socialmerge import channels
        >>> channels.rules("facebook").canonical("Ada.Lovelace")
        'adalovelace'
        """
        text = handle.strip().removeprefix(self.handle.prefix).strip()
        if "%" in text and not unquote(text).isascii():  # another script's letters, as they stand in a URL
            text = unquote(text)
        if not text.isascii():
            text = unicodedata.normalize("NFC", text.casefold())
        text = text.lower()
        for character in self.handle.drop:
            text = text.replace(character, "")
        return text
