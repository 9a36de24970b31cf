"""What a value is worth, by kind: is it valid, what is it equal to, how complete is it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from socialmerge.merging.arrays import Ints, Mask, rank_codes
from socialmerge.merging.fields import GoldenField
from socialmerge.merging.moments import instant, instant_of, is_timed
from socialmerge.merging.refusals import refusals
from socialmerge.normalise import accounts, dates, emails, names, numbers, phones, places, text, urls
from socialmerge.records import Kind, Missing, MissingReason, PersonName, Place

__all__ = ["EMPTY", "INVALID", "NO_SIZE", "VALID", "Judged", "Judgement", "judge", "judge_one", "stand_for_nothing"]

EMPTY, INVALID, VALID = 0, 1, 2
"""Standing of a value: as good as empty ("n/a"), something that its field's parser refuses, accepted."""

NO_SIZE = -1
"""Size of a value that is neither a number nor a date."""

_BESIDE = "\x1f"  # parts a number from its currency in a key

_OF_STATES = (Kind.OTHER, Kind.CATEGORY)  # in these a flag is a value; in a name it is a slip of some program
_AS_EMPTY = (MissingReason.EMPTY, MissingReason.JUNK, MissingReason.PLACEHOLDER)
_NAME_PARTS = ("given", "middle", "family", "suffix")
_PLACE_PARTS = ("house", "street", "unit", "city", "state", "postcode", "country")


@dataclass(frozen=True, slots=True)
class Judgement:
    """One value judged: its standing, the key that equal values share, and how many of its parts are known."""

    standing: int
    key: str
    completeness: int


@dataclass(frozen=True, slots=True)
class Judged:
    """Many values judged, as arrays beside them; ``key`` holds codes.

    ``size`` ranks numbers and dates from the smallest, :data:`NO_SIZE` for everything else. ``refuses`` is 1 where a
    value says that somebody may not be reached.
    """

    standing: Ints
    key: Ints
    completeness: Ints
    size: Ints
    refuses: Ints


def judge(field: GoldenField, values: pa.Array, *, region: str, order: dates.DateOrder | None) -> Judged:
    """Judge texts of one field, each distinct text once.

    ``region`` is the country of national phone numbers, ``order`` the order of day and month in the field's dates.
    """
    codes, distinct = rank_codes(values)
    judged = [judge_one(field, raw, region=region, order=order) for raw in distinct.to_pylist()]
    keys: dict[str, int] = {}
    key = np.array([keys.setdefault(one.key, len(keys)) for one in judged], np.int64)
    standing = np.array([one.standing for one in judged], np.int64)
    completeness = np.array([one.completeness for one in judged], np.int64)
    size = _sizes(field, [one.key if one.standing == VALID else "" for one in judged])
    refuses = refusals(field.refusal, values) if field.refusal else np.zeros(len(values), np.int64)
    return Judged(standing[codes], key[codes], completeness[codes], size[codes], refuses)


def _sizes(field: GoldenField, keys: list[str]) -> Ints:
    """Rank the keys of numbers and dates; a date that is known in part counts as its first day."""
    size = np.full(len(keys), NO_SIZE, np.int64)
    read = {Kind.NUMBER: _decimal, Kind.DATE: _calendar}.get(field.kind)
    if read is None:
        return size
    found = {place: value for place, key in enumerate(keys) if (value := read(key)) is not None}
    rank = {value: number for number, value in enumerate(sorted(set(found.values())))}
    for place, value in found.items():
        size[place] = rank[value]
    return size


def _decimal(key: str) -> float | None:
    try:
        value = float(key.partition(_BESIDE)[0])
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _calendar(key: str) -> float | None:
    """Order dates and times alike: by microseconds."""
    if not key or key[0] == "@":
        return int(key[1:]) if key else None
    year, month, day = map(int, key.split("-"))
    return instant(datetime(year, month or 1, day or 1, tzinfo=UTC)) if year else None


def stand_for_nothing(values: pa.Array, kind: Kind | None = None) -> Mask:
    """Say which texts stand for no value ("n/a", "-") in a field of some kind; quicker than judging them.

    >>> stand_for_nothing(pa.array(["n/a", "Ada", "false"])).tolist()
    [True, False, True]
    >>> stand_for_nothing(pa.array(["n/a", "Ada", "false"]), Kind.OTHER).tolist()
    [True, False, False]
    """
    codes, distinct = rank_codes(values)
    nothing = np.array([_says_nothing(raw, kind) for raw in distinct.to_pylist()], np.bool_)
    mask: Mask = nothing[codes]
    return mask


def _says_nothing(raw: str, kind: Kind | None) -> bool:
    return text.is_junk(raw) is not None and not (kind in _OF_STATES and text.is_state(raw))


