"""Pages that are made from what they describe, so that they cannot fall behind it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
import pyarrow as pa

from socialmerge import merging, records
from socialmerge.api.pilots import lines_schema
from socialmerge.cli.commands import socialmerge as command
from socialmerge.merging.changes import changes_schema
from socialmerge.outcomes import figures
from socialmerge.resolver.simulating import verdict_changes_schema, view_changes_schema

__all__ = ["pages"]

_TABLES = {
    "decisions": records.decisions_schema,
    "pairs": records.pairs_schema,
    "clusters": records.clusters_schema,
    "labels": records.labels_schema,
    "reviews": records.reviews_schema,
    "pilot-lines": lines_schema,
    "provenance": records.provenance_schema,
    "conflicts": records.conflicts_schema,
    "profiles": records.profiles_schema,
    "changes": changes_schema,
    "consents": merging.consents_schema,
    "simulation": merging.simulation_schema,
    "totals": figures.totals_schema,
    "channels": figures.channels_schema,
    "months": figures.months_schema,
    "rounds": figures.rounds_schema,
    "groups": figures.groups_schema,
    "coverage": figures.coverage_schema,
    "verdict-changes": verdict_changes_schema,
    "view-changes": view_changes_schema,
}


def pages(folder: Path) -> None:
    """Write every generated page into a folder, for the pages of the documentation to include."""
    folder.mkdir(exist_ok=True)
    (folder / "command-line.md").write_text(_command_line(), encoding="utf-8")
    (folder / "channels.md").write_text(_channels(), encoding="utf-8")
    for name, schema in _TABLES.items():
        text = f"{schema.__doc__}\n\n{_columns(schema())}"
        (folder / f"table-{name}.md").write_text(_as_markdown(text), encoding="utf-8")


def _command_line() -> str:
    context = click.Context(command, info_name="socialmerge")
    return "\n".join(f"## {name}\n\n```text\n{text}\n```\n" for name, text in _helps(command, context))


def _helps(group: click.Group, context: click.Context, before: str = "") -> Iterator[tuple[str, str]]:
    """The help of each command, and after that of a group those of its own commands."""
    for name in group.list_commands(context):
        one = group.get_command(context, name)
        assert one is not None  # noqa: S101 - it was listed
        inner = click.Context(one, info_name=name, parent=context, max_content_width=90)
        yield f"{before}{name}", one.get_help(inner)
        if isinstance(one, click.Group):
            yield from _helps(one, inner, f"{before}{name} ")


def _columns(schema: pa.Schema) -> str:
    rows = "\n".join(f"| `{field.name}` | `{field.type}` |" for field in schema)
    return f"| column | type |\n|---|---|\n{rows}\n"


def _as_markdown(docstring: str) -> str:
    lines = [line.removeprefix("    ") for line in docstring.splitlines()]
    return "\n".join(lines).replace("``", "`") + "\n"


def _channels() -> str:
    folder = files("socialmerge.channels")
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    rows = "\n".join(_channel(tomllib.loads(entry.read_text(encoding="utf-8"))) for entry in found)
    return f"| `--channel` | channel | files that are read | an account's address |\n|---|---|---|---|\n{rows}\n"


def _channel(data: dict[str, Any]) -> str:
    formats = "; ".join(one["name"] for one in data.get("format", ())) or "-"
    address = data.get("url", {}).get("handle_url")
    return f"| `{data['name']}` | {data['title']} | {formats} | {f'`{address}`' if address else '-'} |"
