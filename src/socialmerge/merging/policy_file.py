"""The policy as a TOML file: written plainly, and checked on load with all problems at once."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from socialmerge import tables
from socialmerge.errors import PolicyError, hint
from socialmerge.merging import keep
from socialmerge.merging.keep import STRATEGIES, Step, Strategy
from socialmerge.merging.policy_problems import problems, problems_error

__all__ = ["load", "save"]

VERSION = 1
_TEXTS = ("social", "contact_points", "observed", "source")
_KEYS = ("version", "otherwise", *_TEXTS, "clears", "rules", "groups", "visibility")
_ARGUMENTS = {
    "trusted": ("sources", "half_life_days"),
    "agreed": ("sources",),
    "newest": ("missing",),
    "oldest": ("missing",),
}


def load(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read the parts of a policy that a file tells of; see :meth:`Policy.load`."""
    name = Path(path).name
    _, document = tables.load_toml(path, error=PolicyError, give="the path of a policy file", name=name)
    found: list[str] = []
    values = _values(document, found)
    found += problems(values)
    if found:
        raise problems_error(name, found)
    return values


def _values(document: dict[str, object], found: list[str]) -> dict[str, object]:
    found += [f"unknown key '{key}'{hint(key, _KEYS)}" for key in document if key not in _KEYS]
    if document.get("version", VERSION) != VERSION:
        found.append(f"version is not {VERSION}; this release reads version {VERSION} only")
    values: dict[str, object] = {}
    for key in _TEXTS:
        if key in document and isinstance(document[key], str):
            values[key] = document[key]
        elif key in document:
            found.append(f"{key} is not a text")
    if "otherwise" in document:
        values["otherwise"] = _strategy("otherwise", document["otherwise"], found)
    rules = _table("rules", document, found)
    values["rules"] = {key: _strategy(f"rules.{key}", value, found) for key, value in rules.items()}
    if "groups" in document:
        values["groups"] = _groups(_table("groups", document, found), found)
    if "clears" in document:
        values["clears"] = document["clears"]
    if "visibility" in document:
        values["visibility"] = _table("visibility", document, found)
    return {key: value for key, value in values.items() if value is not None}


def _table(key: str, document: dict[str, object], found: list[str]) -> dict[str, object]:
    value = document.get(key, {})
    if isinstance(value, dict):
        return value
    found.append(f"{key} is not a table; write [{key}] and one line an entry below it")
    return {}


def _groups(table: dict[str, object], found: list[str]) -> dict[str, tuple[str, ...]]:
    groups = {}
    for name, members in table.items():
        if isinstance(members, list) and members and all(isinstance(member, str) for member in members):
            groups[name] = tuple(members)
        else:
            found.append(f"groups.{name} is not a list of column names")
    return groups


def _strategy(where: str, value: object, found: list[str]) -> Strategy:
    """Read one strategy; where it is wrong note that and give a stand-in, so that reading goes on."""
    items = value if isinstance(value, list) else [value]
    before = len(found)
    steps = [_step(f"{where}[{number}]" if len(items) > 1 else where, item, found) for number, item in enumerate(items)]
    if len(found) == before:
        try:
            return keep.first(*(Strategy((step,)) for step in steps))
        except PolicyError as error:
            found.append(f"{where}: {error}")
    return keep.every()


def _step(where: str, item: object, found: list[str]) -> Step:
    entry = {"strategy": item} if isinstance(item, str) else item
    if not isinstance(entry, dict) or not isinstance(entry.get("strategy"), str):
        found.append(f'{where} is not a strategy; write "newest" or {{ strategy = "trusted", sources = ["crm"] }}')
        return Step("every")
    name = str(entry["strategy"])
    if name not in STRATEGIES:
        found.append(f"{where}: unknown strategy '{name}'{hint(name, STRATEGIES)}")
        return Step("every")
    arguments = {key: argument for key, argument in entry.items() if key != "strategy"}
    unfit = sorted(arguments.keys() - set(_ARGUMENTS.get(name, ())))
    found += [f"{where}: {name} takes no '{key}'" for key in unfit]
    return _with_arguments(where, name, {key: arguments[key] for key in arguments if key not in unfit}, found)


def _with_arguments(where: str, name: str, arguments: dict[str, object], found: list[str]) -> Step:
    sources = arguments.get("sources", [])
    try:
        if name != "trusted":
            return getattr(keep, name)(**arguments).steps[0]  # type: ignore[no-any-return]  # name is one of STRATEGIES
        if isinstance(sources, list) and all(isinstance(source, str) for source in sources):
            days: Any = arguments.get("half_life_days")  # keep.trusted checks it
            return keep.trusted(*sources, half_life_days=days).steps[0]
        found.append(f"{where}: sources is not a list of names")
    except PolicyError as error:
        found.append(f"{where}: {error}")
    return Step("every")


def save(policy: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Write the parts of a policy, every one; see :meth:`Policy.save`."""
    lines = [f"version = {VERSION}", f"otherwise = {_render(policy['otherwise'])}"]
    lines += [f"{key} = {_text(policy[key])}" for key in _TEXTS]
    lines += [f"clears = {_texts(policy['clears'])}"]
    lines += ["", "[rules]", *(f"{_text(key)} = {_render(strategy)}" for key, strategy in policy["rules"].items())]
    if policy["groups"] is not None:
        lines += ["", "[groups]"]
        lines += [f"{_text(name)} = {_texts(members)}" for name, members in policy["groups"].items()]
    if policy["visibility"]:
        lines += ["", "[visibility]", *(f"{_text(key)} = {_text(how)}" for key, how in policy["visibility"].items())]
    tables.write_text("\n".join(lines) + "\n", path, kind="toml")


def _render(strategy: Strategy) -> str:
    steps = [_render_step(step) for step in strategy.steps]
    return steps[0] if len(steps) == 1 else f"[{', '.join(steps)}]"


def _render_step(step: Step) -> str:
    arguments = []
    if step.sources:
        arguments.append(f"sources = {_texts(step.sources)}")
    if step.name == "agreed":
        arguments.append(f"sources = {step.count}")
    if step.half_lives:
        days = [f"{_text(source)} = {days!r}" for source, days in step.half_lives]
        everyone = step.half_lives[0][0] == ""
        arguments.append(
            f"half_life_days = {step.half_lives[0][1]!r}" if everyone else f"half_life_days = {{ {', '.join(days)} }}"
        )
    if step.missing != "error":
        arguments.append(f'missing = "{step.missing}"')
    return f'{{ strategy = "{step.name}", {", ".join(arguments)} }}' if arguments else f'"{step.name}"'


def _texts(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _text(value: str) -> str:
    """Quote as a TOML basic string: as JSON does, and DEL, which TOML forbids."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
