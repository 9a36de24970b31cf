"""The fields of the golden record: which customer column and which profile attributes feed each of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.errors import hint
from socialmerge.merging import keep
from socialmerge.merging.keep import Strategy
from socialmerge.merging.policy import KIND_KEYS, Policy
from socialmerge.merging.policy_problems import problems_error
from socialmerge.merging.refusals import refusal_of
from socialmerge.records import Kind, profiles_schema
from socialmerge.schema import Schema

__all__ = ["ATTRIBUTES", "GoldenField", "addresses_of", "company_column", "plan_fields", "squash"]

ATTRIBUTES: dict[str, tuple[Kind, str]] = {
    "display_name": (Kind.NAME, "full"),
    "given_name": (Kind.NAME, "given"),
    "family_name": (Kind.NAME, "family"),
    "bio": (Kind.TEXT, ""),
    "location": (Kind.PLACE, "full"),
    "websites": (Kind.URL, ""),
    "emails": (Kind.EMAIL, ""),
    "phones": (Kind.PHONE, ""),
    "links": (Kind.URL, ""),
    "employer": (Kind.TEXT, ""),
    "title": (Kind.TEXT, ""),
    "avatar": (Kind.URL, ""),
}
"""Profile attributes that make claims. ``handle`` does too, for a customer column of accounts on the same channel."""

_BY_KIND = ("display_name", "given_name", "family_name", "location", "websites", "emails", "phones")
_BY_NAME = {
    "bio": ("bio", "biography"),
    "employer": (
        "employer",
        "company",
        "companyname",
        "organization",
        "organisation",
        "organizationname",
        "accountname",
    ),
    "title": ("title", "jobtitle", "position"),
    "avatar": ("avatar", "avatarurl"),
}
_RESERVED = ("entity_id", "accounts")
_ADDRESS_PARTS = ("street", "house", "unit", "city", "state", "postcode", "country")
_ADDRESS_WORDS = re.compile(
    r"address|street|house|unit|number|line|city|town|suburb|state|province|region|county|postal|post|zip|code|country|\d+"
)


@dataclass(frozen=True, slots=True)
class GoldenField:
    """One column of the golden record.

    ``column`` is the customer column that feeds it and ``attributes`` the profile columns; either may be empty.
    ``many`` says that one cell may hold several values (split at ``separator``, or a list). ``contact`` marks a
    contact point, ``descriptive`` what an inferred attachment may add. ``ruled_by`` says which part of the policy gave
    the strategy; ``visibility`` is the policy's, where it has one. ``refusal`` is as ``refusals`` has it, where no rule
    names the field.
    """

    name: str
    kind: Kind
    part: str = ""
    column: str = ""
    attributes: tuple[str, ...] = ()
    many: bool = False
    separator: str = ""
    channel: str = ""
    group: str = ""
    strategy: Strategy = keep.every()  # noqa: RUF009 - a frozen value
    contact: bool = False
    descriptive: bool = True
    ruled_by: str = ""
    visibility: str = ""
    refusal: str = ""

    @property
    def as_list(self) -> bool:
        """Whether the record holds a list of values."""
        return self.strategy.keeps_every


def plan_fields(
    schema: Schema,
    customers: pa.Table,
    profiles: pa.Table | None,
    policy: Policy,
    *,
    profile_schema: Schema | None = None,
    wanted: Collection[str] = (),
    carried: bool = False,
    found: list[str] | None = None,
) -> tuple[GoldenField, ...]:
    """Lay out the golden record: the customers' columns in their order, then what only profiles have.

    Of profile rows the attributes of a person are fields; a column that no schema knows (an export's ``bot`` or
    ``followers_count``) says something of the account, and is a field only where the policy names it, or where
    ``carried`` asks for all. ``profile_schema`` describes a second table that is not of profile rows; its columns join
    the customer column of the same kind and part, or else the same name. ``wanted`` are attributes that have a field
    even where no profile has a value. Problems of the policy are added to ``found``, to be raised with others.

    Raises:
        PolicyError: A rule or group of the policy names no field, group or kind, and ``found`` is not given; all
            problems are listed at once.
    """
    fields, spare = _customer_fields(schema, customers), set[str]()
    if profiles is not None and profile_schema is None:
        fields = _add_attributes(fields, profiles, wanted)
        extras = _extras(fields, profiles)
        fields += [field for field in extras if carried or field.name in policy.named]
        spare = {field.name for field in extras}
    elif profiles is not None and profile_schema is not None:
        fields = _add_columns(fields, profile_schema, profiles)
    groups = _groups(fields) if policy.groups is None else dict(policy.groups)
    problems = _name_problems(policy, fields, groups, spare)
    if problems and found is None:
        raise problems_error("policy", problems)
    if found is not None:
        found += problems
    member_of = {member: name for name, members in groups.items() for member in members}
    grouped = (replace(field, group=member_of.get(field.name, "")) for field in fields)
    return tuple(_ruled(field, policy) for field in grouped)


def squash(name: str) -> str:
    """Reduce a column name to its letters and digits, lower case, without Salesforce's suffix of custom fields.

    >>> squash("Job_Title__c")
    'jobtitle'
    """
    return re.sub(r"[\W_]+", "", re.sub(r"__c$", "", name.strip().casefold()))


def _customer_fields(schema: Schema, customers: pa.Table) -> list[GoldenField]:
    known = {column.name: column for column in schema.columns}
    fields = []
    for name in customers.column_names:
        column = known.get(name)
        if name == schema.id_column:
            field = GoldenField(_free(name, _RESERVED), Kind.ID, column=name)
        elif column is None:
            kind = Kind.NUMBER if _is_number(customers[name].type) else Kind.OTHER
            field = GoldenField(_free(name, _RESERVED), kind, column=name, many=_is_list(customers[name]))
        else:
            many = bool(column.separator) or _is_list(customers[name])
            field = GoldenField(
                _free(name, _RESERVED), column.kind, column.part, name, (), many, column.separator, column.channel
            )
        fields.append(_classed(field))
    return fields


def _add_attributes(fields: list[GoldenField], profiles: pa.Table, wanted: Collection[str]) -> list[GoldenField]:
    """Send each attribute of profile rows to the one customer column of its kind, or to a field of its own."""
    own: list[GoldenField] = []
    for attribute, (kind, part) in ATTRIBUTES.items():
        if attribute in profiles.column_names and (attribute in wanted or _has_values(profiles[attribute])):
            target = _target(fields, attribute)
            if target is None:
                name = _free(attribute, [*_RESERVED, *(field.name for field in fields)])
                many = _is_list(profiles[attribute])
                own.append(_classed(GoldenField(name, kind, part, attributes=(attribute,), many=many)))
            else:
                fields = [_fed(field, attribute) if field is target else field for field in fields]
    fields = _add_handles(fields)
    return [*fields, *own]


def _target(fields: list[GoldenField], attribute: str) -> GoldenField | None:
    if attribute in _BY_KIND:
        found = [field for field in fields if (field.kind, field.part) == ATTRIBUTES[attribute]]
    else:
        names = _BY_NAME.get(attribute, ())
        found = [field for field in fields if squash(field.column) in names and field.kind is not Kind.ID]
        found = [field for field in found if field.kind is not Kind.NAME or field.part == "organisation"]
        found = [field for field in fields if _is_organisation(field) and attribute == "employer"] or found
    return found[0] if len(found) == 1 else None


def company_column(schema: Schema, customers: pa.Table) -> str:
    """The one customer column for the organisation that somebody is of, or that is the customer; ``""`` for none."""
    found = _target(_customer_fields(schema, customers), "employer")
    return found.column if found else ""


def addresses_of(schema: Schema, customers: pa.Table) -> dict[str, tuple[str, ...]]:
    """The customer columns that make up one address each, by the name of their group."""
    return _groups(_customer_fields(schema, customers))


def _is_organisation(field: GoldenField) -> bool:
    return field.kind is Kind.NAME and field.part == "organisation"


def _add_handles(fields: list[GoldenField]) -> list[GoldenField]:
    """Let an attached account fill the one customer column of accounts on its channel, as a handle or as a link."""
    channels = Counter(field.channel for field in fields if field.kind is Kind.ACCOUNT)
    return [
        _fed(field, "handle")
        if field.kind is Kind.ACCOUNT and field.channel and channels[field.channel] == 1
        else field
        for field in fields
    ]


def _extras(fields: list[GoldenField], profiles: pa.Table) -> list[GoldenField]:
    """The profile columns that no schema knows; an inferred attachment does not add them."""
    # A rule for every field of a kind ("url") names no column of an export.
    taken = {*_RESERVED, *KIND_KEYS, *(field.name for field in fields)}
    extras = []
    for name in profiles.column_names:
        if name not in profiles_schema().names and _has_values(profiles[name]):
            free = _free(f"profile_{name}" if name in taken else name, taken)
            taken.add(free)
            many = _is_list(profiles[name])
            extras.append(GoldenField(free, Kind.OTHER, attributes=(name,), many=many, descriptive=False))
    return extras


def _add_columns(fields: list[GoldenField], schema: Schema, table: pa.Table) -> list[GoldenField]:
    """Send each column of a second table to the customer column of its kind and part, or of its name."""
    known = {column.name: column for column in schema.columns}
    parts = Counter((column.kind, column.part) for column in schema.columns)
    own: list[GoldenField] = []
    for name in table.column_names:
        if name == schema.id_column:
            continue
        column = known.get(name)
        same = [field for field in fields if field.column == name and field.kind is not Kind.ID]
        if not same and column is not None and parts[column.kind, column.part] == 1 and column.kind is not Kind.OTHER:
            same = [field for field in fields if (field.kind, field.part) == (column.kind, column.part)]
        if len(same) == 1:
            fields = [_fed(field, name) if field is same[0] else field for field in fields]
            continue
        free = _free(name, [*_RESERVED, *(field.name for field in (*fields, *own))])
        kind, part, separator = (column.kind, column.part, column.separator) if column else (Kind.OTHER, "", "")
        many = bool(separator) or _is_list(table[name])
        own.append(_classed(GoldenField(free, kind, part, "", (name,), many, separator)))
    return [*fields, *own]


def _classed(field: GoldenField) -> GoldenField:
    contact = field.kind in (Kind.EMAIL, Kind.PHONE)
    private = contact or field.kind in (Kind.ID, Kind.CODE, Kind.DATE)
    private = private or (field.kind is Kind.PLACE and field.part in ("street", "house", "unit", "postcode"))
    return replace(field, contact=contact, descriptive=not private)


def _fed(field: GoldenField, attribute: str) -> GoldenField:
    return replace(field, attributes=(*field.attributes, attribute))


def _is_list(column: pa.ChunkedArray) -> bool:
    kind = column.type
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)):
        return False
    return bool(pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _has_values(column: pa.ChunkedArray) -> bool:
    if _is_list(column):
        return bool(pc.any(pc.greater(pc.list_value_length(column), 0), min_count=0).as_py())
    return bool(column.null_count < len(column))


def _free(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _groups(fields: Iterable[GoldenField]) -> dict[str, tuple[str, ...]]:
    """Find the addresses: place parts whose column names agree but for the word of the part, as in MailingCity."""
    members: dict[str, list[GoldenField]] = {}
    for field in fields:
        if field.kind is Kind.PLACE and field.part in _ADDRESS_PARTS and not field.many:
            prefix = _ADDRESS_WORDS.sub("", squash(field.name))
            members.setdefault(f"{prefix} address".strip(), []).append(field)
    return {name: tuple(field.name for field in found) for name, found in members.items() if len(found) > 1}


def _name_problems(
    policy: Policy, fields: list[GoldenField], groups: dict[str, tuple[str, ...]], spare: Collection[str]
) -> list[str]:
    names = {field.name for field in fields}
    known = {*names, *groups, *KIND_KEYS, *ATTRIBUTES, *spare, "handle"}
    known |= {attribute for field in fields for attribute in field.attributes}
    problems = [
        f"rules[{key!r}] names no field, group or kind{hint(key, known)}" for key in policy.rules if key not in known
    ]
    problems += [
        f"visibility[{key!r}] names no field, group or kind{hint(key, known)}"
        for key in policy.visibility
        if key not in known
    ]
    problems += [
        f"groups[{name!r}] uses unknown field '{member}'{hint(member, names)}"
        for name, members in groups.items()
        for member in members
        if member not in names
    ]
    several = {field.name for field in fields if field.many}
    problems += [
        f"groups[{name!r}] holds '{member}', whose cells have several values; only columns of one value can go together"
        for name, members in groups.items()
        for member in members
        if member in several
    ]
    return problems


def _ruled(field: GoldenField, policy: Policy) -> GoldenField:
    """Give the field its strategy: by its name, its attributes, its group, its kind, or ``otherwise``."""
    keys = _rule_keys(field)
    key = next((key for key in keys if key in policy.rules), "")
    if key:
        strategy, ruled_by = policy.rules[key], f"rules[{key!r}]"
    elif field.many or field.kind is Kind.ID:
        strategy, ruled_by = keep.every(), ""
    else:
        strategy, ruled_by = policy.otherwise, "otherwise"
    seen = next((policy.visibility[key] for key in keys if key in policy.visibility), "")
    group = "" if strategy.keeps_every else field.group
    refusal = "" if key in (field.name, field.column) and key else refusal_of(field.column)
    return replace(field, strategy=strategy, group=group, ruled_by=ruled_by, visibility=seen, refusal=refusal)


def _rule_keys(field: GoldenField) -> list[str]:
    """Name a field as rules do, the most specific first."""
    kinds = [key for key, kind in KIND_KEYS.items() if kind is field.kind]
    return [key for key in (field.name, field.column, *field.attributes, field.group, *kinds) if key]
