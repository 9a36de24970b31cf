"""Value types, and the Arrow schema of every table that crosses a border."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = [
    "VERDICTS",
    "Account",
    "Assurance",
    "Comparison",
    "Email",
    "Field",
    "KeyFunction",
    "Kind",
    "Label",
    "Missing",
    "MissingReason",
    "PartialDate",
    "PersonName",
    "Phone",
    "Place",
    "Url",
    "Verdict",
    "clusters_schema",
    "conflicts_schema",
    "decisions_schema",
    "labels_schema",
    "pairs_schema",
    "profiles_schema",
    "provenance_schema",
    "reviews_schema",
    "row_pairs_schema",
]


class Verdict(StrEnum):
    """What to do with a profile."""

    ATTACH = "attach"
    REVIEW = "review"
    NEW = "new"


class Assurance(StrEnum):
    """Whether verified evidence alone would carry an attachment."""

    VERIFIED = "verified"
    INFERRED = "inferred"


class MissingReason(StrEnum):
    """Why a raw value gives no typed value."""

    EMPTY = "empty"
    JUNK = "junk"
    PLACEHOLDER = "placeholder"
    MALFORMED = "malformed"
    ROLE = "role"


class Kind(StrEnum):
    """What a column holds; decides how it is normalised, blocked and compared."""

    ID = "id"
    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    ACCOUNT = "account"
    URL = "url"
    DATE = "date"
    PLACE = "place"
    TEXT = "text"
    CODE = "code"
    NUMBER = "number"
    CATEGORY = "category"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Missing:
    """No value, and why."""

    reason: MissingReason


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name, parsed.

    ``display`` is the text as shown, cleaned but with case and accents kept. Every other text part is a *folded key*:
    lower-case ASCII letters and digits, tokens separated by one space, ``""`` when not known.
    """

    display: str
    given: str = ""
    middle: str = ""
    family: str = ""
    suffix: str = ""  # generation only: "jr", "sr", "ii", "iii", "iv"; never dropped silently
    nickname: str = ""  # as in: Henry "Hank" Johnson
    title: str = ""
    original: str = ""  # NFKC and case-folded in its own script
    is_organisation: bool = False


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail address, parsed."""

    display: str
    key: str  # the exact address, domain lower-case and IDNA, local part lower-case
    canonical: str  # after the provider's rules (dots, plus tags): a second key, never shown
    local: str  # of the canonical address
    domain: str
    kind: str  # "free", "disposable", "role", "company", "noreply"
    account: Account | None = None  # GitHub no-reply addresses carry an id and a login


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number, parsed."""

    display: str
    e164: str  # "" when the country is not known
    national: str  # national significant number, digits
    country_code: int  # 0 when not known
    extension: str = ""


@dataclass(frozen=True, slots=True)
class Url:
    """A web address, parsed."""

    display: str
    key: str  # host without www, path without trailing slash, no scheme, no tracking parameters
    host: str
    label: str  # the label that tells most: hankjohnson of hankjohnson.house.gov, example of www.example.co.uk


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date of which parts may be unknown (0)."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Place:
    """A place or postal address, parsed; every part a folded key, ``""`` when not known."""

    display: str
    house: str = ""
    street: str = ""
    unit: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""  # ISO 3166 alpha-2, lower case


@dataclass(frozen=True, slots=True)
class Account:
    """An account on a channel: a stable id in its scope, a handle that may change, or both."""

    channel: str
    scope: str = ""  # the server, app or workspace within which account_id is unique; "" is the whole channel
    account_id: str = ""
    handle: str = ""  # canonical: what two spellings of one handle share
    is_person: bool | None = None  # None when the account itself does not say


Comparison: TypeAlias = Callable[[npt.NDArray[np.object_], npt.NDArray[np.object_]], npt.ArrayLike]
"""A comparison of a caller's own: two arrays of strings, pair by pair, to the level of each pair."""

