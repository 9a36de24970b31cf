"""The use of one channel: what for, who may see what came from it, on which ground; and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from socialmerge.channels.loader import BASES, PURPOSES, VISIBILITIES
from socialmerge.channels.registry import named, rules
from socialmerge.errors import ChannelError

__all__ = [
    "ATTRIBUTES",
    "EXPLICIT",
    "LEVELS",
    "STRATEGY_BASES",
    "Use",
    "derived",
    "listed",
    "narrower",
    "problems",
    "usual",
    "usual_visibility",
]

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
