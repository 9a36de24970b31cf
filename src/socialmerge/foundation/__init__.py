"""The foundation: what is wrong with a table of customers before social data goes in."""

from socialmerge.foundation.auditing import inspect, quick_look
from socialmerge.foundation.model import Audit, Finding, Skipped
from socialmerge.foundation.row_ids import RowIds
from socialmerge.foundation.verdict import THRESHOLDS, Threshold

__all__ = ["THRESHOLDS", "Audit", "Finding", "RowIds", "Skipped", "Threshold", "inspect", "quick_look"]
