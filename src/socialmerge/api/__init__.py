"""The one-shot verbs: attach, dedupe, fit."""

from socialmerge.api.attaching import attach
from socialmerge.api.auditing import audit
from socialmerge.api.deduping import dedupe
from socialmerge.api.fitting import fit
from socialmerge.api.results import AttachResult, DedupeResult

__all__ = ["AttachResult", "DedupeResult", "attach", "audit", "dedupe", "fit"]
