"""The strategy: what each channel is used for, who may see what came from it, on which ground; over the defaults."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from socialmerge import tables
from socialmerge.channels.loader import BASES, PURPOSES, VISIBILITIES
from socialmerge.channels.registry import all_channels, named, rules
from socialmerge.errors import ChannelError

__all__ = ["ATTRIBUTES", "EXPLICIT", "STRATEGY_BASES", "Strategy", "Use", "derived", "narrower", "usual_visibility"]

EXPLICIT = "explicit consent"
"""The basis under which nothing is used of which no row says yes."""
STRATEGY_BASES = (*BASES, EXPLICIT)
LEVELS = ("public", "private", "secret")
"""Who may see a value, the widest first: everybody, only the person it is of, nobody outside."""

_CONTACT = ("emails", "phones")
_OPEN = (
    "handle",
    "display_name",
    "given_name",
    "family_name",
    "bio",
    "location",
    "websites",
    "links",
    "employer",
    "title",
    "avatar",
)
ATTRIBUTES = (*_OPEN, *_CONTACT)
"""What a profile may say, and a strategy may keep from being seen."""
_DERIVED = {
    "display_name": ("given_name", "family_name"),
    "given_name": ("display_name",),
    "family_name": ("display_name",),
}
"""What can be read off an attribute, or it off them: hiding the one hides the others."""


@dataclass(frozen=True, slots=True)
class Use:
    """How one channel is used.

    ``purposes`` is what it is used for (of ``marketing``, ``service``, ``research``, ``identity``); ``visibility`` is
    the most private value that may be shown on it, ``"public"`` or ``"private"``; ``basis`` is the ground on which what
    came from it is held; ``fields`` says who may see an attribute that came from it, where that is fewer people than
    usual: ``{"employer": "private"}``.
    """

    purposes: tuple[str, ...]
    visibility: str
    basis: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "purposes", tuple(name for name in PURPOSES if name in self.purposes))
        object.__setattr__(self, "fields", dict(self.fields))


@dataclass(frozen=True, slots=True)
class Strategy:
    """How the channels are used: a `Use` for each channel that differs from what its own TOML says.

    A strategy narrows who may see a value, and never widens it: to publish what is private is for the merge policy.
    What a channel is used for it may say freely.

    >>> from dataclasses import replace
    >>> strategy = Strategy({"github": replace(Strategy.defaults().use("github"), purposes=("research",))})
    >>> strategy.use("github").purposes, strategy.use("mastodon").basis
    (('research',), 'consent')

    Raises:
        ChannelError: a channel is unknown, or a use of it is wrong; all problems are listed at once.
    """

    uses: Mapping[str, Use] = field(default_factory=dict)

    def __post_init__(self) -> None:
        found = [problem for name, use in self.uses.items() for problem in problems(name, use)]
        if found:
            raise listed("strategy", found)
        object.__setattr__(self, "uses", {name: self.uses[name] for name in sorted(self.uses)})

    @classmethod
    def defaults(cls) -> Self:
        """What the channels' own TOMLs say, every channel written out."""
        return cls({name: usual(name) for name in all_channels()})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a ``channels.toml``; what it leaves out is as usual.

        Raises:
            ChannelError: the file cannot be read or is wrong; every problem is listed, with its line.
        """
        from socialmerge.channels.strategy_file import load

        return cls(load(path))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the strategy as a ``channels.toml`` that :meth:`load` reads back.

        Raises:
            TableError: the file cannot be written, or one that is not TOML would be lost.
        """
        from socialmerge.channels.strategy_file import render

        tables.write_text(render(self.uses), path, kind="toml")

    def use(self, channel: str) -> Use:
        """How a channel is used, by its name or an alias.

        Raises:
            ChannelError: there is no such channel.
        """
        name = rules(channel).name
        return self.uses.get(name) or usual(name)

    def good_for(self, purpose: str) -> tuple[str, ...]:
        """The channels that are used for a purpose.

        >>> "slack" in Strategy().good_for("service"), "slack" in Strategy().good_for("marketing")
        (True, False)
        """
        return tuple(name for name in all_channels() if purpose in self.use(name).purposes)

    def hidden(self) -> dict[tuple[str, str], str]:
        """Who may see an attribute of a channel, where that is fewer people than usual; with what is derived of it."""
        found: dict[tuple[str, str], str] = {}
        for channel, use in self.uses.items():
            # what came from a channel that is now used in private was said in private
            floor = "private" if use.visibility == "private" and usual(channel).visibility == "public" else "public"
            told = dict.fromkeys(ATTRIBUTES, floor)
            for attribute, level in use.fields.items():
                for one in (attribute, *derived(attribute)):
                    told[one] = narrower(told[one], level)
            found |= {(channel, attribute): level for attribute, level in told.items() if level != "public"}
        return found


def usual(channel: str) -> Use:
    """How a channel is used where nobody says otherwise."""
    one = named(channel).rules
    return Use(one.purposes, one.visibility, one.basis)


def usual_visibility(channel: str, attribute: str) -> str:
    """Who may see an attribute that came from a channel, where nobody says otherwise.

    >>> usual_visibility("mastodon", "bio"), usual_visibility("mastodon", "emails"), usual_visibility("slack", "bio")
    ('public', 'private', 'private')
    """
    return "private" if attribute in _CONTACT or named(channel).rules.visibility == "private" else "public"


def derived(attribute: str) -> tuple[str, ...]:
    """What can be read off an attribute: who may not see the one may not see the other.

    >>> derived("display_name")
    ('given_name', 'family_name')
    """
    return _DERIVED.get(attribute, ())


def narrower(left: str, right: str) -> str:
    """The more private of two levels."""
    return max(left, right, key=LEVELS.index)


def problems(channel: str, use: Use) -> list[str]:
    """What is wrong with the use of a channel, each against its key."""
    try:
        name = rules(channel).name
    except ChannelError as error:
        return [f"{channel}: {error}"]
    found = [] if name == channel else [f"{channel}: write {name!r}, the name of the channel"]
    found += [] if use.visibility in VISIBILITIES else [f"{channel}.visibility: is none of {', '.join(VISIBILITIES)}"]
    found += [] if use.basis in STRATEGY_BASES else [f"{channel}.basis: is none of {', '.join(STRATEGY_BASES)}"]
    for attribute, level in use.fields.items():
        where = f"{channel}.fields.{attribute}"
        if attribute not in ATTRIBUTES:
            found.append(f"{where}: no attribute of profiles")
        elif level not in LEVELS:
            found.append(f"{where}: is none of {', '.join(LEVELS)}")
        elif narrower(level, usual_visibility(name, attribute)) != level:
            found.append(
                f"{where}: {level!r} is wider than usual; a strategy only narrows, 'visibility' of a policy publishes"
            )
    return found


def listed(what: str, found: Iterable[str]) -> ChannelError:
    """One error of all problems."""
    lines = list(found)
    return ChannelError(f"{what} has {len(lines)} problem(s) to mend:\n" + "\n".join(f"  {line}" for line in lines))