KeyFunction: TypeAlias = Callable[..., Sequence[object] | npt.NDArray[np.generic]]
"""A block key of a caller's own: one array of strings a field to each row's key, keys, or None."""


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute that is compared, and the columns that hold it.

    ``columns`` are the customers' columns and ``left_columns`` the profiles' (or the other table's) columns; ``parts``
    and ``left_parts`` say what each of them holds ("given", "family", "street" ...). Several columns of a kind other
    than a name or a place are several values of one attribute: any of them may agree.
    """

    name: str
    kind: Kind
    columns: tuple[str, ...]
    parts: tuple[str, ...] = ()
    left_columns: tuple[str, ...] = ()
    left_parts: tuple[str, ...] = ()
    region: str = ""
    separator: str = ""
    channel: str = ""
    compare: str | Comparison = ""  # a function of your own, or its "package.module:function"; "" takes the kind's


VERDICTS = ("same", "different", "unsure")
"""What a person may say of a pair."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a person decided about a pair; ``verdict`` is one of `VERDICTS`."""

    left_id: str
    right_id: str
    verdict: str


@cache
def decisions_schema() -> pa.Schema:
    """One row per profile, sorted by ``profile_id``.

    ``evidence`` says of an attached profile ``"private"`` where nothing that anybody can see agrees with the customer
    (only an address, a number, a date or a person's word), else ``"public"``; null where nothing is said.
    """
    return pa.schema(
        [
            ("profile_id", pa.string()),
            ("verdict", pa.string()),
            ("customer_id", pa.string()),
            ("probability", pa.float64()),
            ("weight", pa.float64()),
            ("runner_up_id", pa.string()),
            ("runner_up_probability", pa.float64()),
            ("assurance", pa.string()),
            ("entity_id", pa.string()),
            ("reason", pa.string()),
            ("evidence", pa.string()),
        ]
    )


@cache
def pairs_schema() -> pa.Schema:
    """Every scored pair that passed the floor; for attach left is the profile and right the customer."""
    return pa.schema(
        [
            ("left_id", pa.string()),
            ("right_id", pa.string()),
            ("probability", pa.float64()),
            ("weight", pa.float64()),
            ("verdict", pa.string()),
        ]
    )


@cache
def row_pairs_schema() -> pa.Schema:
    """Pairs by row numbers from 0, as blocking and matching give and take them on their own."""
    return pa.schema([("left_row", pa.int32()), ("right_row", pa.int32())])


@cache
def clusters_schema() -> pa.Schema:
    """One row per input row of ``dedupe``."""
    return pa.schema([("id", pa.string()), ("entity_id", pa.string()), ("probability", pa.float64())])


@cache
def labels_schema() -> pa.Schema:
    """Decisions of people about pairs, as ``fit`` takes them."""
    return pa.schema(
        [
            ("left_id", pa.string()),
            ("right_id", pa.string()),
            ("verdict", pa.string()),
            ("by", pa.string()),
            ("at", pa.timestamp("us", tz="UTC")),
        ]
    )


@cache
def reviews_schema() -> pa.Schema:
    """Pairs to ask a person about, those that mend most first; ``verdict`` is empty, for the answer.

    Answered, it is a table of decisions. After these columns come two for each field that is compared, ``left.`` and
    ``right.`` before its name, with the values of both rows as text.
    """
    return pa.schema(
        [
            ("left_id", pa.string()),
            ("right_id", pa.string()),
            ("verdict", pa.string()),
            ("probability", pa.float64()),
            ("reason", pa.string()),
        ]
    )


@cache
def provenance_schema() -> pa.Schema:
    """Where each kept value came from, and on what terms it may be used.

    Where a person pinned the value ``rule`` is ``pinned``, ``source`` who said it and ``claim_id`` the id of the pin.
    ``visibility`` is ``public``, ``private`` or ``secret``; ``purposes`` and ``basis`` are those of the channel, null
    for the customers' own rows. ``attribute`` is the column that held the value: a profile's attribute, or the
    customers' column; empty for a pin.
    """
    return pa.schema(
        [
            ("entity_id", pa.string()),
            ("field", pa.string()),
            ("value", pa.string()),
            ("source", pa.string()),
            ("record_id", pa.string()),
            ("channel", pa.string()),
            ("rule", pa.string()),
            ("observed_at", pa.string()),
            ("claim_id", pa.string()),
            ("visibility", pa.string()),
            ("purposes", pa.list_(pa.string())),
            ("basis", pa.string()),
            ("attribute", pa.string()),
        ]
    )


@cache
def conflicts_schema() -> pa.Schema:
    """Each value that a rule rejected."""
    return pa.schema(
        [
            ("entity_id", pa.string()),
            ("field", pa.string()),
            ("kept", pa.string()),
            ("rejected", pa.string()),
            ("rule", pa.string()),
            ("reason", pa.string()),
        ]
    )


@cache
def profiles_schema() -> pa.Schema:
    """Profile rows as the matcher takes them, whatever export they came from.

    ``verified_emails`` and ``verified_links`` repeat the members of ``emails`` and ``links`` that a platform, a login
    or a round trip proved. ``is_person`` is false when the platform itself says that the account is not a person's,
    null when it does not say.
    """
    texts = pa.list_(pa.string())
    return pa.schema(
        [
            ("profile_id", pa.string()),
            ("channel", pa.string()),
            ("scope", pa.string()),
            ("account_id", pa.string()),
            ("handle", pa.string()),
            ("display_name", pa.string()),
            ("given_name", pa.string()),
            ("family_name", pa.string()),
            ("bio", pa.string()),
            ("location", pa.string()),
            ("websites", texts),
            ("emails", texts),
            ("verified_emails", texts),
            ("phones", texts),
            ("links", texts),
            ("verified_links", texts),
            ("employer", pa.string()),
            ("title", pa.string()),
            ("avatar", pa.string()),
            ("created_at", pa.string()),
            ("observed_at", pa.string()),
            ("is_person", pa.bool_()),
        ]
    )
