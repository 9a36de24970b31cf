"""Merging: claims, the merge policy, survivorship, the golden record and the changes to load back."""

from socialmerge.merging import keep
from socialmerge.merging.changes import changes, merges
from socialmerge.merging.child_rows import children
from socialmerge.merging.claims import ONE_SHOT_KEY, claims_schema
from socialmerge.merging.consent import Consent, ConsentState, consents_schema
from socialmerge.merging.edicts import Edicts, GenericValue, Pin, Rejection
from socialmerge.merging.golden import Golden, Said, check_golden, claims, golden, golden_batches
from socialmerge.merging.keep import Strategy
from socialmerge.merging.policy import Policy
from socialmerge.merging.simulation import Simulation, counts_schema, simulate, simulation_schema
from socialmerge.merging.views import View

__all__ = [
    "ONE_SHOT_KEY",
    "Consent",
    "ConsentState",
    "Edicts",
    "GenericValue",
    "Golden",
    "Pin",
    "Policy",
    "Rejection",
    "Said",
    "Simulation",
    "Strategy",
    "View",
    "changes",
    "check_golden",
    "children",
    "claims",
    "claims_schema",
    "consents_schema",
    "counts_schema",
    "golden",
    "golden_batches",
    "keep",
    "merges",
    "simulate",
    "simulation_schema",
]
