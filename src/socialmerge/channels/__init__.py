"""Channels: what each platform's exports, handles and URLs look like, one TOML each; and the readers of its files."""

from socialmerge.channels.contacts import read_customers
from socialmerge.channels.reading import is_export, read
from socialmerge.channels.recognising import recognise
from socialmerge.channels.registry import names, rules
from socialmerge.channels.rules import ChannelRules

__all__ = ["ChannelRules", "is_export", "names", "read", "read_customers", "recognise", "rules"]
