"""The resolver: people and their profiles over time, in a store."""

from socialmerge.resolver.answer import Answer
from socialmerge.resolver.past import Entry
from socialmerge.resolver.pilots import import_pilot
from socialmerge.resolver.preview import Preview
from socialmerge.resolver.resolver import Resolver

__all__ = ["Answer", "Entry", "Preview", "Resolver", "import_pilot"]
