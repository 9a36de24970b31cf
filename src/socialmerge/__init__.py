"""Attach volunteered social data to the customer records you have, without creating a duplicate."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from socialmerge import blocking, matching, merging
    from socialmerge.api.attaching import attach
    from socialmerge.api.auditing import audit
    from socialmerge.api.deduping import dedupe
    from socialmerge.api.fitting import fit
    from socialmerge.api.pilots import Pilot
    from socialmerge.api.results import AttachResult, DedupeResult
    from socialmerge.channels.strategy import Strategy
    from socialmerge.engines import LocalEngine
    from socialmerge.errors import (
        ChannelError,
        FitError,
        LabelError,
        MissingExtraError,
        PlanError,
        PolicyError,
        ReportError,
        SchemaError,
        SocialMergeError,
        StaleError,
        StoreError,
        StoreUnavailableError,
        TableError,
    )
    from socialmerge.foundation import Audit, Finding
    from socialmerge.matching.explain import Explanation
    from socialmerge.merging import Golden, Policy, keep
    from socialmerge.outcomes import Evaluation, Metrics, evaluate, metrics
    from socialmerge.plan import (
        Costs,
        Plan,
        account,
        category,
        code,
        date,
        email,
        key,
        name,
        number,
        phone,
        place,
        text,
        url,
    )
    from socialmerge.records import Account, Assurance, Kind, Verdict
    from socialmerge.report import to_html
    from socialmerge.resolver import Comparison, Resolver, Setting, StoreResult, draft_strategy, import_pilot, simulate

_HOMES = {
    "socialmerge.api": ("AttachResult", "DedupeResult", "attach", "audit", "dedupe", "fit"),
    "socialmerge.api.pilots": ("Pilot",),
    "socialmerge.channels.strategy": ("Strategy",),
    "socialmerge.engines": ("LocalEngine",),
    "socialmerge.errors": (
        "ChannelError",
        "FitError",
        "LabelError",
        "MissingExtraError",
        "PlanError",
        "PolicyError",
        "ReportError",
        "SchemaError",
        "SocialMergeError",
        "StaleError",
        "StoreError",
        "StoreUnavailableError",
        "TableError",
    ),
    "socialmerge.foundation": ("Audit", "Finding"),
    "socialmerge.matching.explain": ("Explanation",),
    "socialmerge.merging": ("Golden", "Policy", "keep"),
    "socialmerge.outcomes": ("Evaluation", "Metrics", "evaluate", "metrics"),
    "socialmerge.plan": (
        "Costs",
        "Plan",
        "account",
        "category",
        "code",
        "date",
        "email",
        "key",
        "name",
        "number",
        "phone",
        "place",
        "text",
        "url",
    ),
    "socialmerge.records": ("Account", "Assurance", "Kind", "Verdict"),
    "socialmerge.report": ("to_html",),
    "socialmerge.resolver": (
        "Comparison",
        "Resolver",
        "Setting",
        "StoreResult",
        "draft_strategy",
        "import_pilot",
        "simulate",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
_MODULES = ("blocking", "matching", "merging")

__all__ = [
    "Account",
    "Assurance",
    "AttachResult",
    "Audit",
    "ChannelError",
    "Comparison",
    "Costs",
    "DedupeResult",
    "Evaluation",
    "Explanation",
    "Finding",
    "FitError",
    "Golden",
    "Kind",
    "LabelError",
    "LocalEngine",
    "Metrics",
    "MissingExtraError",
    "Pilot",
    "Plan",
    "PlanError",
    "Policy",
    "PolicyError",
    "ReportError",
    "Resolver",
    "SchemaError",
    "Setting",
    "SocialMergeError",
    "StaleError",
    "StoreError",
    "StoreResult",
    "StoreUnavailableError",
    "Strategy",
    "TableError",
    "Verdict",
    "account",
    "attach",
    "audit",
    "blocking",
    "category",
    "code",
    "date",
    "dedupe",
    "draft_strategy",
    "email",
    "evaluate",
    "fit",
    "import_pilot",
    "keep",
    "key",
    "matching",
    "merging",
    "metrics",
    "name",
    "number",
    "phone",
    "place",
    "simulate",
    "text",
    "to_html",
    "url",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: ``import socialmerge`` alone costs next to nothing."""
    if name in _MODULES:
        return importlib.import_module(f"socialmerge.{name}")
    if name not in _HOME_OF:
        msg = f"module 'socialmerge' has no attribute {name!r}"
        raise AttributeError(msg)
    found = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
