"""Several changes of a resolver made as one: all of them are in the store at the end, or none is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from socialmerge.resolver.frozen import Frozen
from socialmerge.resolver.session import Session
from socialmerge.store import Store

if TYPE_CHECKING:
    from socialmerge.resolver.resolver import Resolver

__all__ = ["at_once"]


@contextmanager
def at_once(resolver: Resolver) -> Iterator[None]:
    """Make all that is done with the resolver inside the block one change, which an exception takes back as a whole.

    Others see nothing of it before the end, read what was there meanwhile, and wait for it to write. A block that was
    left by an exception, or a process that was killed inside it, leaves the store as it was.

    Raises:
        StoreError: another process is writing.
    """
    before, strategy = resolver._session, resolver.strategy  # noqa: SLF001 - the same package
    store = before.store
    try:
        with store.at_once() as joined:
            _over(before, joined)
            yield
        _over(resolver._session, store)  # noqa: SLF001 - the same package
    except BaseException:
        # what was read of a change that was taken back holds of nothing
        settings = before.plan, before.policy, before.clock
        frozen = Frozen(store, *settings, before.frozen.worth_freezing)
        resolver._session = Session(store, *settings, frozen)  # noqa: SLF001 - the same package
        resolver.strategy = strategy
        raise


def _over(session: Session, store: Store) -> None:
    session.store = session.frozen.store = store
