"""Whether the tables have what a policy's strategies need."""

from __future__ import annotations

from socialmerge import channels
from socialmerge.errors import ChannelError
from socialmerge.merging.keep import Step
from socialmerge.merging.policy import Policy, did_you_mean, problems_error
from socialmerge.merging.sources import Sources

__all__ = ["check"]


def check(policy: Policy, sources: Sources) -> None:
    """Refuse a policy whose strategies lack their input.

    Raises:
        PolicyError: ``newest`` or ``oldest`` without dates, or ``trusted`` with a source that nobody knows; all
            problems at once.
    """
    known = {"crm", *channels.names(), *sources.names.to_pylist()}
    rules = {**{f"rules[{key!r}]": strategy for key, strategy in policy.rules.items()}, "otherwise": policy.otherwise}
    problems = []
    for where, strategy in rules.items():
        for step in strategy.steps:
            problems += [f"{where}: {problem}" for problem in _problems(step, policy, sources, known)]
    if problems:
        raise problems_error("policy", problems)


def _problems(step: Step, policy: Policy, sources: Sources, known: set[str]) -> list[str]:
    if step.name == "trusted":
        unknown = [source for source in step.sources if source not in known]
        return [f"trusted names unknown source '{source}'{_hint(source, known)}" for source in unknown]
    if step.name not in ("newest", "oldest") or step.missing == "skip":
        return []
    customers, profiles = sources.dated
    if customers or (profiles and policy.social == "fill"):
        return []
    mend = f"name the column with observed=, or write keep.{step.name}(missing='skip')"
    return [f"{step.name} needs dates, and no customer has one; {mend}"]


def _hint(source: str, known: set[str]) -> str:
    try:
        name = channels.rules(source).name
    except ChannelError:
        return did_you_mean(source, known)
    return f"; the channel is called '{name}' here"
