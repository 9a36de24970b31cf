"""The same account, website or stable id on both sides: how much that says, by how many other people share it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from socialmerge.blocking.once import once
from socialmerge.matching.chain_sides import DISPLAY, EMAIL, ID, WEBSITE, ChainSide
from socialmerge.matching.characters import Floats, Ints

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
    """How many other people may have what a profile shows, in a table of so many ``people``.

    ``others`` has for each key, and last for none, how many other family names hold it; ``common`` for each text of the
    two sides the share of people who have it, and 0 last.
    """

    others: Floats
    common: Floats
    people: int


@dataclass(frozen=True, slots=True)
class Found:
    """For each string of a profile against a customer: bits, whether they stand for the string, and signs."""

    bits: Floats
    decides: Flags
    verified: Floats
    signs: Ints


def shared(profiles: ChainSide, customers: ChainSide) -> Shared:
    """Count the different family names that hold each key and each text; the sides are `together`."""
    people = max(len(profiles.name), len(customers.name))
    return Shared(_holders(profiles, customers), _common(profiles, people), people)


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


def _common(profiles: ChainSide, people: int) -> Floats:
    """The share of people with each text that several family names, or too many rows to be one person's, have.

    Such a text (an employer's website, ``info`` before the at sign) was not made from the name of the one who shows it.
    """
    size = len(profiles.texts)
    has = np.flatnonzero(profiles.text >= 0)
    text, family = profiles.text[has], _called(profiles)[has]
    named = family >= 0
    families = np.bincount(_distinct(text[named], family[named], len(profiles.names.words))[0], minlength=size)
    kinds = max(len(profiles.kinds), 1)
    rows, _ = _distinct(text.astype(np.int64) * kinds + profiles.kind[has], profiles.row[has], people)
    per_kind = np.bincount(rows, minlength=size * kinds).reshape(size, kinds)
    others = np.maximum(families - _OWN_FAMILIES, per_kind.max(axis=1, initial=0) - _OWN_ROWS)
    return np.append(np.maximum(others, 0) / max(people, 1), 0.0)


def _holders(profiles: ChainSide, customers: ChainSide) -> Floats:
    """For each key of the profiles how many family names but one hold it, and 0 for no key."""
    keys, owners = [], []
    for side in (profiles, customers):
        owner = _called(side)
        for column in (side.key, side.wider):
            known = (column >= 0) & (owner >= 0)
            keys.append(column[known])
            owners.append(owner[known])
    held, _ = _distinct(np.concatenate(keys), np.concatenate(owners), len(profiles.names.words))
    return np.append(np.maximum(np.bincount(held, minlength=len(profiles.keys)) - 1.0, 0.0), 0.0)


def _called(side: ChainSide) -> Ints:
    """What the owner of each string is called: a word, -1 for none."""
    found: Ints = np.append(side.names.called(), np.int32(-1))[side.name[side.row]].astype(np.int64)
    return found


def _distinct(one: Ints, other: Ints, size: int) -> tuple[Ints, Ints]:
    """Each two numbers once; the second ones are below ``size``."""
    both = once(one.astype(np.int64) * max(size, 1) + other)
    return both // max(size, 1), both % max(size, 1)


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
    alike = profiles.kind[one] == customers.kind[other]
    has = alike & (profiles.key[one] >= 0) & (customers.key[other] != -1)
    equal = has & (profiles.key[one] == customers.key[other])
    wider = alike & ~equal & (profiles.wider[one] >= 0) & (profiles.wider[one] == customers.wider[other])
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
    is_id, email, website, display = (
        np.array([test(k) for k in names], dtype=np.bool_)[kind]
        for test in (lambda k: k.startswith(ID), EMAIL.__eq__, WEBSITE.__eq__, DISPLAY.__eq__)
    )
    account = ~(is_id | email | website | display)
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
