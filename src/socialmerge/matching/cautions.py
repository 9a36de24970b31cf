"""Signs that a profile, or a profile beside a customer, is not what it seems: impersonation, organisations, conflicting ids."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge import tables
from socialmerge.matching.chain import Sign
from socialmerge.matching.reasons import Caution
from socialmerge.normalise import accounts, names
from socialmerge.normalise.columns import distinct
from socialmerge.records import Account, Kind, Missing
from socialmerge.schema import Column

__all__ = ["pair_cautions", "profile_cautions"]

Ints = npt.NDArray[np.int64]

_IN_NAME = re.compile(
    r"\b(official|support|parody|fan ?page|fans?|fan ?club|helpdesk|customer ?(care|service)|unofficial)\b"
)
_IN_BIO = re.compile(r"\b(parody|fan (account|page|club)|unofficial|not affiliated|impersonat\w+)\b")
_LONGEST = 5_000
"""Characters of a biography that are looked at."""


def profile_cautions(profiles: pa.Table) -> Ints:
    """For each profile, what it or its platform says that speaks against attaching it."""
    found = np.zeros(profiles.num_rows, np.int64)
    person = profiles["is_person"].to_pylist()
    found[[row for row, value in enumerate(person) if value is False]] |= int(Caution.NOT_A_PERSON)
    for column, pattern in (("display_name", _IN_NAME), ("handle", _IN_NAME), ("bio", _IN_BIO)):
        parsed = distinct(tables.strings(profiles[column]), lambda raw: raw[:_LONGEST].casefold().replace("_", " "))
        says = np.array([bool(pattern.search(value)) for value in parsed.values] + [False])
        found[says[parsed.codes]] |= int(Caution.CLAIM)
    shown = distinct(tables.strings(profiles["display_name"]), names.parse)
    firm = np.array([name.is_organisation for name in shown.values] + [False], bool)
    found[firm[shown.codes]] |= int(Caution.ORGANISATION_WORDS)
    return found


def pair_cautions(
    profiles: pa.Table, customers: pa.Table, columns: Sequence[Column], left: Ints, right: Ints, signs: Ints
) -> Ints:
    """For each pair, signs of another account that passes for the customer's."""
    found = np.where((signs & int(Sign.ID_CONFLICT)) != 0, int(Caution.ID_CONFLICT), 0).astype(np.int64)
    theirs = _handles(customers, columns)
    if not theirs:
        return found
    channel = tables.strings(profiles["channel"]).to_pylist()
    handle = tables.strings(profiles["handle"]).to_pylist()
    looks: dict[tuple[str, str], set[tuple[int, str]]] = {}
    for row, kind, one in theirs:
        looks.setdefault((kind, accounts.skeleton(one)), set()).add((row, one))
    for row in np.unique(left).tolist():
        one = handle[row]
        if not one:
            continue
        account = accounts.parse(one, channel=channel[row] or "")
        shown = account.handle if isinstance(account, Account) else one.casefold()
        for customer, other in looks.get((channel[row] or "", accounts.skeleton(shown)), ()):
            if other != shown:
                found[(left == row) & (right == customer)] |= int(Caution.LOOKALIKE)
    return found


def _handles(customers: pa.Table, columns: Sequence[Column]) -> list[tuple[int, str, str]]:
    """Row, channel and handle of every account on the customers' records."""
    found = []
    for column in columns:
        if column.kind is Kind.ACCOUNT:
            parsed = distinct(
                tables.strings(customers[column.name]), lambda raw, column=column: _account(raw, column.channel)
            )
            for row in np.flatnonzero(parsed.codes >= 0).tolist():
                account = parsed.values[parsed.codes[row]]
                if account.handle:
                    found.append((row, account.channel, account.handle))
    return found


def _account(raw: str, channel: str) -> Account | Missing:
    return accounts.parse(raw, channel=channel)
