"""What each part of the matcher is worth: every set measured with all parts, then without each in turn.

``python -m benchmarks.ablation DATA_DIR [--set NAME] [--out PAGE]`` runs in this process and puts two tables, F1 and
expected calibration error, into the ablation section of a page. A part is taken away by replacing one function or
constant of the library while a set runs; the library itself has no switches.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from unittest.mock import patch

import numpy as np
from benchmarks.measure import Figures, measure
from benchmarks.report import setting, write_section
from benchmarks.sets import DataSet, find_sets

from socialmerge.blocking import Choice, Key
from socialmerge.engines import again, local, social
from socialmerge.matching import cluster, compare, contexts, entities, estimate, priors, spelled, weigh

__all__ = ["PARTS", "Part", "measured", "without"]


class _Found(Protocol):
    """A fit of the library, before missed pairs are counted in."""

    fitted: weigh.Fit


@dataclass(frozen=True, slots=True)
class Part:
    """A part by name, and what stands in its place: module, name there, replacement."""

    name: str
    instead: tuple[tuple[Any, str, Any], ...]


def _pairs_alone(
    _evidence: object, labels: entities.Ints, _left: object, _right: object, log_odds: entities.Array
) -> entities.Settled:
    """No second look by what clusters know."""
    return entities.Settled(labels, log_odds, np.ones(len(labels)))


def _components(
    rows: int, left: cluster.Rows, right: cluster.Rows, log_odds: cluster.Array, _score: object
) -> cluster.Clusters:
    """Chains of pairs above one half, whatever speaks against them."""
    return cluster.Clusters(cluster._components(rows, left, right, log_odds, 0.0), np.ones(rows))  # noqa: SLF001


def _exact_keys(atoms: Sequence[Any], *_: object, **__: object) -> Choice:
    """One key for each whole value, and one for given with family name."""
    whole = [atom.name for atom in atoms if atom.name == atom.feature or atom.comparison == "names"]
    return Choice(tuple(Key((name,)) for name in whole), 1.0, ())


def _alone(features: Sequence[object]) -> tuple[contexts.Dependence, ...]:
    """No feature depends on another."""
    return tuple(contexts.Dependence((contexts.ALONE,)) for _ in features)


def _household_only(comparers: Sequence[compare.Comparer], *known: object) -> list[list[priors.Before]]:
    return _PRIORS(comparers, *known)[:1]


def _fitted_alone(_data: object, best: _Found, _draws: object) -> weigh.Fit:
    return best.fitted


def _no_bits(codes: np.ndarray[Any, Any], _known: object) -> np.ndarray[Any, Any]:
    return np.zeros(len(codes))


_PRIORS: Callable[..., list[list[priors.Before]]] = priors.priors

PARTS: tuple[Part, ...] = (
    Part("all parts", ()),
    Part("relatives as a class", ((local, "fit", partial(estimate.fit, related=False)),)),
    Part("branches as relatives", ((estimate, "priors", _household_only),)),
    Part("several beginnings", ((estimate, "CLEARLY_MORE", np.inf),)),
    Part(
        "a firmer prior where the fit goes astray",
        ((estimate, "LEAST_AGREEMENT", -1.0), (estimate, "LEAST_NAMED", -1.0)),
    ),
    Part("contexts", ((compare, "dependences", _alone),)),
    Part("rarity of values", ((weigh, "RARITY_LIMITS", (0.0, 0.0)),)),
    Part("two usual given names are no slip", ((spelled, "usual_given", lambda _name: False),)),
    Part("keys by expected recall", ((local, "choose_keys", _exact_keys),)),
    Part("keys chosen again by the fit", ((local, "ENOUGH", 0.0),)),
    Part("missed pairs counted in", ((estimate, "_with_missed", _fitted_alone),)),
    Part("evidence within clusters", ((again, "cluster", _components),)),
    Part("settling by all rows", ((again, "settle", _pairs_alone),)),
    Part("the fit goes on from clusters", ((local, "worth_it", lambda _candidates: False),)),
    Part("circumstance", ((social, "bits_of", _no_bits),)),
)


@contextmanager
def without(part: Part) -> Iterator[None]:
    """Take a part away for a while."""
    with ExitStack() as stack:
        for module, name, other in part.instead:
            stack.enter_context(patch.object(module, name, other))
        yield


def measured(one: DataSet, part: Part) -> Figures:
    """The figures of a set without a part."""
    with without(part):
        return measure(one)


def main() -> None:
    """Measure, print the tables, and write them into the page that was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ablation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, metavar="DATA_DIR", nargs="+", help="folders with one folder a set")
    parser.add_argument("--set", dest="names", action="append", default=[], metavar="NAME", help="only this set")
    parser.add_argument("--out", type=Path, metavar="FILE", help="put the tables into the ablation section of a page")
    asked, load = parser.parse_args(), os.getloadavg()[0]
    sets = [one for folder in asked.data for one in _sets(folder, tuple(asked.names))]
    found: dict[str, dict[str, Figures]] = {}
    for part in PARTS:
        for one in sets:
            found.setdefault(part.name, {})[one.name] = measured(one, part)
        print(part.name, flush=True)
    text = f"{setting(load)}\n{tables(found)}"
    print(text)
    if asked.out:
        write_section(asked.out, "ablation", text)


def _sets(folder: Path, names: tuple[str, ...]) -> list[DataSet]:
    here = tuple(name for name in names if (folder / name).is_dir())
    return [one for one in find_sets(folder, here)[0] if one.truth and (here or not names)]


def tables(found: Mapping[str, Mapping[str, Figures]]) -> str:
    """F1, then calibration error: a row a part, a column a set; what changes nothing is left empty."""
    whole, *parts = found.values()
    names = [name for name in found if found[name] is not whole]
    lines = []
    for title, figure in (("F1", "f1"), ("Expected calibration error", "calibration_error")):
        lines += [f"## {title}", "", f"| without | {' | '.join(whole)} |", "|---" * (len(whole) + 1) + "|"]
        lines.append(f"| nothing | {' | '.join(f'**{_rounded(run, figure)}**' for run in whole.values())} |")
        for name, runs in zip(names, parts, strict=True):
            cells = [
                "" if _rounded(run, figure) == _rounded(whole[one], figure) else _rounded(run, figure)
                for one, run in runs.items()
            ]
            lines.append(f"| {name} | {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


def _rounded(run: Figures, figure: str) -> str:
    return f"{float(str(run[figure])):.4f}"


if __name__ == "__main__":
    main()
