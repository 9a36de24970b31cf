"""What ``metrics`` counts, worked out the slow way: one person at a time, in plain Python and whole cents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from statistics import quantiles

Row = dict[str, object]


@dataclass(frozen=True)
class Profile:
    id: str
    channel: str
    seen: date | None
    customer: str | None  # the row that it is attached to
    asked: bool = False


@dataclass(frozen=True)
class Customer:
    id: str
    person: str
    stage: str
    became: date | None
    cents: int


@dataclass(frozen=True)
class Order:
    customer: str
    day: date | None
    cents: int


@dataclass(frozen=True)
class World:
    profiles: tuple[Profile, ...]
    customers: tuple[Customer, ...]
    orders: tuple[Order, ...] | None
    now: date

    def person_of(self, profile: Profile) -> str | None:
        return next((row.person for row in self.customers if row.id == profile.customer), None)

    def people(self) -> list[str]:
        return sorted({row.person for row in self.customers})

    def rows(self, person: str) -> list[Customer]:
        return [row for row in self.customers if row.person == person]

    def bought(self, person: str) -> list[Order]:
        ids = {row.id for row in self.rows(person)}
        return [one for one in self.orders or () if one.customer in ids and not (one.day and one.day > self.now)]

    def buys(self, person: str) -> bool:
        return any(row.stage == "customer" for row in self.rows(person)) or any(
            one.cents >= 0 for one in self.bought(person)
        )

    def cents(self, person: str) -> int:
        if self.orders is not None:
            return sum(one.cents for one in self.bought(person))
        return sum(row.cents for row in self.rows(person))

    def became(self, person: str) -> date | None:
        dates = [row.became for row in self.rows(person) if row.stage == "customer"]
        return min((one for one in dates if one and one <= self.now), default=None)

    def first(self, person: str) -> Profile | None:
        own = [one for one in self.profiles if self.person_of(one) == person]
        return min(own, key=lambda one: (self.seen(one) or date.max, one.channel), default=None)

    def seen(self, profile: Profile) -> date | None:
        return profile.seen if profile.seen and profile.seen <= self.now else None

    def figures(self, within: Callable[[Profile], bool]) -> Row:
        """The figures of the profiles that are ``within`` a group, by the names of ``totals_schema``."""
        profiles = [one for one in self.profiles if within(one)]
        here = [one for one in self.people() if self.buys(one) and any(self.person_of(p) == one for p in profiles)]
        own = [one for one in here if (first := self.first(one)) and within(first)]
        dates = [(self.seen(first), self.became(one)) for one in own if (first := self.first(one))]
        after = sorted((became - seen).days for seen, became in dates if seen and became and became > seen)
        before = sum(1 for seen, became in dates if seen and became and became <= seen)
        revenue = sum(map(self.cents, own))
        cuts: list[float | None] = (
            [*quantiles(after, n=4, method="inclusive")] if len(after) > 1 else [*after] * 3 or [None] * 3
        )
        return {
            "profiles": len(profiles),
            "attached": sum(1 for one in profiles if one.customer),
            "reviews": sum(1 for one in profiles if one.asked),
            "customers": len(own),
            "also": len(here) - len(own),
            "became_after": len(after),
            "became_before": before,
            "became_unknown": len(own) - len(after) - before,
            "days_q1": cuts[0],
            "days_median": cuts[1],
            "days_q3": cuts[2],
            "orders": self._orders(own),
            "revenue": float(Fraction(revenue, 100)),
            "revenue_touched": float(Fraction(sum(map(self.cents, here)), 100)),
            "revenue_after": self._after(own),
            "value_per_profile": float(Fraction(revenue, 100) / len(profiles)) if profiles else None,
        }

    def _orders(self, people: list[str]) -> int | None:
        if self.orders is None:
            return None
        return sum(1 for person in people for one in self.bought(person) if one.cents >= 0)

    def _after(self, people: list[str]) -> float | None:
        dated = [one for person in self.people() for one in self.bought(person) if one.day]
        if not dated:
            return None
        later = 0
        for person in people:
            first = self.first(person)
            seen = self.seen(first) if first else None
            later += sum(one.cents for one in self.bought(person) if seen and one.day and one.day > seen)
        return float(Fraction(later, 100))
