"""Both sides of scoring made ready: profiles that ask, and customers who are entered once and asked many times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from socialmerge.blocking.once import once
from socialmerge.blocking.tokens import Index, Postings
from socialmerge.engines.freezing import KEYED
from socialmerge.engines.social import whole_addresses
from socialmerge.matching import sides
from socialmerge.matching.chain_sides import ChainSide
from socialmerge.matching.entered import Entered, Seeker, index_of, look_up, whole_side
from socialmerge.matching.frozen import FrozenModel
from socialmerge.matching.name_parts import NameParts
from socialmerge.matching.own_accounts import OwnAccounts
from socialmerge.matching.vocabulary import Signatures
from socialmerge.normalise.features import Feature, build
from socialmerge.normalise.fingerprints import Hashes, fingerprints
from socialmerge.normalise.texts import Texts
from socialmerge.records import Kind

__all__ = ["Asking", "Ready", "Sought", "feature_at", "plain", "rows_of"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Asking:
    """Profiles: their names and strings with the signatures of these, and the fields beside the chain."""

    profiles: pa.Table
    side: ChainSide
    words: Signatures
    signed: Signatures
    features: tuple[Feature, ...]

    @classmethod
    def of(cls, profiles: pa.Table, customers: pa.Table, model: FrozenModel) -> Asking:
        """Look at profiles; of the ``customers`` only the columns count."""
        side = sides.profile_side(profiles, OwnAccounts.of(profiles), proven=model.proven)
        proved = _says(profiles["verified_emails"])
        fields = [
            field
            for field in model.fields.fields
            if any(_says(profiles[name]) for name in field.left_columns) or (proved and field.kind is Kind.EMAIL)
        ]
        built = build(fields, customers.slice(0, 0), profiles, orders=model.fields.orders) if fields else ()
        # an address that is proved meets the customers' also where the profile does not show it
        shown = tuple(
            feature
            for feature in whole_addresses(built)
            if (feature.codes >= 0).any() or (proved and feature.comparison == "mailbox")
        )
        return cls(profiles, side, *whole_side(side), shown)


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """Customers made ready: their table, the chain's side with what it is entered under, and the fields beside it.

    ``nobody`` is the table without rows.
    """

    table: pa.Table
    nobody: pa.Table
    side: ChainSide
    entered: Entered
    features: Mapping[str, Feature]
    indexes: Mapping[str, Index]

    @classmethod
    def of(cls, customers: pa.Table, profiles: pa.Table, model: FrozenModel) -> Ready:
        """Look at customers; of the ``profiles`` only the columns count."""
        side = sides.customer_side(customers, model.columns)
        words, signed = whole_side(side)
        entered = Entered.of(side, words, signed, NameParts.of(side.names, words))
        fields, orders = model.fields.fields, model.fields.orders
        built = build(fields, customers, profiles.slice(0, 0), orders=orders) if fields else ()
        features = {feature.name: feature for feature in whole_addresses(built)}
        keyed = [feature for feature in features.values() if feature.comparison in KEYED]
        indexes = {feature.name: index_of(_values(feature)) for feature in keyed}
        return cls(customers, plain(customers.slice(0, 0)), side, entered, features, indexes)

    def found_by(self, sought: Sought, model: FrozenModel) -> tuple[Hashes, Hashes]:
        """Packed pairs of profiles and customers that are worth weighing for sure, and those that may be."""
        sure, maybe = self.entered.found_by(sought.seeker, model.chain.stops)
        found = [sure]
        for name, values in sought.values.items():
            if name in self.indexes and name in model.stops:
                found.append(look_up(self.indexes[name], values, model.stops[name], sought.seeker.rows))
        return once(np.concatenate(found)), maybe


@dataclass(frozen=True, slots=True, eq=False)
class Sought:
    """What profiles are looked up by among customers, whoever these are; it holds no more of them."""

    seeker: Seeker
    values: Mapping[str, Postings]

    @classmethod
    def of(cls, asking: Asking, model: FrozenModel) -> Sought:
        """Of profiles that were looked at."""
        seeker = Seeker.of(asking.side, asking.words, asking.signed, few=model.chain.stops.few)
        return cls(seeker, {one.name: _values(one) for one in asking.features if one.name in model.stops})


def _values(feature: Feature) -> Postings:
    """The values of a feature as tokens of the rows."""
    slot, row = np.nonzero(feature.codes >= 0)
    return Postings(fingerprints(feature.column)[feature.codes[slot, row]], row.astype(np.int32))


def _says(column: pa.ChunkedArray) -> bool:
    """Whether there is any value in a column, or in the lists of one."""
    return any(len(chunk) - chunk.null_count for chunk in column.chunks) and (
        not pa.types.is_list(column.type) or len(column.combine_chunks().flatten()) > 0
    )


def feature_at(features: Sequence[Feature], rows: Ints) -> list[Feature]:
    """Features of some rows, over the values that these hold and no others."""
    found = []
    for feature in features:
        codes = feature.codes[:, rows]
        used = np.unique(codes[codes >= 0])
        values = Texts(feature.column.take(pa.array(used)))
        narrow = np.where(codes >= 0, np.searchsorted(used, codes), -1).astype(np.int32)
        found.append(replace(feature, codes=narrow, values=values))
    return found


def rows_of(table: pa.Table, rows: Ints) -> pa.Table:
    """Some rows, and of the values in the table only those that these hold."""
    return plain(table.take(pa.array(rows)))


def plain(table: pa.Table) -> pa.Table:
    """The table with its dictionaries written out."""
    for place, column in enumerate(table.schema):
        if pa.types.is_dictionary(column.type):
            table = table.set_column(place, column.name, table.column(place).cast(column.type.value_type))
    return table
