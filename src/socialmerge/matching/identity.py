"""The same account, website or stable id on both sides: how much that says, by how many other people share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from socialmerge.matching.chain_sides import DISPLAY, EMAIL, ID, WEBSITE, ChainSide
from socialmerge.matching.characters import Floats, Ints, squeeze

__all__ = ["Found", "Shared", "compare", "shared"]

Flags = npt.NDArray[np.bool_]

_SAME = {WEBSITE: 0.5, ID: 0.98, "": 0.85}  # of one person's two strings of this kind are the same
_ERRORS = {WEBSITE: 0.02, ID: 0.0002, "": 0.002}  # other people's that the table holds by mistake
_OWN_FAMILIES = 2  # family names under which one person may be known
_OWN_ROWS = 4  # rows of one kind that may be one person's
_SECOND_ACCOUNT = -2.0  # bits: one channel, two accounts
_ID_CONFLICT = -6.0
_NOT_THE_SAME = 1.0  # bits that an equal handle keeps when the stable ids differ

ACCOUNT_SAME, WEBSITE_SAME, ID_SAME, ID_CONFLICT, SECOND_ACCOUNT, EMAIL_SAME = 32, 64, 128, 256, 512, 1024


@dataclass(frozen=True, slots=True)
class Shared:
    """The customers' kinds and keys in the profiles' numbering, and the bits of each key when it is on both sides."""

    kind: Ints
    key: Ints
    others: Floats  # (keys + 1,): how many other family names hold the key
    people: int
    common: Mapping[str, float]  # of texts that several people have: the share of people who do


@dataclass(frozen=True, slots=True)
class Found:
    """For each string of a profile against a customer: bits, whether they stand for the string, and signs."""

    bits: Floats
    decides: Flags
    verified: Floats
    signs: Ints


def shared(profiles: ChainSide, customers: ChainSide) -> Shared:
    """Count the different family names that hold each key."""
    kinds = {k: i for i, k in enumerate(profiles.kinds)}
    keys = {k: i for i, k in enumerate(profiles.keys)}
    kind = np.array([kinds.get(k, -1) for k in customers.kinds] + [-1], dtype=np.int64)
    key = np.array([keys.get(k, -2) for k in customers.keys] + [-2], dtype=np.int64)
    others, families = _holders(profiles, customers, key)
    people = max(len(profiles.name), len(customers.name), families)
    return Shared(kind, key, others, people, _common(profiles, people))


def _worth(shared: Shared, profiles: ChainSide, string: Ints, key: Ints) -> Floats:
    """Bits of equal keys: what one person's share over the chance that another person's do."""
    group = [ID if k.startswith(ID) else k if k == WEBSITE else "" for k in profiles.kinds]
    kind = profiles.kind[string]
    same, errors = (np.array([table[g] for g in group])[kind] for table in (_SAME, _ERRORS))
    # an id that is held under two names is one person's who changed it, not two people's
    stable = np.array([g == ID for g in group], bool)[kind]
    others = np.where(stable, 0.0, shared.others[key[string]])
    found: Floats = np.maximum(np.log2(same * shared.people / (others + errors)), 0.0)
    return found


def _common(profiles: ChainSide, people: int) -> dict[str, float]:
    """The share of people with each text that several family names, or too many rows to be one person's, have.

    Such a text (an employer's website, ``info`` before the at sign) was not made from the name of the one who shows it.
    """
    name = [squeeze(n.family or n.given) for n in profiles.names]
    known = {n: i for i, n in enumerate(dict.fromkeys(name))}
    family = np.array([*(known[n] for n in name), -1], dtype=np.int64)[profiles.name[profiles.row]]
    has = profiles.text >= 0
    size = len(profiles.texts)
    held = np.unique(np.stack([profiles.text[has], family[has]]), axis=1)
    families = np.bincount(held[0, held[1] >= 0], minlength=size) - _OWN_FAMILIES
    rows = np.unique(np.stack([profiles.text[has], profiles.kind[has], profiles.row[has]]), axis=1)
    most = np.zeros(size, dtype=np.int64)
    per_kind = rows[0] * len(profiles.kinds) + rows[1]
    counts = np.bincount(per_kind, minlength=size * len(profiles.kinds)).reshape(size, -1) if size else most[:, None]
    others = np.maximum(families, counts.max(axis=1, initial=0) - _OWN_ROWS)
    return {profiles.texts[i]: float(others[i]) / people for i in np.flatnonzero(others > 0).tolist()}


def _holders(profiles: ChainSide, customers: ChainSide, renumber: Ints) -> tuple[Floats, int]:
    """For each key of the profiles how many family names but one hold it (and 0 for no key), and how many there are."""
    families: dict[str, int] = {}
    found = []
    for side, renumbered in ((profiles, None), (customers, renumber)):
        name = [families.setdefault(squeeze(n.family or n.given), len(families)) for n in side.names]
        owner = np.array([*name, -1], dtype=np.int64)[side.name[side.row]]
        for column in (side.key, side.wider):
            key = column if renumbered is None else renumbered[column]
            known = (key >= 0) & (owner >= 0)
            found.append(np.stack([key[known], owner[known]]))
    pairs = np.unique(np.concatenate(found, axis=1), axis=1)
    counts = np.bincount(pairs[0], minlength=len(profiles.keys) + 1)[: len(profiles.keys) + 1]
    return np.maximum(counts - 1.0, 0.0), len(families)


def compare(shared: Shared, profiles: ChainSide, customers: ChainSide, at: tuple[Ints, Ints, Ints, Ints]) -> Found:
    """Compare the keys of strings of one kind.

    Args:
        shared: from `shared`.
        profiles: one side.
        customers: the other.
        at: the profile string of each cell; then for each comparison its cell and the customer's string; and the pair
            that each cell belongs to.
    """
    string, cell, other, pair = at
    size = len(string)
    one = string[cell]
    alike = profiles.kind[one] == shared.kind[customers.kind[other]]
    key = shared.key[customers.key[other]]
    wide = shared.key[customers.wider[other]]
    has = alike & (profiles.key[one] >= 0) & (customers.key[other] >= 0)
    equal = has & (profiles.key[one] == key)
    wider = alike & ~equal & (profiles.wider[one] >= 0) & (profiles.wider[one] == wide)
    worth = np.zeros(len(cell))
    worth[equal] = _worth(shared, profiles, one[equal], profiles.key)
    worth[wider] = _worth(shared, profiles, one[wider], profiles.wider)
    bits = np.zeros(size)
    np.maximum.at(bits, cell, worth)
    same = np.bincount(cell, equal | wider, minlength=size) > 0
    differs = (np.bincount(cell, has, minlength=size) > 0) & ~same
    proved = np.bincount(cell, equal & profiles.verified[one] & customers.verified[other], minlength=size) > 0
    return _judge(profiles, string, pair, (bits, same, differs, proved))


def _judge(profiles: ChainSide, string: Ints, pair: Ints, found: tuple[Floats, Flags, Flags, Flags]) -> Found:
    bits, same, differs, proved = found
    names = profiles.kinds
    kind = profiles.kind[string]
    is_id = np.array([k.startswith(ID) for k in names])[kind]
    email = np.array([k == EMAIL for k in names])[kind]
    website = np.array([k == WEBSITE for k in names])[kind]
    account = ~is_id & ~email & ~website & np.array([k != DISPLAY for k in names])[kind]
    conflict = is_id & differs
    pairs = int(pair.max(initial=-1)) + 1
    clash = (np.bincount(pair, conflict, minlength=pairs) > 0)[pair]
    bits = np.where(same & clash & account, _NOT_THE_SAME, bits)
    bits = np.where(conflict, _ID_CONFLICT, np.where(account & differs, _SECOND_ACCOUNT, bits))
    bits = np.where(email, 0.0, bits)  # an equal address is weighed as a field of its own
    signs = np.zeros(len(string), dtype=np.int64)
    for flag, sign in (
        (account & same & ~clash, ACCOUNT_SAME),
        (website & same & (bits > 4.0), WEBSITE_SAME),
        (is_id & same, ID_SAME),
        (conflict, ID_CONFLICT),
        (account & differs, SECOND_ACCOUNT),
        (email & same, EMAIL_SAME),
    ):
        signs |= np.where(flag, sign, 0)
    decides = same & ((bits > 0.0) | email)
    return Found(bits, decides, np.where(proved & ~clash, bits, 0.0), signs)
