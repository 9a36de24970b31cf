"""The country of a table's national telephone numbers, from its countries, numbers, states and postcodes."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import phonenumbers
from anyascii import anyascii

from socialmerge.records import Kind
from socialmerge.schema.evidence import Evidence
from socialmerge.schema.model import Column

__all__ = ["guess_region"]

_MOST = 300
_LEAST = 0.35


def guess_region(columns: Iterable[Column], looks: Mapping[str, Evidence]) -> tuple[str, str]:
    """Return the likeliest country (ISO 3166 alpha-2, ``""`` when not known) and what says so.

    Each kind of evidence votes with the share of its values that it can place; what people write on purpose (a country, a
    country code) counts more than what fits by its form.
    """
    votes: Counter[str] = Counter()
    why: dict[str, list[str]] = {}
    for column in columns:
        look = looks.get(column.name)
        if look is None or not look.sample:
            continue
        for weight, name, found in _ballots(column, look.sample[:: len(look.sample) // _MOST + 1]):
            for region, share in found.items():
                votes[region] += weight * share
                if share >= 0.3:
                    why.setdefault(region, []).append(name)
    if not votes:
        return "", ""
    ranked = sorted(votes.items(), key=lambda item: (-item[1], item[0]))
    (best, most), second = ranked[0], ranked[1][1] if len(ranked) > 1 else 0.0
    if most < _LEAST or most < 1.2 * second:
        return "", ""
    return best, "by its " + ", ".join(dict.fromkeys(why.get(best, ["values"])))


def _ballots(column: Column, sample: tuple[str, ...]) -> list[tuple[float, str, dict[str, float]]]:
    if column.kind is Kind.PLACE:
        match column.part:
            case "country":
                return [(3.0, "countries", _shares(sample, _country))]
            case "state":
                return [(1.5, "states", _state_shares(sample))]
            case "postcode" | "full":
                return [(1.0, "postcodes", _pattern_shares(sample))]
    if column.kind is Kind.PHONE:
        return [(2.0, "country codes", _shares(sample, _prefix)), (1.2, "telephone numbers", _national_shares(sample))]
    return []


def _shares(sample: tuple[str, ...], place: Any) -> dict[str, float]:
    found = Counter(region for region in map(place, sample) if region)
    return {region: count / len(sample) for region, count in found.items()}


def _country(value: str) -> str:
    return _facts().names.get(" ".join(re.findall(r"[a-z]+", anyascii(value).casefold())), "")


def _prefix(value: str) -> str:
    if not value.lstrip().startswith(("+", "00")):
        return ""
    try:
        number = phonenumbers.parse("+" + value.lstrip().removeprefix("00").removeprefix("+"), None)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_number(number) or ""


def _national_shares(sample: tuple[str, ...]) -> dict[str, float]:
    national = [value for value in sample if not value.lstrip().startswith(("+", "00"))][:100]
    if not national:
        return {}
    counts = {
        region: sum(_is_valid(value, region) for value in national) / len(sample)
        for region in _facts().states_or_phones
    }
    return {region: share for region, share in counts.items() if share}


def _is_valid(value: str, region: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(value, region))
    except phonenumbers.NumberParseException:
        return False


def _state_shares(sample: tuple[str, ...]) -> dict[str, float]:
    folded = [" ".join(re.findall(r"[a-z]+", anyascii(value).casefold())) for value in sample]
    found = {
        region: sum(value in states for value in folded) / len(folded) for region, states in _facts().states.items()
    }
    return {region: share for region, share in found.items() if share}


def _pattern_shares(sample: tuple[str, ...]) -> dict[str, float]:
    found = {
        region: sum(bool(pattern.search(value)) for value in sample) / len(sample)
        for region, pattern in _facts().postcodes.items()
    }
    return {region: share for region, share in found.items() if share}


class _Facts:
    """The facts of ``countries.toml``, turned the way they are asked for."""

    __slots__ = ("names", "postcodes", "states", "states_or_phones")

    def __init__(self, raw: dict[str, Any]) -> None:
        self.names = {
            " ".join(re.findall(r"[a-z]+", anyascii(name).casefold())): region
            for region, facts in raw.items()
            for name in (region, *facts["names"])
        }
        self.states = {region: frozenset(facts["states"]) for region, facts in raw.items() if "states" in facts}
        self.postcodes = {region: re.compile(facts["postcode"]) for region, facts in raw.items() if "postcode" in facts}
        self.states_or_phones = tuple(raw)


@cache
def _facts() -> _Facts:
    return _Facts(tomllib.loads(files(__package__).joinpath("countries.toml").read_text(encoding="utf-8")))
