"""The country of a table's national telephone numbers, from its countries, numbers, states and postcodes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import phonenumbers
from anyascii import anyascii

from socialmerge.records import Kind
from socialmerge.schema.evidence import Evidence
from socialmerge.schema.model import Column
from socialmerge.schema.wording import tokens

__all__ = ["guess_region"]

_Sample = Sequence[tuple[str, float]]

_MOST = 300
_LEAST = 0.35  # the least sum of votes
_LEAD = 1.2  # and how far ahead of the next country
_TELLING = 0.3


@dataclass(frozen=True, slots=True)
class _Ballot:
    """What one kind of evidence says: the share of its values that it places in each country.

    Validating telephone numbers is slow, so the share of ``numbers`` that are valid in a country is found when asked.
    """

    weight: float
    name: str
    shares: dict[str, float]
    numbers: _Sample = ()

    def share(self, region: str) -> float:
        if self._unasked(region):
            self.shares[region] = _each(self.numbers, _is_valid, [region]).get(region, 0.0)
        return self.shares.get(region, 0.0)

    def most(self, region: str) -> float:
        """The share, or what it is at most while nobody has asked."""
        return 1.0 if self._unasked(region) else self.shares.get(region, 0.0)

    def _unasked(self, region: str) -> bool:
        return bool(self.numbers) and region not in self.shares and region in _facts().countries


def guess_region(columns: Iterable[Column], looks: Mapping[str, Evidence]) -> tuple[str, str]:
    """Return the likeliest country (ISO 3166 alpha-2, ``""`` when not known) and what says so.

    Each kind of evidence votes with the share of its values that it can place; what people write on purpose (a country,
    a country code) counts more than what fits by its form.
    """
    ballots = tuple(_all_ballots(tuple(columns), looks))
    regions = {*_facts().countries, *(region for ballot in ballots for region in ballot.shares)}
    likely = max(sorted(regions), key=lambda region: _votes(ballots, region, _Ballot.most))
    others = max(_votes(ballots, region, _Ballot.most) for region in regions - {likely})
    if _votes(ballots, likely, _Ballot.share) < _LEAD * others:
        ranked = sorted(regions, key=lambda region: (-_votes(ballots, region, _Ballot.share), region))
        likely, others = ranked[0], _votes(ballots, ranked[1], _Ballot.share)
    if _votes(ballots, likely, _Ballot.share) < max(_LEAST, _LEAD * others):
        return "", ""
    why = [ballot.name for ballot in ballots if ballot.share(likely) >= _TELLING] or ["values"]
    return likely, "by its " + ", ".join(dict.fromkeys(why))


def _votes(ballots: Sequence[_Ballot], region: str, share: Callable[[_Ballot, str], float]) -> float:
    return sum(ballot.weight * share(ballot, region) for ballot in ballots)


def _all_ballots(columns: Sequence[Column], looks: Mapping[str, Evidence]) -> Iterator[_Ballot]:
    yield _Ballot(0.8, "columns' names", _languages(columns))
    for column in columns:
        look = looks.get(column.name)
        if look is not None and look.sample:
            yield from _ballots(column, look)


def _ballots(column: Column, look: Evidence) -> list[_Ballot]:
    step = len(look.sample) // _MOST + 1
    sample = list(zip(look.sample[::step], look.weights[::step], strict=True))
    if column.kind is Kind.PLACE:
        match column.part:
            case "country":
                found = _shares(sample, lambda value: _facts().names.get(_folded(value), ""))
                return [_Ballot(3.0, "countries", found)]
            case "state":
                return [_Ballot(1.5, "states", _each(sample, _is_state, _facts().states))]
            case "postcode" | "full":
                return [_Ballot(1.0, "postcodes", _each(sample, _has_postcode, _facts().postcodes))]
    if column.kind is Kind.EMAIL:
        return [_Ballot(0.8, "e-mail domains", _shares(sample, _top_level))]
    if column.kind is Kind.PHONE:
        sample = sample[::2] if len(sample) > _MOST // 2 else sample  # validating is slow
        coded = _Ballot(2.0, "country codes", _shares(sample, _prefix))
        return [coded, _Ballot(1.2, "telephone numbers", {}, tuple(sample))]
    return []


def _languages(columns: Sequence[Column]) -> dict[str, float]:
    """Give the country of the language that most columns are named in; three columns are as good as all."""
    names = {"".join(tokens(column.name)) for column in columns}
    found = {region: len(names & listed) for region, listed in _facts().columns.items()}
    most = max(found.values())
    best = [region for region, count in found.items() if count == most]
    return {best[0]: min(most / 3, 1.0)} if most > 1 and len(best) == 1 else {}


def _shares(sample: _Sample, place: Callable[[str], str]) -> dict[str, float]:
    total = sum(weight for _, weight in sample)
    found: dict[str, float] = {}
    for value, weight in sample:
        region = place(value)
        if region:
            found[region] = found.get(region, 0.0) + weight / total
    return found


def _each(sample: _Sample, test: Callable[[str, str], bool], countries: Iterable[str]) -> dict[str, float]:
    total = sum(weight for _, weight in sample)
    found = {region: sum(weight for value, weight in sample if test(value, region)) / total for region in countries}
    return {region: share for region, share in found.items() if share}


def _folded(value: str) -> str:
    return " ".join(re.findall(r"[a-z]+", anyascii(value).casefold()))


def _top_level(value: str) -> str:
    ending = value.rpartition(".")[2].upper()
    return "GB" if ending == "UK" else ending if ending in _facts().countries else ""


def _is_state(value: str, region: str) -> bool:
    return _folded(value) in _facts().states[region]


def _has_postcode(value: str, region: str) -> bool:
    return bool(_facts().postcodes[region].search(value))


def _prefix(value: str) -> str:
    if not value.startswith(("+", "00")):
        return ""
    try:
        number = phonenumbers.parse("+" + value.removeprefix("00").removeprefix("+"), None)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_number(number) or ""


def _is_valid(value: str, region: str) -> bool:
    if value.startswith(("+", "00")):
        return False
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(value, region))
    except phonenumbers.NumberParseException:
        return False


@dataclass(frozen=True, slots=True)
class _Facts:
    """The facts of ``countries.toml``, turned the way they are asked for."""

    countries: tuple[str, ...]
    names: dict[str, str]
    states: dict[str, frozenset[str]]
    postcodes: dict[str, re.Pattern[str]]
    columns: dict[str, frozenset[str]]


@cache
def _facts() -> _Facts:
    raw = tomllib.loads(files(__package__).joinpath("countries.toml").read_text(encoding="utf-8"))
    with_columns = {region: facts["columns"] for region, facts in raw.items() if "columns" in facts}
    return _Facts(
        columns={region: frozenset(listed.split()) for region, listed in with_columns.items()},
        countries=tuple(raw),
        names={_folded(name): region for region, facts in raw.items() for name in (region, *facts["names"])},
        states={region: frozenset(facts["states"]) for region, facts in raw.items() if "states" in facts},
        postcodes={region: re.compile(facts["postcode"]) for region, facts in raw.items() if "postcode" in facts},
    )
