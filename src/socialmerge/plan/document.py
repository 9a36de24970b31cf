"""A plan's settings as a TOML document, read with every problem listed at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict
from dataclasses import fields as fields_of_class
from typing import TYPE_CHECKING, TypeVar

from socialmerge.blocking import Key
from socialmerge.blocking.references import called
from socialmerge.errors import hint
from socialmerge.matching.decisions import Costs
from socialmerge.matching.weigh import FieldWeights, Fit
from socialmerge.records import Field, Kind, Label

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["PLAIN", "decided", "parse", "render", "unsaveable"]

PLAIN = ("id", "left_id", "region", "cardinality", "minimum_assurance")
"""Settings of a plan that are one text each."""

Problems = list[str]
_PLAIN_TYPES = ("float", "int", "str")
_WORDS = {
    "float": "a number",
    "int": "a whole number",
    "str": "text",
    "str | Comparison": "text",
    "tuple[str, ...]": "a list of texts",
    "tuple[float, ...]": "a list of numbers",
}
D = TypeVar("D", bound="DataclassInstance")


def render(
    plain: Mapping[str, str], costs: Costs, fields: Sequence[Field], keys: Sequence[Key], weights: Fit | None
) -> dict[str, object]:
    """The document of a plan; what is empty is left out, and a function is what it is called."""
    document: dict[str, object] = {name: value for name, value in plain.items() if value}
    document["costs"] = asdict(costs)
    document["fields"] = [{name: _written(value) for name, value in asdict(field).items() if value} for field in fields]
    document["keys"] = [{"by": called(key.by), "atoms": list(key.atoms)} if key.by else list(key.atoms) for key in keys]
    if weights:
        document["weights"] = _lists(asdict(weights))
    return document


def decided(labels: Sequence[Label]) -> dict[str, object]:
    """The part of a document that holds people's decisions; nothing where there are none."""
    return {"decisions": [[label.left_id, label.right_id, label.verdict] for label in labels]} if labels else {}


