"""How one channel is best used, from what was counted of it: never wider than usual, each choice with its reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from socialmerge.channels.strategy import Strategy
from socialmerge.channels.use import EXPLICIT, Use
from socialmerge.merging import ConsentState
from socialmerge.outcomes.measures import wilson
from socialmerge.resolver.worth import Worth, kept_back, said_of

__all__ = ["WANTED", "Counts", "inward", "proposed"]

WANTED = 0.95
"""The share of attachments that must be right before people are written to by name."""
_OUTWARD = ("marketing", "service")
"""Purposes for which a wrong attachment reaches the wrong person."""


@dataclass(slots=True)
class Counts:
    """What was counted of one channel.

    ``private`` attachments rest on what only the company knows, ``contacts`` attached profiles brought an address or a
    number (None: not known), ``fields`` is what each attribute of them is worth; ``judged`` attachments were looked at
    by a person, ``right`` of them are; ``said`` counts, by purpose, the profiles of which a yes, a no or nothing is
    recorded.
    """

    profiles: int = 0
    attached: int = 0
    reviews: int = 0
    private: int = 0
    contacts: int | None = None
    judged: int = 0
    right: int = 0
    asked: int = 0
    theirs: int = 0
    became: int | None = None
    revenue: float | None = None
    said: dict[str, Counter[str]] = field(default_factory=dict)
    fields: dict[str, Worth] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """The counts by name; ``said`` by purpose and state, ``fields`` by attribute."""
        names = (name for name in self.__slots__ if name not in ("said", "fields"))
        told: dict[str, dict[str, int]] = {
            purpose: {state.value: states[state.value] for state in ConsentState}
            for purpose, states in self.said.items()
        }
        worth = {name: one.as_dict() for name, one in self.fields.items()}
        return {name: getattr(self, name) for name in names} | {"said": told, "fields": worth}


def proposed(name: str, found: Counts, *, fit: bool = True) -> tuple[Use, tuple[str, ...]]:
    """The use of one channel, and why; ``fit`` says whether the customers are fit for it, as far as is known."""
    usual = Strategy().use(name)
    use, reasons = _purposes(usual, found)
    use = use if fit else inward(use)
    visibility, shown = _visibility(use, found)
    basis, ground = _basis(use, found)
    reasons = [_seen(found), *_asked(found), *reasons, *_worth(found), shown, ground, *said_of(found.fields)]
    return replace(use, visibility=visibility, basis=basis, fields=kept_back(found.fields)), tuple(reasons)


def inward(use: Use) -> Use:
    """The use without the purposes for which people are written to."""
    return replace(use, purposes=tuple(one for one in use.purposes if one not in _OUTWARD))


def _seen(found: Counts) -> str:
    head = f"{_counted(found.profiles, 'profile')}: {found.attached:,} attached"
    share = f"(95 % interval of the share {_interval(found.attached, found.profiles)})"
    return f"{head} {share}, {found.reviews:,} for a person to review"


def _asked(found: Counts) -> list[str]:
    if not found.asked:
        return []
    return [f"people looked at {_counted(found.asked, 'pair')}: {found.theirs:,} were the same person"]


def _purposes(use: Use, found: Counts) -> tuple[Use, list[str]]:
    """What it is used for: not to write to people where too many attachments are known to be wrong."""
    if not found.judged:
        said = "nobody looked at an attachment: how many are right is not known; match some dozens by hand"
        return use, [f"purposes: as usual; {said}"]
    low, high = wilson(found.right, found.judged)
    told = f"{found.right:,} of {found.judged:,} attachments that were looked at are right ({low:.2f} to {high:.2f})"
    if high < WANTED:
        away = f"fewer than {WANTED:.2f}, so it is not used for {' and '.join(_OUTWARD)}"
        return inward(use), [f"purposes: {told}: {away}"]
    if low >= WANTED:
        return use, [f"purposes: {told}: at least {WANTED:.2f}, so it is used as usual"]
    return use, [f"purposes: {told}: too few to tell whether it is {WANTED:.2f}; used as usual until more is known"]


def _visibility(use: Use, found: Counts) -> tuple[str, str]:
    """What may be shown on it: nothing private but to people who are known to be the right ones.

    A public channel stays public: calling it private would let private values be shown there.
    """
    if use.visibility == "public":
        said = "visibility: public, as usual: no private value is shown here"
        if found.contacts is not None:
            of = _counted(found.attached, "attached profile")
            said += f", such as the addresses and numbers that {found.contacts:,} of {of} brought"
        if found.private:
            said += f", and no account of the {found.private:,} that are attached by what only you know"
        return "public", said
    if not set(use.purposes) & set(_OUTWARD):
        return "public", "visibility: public, narrower than usual: nobody is written to here, so nothing private is"
    if wilson(found.right, found.judged)[0] < WANTED:
        why = f"a wrong attachment of {found.attached:,} would show somebody what is another's"
        known = f"{found.right:,} of {found.judged:,} are known to be right"
        return "public", f"visibility: public, narrower than usual, until more is known: {why}, and {known}"
    return "private", f"visibility: private, as usual: {found.right:,} of {found.judged:,} are known to be right"


def _basis(use: Use, found: Counts) -> tuple[str, str]:
    """The ground it is held on: a recorded yes where anything is recorded; a contract stays one."""
    told = "; ".join(_told(purpose, found) for purpose in use.purposes if purpose in found.said)
    if told and use.basis == "consent":
        return EXPLICIT, f"basis: {EXPLICIT}, since you record what people say, so that only a yes counts: {told}"
    if told:
        return use.basis, f"basis: {use.basis}, as usual; a no holds all the same: {told}"
    alone = f"of {_counted(found.profiles, 'profile')} no yes and no no is recorded"
    if "marketing" in use.purposes:
        alone += "; record who said yes before you advertise"
    return use.basis, f"basis: {use.basis}, as usual; {alone}"


def _told(purpose: str, found: Counts) -> str:
    states = [found.said[purpose][state] for state in (ConsentState.GRANTED, ConsentState.DENIED, ConsentState.UNKNOWN)]
    return f"to {purpose} {states[0]:,} said yes, {states[1]:,} no, {states[2]:,} nothing"


def _worth(found: Counts) -> list[str]:
    told = []
    if found.became is not None:
        told.append(f"{found.became:,} people became customers after they were first seen here")
    if found.revenue is not None:
        first = f"revenue of customers first seen here: {found.revenue:,.2f}"
        told.append(f"{first}; that is not what the channel caused")
    return told


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _interval(right: int, count: int) -> str:
    low, high = wilson(right, count)
    return f"{low:.2f} to {high:.2f}"
