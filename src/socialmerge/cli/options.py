"""Options that several commands share, and options that reach a command as one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import Any

import click

from socialmerge.cli.paths import FILE, FOLDER

__all__ = [
    "MOST_GONE_ALONE",
    "STORE_VARIABLE",
    "decisions_option",
    "id_option",
    "json_option",
    "most_gone_option",
    "out_option",
    "packed",
    "plan_option",
    "policy_option",
    "region_option",
    "run_option",
    "store_option",
]


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on standard output, and no text."
)
plan_option = click.option("--plan", type=FILE, help="A plan (TOML), instead of one inferred from the data.")
policy_option = click.option("--policy", type=FILE, help="A merge policy (TOML), instead of the default.")
decisions_option = click.option(
    "--decisions",
    type=FILE,
    metavar="FILE",
    help="People's decisions: left_id, right_id, verdict (same, different, unsure), as 'suggest' asks for them.",
)
id_option = click.option("--id", "id_column", metavar="COLUMN", help="The customers' id column, where it is not found.")
most_gone_option = click.option(
    "--most-gone", is_flag=True, help="With --complete: more than half of the rows are gone indeed."
)
MOST_GONE_ALONE = "--most-gone goes with --complete: it says that so many rows are gone indeed"
region_option = click.option("--region", metavar="CC", help="The country of national phone numbers, such as GB.")
out_option = click.option("--out", type=FOLDER, required=True, metavar="DIR", help="The folder to write.")
run_option = click.option("--run", "folder", type=FOLDER, metavar="DIR", help="What attach, dedupe or demo wrote.")
STORE_VARIABLE = "SOCIALMERGE_STORE"
"""The store where ``--store`` is left out; every command that takes the one reads the other."""
store_option = click.option(
    "--store", metavar="URL", envvar=STORE_VARIABLE, help="A store instead, such as sqlite:///people.db."
)


def packed(name: str, made: Callable[..., object], *options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Options whose values reach the command as one: a dataclass whose fields are named as they are."""
    names = [field.name for field in fields(made)]  # type: ignore[arg-type]  # a dataclass is a callable

    def decorate(command: Callable[..., object]) -> Callable[..., object]:
        @wraps(command)
        def packing(**given: object) -> object:
            own = {one: given.pop(one) for one in names}
            return command(**given, **{name: made(**own)})

        decorated: Callable[..., object] = packing
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate
