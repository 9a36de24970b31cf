"""Which channels there are: the shipped TOML files, loaded once, found by name, alias or host."""

from __future__ import annotations

from functools import cache
from importlib import resources

from socialmerge.channels.fields import did_you_mean
from socialmerge.channels.loader import Channel, load
from socialmerge.channels.rules import ChannelRules
from socialmerge.errors import ChannelError

__all__ = ["all_channels", "find", "find_by_host", "named", "names", "rules"]


@cache
def all_channels() -> dict[str, Channel]:
    """Every shipped channel by name, in the order of the names."""
    files = [entry for entry in resources.files(__package__).iterdir() if entry.name.endswith(".toml")]
    channels = [load(entry.read_text(encoding="utf-8"), entry.name) for entry in files]
    return {channel.rules.name: channel for channel in sorted(channels, key=lambda channel: channel.rules.name)}


def names() -> tuple[str, ...]:
    """The names of every channel, sorted.

    >>> "mastodon" in names()
    True
    """
    return tuple(all_channels())


def find(channel: str) -> Channel | None:
    """The channel of that name or alias, if there is one."""
    return _by_any_name().get(channel.strip().casefold())


def named(channel: str) -> Channel:
    """The channel of that name or alias; ``ChannelError`` when there is none."""
    found = find(channel)
    if found is None:
        hint = did_you_mean(channel.strip().casefold(), _by_any_name())
        raise ChannelError(f"unknown channel {channel!r}{hint} (channels: {', '.join(names())})")
    return found


def rules(channel: str) -> ChannelRules:
    """What a channel's TOML says about its accounts and its uses.

    ``channel`` is a name or an alias (``"twitter"`` is ``"x"``). Raises :class:`~socialmerge.errors.ChannelError` when
    there is no such channel; the message names the nearest one.

    >>> rules("twitter").name
    'x'
    """
    return named(channel).rules


def find_by_host(host: str) -> ChannelRules | None:
    """The channel that a host belongs to, if any; the host is lower case.

    >>> find_by_host("uk.linkedin.com").name
    'linkedin'
    """
    hosts = _by_host()
    found = hosts.get(host) or hosts.get(host.removeprefix("www."))
    while found is None and "." in host:
        host = host.partition(".")[2]
        found = hosts.get("*." + host)
    return found


@cache
def _by_any_name() -> dict[str, Channel]:
    channels = all_channels()
    aliases = {alias: channel for channel in channels.values() for alias in channel.rules.aliases}
    return aliases | channels


@cache
def _by_host() -> dict[str, ChannelRules]:
    return {host: channel.rules for channel in all_channels().values() for host in channel.rules.url.hosts}