def judge_one(field: GoldenField, raw: str, *, region: str = "", order: dates.DateOrder | None = None) -> Judgement:
    """Judge one text of a field.

    >>> mail = GoldenField("mail", Kind.EMAIL)
    >>> judge_one(mail, "Ada@Example.com").key == judge_one(mail, "ada@example.com").key
    True
    """
    if field.kind is Kind.PHONE:
        return _phone(raw, region)
    if field.kind is Kind.DATE:
        return _date(raw, order)
    return _JUDGES.get(field.kind, _text)(raw, field)


def _missing(raw: str, missing: Missing) -> Judgement:
    return Judgement(EMPTY if missing.reason in _AS_EMPTY else INVALID, _plain(raw), 0)


def _plain(raw: str) -> str:
    """Key of a text that is nothing but text; one of other characters only is equal to itself."""
    return text.fold(raw) or raw.strip()


def _name(raw: str, field: GoldenField) -> Judgement:
    if field.part not in ("", "full"):
        return _text(raw, field)
    name = names.parse(raw)
    if isinstance(name, Missing):
        return _missing(raw, name)
    parts = [getattr(name, part) for part in _NAME_PARTS]
    return Judgement(VALID, _name_key(name, parts) or _plain(raw), _known(parts))


def _name_key(name: PersonName, parts: list[str]) -> str:
    return "|".join(parts) if any(parts) else name.original


def _known(parts: list[str]) -> int:
    """Count known parts twice and initials once, so that "Sarah Jones" is more than "S. Jones"."""
    return sum(2 if len(part) > 1 else 1 for part in parts if part)


def _email(raw: str, _field: GoldenField) -> Judgement:
    email = emails.parse(raw)
    if isinstance(email, Missing):
        return _missing(raw, email)
    return Judgement(VALID, email.canonical or email.key, 1)


def _phone(raw: str, region: str) -> Judgement:
    phone = phones.parse(raw, region)
    if isinstance(phone, Missing):
        return _missing(raw, phone)
    return Judgement(VALID, f"{phone.e164 or phone.national}|{phone.extension}", 2 if phone.e164 else 1)


def _date(raw: str, order: dates.DateOrder | None) -> Judgement:
    found = order if order is not None else dates.order([raw])
    date = dates.parse(raw, found)
    if isinstance(date, Missing):
        return _missing(raw, date)
    known = sum(map(bool, (date.year, date.month, date.day)))
    if date.year and date.day and is_timed(raw):
        return Judgement(VALID, f"@{instant_of(raw, found)}", known)
    return Judgement(VALID, f"{date.year}-{date.month}-{date.day}", known)


def _url(raw: str, _field: GoldenField) -> Judgement:
    url = urls.parse(raw)
    if isinstance(url, Missing):
        return _missing(raw, url)
    return Judgement(VALID, url.key, 1)


def _account(raw: str, field: GoldenField) -> Judgement:
    account = accounts.parse(raw, channel=field.channel)
    if isinstance(account, Missing):
        return _missing(raw, account)
    return Judgement(VALID, f"{account.channel}|{account.scope}|{account.handle or account.account_id}", 1)


def _place(raw: str, field: GoldenField) -> Judgement:
    if field.part not in ("", "full"):
        part = places.part(raw, field.part)
        return _missing(raw, part) if isinstance(part, Missing) else Judgement(VALID, part, 1)
    place = places.parse(raw)
    if isinstance(place, Missing):
        return _missing(raw, place)
    parts = _place_parts(place)
    return Judgement(VALID, "|".join(parts) if any(parts) else _plain(raw), sum(map(bool, parts)))


def _place_parts(place: Place) -> list[str]:
    return [getattr(place, part) for part in _PLACE_PARTS]


def _text(raw: str, field: GoldenField) -> Judgement:
    parsed = text.parse(raw)
    if isinstance(parsed, Missing) and not (field.kind in _OF_STATES and text.is_state(raw)):
        return _missing(raw, parsed)
    return Judgement(VALID, _plain(raw), len(_plain(raw).split()))


def _number(raw: str, field: GoldenField) -> Judgement:
    found = numbers.parse(raw)
    if found is None:
        return _text(raw, field)
    return Judgement(VALID, f"{found.value!r}{_BESIDE}{found.currency}" if found.currency else repr(found.value), 1)


def _code(raw: str, _field: GoldenField) -> Judgement:
    # Letter case tells codes apart (the fifteen-character ids of Salesforce), so nothing is folded.
    return Judgement(VALID, raw.strip(), 1)


_JUDGES: dict[Kind, Callable[[str, GoldenField], Judgement]] = {
    Kind.NAME: _name,
    Kind.EMAIL: _email,
    Kind.URL: _url,
    Kind.ACCOUNT: _account,
    Kind.PLACE: _place,
    Kind.NUMBER: _number,
    Kind.CODE: _code,
    Kind.ID: _code,
}
