"""The resolver: people and their profiles over time, in a store."""

from socialmerge.resolver.answer import Answer
from socialmerge.resolver.drafting import Draft, draft_strategy
from socialmerge.resolver.past import Entry
from socialmerge.resolver.pilots import import_pilot
from socialmerge.resolver.preview import Preview
from socialmerge.resolver.resolver import Resolver
from socialmerge.resolver.simulating import Comparison, Setting, simulate
from socialmerge.resolver.stored import StoreResult

__all__ = [
    "Answer",
    "Comparison",
    "Draft",
    "Entry",
    "Preview",
    "Resolver",
    "Setting",
    "StoreResult",
    "draft_strategy",
    "import_pilot",
    "simulate",
]
