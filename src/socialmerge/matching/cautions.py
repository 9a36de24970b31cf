"""Signs that a profile is not what it seems: impersonation, organisations, conflicting ids."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.matching.chain import Sign
from socialmerge.matching.reasons import Caution
from socialmerge.normalise import accounts, names, plain_names
from socialmerge.normalise.columns import distinct
from socialmerge.records import Account, Kind, PersonName
from socialmerge.schema import Column

__all__ = ["pair_cautions", "profile_cautions"]

Ints = npt.NDArray[np.int64]

_IN_NAME = re.compile(
    r"\b(official|support|parody|fan ?page|fans?|fan ?club|helpdesk|customer ?(care|service)|unofficial)\b"
)
_IN_BIO = re.compile(r"\b(parody|fan (account|page|club)|unofficial|not affiliated|impersonat\w+)\b")
_HINT = r"(?i)official|support|parody|fan|helpdesk|customer|affiliated|impersonat"
"""What a text must hold for one of these to be in it."""
_LONGEST = 5_000
"""Characters of a biography that are looked at."""


def profile_cautions(profiles: pa.Table) -> Ints:
    """For each profile, what it or its platform says that speaks against attaching it."""
    found = np.zeros(profiles.num_rows, np.int64)
    person = profiles["is_person"].to_pylist()
    found[[row for row, value in enumerate(person) if value is False]] |= int(Caution.NOT_A_PERSON)
    for column, pattern in (("display_name", _IN_NAME), ("handle", _IN_NAME), ("bio", _IN_BIO)):
        texts = tables.strings(profiles[column])
        rows = np.flatnonzero(pc.fill_null(pc.match_substring_regex(texts, _HINT), fill_value=False))
        for row, raw in zip(rows.tolist(), texts.take(pa.array(rows)).to_pylist(), strict=True):
            if pattern.search(raw[:_LONGEST].casefold().replace("_", " ")):
                found[row] |= int(Caution.CLAIM)
    found[_reads_like_an_organisation(profiles["display_name"])] |= int(Caution.ORGANISATION_WORDS)
    return found


def _reads_like_an_organisation(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Whose display name is an organisation's; that of a person in plain words is not."""
    shown = pc.dictionary_encode(pc.fill_null(tables.strings(column), ""))
    shown = shown.combine_chunks() if isinstance(shown, pa.ChunkedArray) else shown
    plain = plain_names.of_full(shown.dictionary).plain
    firm = [
        isinstance(name, PersonName) and name.is_organisation
        for name in map(names.parse, shown.dictionary.filter(pc.invert(plain)).to_pylist())
    ]
    found = np.zeros(len(shown.dictionary), dtype=np.bool_)
    found[~plain.to_numpy(zero_copy_only=False)] = firm
    of_rows: npt.NDArray[np.bool_] = found[shown.indices.to_numpy()]
    return of_rows


def pair_cautions(
    profiles: pa.Table,
    customers: pa.Table,
    columns: Sequence[Column],
    *,
    left: Ints,
    right: Ints,
    signs: Ints,
) -> Ints:
    """For each pair, signs of another account that passes for the customer's."""
    found = np.where((signs & int(Sign.ID_CONFLICT)) != 0, int(Caution.ID_CONFLICT), 0).astype(np.int64)
    looks = _looks(customers, columns)
    if not looks:
        return found
    own = _own_handles(profiles)
    for row in np.unique(left).tolist():
        if own[row] is None:
            continue
        channel, shown = own[row]
        for customer, other in looks.get((channel, accounts.skeleton(shown)), ()):
            if other != shown:
                found[(left == row) & (right == customer)] |= int(Caution.LOOKALIKE)
    return found


def _own_handles(profiles: pa.Table) -> list[tuple[str, str] | None]:
    """Channel and canonical handle of each profile."""
    channels = tables.strings(profiles["channel"]).to_pylist()
    handles = tables.strings(profiles["handle"]).to_pylist()
    return [
        (channel or "", _canonical(handle, channel or "")) if handle else None
        for channel, handle in zip(channels, handles, strict=True)
    ]


def _canonical(handle: str, channel: str) -> str:
    account = accounts.parse(handle, channel=channel)
    return account.handle if isinstance(account, Account) else handle.casefold()


def _looks(customers: pa.Table, columns: Sequence[Column]) -> dict[tuple[str, str], set[tuple[int, str]]]:
    """What the handles on the customers' records look like, by channel: the rows, and the handles themselves."""
    found: dict[tuple[str, str], set[tuple[int, str]]] = {}
    for column in columns:
        if column.kind is Kind.ACCOUNT and column.part != "id":
            parsed = distinct(tables.strings(customers[column.name]), partial(accounts.parse, channel=column.channel))
            for row in np.flatnonzero(parsed.codes >= 0).tolist():
                account = parsed.values[parsed.codes[row]]
                if account.handle:
                    look = (account.channel, accounts.skeleton(account.handle))
                    found.setdefault(look, set()).add((row, account.handle))
    return found
