"""Profiles as evidence for each other: which were shown to be one person's, and which are likely to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.matching.components import components
from socialmerge.matching.own_accounts import OwnAccounts
from socialmerge.normalise import accounts, emails
from socialmerge.normalise.fingerprints import Hashes, fingerprints
from socialmerge.records import Account, Email

__all__ = ["Together", "groups", "tokens"]

Ints = npt.NDArray[np.int64]
_APART = "\x1f"


@dataclass(frozen=True, slots=True)
class Together:
    """A code for each profile: ``one`` is shared by those shown to be one person's, ``likely`` by those that say so."""

    one: Ints
    likely: Ints


@dataclass(frozen=True, slots=True)
class _Keys:
    """Rows that hold keys: what shares a key belongs together."""

    row: Ints
    key: pa.Array

    def within(self, keys: pa.Array) -> Ints:
        """The place of each key among others, -1 where it is not there."""
        found: Ints = pc.fill_null(pc.index_in(self.key, value_set=keys), -1).to_numpy().astype(np.int64)
        return found


def groups(profiles: pa.Table, own: OwnAccounts | None = None) -> Together:
    """Group profiles that share a stable id or a verified address, or link to each other.

    A link one way, or an address that nothing proved, makes a group only among strangers: anybody can write it. ``own``
    are the accounts that the profiles are, where they are known already.
    """
    own = own or OwnAccounts.of(profiles)
    rows = profiles.num_rows
    proofs = [_by_id(own), _addresses(profiles, "verified_emails")]
    accounts_of = _by_account(own)
    owner, linked = _links(profiles, accounts_of)
    both = np.isin(owner * rows + linked, linked * rows + owner)
    shown = _joined(rows, proofs, owner[both], linked[both])
    return Together(shown, _joined(rows, [*proofs, accounts_of, _addresses(profiles, "emails")], owner, linked))


def tokens(profiles: pa.Table) -> tuple[Ints, Hashes]:
    """Rows with the fingerprints of what they may be grouped by: profiles that share none are never in one group."""
    own = OwnAccounts.of(profiles)
    linked = [_several(profiles, column) for column in ("links", "websites")]
    row = np.concatenate([keys.row for keys in linked])
    accounts_of = [_by_account(own), _each_once(_Keys(row, pa.concat_arrays([k.key for k in linked])), _account_linked)]
    addresses = [_addresses(profiles, name) for name in ("verified_emails", "emails")]
    several = [("id", [_by_id(own)]), ("account", accounts_of), ("address", addresses)]
    rows = [keys.row for _, some in several for keys in some]
    hashes = [
        fingerprints(pc.binary_join_element_wise(kind, keys.key, _APART)) for kind, some in several for keys in some
    ]
    return np.concatenate(rows), np.concatenate(hashes)


def _joined(rows: int, keys: Sequence[_Keys], one: Ints, other: Ints) -> Ints:
    """The first row of each row's group, where rows of one key and pairs of rows belong together."""
    left, right, size = [one], [other], rows
    for some in keys:
        coded = pc.dictionary_encode(some.key)
        left.append(some.row)
        right.append(coded.indices.to_numpy().astype(np.int64) + size)
        size += len(coded.dictionary)
    return components(size, np.concatenate(left), np.concatenate(right))[:rows]


def _by_id(own: OwnAccounts) -> _Keys:
    rows = np.flatnonzero(pc.not_equal(own.account_id, "").to_numpy(zero_copy_only=False))
    joined = pc.binary_join_element_wise(own.channel, own.scope, own.account_id, _APART)
    return _Keys(rows, joined.take(pa.array(rows)))


def _by_account(own: OwnAccounts) -> _Keys:
    rows = np.flatnonzero(pc.not_equal(own.handle, "").to_numpy(zero_copy_only=False))
    return _Keys(rows, pc.binary_join_element_wise(own.channel, own.handle, _APART).take(pa.array(rows)))


def _links(profiles: pa.Table, accounts_of: _Keys) -> tuple[Ints, Ints]:
    """Rows that link to an account, and the row of the last profile that is that account."""
    some = [_several(profiles, column) for column in ("links", "websites")]
    row = np.concatenate([keys.row for keys in some])
    found = _each_once(_Keys(row, pa.concat_arrays([keys.key for keys in some])), _account_linked)
    held = pc.dictionary_encode(accounts_of.key)
    last = np.zeros(len(held.dictionary), dtype=np.int64)
    last[held.indices.to_numpy()] = accounts_of.row
    place = found.within(held.dictionary)
    return found.row[place >= 0], last[place[place >= 0]]


def _account_linked(link: str) -> str:
    account = accounts.parse(link)
    return f"{account.channel}{_APART}{account.handle}" if isinstance(account, Account) and account.handle else ""


def _addresses(profiles: pa.Table, column: str) -> _Keys:
    """Addresses of one person: an office's or a robot's is nobody's."""
    return _each_once(_several(profiles, column), _mailbox)


def _mailbox(raw: str) -> str:
    email = emails.parse(raw)
    return email.canonical if isinstance(email, Email) and email.kind not in {"role", "noreply"} else ""


def _each_once(texts: _Keys, parse: Callable[[str], str]) -> _Keys:
    """The keys of texts, each different text parsed once; what has none is left out."""
    coded = pc.dictionary_encode(texts.key)
    keys = pa.array([parse(text) if text else "" for text in coded.dictionary.to_pylist()], pa.string())
    found = keys.take(coded.indices)
    kept = np.flatnonzero(pc.fill_null(pc.not_equal(found, ""), fill_value=False).to_numpy(zero_copy_only=False))
    return _Keys(texts.row[kept], found.take(pa.array(kept)))


def _several(profiles: pa.Table, column: str) -> _Keys:
    """The members of a column of lists, and the row of each."""
    lists = profiles[column].combine_chunks()
    row = pc.list_parent_indices(lists).to_numpy().astype(np.int64)
    return _Keys(row, tables.strings(pc.list_flatten(lists)))
