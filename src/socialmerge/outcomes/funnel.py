"""Profiles to customers: the figures of any grouping of profiles, in which every customer counts once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import codes_in
from socialmerge.outcomes.amounts import SCALE
from socialmerge.outcomes.days import NEVER
from socialmerge.outcomes.measures import Flags, Floats, Ints, wilson
from socialmerge.outcomes.people import People
from socialmerge.outcomes.seen import Seen

__all__ = ["Funnel", "funnel_of", "precision", "share"]


@dataclass(frozen=True, slots=True)
class Funnel:
    """Profiles and the people they belong to, as rows.

    ``person`` is the row of each profile's person, -1 where it is attached to none of the table. ``first`` is the
    profile with which each person was first seen, -1 for those without one; ``since`` the day of it.
    """

    seen: Seen
    people: People
    person: Ints
    attached: Flags
    first: Ints
    since: Ints

    @property
    def reached(self) -> Flags:
        """Which people have a profile."""
        return self.first >= 0

    def figures(self, group: Ints, count: int, *, credit: Ints | None = None) -> dict[str, pa.Array]:
        """The figures of ``count`` groups, by the names of ``totals_schema``; ``group`` says that of each profile.

        ``credit`` is the group in which each person counts, -1 for none; that of their first profile when left out.
        """
        people = self.people
        own = np.append(group, -1)[self.first] if credit is None else credit
        buys = people.customer & (own >= 0)
        mine = own[buys]
        profiles, attached, reviews, judged, right = (
            np.bincount(group[rows], minlength=count)
            for rows in (..., self.attached, self.seen.review, self.seen.judged, self.seen.judged & self.seen.right)
        )
        customers = np.bincount(mine, minlength=count)
        person, where = self._pairs(group, count)
        revenue = _sums(mine, people.revenue, buys, count)
        found: dict[str, pa.Array] = {
            "profiles": pa.array(profiles),
            "attached": pa.array(attached),
            "attach_rate": share(attached, profiles),
            "reviews": pa.array(reviews),
            "review_rate": share(reviews, profiles),
            "customers": pa.array(customers),
            "also": pa.array(np.bincount(where, minlength=count) - customers),
            **self._became(own, buys, count),
            "orders": _whole(_sums(mine, people.orders, buys, count), count),
            "revenue": _money(revenue, count),
            "revenue_touched": _money(_sums(where, people.revenue, person, count), count),
            "revenue_after": _money(self._after(own, count), count),
            "value_per_profile": share(revenue / SCALE, profiles) if revenue is not None else _money(None, count),
        }
        return found | precision(judged, right)

    def _pairs(self, group: Ints, count: int) -> tuple[Ints, Ints]:
        """Each customer and group that has a profile of theirs, once."""
        rows = np.flatnonzero(self.person >= 0)
        rows = rows[self.people.customer[self.person[rows]]]
        key = np.unique(self.person[rows] * max(count, 1) + group[rows])
        return key // max(count, 1), key % max(count, 1)

    def _became(self, own: Ints, buys: Flags, count: int) -> dict[str, pa.Array]:
        became, since = self.people.became, self.since
        known = buys & (became != NEVER) & (since != NEVER)
        after = known & (np.where(known, became, 0) > np.where(known, since, 0))
        counts = {
            name: pa.array(np.bincount(own[rows], minlength=count))
            for name, rows in (
                ("became_after", after),
                ("became_before", known & ~after),
                ("became_unknown", buys & ~known),
            )
        }
        return counts | _quartiles(own[after], became[after] - since[after], count)

    def _after(self, own: Ints, count: int) -> Ints | None:
        """The amounts of orders later than the day on which their customer was first seen."""
        bought = self.people.bought
        if bought is None:
            return None
        later = (bought.day != NEVER) & (self.since[bought.person] < bought.day) & (own[bought.person] >= 0)
        found = np.zeros(count, np.int64)
        np.add.at(found, own[bought.person[later]], bought.units[later])
        return found


def funnel_of(seen: Seen, people: People) -> Funnel:
    """Find the person of each profile, and the profile with which each was first seen.

    Of profiles that were first seen on one day that of the channel that comes first by name stands, and those without
    a date come last.
    """
    person = codes_in(seen.entity, people.entity)
    attached = np.asarray(seen.entity.is_valid().to_numpy(zero_copy_only=False), np.bool_)
    rows = np.flatnonzero(person >= 0)
    rank = np.argsort(np.argsort(np.array(seen.channel.dictionary_encode().dictionary.to_pylist(), np.str_)))
    channel = rank[seen.channel.dictionary_encode().indices.to_numpy(zero_copy_only=False)[rows]]
    order = rows[np.lexsort((seen.round[rows], channel, seen.day[rows], person[rows]))]
    first = np.full(len(people.entity), -1, np.int64)
    starts = np.append(True, person[order][1:] != person[order][:-1])[: order.size]
    first[person[order][starts]] = order[starts]
    return Funnel(seen, people, person, attached, first, np.append(seen.day, NEVER)[first])


def _sums(group: Ints, values: Ints | None, rows: Flags | Ints, count: int) -> Ints | None:
    if values is None:
        return None
    found = np.zeros(count, np.int64)
    np.add.at(found, group, values[rows])
    return found


def _quartiles(group: Ints, days: Ints, count: int) -> dict[str, pa.Array]:
    """Quartiles by group, between two values by the straight line through them; null for a group without any."""
    order = np.lexsort((days, group))
    ranked, sizes = days[order], np.bincount(group, minlength=count)
    start, has = np.cumsum(sizes) - sizes, sizes > 0
    found = {}
    for name, share in (("days_q1", 0.25), ("days_median", 0.5), ("days_q3", 0.75)):
        place = start + share * np.maximum(sizes - 1, 0)
        low, high = (ends(place).astype(np.int64)[has] for ends in (np.floor, np.ceil))
        part = (place - np.floor(place))[has]
        values = np.zeros(count)
        values[has] = ranked[low] + (ranked[high] - ranked[low]) * part
        found[name] = pa.array(values, pa.float64(), mask=~has)
    return found


def share(part: Ints | Floats, whole: Ints) -> pa.Array:
    """The share of each part, null where there is nothing to be a part of."""
    return pa.array(part / np.maximum(whole, 1), pa.float64(), mask=whole == 0)


def _whole(values: Ints | None, count: int) -> pa.Array:
    return pa.nulls(count, pa.int64()) if values is None else pa.array(values)


def _money(units: Ints | None, count: int) -> pa.Array:
    return pa.nulls(count, pa.float64()) if units is None else pa.array(units / SCALE, pa.float64())


def precision(judged: Ints, right: Ints) -> dict[str, pa.Array]:
    """How many people judged, how many they found right, and the share of that with its interval; null for none."""
    ends = [wilson(int(one), int(all_)) for one, all_ in zip(right, judged, strict=True)]
    none = judged == 0
    low, high = (pa.array([end[at] for end in ends], pa.float64()) for at in (0, 1))
    hidden = pa.scalar(None, pa.float64())
    return {
        "judged": pa.array(judged),
        "right": pa.array(right),
        "precision": share(right, judged),
        "precision_low": pc.if_else(pa.array(none), hidden, low),
        "precision_high": pc.if_else(pa.array(none), hidden, high),
    }
