"""What a column means by its values alone."""

from __future__ import annotations

from dataclasses import dataclass

from socialmerge.records import Kind
from socialmerge.schema.evidence import Evidence

__all__ = ["Context", "holds_people", "look", "percent"]

_Meaning = tuple[Kind, str, float, str]  # kind, part, confidence, reason

_CONTACTS: tuple[tuple[str, float, Kind, str, float, str], ...] = (
    # look, least share, kind, part, confidence at a share of 1, what the values are
    ("email", 0.6, Kind.EMAIL, "", 0.9, "e-mail addresses"),
    ("account_url", 0.6, Kind.ACCOUNT, "url", 0.9, "addresses of accounts"),
    ("url", 0.6, Kind.URL, "", 0.9, "web addresses"),
    ("date", 0.8, Kind.DATE, "", 0.8, "dates"),
    ("phone", 0.7, Kind.PHONE, "", 0.85, "telephone numbers"),
    ("at_handle", 0.6, Kind.ACCOUNT, "handle", 0.7, "handles with @"),
)
_LONG_WORDS = 12.0


@dataclass(frozen=True, slots=True)
class Context:
    """What the rest of the table says: whether its rows are people, and whether a city has a column of its own."""

    people: bool = True
    has_city: bool = False


def look(evidence: Evidence, context: Context) -> tuple[Kind, str, float, str]:
    """Return kind, part, confidence and reason of a column whose name says nothing.

    >>> look(Evidence(9, 9, 9, ("a@example.com",), (1.0,), shares={"email": 1.0}), Context())
    (<Kind.EMAIL: 'email'>, '', 0.9, '100% e-mail addresses')
    """
    return _contact(evidence, context) or _few(evidence) or _numeric(evidence) or _worded(evidence, context)


def holds_people(evidence: Evidence) -> bool:
    """Whether a column of names holds people's: common given names, or names of that form without a word of a business.

    The list of given names is of Europe and the Americas mostly, so names from elsewhere are told by their form.
    """
    person, given, business = evidence.share("person"), evidence.share("given"), evidence.share("business")
    by_given = person >= 0.5 and given >= 0.35 and business < 0.15
    return by_given or (person >= 0.8 and business < 0.03)


def percent(share: float) -> str:
    """Write a share for a reader, so that nearly all is not taken for all.

    >>> percent(0.5), percent(0.999), percent(1.0)
    ('50%', '>99%', '100%')
    """
    if 0.0 < share < 0.01:
        return "<1%"
    return ">99%" if 0.99 < share < 1.0 else f"{share:.0%}"


def _contact(evidence: Evidence, context: Context) -> _Meaning | None:
    for name, least, kind, part, sure, what in _CONTACTS:
        share = evidence.share(name)
        if share < least or (kind is Kind.PHONE and max(map(evidence.share, ("integer", "decimal"))) >= 0.5):
            continue
        if kind is Kind.DATE and _are_births(evidence, context):
            return kind, "birth", 0.6, f"{percent(share)} dates, of years in which customers are born"
        return kind, part, sure * share, f"{percent(share)} {what}"
    return None


def _are_births(evidence: Evidence, context: Context) -> bool:
    plausible = evidence.share("birth_year") >= 0.8 and evidence.share("old_year") > 0.2
    return context.people and plausible and evidence.distinct > 20


def _few(evidence: Evidence) -> _Meaning | None:
    if evidence.distinct == 1 and evidence.filled > 2:
        return Kind.OTHER, "", 0.8, "every row that has a value has the same"
    if evidence.share("yes_no") >= 0.8 or (evidence.distinct <= 3 and evidence.is_category):
        return Kind.CATEGORY, "", 0.7, f"{evidence.distinct:,} different values"
    return None


def _numeric(evidence: Evidence) -> _Meaning | None:
    share = evidence.share
    if share("postcode") >= 0.8:
        return Kind.PLACE, "postcode", 0.7, f"{percent(share('postcode'))} postcodes"
    if share("number") < 0.9:
        return None
    if share("integer") > 0.95 and evidence.mean_length >= 5 and evidence.distinct > 0.5 * evidence.filled:
        return Kind.CODE, "", 0.5, "whole numbers, nearly all different"
    return Kind.NUMBER, "", 0.6, f"{percent(share('number'))} numbers"


def _worded(evidence: Evidence, context: Context) -> _Meaning:
    share = evidence.share
    if share("street") >= 0.6 and share("house_first") > 0.4:
        is_full = share("zip_end") >= 0.3 or (share("comma") >= 0.5 and not context.has_city)
        return Kind.PLACE, "full" if is_full else "street", 0.65, f"{percent(share('street'))} street addresses"
    if share("code") >= 0.8 and not evidence.is_category:
        return Kind.CODE, "", 0.5, f"{percent(share('code'))} codes"
    return _people(evidence, context) or _text(evidence, context)


def _people(evidence: Evidence, context: Context) -> _Meaning | None:
    share = evidence.share
    if share("person") < 0.65 or share("given") < 0.4 or share("business") >= 0.1 or evidence.distinct <= 2:
        return None
    why = f"{percent(share('given'))} have a common given name"
    if context.people:
        return Kind.NAME, "full", 0.6, why
    return Kind.TEXT, "", 0.5, f"{why}, but the rows are not people"


def _text(evidence: Evidence, context: Context) -> _Meaning:
    if evidence.is_category:
        return Kind.CATEGORY, "", 0.6, f"{evidence.distinct:,} different values"
    if evidence.mean_words > _LONG_WORDS:
        kind = Kind.OTHER if context.people else Kind.TEXT
        return kind, "", 0.5, f"long text, {evidence.mean_words:.0f} words on average"
    known = evidence.share("letters") > 0.5
    return Kind.TEXT if known else Kind.OTHER, "", 0.4, "text of no known form" if known else "no known form"
