"""The strategy: how the channels are used, over what is usual."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from socialmerge import tables
from socialmerge.channels.registry import all_channels, rules
from socialmerge.channels.strategy_file import load, render
from socialmerge.channels.use import ATTRIBUTES, Use, derived, listed, narrower, problems, usual

__all__ = ["Strategy", "Use"]


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
        return cls(load(path))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the strategy as a ``channels.toml`` that :meth:`load` reads back.

        Raises:
            TableError: the file cannot be written, or one that is not TOML would be lost.
        """
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
