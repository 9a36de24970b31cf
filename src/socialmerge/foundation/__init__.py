"""The foundation: what is wrong with a table of customers before social data goes in."""

from socialmerge.foundation.model import Audit, Finding, Skipped

__all__ = ["Audit", "Finding", "Skipped"]
