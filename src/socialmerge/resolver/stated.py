"""What people said about being reached, profile by profile: their own row's yes, and anybody's no who is them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from socialmerge.channels.registry import find
from socialmerge.merging import Consent, ConsentState
from socialmerge.merging.consent import applies, meet

__all__ = ["Stated"]


class Stated:
    """Statements by the rows that they are of: a profile's under its channel, a customer's under every other source."""

    def __init__(self, consents: pa.Table) -> None:
        self._rows: dict[tuple[str, str], list[Consent]] = {}
        for row in consents.to_pylist():
            channel = find(row["source"])
            key = (channel.rules.name if channel else "", row["record_id"])
            self._rows.setdefault(key, []).append(Consent(**row))

    def of(self, channel: str, row: Mapping[str, object], purpose: str) -> ConsentState:
        """What is known of a profile's purpose, as views have it: the customer's no counts, a customer's yes does not.

        ``row`` is a decision: its ``profile_id``, ``verdict`` and ``customer_id``.
        """
        own = self._about((channel, str(row["profile_id"])), channel, purpose)
        if row["verdict"] != "attach":
            return meet(own)
        person = meet([*own, *self._about(("", str(row["customer_id"])), channel, purpose)])
        return person if person is ConsentState.DENIED else meet(own)

    def purposes(self, channel: str, among: Sequence[str]) -> tuple[str, ...]:
        """The purposes of which anybody said anything on a channel."""
        said = {(one.channel, one.purpose) for statements in self._rows.values() for one in statements}
        return tuple(name for name in among if said & {(on, of) for on in ("", channel) for of in ("", name)})

    def _about(self, key: tuple[str, str], channel: str, purpose: str) -> list[Consent]:
        return [one for one in self._rows.get(key, ()) if applies(one, channel, purpose)]
