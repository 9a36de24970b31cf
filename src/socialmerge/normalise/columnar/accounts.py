"""Accounts: channel and handle, or channel and id, of whole columns."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.channels.registry import all_channels, find
from socialmerge.channels.rules import ChannelRules
from socialmerge.normalise import accounts
from socialmerge.normalise.account_text import JUNK_WORDS, TEMPLATE_WORDS
from socialmerge.normalise.columnar import settle
from socialmerge.normalise.columnar.bytewise import bytes_of
from socialmerge.normalise.columnar.settle import Settled
from socialmerge.normalise.columnar.text import is_in, mask
from socialmerge.records import Missing

__all__ = ["keys"]

_PLAIN = r"\A[A-Za-z][A-Za-z0-9_-]{0,38}\z"
_WORD = r"\A[a-z0-9][a-z0-9_.-]*\z"
_FORM = r"\b(?:your|my|insert|enter)"
_LONGEST = 1_000


def keys(texts: pa.Array, channel: str) -> pa.Array:
    """The accounts of distinct texts as ``channel:handle``, or ``channel:id`` where the id is all that is known.

    ``channel`` says where a text without a channel of its own belongs; null is no account.

    >>> keys(pa.array(["@Ada_K", "https://github.com/ada", "n/a"]), "x").to_pylist()
    ['x:ada_k', 'github:ada', None]
    """

    def parsed(raw: str) -> tuple[str]:
        account = accounts.parse(raw, channel=channel)
        if isinstance(account, Missing):
            return ("",)
        return (f"{account.channel}:{account.handle or account.account_id}",)

    found = find(channel) if channel else None

    def quick(some: pa.Array) -> Settled:
        if found and channel in (found.rules.name, *found.rules.aliases):
            return _handles(some, found.rules)
        if channel and not found:
            return _words(some, channel)
        return settle.one(some, np.zeros(len(some), bool))

    return settle.keys_of(texts, quick, parsed)[""]


def _handles(texts: pa.Array, rules: ChannelRules) -> Settled:
    """Handles of plain letters, of a channel that is known: no other rule touches them."""
    written = pc.replace_substring_regex(texts, r"\A@", "")
    handle = pc.ascii_lower(written)
    refused = pa.array(sorted(JUNK_WORDS | TEMPLATE_WORDS | rules.handle.reserved | rules.handle.placeholders))
    sure = mask(pc.match_substring_regex(written, _PLAIN)) & ~is_in(handle, refused)
    sure[sure] = [
        rules.handle.pattern.fullmatch(each) is not None for each in handle.filter(pa.array(sure)).to_pylist()
    ]
    if rules.handle.bare_id:
        ids = [rules.handle.bare_id.fullmatch(each) is not None for each in written.filter(pa.array(sure)).to_pylist()]
        sure[sure] = ~np.array(ids, bool)
    return settle.one(pc.binary_join_element_wise(rules.name, handle, ":"), sure)


def _words(texts: pa.Array, channel: str) -> Settled:
    """Handles of a channel that is not known, of which any word may be one: lower case, without an at-sign."""
    lower = pc.ascii_lower(texts)
    handle = pc.replace_substring_regex(lower, r"\A@", "")
    sure = mask(pc.match_substring_regex(handle, _WORD)) & (bytes_of(texts).lengths < _LONGEST)
    sure &= ~(is_in(handle, _no_handles()) | mask(pc.match_substring_regex(handle, _FORM)))
    sure &= ~mask(pc.match_substring_regex(handle, _site_endings()))
    return settle.one(pc.binary_join_element_wise(channel.strip().casefold(), handle, ":"), sure)


@cache
def _no_handles() -> pa.Array:
    return pa.array(sorted(JUNK_WORDS | TEMPLATE_WORDS), pa.string())


@cache
def _site_endings() -> str:
    """The top-level domains of the channels' sites: a word that ends in one may be a site's address."""
    hosts = (host for channel in all_channels().values() for host in channel.rules.url.hosts)
    return rf"\.(?:{'|'.join(sorted({re.escape(host.rpartition('.')[2]) for host in hosts}))})\z"
