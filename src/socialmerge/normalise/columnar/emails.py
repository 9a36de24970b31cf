"""E-mail addresses: the mailboxes of whole columns."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.normalise import emails
from socialmerge.normalise.columnar import settle
from socialmerge.normalise.columnar.bytewise import Bytes, bytes_of, extremes, made, without
from socialmerge.normalise.columnar.settle import Settled
from socialmerge.normalise.columnar.text import is_in, mask
from socialmerge.records import Email, MissingReason

__all__ = ["keys", "mailbox"]

Mask = npt.NDArray[np.bool_]

_PLAIN = r"\A(?P<local>[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)@(?P<domain>[A-Za-z0-9.-]+)\z"
_LONGEST = 254  # RFC 5321
_MACHINE = re.compile(r"[a-z0-9][a-z0-9._+-]{1,63}")


def keys(texts: pa.Array) -> pa.Array:
    """The mailboxes of distinct addresses (`Email.canonical`), null where one is no address.

    >>> keys(pa.array(["Ada.Lovelace@GMail.com", "test@test.com"])).to_pylist()
    ['adalovelace@gmail.com', None]
    """
    return settle.keys_of(texts, _quick, lambda raw: (mailbox(raw),))[""]


def mailbox(raw: str) -> str:
    """The mailbox of one address, ``""`` where it is none; at a machine's own name, as in commit logs, the address.

    >>> mailbox("Ada@thinkpad"), mailbox("ada")
    ('ada@thinkpad', '')
    """
    found = emails.parse(raw)
    if isinstance(found, Email):
        return found.canonical
    local, _, host = raw.strip().casefold().partition("@")
    known = _MACHINE.fullmatch(local) and host and not host[0].isspace()
    return f"{local}@{host}" if known and found.reason is MissingReason.MALFORMED else ""


def _quick(texts: pa.Array) -> Settled:
    """A plain address at a host that is surely one: lower case, without the characters that its provider ignores."""
    found = pc.extract_regex(texts, _PLAIN)
    local, domain = (pc.fill_null(pc.ascii_lower(found.field(part)), "") for part in ("local", "domain"))
    coded = domain.dictionary_encode()
    hosts = [emails.domain_facts(name) for name in coded.dictionary.to_pylist()]
    at = coded.indices.to_numpy(zero_copy_only=False)
    plain = np.array([host.is_plain and host.canonical != emails.GITHUB for host in hosts], bool)[at]
    names, canonical = (
        pa.array([getattr(host, of) for host in hosts], pa.string()).take(coded.indices) for of in ("name", "canonical")
    )
    octets = bytes_of(local)
    odd = _may_be_placeholder(octets) | mask(pc.equal(local, names)) | _tagged(local, [host.tags for host in hosts], at)
    mailbox = _mailbox(octets, [host.ignored for host in hosts], at)
    sure = mask(found.is_valid()) & plain & ~odd & (bytes_of(texts).lengths <= _LONGEST) & (mailbox.lengths > 0)
    return settle.one(pc.binary_join_element_wise(made(mailbox.data, mailbox.offsets), canonical, "@"), sure)


def _may_be_placeholder(local: Bytes) -> Mask:
    """Which local parts are words that forms are filled with, or one character over and over."""
    solid = without(local, _one_of(".-_")[local.data])
    low, high = extremes(solid)
    return (low >= high) | is_in(made(solid.data, solid.offsets), _placeholders())


def _tagged(local: pa.Array, tags: list[str], at: npt.NDArray[np.int32]) -> Mask:
    """Which local parts may have a tag besides the plus sign."""
    found = np.zeros(len(at), bool)
    for characters in {*tags} - {""}:
        tagging = np.array([of_host == characters for of_host in tags], bool)[at]
        found |= tagging & mask(pc.match_substring_regex(local, f"[{re.escape(characters)}]"))
    return found


def _mailbox(local: Bytes, ignored: list[str], at: npt.NDArray[np.int32]) -> Bytes:
    """The local parts without what their providers ignore."""
    dropped = np.zeros(len(local.data), bool)
    for characters in {*ignored} - {""}:
        ignores = np.array([of_host == characters for of_host in ignored], bool)[at]
        dropped |= np.repeat(ignores, local.lengths) & _one_of(characters)[local.data]
    return without(local, dropped)


@cache
def _one_of(characters: str) -> Mask:
    """For each byte, whether it is one of the characters."""
    return np.isin(np.arange(256), [*characters.encode()])


@cache
def _placeholders() -> pa.Array:
    return pa.array(sorted(emails.words_of_forms()), pa.string())
