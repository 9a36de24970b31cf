"""The plan as a value."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from dataclasses import fields as fields_of_class
from pathlib import Path
from typing import Any

import tomli_w

from socialmerge import channels, schema, tables
from socialmerge.blocking import Key
from socialmerge.errors import PlanError, hint
from socialmerge.matching.decisions import Costs
from socialmerge.matching.weigh import Fit
from socialmerge.normalise import phones
from socialmerge.plan.document import PLAIN, decided, parse, render, unsaveable
from socialmerge.records import VERDICTS, Assurance, Field, Kind, Label
from socialmerge.schema.fields import PROFILE_COLUMNS, fields_of, fields_of_two

__all__ = ["Plan"]

COMPARED_AS_TOLD = (Kind.TEXT, Kind.CODE, Kind.NUMBER, Kind.CATEGORY)
"""Kinds whose fields take a comparison of the caller's own; the others are compared as what they are."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does. Frozen; equal plans give equal results on equal tables.

    ``fields`` and ``keys`` may be empty: they are then inferred from the tables. ``id`` and ``left_id`` name the id
    columns of the customers and of a plain left table. ``cardinality`` is ``"many"`` (a customer may have many
    profiles), ``"one"`` (two clean tables: a row matches at most one row on either side), or empty for *by the data*.
    ``decisions`` are people's, by the ids of rows: wherever the tables have both rows, they hold.

    Raises:
        PlanError: a key names an unknown field, a name is used twice, or a setting is out of range; all are listed.
    """

    fields: tuple[Field, ...] = ()
    keys: tuple[Key, ...] = ()
    id: str = ""
    left_id: str = ""
    region: str = ""
    costs: Costs = field(default_factory=Costs)
    cardinality: str = ""
    minimum_assurance: str = Assurance.INFERRED.value
    weights: Fit | None = None
    decisions: tuple[Label, ...] = ()

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise PlanError(_listed("the plan", problems))

    @property
    def version(self) -> str:
        """Twelve hexadecimal digits that change when anything in the plan does; of a function, its name."""
        return hashlib.sha256(self._text().encode()).hexdigest()[:12]

    @classmethod
    def infer(
        cls,
        customers: tables.Source,
        profiles: tables.Source | None = None,
        *,
        id: str = "",
        region: str = "",
    ) -> Plan:
        """Infer fields from the tables' columns, by name and by content.

        >>> import pyarrow as pa
        >>> table = pa.table({"id": ["1", "2"], "email": ["ada@example.com", "bob@example.com"]})
        >>> [field.kind.value for field in Plan.infer(table).fields]
        ['email']
        """
        right = schema.infer(
            channels.read_customers(customers, what="customers"),
            id_column=id or None,
            region=region or None,
            what="customers",
        )
        settings: dict[str, Any] = {"id": right.id_column, "region": right.region}
        if profiles is None:
            return cls(fields=fields_of(right), **settings)
        profiles = tables.lasting(profiles, what="profiles")
        if channels.recognise(profiles):
            return cls(fields=fields_of_two(PROFILE_COLUMNS, right), **settings)
        table = tables.read(profiles, what="profiles")
        if not table.column_names:
            return cls(fields=fields_of_two(PROFILE_COLUMNS, right), **settings)
        left = schema.infer(table, region=region or None, what="profiles")
        return cls(fields=fields_of_two(left.columns, right), left_id=left.id_column, **settings)

    def save(self, path: str | Path) -> None:
        """Write the plan as TOML; :meth:`load` reads it back equal.

        Raises:
            PlanError: a comparison or a key is a function that cannot be imported; all are listed.
            TableError: the file cannot be written, or one that is not TOML would be lost.
        """
        problems = list(unsaveable(self.fields, self.keys))
        if problems:
            raise PlanError(_listed(str(path), problems))
        tables.write_text(self._text(), path, kind="toml")

    @classmethod
    def load(cls, path: str | Path) -> Plan:
        """Read a plan from TOML; every problem of the file is listed at once.

        Raises:
            PlanError: the file cannot be read, is not TOML, or holds what a plan does not have.
        """
        wanted = "the path of a plan, such as 'socialmerge fit' writes"
        _, document = tables.load_toml(path, error=PlanError, give=wanted)
        settings, problems = parse(document, [field.name for field in fields_of_class(cls)])
        if not problems:
            values: dict[str, Any] = {name: value for name, value in settings.items() if value}
            try:
                return cls(**values)
            except PlanError as error:
                problems = [line.strip() for line in str(error).splitlines()[1:]]
        raise PlanError(_listed(str(path), problems))

    def _text(self) -> str:
        plain = {name: getattr(self, name) for name in PLAIN}
        document = render(plain, self.costs, self.fields, self.keys, self.weights)
        return tomli_w.dumps(document | decided(self.decisions))


def _listed(where: str, problems: Sequence[str]) -> str:
    count = f"{len(problems)} problem" + ("s" if len(problems) > 1 else "")
    return f"{where}: {count}:\n" + "\n".join(f"  {problem}" for problem in problems)


def _problems(plan: Plan) -> Iterator[str]:
    names = [field.name for field in plan.fields]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"fields: the name {name!r} is used twice"
    yield from _unknown_regions(plan)
    yield from _comparisons_out_of_place(plan)
    for number, key in enumerate(plan.keys):
        for atom in key.atoms:
            if names and not any(atom == name or atom.startswith(name + ".") for name in names):
                yield f"keys[{number}] uses unknown field {atom!r}{hint(atom, names)}"
    if not 0 < plan.costs.asking < plan.costs.wrong_merge:
        yield "costs: 'asking' must be above 0 and below 'wrong_merge'"
    if plan.costs.missed <= plan.costs.asking:
        yield "costs: 'missed' must be above 'asking', otherwise nobody is ever asked"
    if plan.cardinality not in ("", "one", "many"):
        yield f"cardinality: {plan.cardinality!r} is not one of 'one', 'many'"
    yield from _unknown_verdicts(plan)
    if plan.minimum_assurance not in tuple(Assurance):
        yield f"minimum_assurance: {plan.minimum_assurance!r} is not one of 'verified', 'inferred'"


def _unknown_verdicts(plan: Plan) -> Iterator[str]:
    for number, label in enumerate(plan.decisions):
        if label.verdict not in VERDICTS:
            yield f"decisions[{number}]: {label.verdict!r} is not one of {', '.join(map(repr, VERDICTS))}"


def _comparisons_out_of_place(plan: Plan) -> Iterator[str]:
    for one in plan.fields:
        if one.compare and one.kind not in COMPARED_AS_TOLD:
            kinds = "text, code, number and category"
            yield f"field {one.name!r}: compare= is for {kinds}, not for {one.kind}; make it a text to compare it so"


def _unknown_regions(plan: Plan) -> Iterator[str]:
    named = [("region", plan.region), *((f"field {field.name!r}: region", field.region) for field in plan.fields)]
    for where, region in named:
        if region and not phones.is_region(region):
            yield f"{where}: {region!r} is not the code of a country (ISO 3166, two letters), such as 'GB'"
