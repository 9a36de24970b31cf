"""The plan, the policy and the strategy of a store: kept with it, so that who opens it later asks under the same."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from socialmerge.channels.strategy import Strategy
from socialmerge.merging import Policy
from socialmerge.plan import Plan
from socialmerge.resolver.preview import policy_version
from socialmerge.store import Document, Store

__all__ = ["plan_of", "policy_of", "strategy_of"]

Kept = TypeVar("Kept", Plan, Policy, Strategy)


def plan_of(store: Store, given: Plan | None, *, clock: Callable[[], datetime]) -> Plan:
    """The plan that is given, kept from now on; else the one that was kept last, or one that infers everything.

    Raises:
        PlanError: the plan cannot be written down, because it compares by a function that cannot be imported.
    """
    if given is None:
        return _last(store, "plan", Plan.load) or Plan()
    _keep(store, "plan", given.version, given.save, clock)
    return given


def policy_of(store: Store, given: Policy | None, *, clock: Callable[[], datetime]) -> Policy:
    """The policy that is given, kept from now on; else the one that was kept last, or the default."""
    if given is None:
        return _last(store, "policy", Policy.load) or Policy.default()
    _keep(store, "policy", policy_version(given), given.save, clock)
    return given


def strategy_of(store: Store, given: Strategy | None, *, clock: Callable[[], datetime]) -> Strategy:
    """The strategy that is given, kept from now on; else the one that was kept last, or that of the channels."""
    if given is None:
        return _last(store, "channels", Strategy.load) or Strategy()
    version = hashlib.sha256(repr(given).encode()).hexdigest()[:12]
    _keep(store, "channels", version, given.save, clock)
    return given


def _last(store: Store, kind: str, load: Callable[[str], Kept]) -> Kept | None:
    with store.snapshot() as view:
        known = view.document(kind)
    if known is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{kind}.toml")
        path.write_text(known.text, encoding="utf-8")
        return load(str(path))


def _keep(store: Store, kind: str, version: str, save: Callable[[str], None], clock: Callable[[], datetime]) -> None:
    """Write a plan or a policy down, where the one of this version is not the last; a former one counts anew."""
    with store.snapshot() as view:
        last = view.document(kind)
    if last is not None and last.version.split("@")[0] == version:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{kind}.toml")
        save(str(path))
        text = path.read_text(encoding="utf-8")
    at = clock()
    with store.snapshot() as view:
        known = view.document(kind, version) is not None
        place = view.position() + 1
    store.save(Document(kind, f"{version}@{place}" if known else version, text), at=at, actor="settings")