def _written(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return called(value) if callable(value) else value


def unsaveable(fields: Sequence[Field], keys: Sequence[Key]) -> Iterator[str]:
    """What of a plan cannot be written to a file: functions that cannot be imported."""
    said = (
        "cannot be imported from a module (a lambda, a function inside another one, or one of the script that runs), "
        "so it cannot be saved; put it into a module of its own"
    )
    for field in fields:
        if not isinstance(field.compare, str):
            yield f"field {field.name!r}: compare={called(field.compare)!r} {said}"
    for number, key in enumerate(keys):
        if not isinstance(key.by, str):
            yield f"keys[{number}]: by={called(key.by)!r} {said}"


def _lists(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _lists(item) for name, item in value.items()}
    return [_lists(item) for item in value] if isinstance(value, (tuple, list)) else value


def parse(document: Mapping[str, object], known: Sequence[str]) -> tuple[dict[str, object], Problems]:
    """Settings for a plan from a document, and everything that is wrong with it."""
    problems: Problems = [
        f"unknown setting {name!r}{hint(name, sorted(known))}" for name in document if name not in known
    ]
    settings: dict[str, object] = {}
    for name in PLAIN:
        if isinstance(document.get(name, ""), str):
            settings[name] = document.get(name, "")
        else:
            problems.append(f"{name} must be text")
    settings["fields"] = _fields(document.get("fields", []), problems)
    settings["keys"] = _keys(document.get("keys", []), problems)
    settings["costs"] = _value(Costs, document.get("costs", {}), "costs", problems) or Costs()
    if "weights" in document:
        settings["weights"] = _weights(document["weights"], problems)
    settings["decisions"] = _labels(document.get("decisions", []), problems)
    return settings, problems


def _labels(found: object, problems: Problems) -> tuple[Label, ...]:
    labels = []
    for number, item in enumerate(found if isinstance(found, list) else [found]):
        if isinstance(item, list) and len(item) == 3 and all(isinstance(part, str) for part in item):
            labels.append(Label(*item))
        else:
            problems.append(f'decisions[{number}] must be two ids and a verdict, such as ["c1", "c7", "same"]')
    return tuple(labels)


def _fields(found: object, problems: Problems) -> tuple[Field, ...]:
    fields = []
    if not isinstance(found, list):
        problems.append("fields must be a list of tables, each [[fields]]")
        return ()
    for number, item in enumerate(found):
        where = f"fields[{number}]"
        raw = dict(item) if isinstance(item, Mapping) else {}
        columns = raw.get("columns")
        if raw.get("kind") not in tuple(Kind):
            problems.append(f"{where}: kind {raw.get('kind')!r} is not one of {', '.join(Kind)}")
        elif not isinstance(columns, list) or not columns or not all(isinstance(column, str) for column in columns):
            problems.append(f"{where}: columns must be a list of column names")
        else:
            field = _value(Field, {"name": columns[0], **raw, "kind": Kind(str(raw["kind"]))}, where, problems)
            fields += [field] if field else []
    return tuple(fields)


def _keys(found: object, problems: Problems) -> tuple[Key, ...]:
    keys = []
    for number, item in enumerate(found if isinstance(found, list) else [found]):
        atoms, by = (item.get("atoms"), item.get("by")) if isinstance(item, Mapping) else (item, "")
        if isinstance(atoms, list) and atoms and isinstance(by, str) and all(isinstance(one, str) for one in atoms):
            keys.append(Key(tuple(atoms), by))
        elif isinstance(item, Mapping):
            like = '{by = "package.module:function", atoms = ["name"]}'
            problems.append(f"keys[{number}] must name a function of your own and the fields it gets, such as {like}")
        else:
            problems.append(
                f'keys[{number}] must be a list of fields or atoms, such as ["email"] or ["name", "dob.year"]'
            )
    return tuple(keys)


def _weights(found: object, problems: Problems) -> Fit | None:
    raw = dict(found) if isinstance(found, Mapping) else {}
    fields = []
    listed = raw.get("fields", [])
    if not isinstance(listed, list):
        problems.append("weights.fields must be a list of tables, each [[weights.fields]]")
        listed = []
    for number, item in enumerate(listed):
        field = _value(FieldWeights, item, f"weights.fields[{number}]", problems)
        if field is not None:
            fields.append(field)
            if not len(field.match) == len(field.other) == len(field.related):
                problems.append(f"weights.fields[{number}]: match, related and other must be equally long")
            if not all(0 < share < 1 for share in (*field.match, *field.other, *field.related)):
                problems.append(f"weights.fields[{number}]: every share must lie between 0 and 1")
    fitted = _value(Fit, {**raw, "fields": fields}, "weights", problems)
    if fitted is not None and not (fitted.match_share > 0 and 0 <= fitted.related_share < 1 - fitted.match_share):
        problems.append("weights: match_share and related_share must be shares of all pairs, and match_share above 0")
    return fitted


def _value(kind: type[D], found: object, where: str, problems: Problems) -> D | None:
    """A frozen value from a table, with wrong names and types reported."""
    if not isinstance(found, Mapping):
        problems.append(f"{where} must be a table of settings")
        return None
    types = {field.name: str(field.type) for field in fields_of_class(kind)}
    unknown = [name for name in found if name not in types]
    problems += [f"{where}: unknown setting {name!r}{hint(name, sorted(types))}" for name in unknown]
    wrong = [name for name in found if name in types and not _fits(found[name], types[name])]
    problems += [f"{where}: {name} must be {_WORDS.get(types[name], 'a list')}" for name in wrong]
    missing = [field.name for field in fields_of_class(kind) if field.name not in found and _required(kind, field.name)]
    problems += [f"{where}: {name} is missing" for name in missing]
    if unknown or wrong or missing:
        return None
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in found.items()})


def _fits(value: object, expected: str) -> bool:
    if expected == "float":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if expected == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    if expected == "str" or expected.startswith("str |"):
        return isinstance(value, str)
    if expected.startswith("tuple[") and isinstance(value, (list, tuple)):
        member = expected.removeprefix("tuple[").partition(",")[0]
        return member not in _PLAIN_TYPES or all(_fits(item, member) for item in value)
    return not expected.startswith("tuple[")


def _required(kind: type[D], name: str) -> bool:
    field = next(field for field in fields_of_class(kind) if field.name == name)
    return field.default is MISSING and field.default_factory is MISSING
