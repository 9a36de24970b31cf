"""Whether the tables have what a policy's strategies need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import pyarrow.compute as pc

from socialmerge import channels
from socialmerge.errors import ChannelError, hint
from socialmerge.merging.arrays import whole
from socialmerge.merging.fields import GoldenField
from socialmerge.merging.keep import Step, Strategy
from socialmerge.merging.policy import Policy
from socialmerge.merging.policy_problems import problems_error
from socialmerge.merging.sources import Sources
from socialmerge.records import Kind

__all__ = ["needs", "refuse_no_time"]

_SIZED = (Kind.NUMBER, Kind.DATE)


def needs(
    policy: Policy,
    sources: Sources,
    fields: Sequence[GoldenField],
    *,
    has_as_of: bool,
    has_edicts: bool,
    growing: bool = False,
) -> list[str]:
    """Say what the strategies of a policy lack.

    These are: ``newest``, ``oldest`` or ``clears`` without dates; a decay without dates or ``as_of``; ``trusted`` with
    a source that nobody knows, or with none that feeds its fields; ``agreed`` by more sources than there are; ``min``
    or ``max`` of what is neither a number nor a date; ``pinned`` without edicts; a rule for one member of a group.

    Where rows still come (``growing``) it is no error that too few sources feed a rule yet, nor that nothing has a date
    while there are no rows.
    """
    known = {"crm", *channels.names(), *sources.names.to_pylist()}
    rules: Mapping[str, Strategy] = {
        **{f"rules[{key!r}]": strategy for key, strategy in policy.rules.items()},
        "otherwise": policy.otherwise,
    }
    is_empty = growing and not len(sources.entity)
    found = []
    for where, strategy in rules.items():
        ruled = [field for field in fields if field.ruled_by == where]
        for step in strategy.steps:
            problems = [] if is_empty and step.name in _OF_TIME else _step_problems(step, policy, sources, known)
            problems += [] if growing and step.name in _FED else _field_problems(step, sources, ruled, known)
            found += [f"{where}: {problem}" for problem in problems]
        if strategy.decays and not has_as_of:
            found.append(f"{where}: {_NEEDS_AS_OF}")
        if strategy.only_pins and not has_edicts:
            found.append(f"{where}: pinned keeps what people pinned; give their pins with edicts=")
    found += [*([] if is_empty else _clears_problems(policy, sources, known)), *_group_problems(fields)]
    return found


def refuse_no_time(policy: Policy, as_of: str | datetime | None) -> None:
    """Refuse a policy whose trust decays where no time is given.

    Raises:
        PolicyError: The trust of a rule decays.
    """
    rules = {**{f"rules[{key!r}]": strategy for key, strategy in policy.rules.items()}, "otherwise": policy.otherwise}
    found = [f"{where}: {_NEEDS_AS_OF}" for where, strategy in rules.items() if strategy.decays]
    if found and as_of is None:
        raise problems_error("policy", found)


_OF_TIME, _FED = ("newest", "oldest"), ("trusted", "agreed")

_NEEDS_AS_OF = (
    "trust that decays is trust at a time; give the time with as_of=, as in as_of='2026-01-31' "
    "(--as-of on the command line)"
)


def _step_problems(step: Step, policy: Policy, sources: Sources, known: set[str]) -> list[str]:
    unknown = [source for source in step.sources if source not in known]
    found = [f"trusted names unknown source '{source}'{_hint(source, known)}" for source in unknown]
    customers, profiles = sources.dated
    if step.half_lives and not (customers or profiles):
        found.append("trust that decays needs dates, and no row has one; name the column with observed=")
    if step.name not in ("newest", "oldest") or step.missing == "skip":
        return found
    if customers or (profiles and policy.social == "fill"):
        return found
    mend = f"name the column with observed=, or write keep.{step.name}(missing='skip')"
    return [*found, f"{step.name} needs dates, and no customer has one; {mend}"]


def _hint(source: str, known: set[str]) -> str:
    try:
        name = channels.rules(source).name
    except ChannelError:
        return hint(source, known)
    return f"; the channel is called '{name}' here"


def _field_problems(step: Step, sources: Sources, ruled: Sequence[GoldenField], known: set[str]) -> Iterator[str]:
    """Say what the fields that follow a rule lack."""
    if not ruled:
        return
    feeding = set().union(*(_feeding(field, sources) for field in ruled))
    fed = f"{_named(ruled)} is fed by {', '.join(sorted(feeding)) or 'no source'}"
    named = {*feeding, "crm"} if any(field.column for field in ruled) else feeding
    # A channel may be named before its first profile comes, but then another source must be there to choose from.
    if step.name == "trusted" and named.isdisjoint(step.sources) and known.issuperset(step.sources):
        yield f"trusted names no source that has a value to give: {fed}"
    if step.name == "agreed" and step.count > len(feeding):
        yield f"agreed asks for {step.count} sources, and {fed}"
    unsized = [field for field in ruled if field.kind not in _SIZED]
    if step.name in ("min", "max") and unsized:
        yield f"{step.name} is of numbers and dates, and {_named(unsized)} holds neither"
    grouped = [field for field in ruled if field.group]
    if step.name in ("min", "max") and grouped:
        yield f"{step.name} cannot decide about a group; take '{grouped[0].name}' out of '{grouped[0].group}'"


def _feeding(field: GoldenField, sources: Sources) -> set[str]:
    """Name the sources of the rows that may feed a field."""
    count = sources.customers.num_rows
    origin = whole(sources.origin["source"])
    found: set[str] = set()
    if field.column:
        found |= set(pc.unique(origin.slice(0, count)).to_pylist())
    for attribute in field.attributes:
        if attribute in sources.profiles.column_names:
            found |= set(pc.unique(origin.slice(count, sources.profiles.num_rows)).to_pylist())
    return found


def _named(fields: Sequence[GoldenField]) -> str:
    names = ", ".join(f"'{field.name}'" for field in fields[:3])
    return f"{names} and {len(fields) - 3} more" if len(fields) > 3 else names


def _clears_problems(policy: Policy, sources: Sources, known: set[str]) -> Iterator[str]:
    for source in policy.clears:
        if source not in known:
            yield f"clears names unknown source '{source}'{_hint(source, known)}"
    customers, profiles = sources.dated
    if policy.clears and not (customers or profiles):
        yield "clears needs dates, and no row has one; name the column with observed="


def _group_problems(fields: Sequence[GoldenField]) -> Iterator[str]:
    """Refuse rules under which the members of a group would not win or lose as one."""
    first: dict[str, GoldenField] = {}
    for field in fields:
        lead = first.setdefault(field.group, field)
        if field.group and field.strategy != lead.strategy:
            mend = f"rule '{field.group}' instead, or take it apart with groups={{}}"
            yield f"'{lead.name}' and '{field.name}' go together in '{field.group}' but have different rules; {mend}"
