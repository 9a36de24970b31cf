"""``channels.toml``: a strategy as a file, read with all its problems at once, each with its line."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from socialmerge import tables
from socialmerge.channels.fields import Fields, did_you_mean
from socialmerge.channels.loader import PURPOSES, VISIBILITIES
from socialmerge.channels.registry import all_channels, find
from socialmerge.channels.use import ATTRIBUTES, LEVELS, STRATEGY_BASES, Use, listed, problems, usual
from socialmerge.errors import ChannelError

__all__ = ["VERSION", "load", "render"]

VERSION = 1
_KEYS = ("purposes", "visibility", "basis", "fields")
_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?")
_KEY = re.compile(r"\s*([\w.\"'-]+)\s*=")
_INLINE = re.compile(r"[{,]\s*([\w\"'-]+)\s*=")


def load(path: str | os.PathLike[str]) -> dict[str, Use]:
    """The uses that a file tells of; see :meth:`Strategy.load`."""
    name = Path(path).name
    text, document = tables.load_toml(path, error=ChannelError, give="the path of a channels.toml", name=name)
    top = Fields(document)
    if document.get("version", VERSION) != VERSION:
        top.say("version", f"is not {VERSION}; this release reads version {VERSION} only")
    uses = {key: _use(top, key, known=_is_channel(top, key)) for key in document if key != "version"}
    if top.problems:
        lines = _lines(text)
        raise listed(name, (_placed(problem, lines) for problem in dict.fromkeys(top.problems)))
    return uses


def _is_channel(top: Fields, key: str) -> bool:
    channel = find(key)
    if channel is not None and channel.rules.name == key:
        return True
    known = channel.rules.name if channel else ""
    hint = f"; write {known!r}" if known else did_you_mean(key, all_channels())
    top.say(key, f"no channel{hint}")
    return False


def _use(top: Fields, key: str, *, known: bool) -> Use:
    """The use of one channel; of one that is not known only what is wrong with its own keys is told."""
    told, base = top.child(key), usual(key) if known else Use((), "public", "consent")
    told.only(_KEYS)
    fields = told.child("fields")
    fields.only(ATTRIBUTES)
    levels = {name: level for name in fields.table if (level := fields.text(name, choices=LEVELS)) in LEVELS}
    use = Use(
        told.texts("purposes", choices=PURPOSES) if "purposes" in told.table else base.purposes,
        told.text("visibility", choices=VISIBILITIES) or base.visibility,
        told.text("basis", choices=STRATEGY_BASES) or base.basis,
        {name: level for name, level in levels.items() if name in ATTRIBUTES},
    )
    for empty in ("visibility", "basis"):
        if told.table.get(empty) == "":
            told.say(empty, "is empty; leave the line out for what is usual")
    if not known:
        return use
    said = {problem.partition(": ")[0] for problem in top.problems}
    top.problems.extend(one for one in problems(key, use) if one.partition(": ")[0] not in said)
    return use


def _placed(problem: str, lines: Mapping[str, int]) -> str:
    """A problem with the line of its key, or that of the table around it."""
    key = problem.partition(": ")[0]
    while key and key not in lines:
        key = key.rpartition(".")[0]
    return f"line {lines[key]}, {problem}" if key else problem


def _lines(text: str) -> dict[str, int]:
    """The line of each key, by its full name; the reader of TOML itself tells no lines."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.fullmatch(line):
            table = _bare(header[1])
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            own = f"{table}.{_bare(key[1])}".removeprefix(".")
            found.setdefault(own, number)
            for inner in _INLINE.finditer(line, key.end()):
                found.setdefault(f"{own}.{_bare(inner[1])}", number)
    return found


def _bare(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))


def render(uses: Mapping[str, Use], *, notes: Mapping[str, tuple[str, ...]] | None = None, head: str = "") -> str:
    """A ``channels.toml``; ``notes`` are comments above the table of a channel, ``head`` those above all."""
    blocks = [[*_comments(head), f"version = {VERSION}"]]
    for name, use in uses.items():
        lines = [line for note in (notes or {}).get(name, ()) for line in _comments(note)]
        lines += [f"[{name}]", f"purposes = {_texts(use.purposes)}", f"visibility = {_text(use.visibility)}"]
        lines.append(f"basis = {_text(use.basis)}")
        if use.fields:
            inside = ", ".join(f"{key} = {_text(level)}" for key, level in use.fields.items())
            lines.append(f"fields = {{ {inside} }}")
        blocks.append(lines)
    return "\n\n".join("\n".join(lines) for lines in blocks) + "\n"


def _comments(text: str) -> list[str]:
    """A text as comments; no character of it ends one early."""
    plain = "".join(character if character.isprintable() or character == "\n" else " " for character in text)
    return [f"# {line}".rstrip() for line in plain.split("\n")] if text else []


def _texts(values: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
