"""One column's meaning, from what it is called and what its values look like."""

from __future__ import annotations

from dataclasses import dataclass, replace

from socialmerge.records import Kind
from socialmerge.schema.evidence import Evidence
from socialmerge.schema.model import Column
from socialmerge.schema.wording import Guess

__all__ = ["Context", "decide"]

_LOOK = {Kind.EMAIL: "email", Kind.PHONE: "phone", Kind.DATE: "date", Kind.URL: "url", Kind.NUMBER: "number"}
_CALLED = {
    Kind.EMAIL: "an e-mail address",
    Kind.PHONE: "a telephone number",
    Kind.DATE: "a date",
    Kind.URL: "a web address",
    Kind.NUMBER: "a number",
    Kind.ACCOUNT: "a handle or an account's address",
    Kind.NAME: "a name",
    Kind.PLACE: "a place",
    Kind.CODE: "a code",
    Kind.OTHER: "what says nothing about the row",
}
_ENOUGH = 0.5
_LONG_WORDS = 12.0


@dataclass(frozen=True, slots=True)
class Context:
    """What the rest of the table says: whether its rows are people, and whether a city has a column of its own."""

    people: bool = True
    has_city: bool = False


def decide(name: str, guess: Guess, evidence: Evidence, context: Context) -> Column:
    """Weigh the name of a column against its values.

    A name alone decides where the column is empty; where the values contradict the name, the values win and the reason
    says so; a column of unknown name is taken by its values.
    """
    column = Column(name, guess.kind, guess.part, guess.channel, guess.confidence, guess.reason, evidence.separator)
    if not evidence.sample:
        return _empty(column, evidence)
    if guess.confidence == 0.0:
        return _by_content(column, evidence, context)
    check = _CHECKS.get(guess.kind)
    return check(column, evidence, context) if check else column


def _empty(column: Column, evidence: Evidence) -> Column:
    why = "it has no values" if not evidence.filled else "its values stand for 'no value'"
    reason = f"{column.reason}; {why}" if column.reason else why
    return replace(column, confidence=min(column.confidence, 0.5), reason=reason)


def _percent(share: float) -> str:
    return f"{share:.0%}" if share in {0.0, 1.0} or 0.01 <= share <= 0.99 else ("<1%" if share < 0.5 else ">99%")


def _by_look(column: Column, evidence: Evidence, context: Context) -> Column:
    """Check e-mail, phone, date, web address and number: their values can be recognised."""
    share = evidence.share(_LOOK[column.kind])
    if column.kind is Kind.PHONE:
        share = max(share, evidence.share("integer") if 5 <= evidence.mean_length <= 15 else 0.0)
    if column.kind is Kind.DATE:
        share = max(share, evidence.share("year"))
    if column.kind is Kind.URL and evidence.share("account_url") > _ENOUGH:
        return replace(
            column, kind=Kind.ACCOUNT, part="url", channel=evidence.channel, reason=f"{column.reason} and by content"
        )
    if share >= _ENOUGH:
        sure = column.confidence * (0.6 + 0.4 * share)
        return replace(
            column, confidence=round(sure, 2), reason=f"{column.reason}; {_percent(share)} of its values fit"
        )
    return _contradicted(column, evidence, context, share)


def _contradicted(column: Column, evidence: Evidence, context: Context, share: float) -> Column:
    found = _by_content(replace(column, part="", channel=""), evidence, context)
    reason = (
        f"named like {_CALLED[column.kind]}, but only {_percent(share)} of its values look like one; {found.reason}"
    )
    return replace(found, confidence=round(min(found.confidence, 0.6), 2), reason=reason)


def _other(column: Column, evidence: Evidence, context: Context) -> Column:
    """Leave what says nothing about the row; but a "type" full of e-mail addresses is named wrongly."""
    found = _recognised(evidence)
    if found and "type" in column.reason:
        return _contradicted(column, evidence, context, 1 - evidence.share(_LOOK[found]))
    return replace(column, separator="")


def _account(column: Column, evidence: Evidence, context: Context) -> Column:
    if column.part == "id":
        return column
    if evidence.share("email") > _ENOUGH:
        return replace(
            column,
            kind=Kind.EMAIL,
            part="",
            channel="",
            confidence=0.8,
            reason=f"{column.reason} a login; its values are e-mail addresses",
        )
    if evidence.share("url") > _ENOUGH and evidence.share("account_url") + evidence.share("slash") > _ENOUGH:
        channel = column.channel or evidence.channel
        return replace(column, part="url", channel=channel, reason=f"{column.reason}; its values are web addresses")
    share = max(evidence.share("handle"), evidence.share("url"))
    if share >= _ENOUGH:
        part = "handle" if evidence.share("handle") >= evidence.share("slash") else "url"
        return replace(column, part=part, reason=f"{column.reason}; {_percent(share)} of its values fit")
    return _contradicted(column, evidence, context, share)


def _name(column: Column, evidence: Evidence, context: Context) -> Column:
    strange = _recognised(evidence)
    if strange and strange is not Kind.ACCOUNT:
        return _contradicted(column, evidence, context, 1 - evidence.share(_LOOK[strange]))
    if column.part == "organisation":
        return column if context.people else replace(column, confidence=round(column.confidence * 0.9, 2))
    if column.part == "full":
        return _full_name(column, evidence, context)
    if column.part in {"given", "family"} and evidence.share("letters") < _ENOUGH:
        return _contradicted(column, evidence, context, evidence.share("letters"))
    return column


def _full_name(column: Column, evidence: Evidence, context: Context) -> Column:
    """Tell people's names from those of restaurants, sites and products."""
    person, given, business = evidence.share("person"), evidence.share("given"), evidence.share("business")
    if context.people and not (business > 0.4 and given < 0.3):
        return column
    if person >= _ENOUGH and given >= 0.35 and business < 0.15:
        return replace(column, reason=f"{column.reason}; {_percent(given)} of its values have a common given name")
    reason = f"{column.reason} a name, but its values are not people's: {_percent(given)} have a common given name"
    if business:
        reason += f", {_percent(business)} a word of a business or a work"
    return replace(column, kind=Kind.TEXT, part="", confidence=0.8, reason=reason)


def _place(column: Column, evidence: Evidence, context: Context) -> Column:
    strange = _recognised(evidence)
    if strange in {Kind.EMAIL, Kind.URL} or (
        strange is Kind.DATE and column.part in {"full", "street", "city", "country"}
    ):
        return _contradicted(column, evidence, context, 1 - evidence.share(_LOOK[strange]))
    if column.part == "street":
        whole = max(evidence.share("zip_end"), 0.0 if context.has_city else evidence.share("comma"))
        if whole >= 0.3:
            return replace(
                column,
                part="full",
                reason=f"{column.reason}; {_percent(whole)} of its values go on to city or postcode",
            )
    if column.part == "full" and context.has_city and evidence.share("street") > _ENOUGH > evidence.share("comma"):
        return replace(column, part="street", reason=f"{column.reason}; the city has its own column")
    return column


def _text(column: Column, evidence: Evidence, context: Context) -> Column:
    if evidence.share("honorific") > _ENOUGH:
        return replace(column, kind=Kind.NAME, part="title", reason=f"{column.reason}; its values are salutations")
    strange = _recognised(evidence)
    if strange:
        return _by_content(replace(column, part=""), evidence, context)
    if evidence.is_category:
        return replace(column, kind=Kind.CATEGORY, reason=f"{column.reason}; {evidence.distinct:,} different values")
    return column


def _category(column: Column, evidence: Evidence, context: Context) -> Column:
    strange = _recognised(evidence)
    if strange and strange is not Kind.NUMBER:
        return _by_content(column, evidence, context)
    if not evidence.is_category and evidence.distinct > 60:
        return replace(
            column,
            kind=Kind.TEXT,
            reason=f"{column.reason}; too many different values ({evidence.distinct:,}) for a category",
        )
    return column


def _code(column: Column, evidence: Evidence, context: Context) -> Column:
    strange = _recognised(evidence)
    if strange in {Kind.EMAIL, Kind.URL}:
        return _contradicted(column, evidence, context, 1 - evidence.share(_LOOK[strange]))
    if evidence.mean_words > 4:
        return _by_content(column, evidence, context)
    return column


def _recognised(evidence: Evidence) -> Kind | None:
    """Return the kind that the values have without doubt, whatever the column is called."""
    if evidence.share("email") > _ENOUGH:
        return Kind.EMAIL
    if evidence.share("url") > _ENOUGH:
        return Kind.URL
    if evidence.share("date") > 0.8:
        return Kind.DATE
    return None


def _by_content(column: Column, evidence: Evidence, context: Context) -> Column:
    kind, part, sure, reason = _look(evidence, context)
    channel = evidence.channel if kind is Kind.ACCOUNT and part == "url" else ""
    keeps = kind in {Kind.EMAIL, Kind.PHONE, Kind.URL, Kind.ACCOUNT}
    separator = evidence.separator if keeps else ""
    return Column(column.name, kind, part, channel, round(sure, 2), f"by content: {reason}", separator)


def _look(evidence: Evidence, context: Context) -> tuple[Kind, str, float, str]:
    return _contact(evidence, context) or _numeric(evidence) or _worded(evidence, context)


def _contact(evidence: Evidence, context: Context) -> tuple[Kind, str, float, str] | None:
    share = evidence.share
    if share("email") >= 0.6:
        return Kind.EMAIL, "", 0.9 * share("email"), f"{_percent(share('email'))} e-mail addresses"
    if share("account_url") >= 0.6:
        return (
            Kind.ACCOUNT,
            "url",
            0.9 * share("account_url"),
            f"{_percent(share('account_url'))} addresses of accounts",
        )
    if share("url") >= 0.6:
        return Kind.URL, "", 0.9 * share("url"), f"{_percent(share('url'))} web addresses"
    if share("date") >= 0.8:
        birth = context.people and share("birth_year") >= 0.8 and evidence.distinct > 20 and share("old_year") > 0.2
        return (
            Kind.DATE,
            "birth" if birth else "",
            0.6 if birth else 0.8 * share("date"),
            f"{_percent(share('date'))} dates",
        )
    if share("phone") >= 0.7 and share("integer") < 0.5:
        return Kind.PHONE, "", 0.85 * share("phone"), f"{_percent(share('phone'))} telephone numbers"
    if share("at_handle") >= 0.6:
        return Kind.ACCOUNT, "handle", 0.7 * share("at_handle"), f"{_percent(share('at_handle'))} start with @"
    return None


def _numeric(evidence: Evidence) -> tuple[Kind, str, float, str] | None:
    share = evidence.share
    if evidence.distinct == 1:
        return Kind.OTHER, "", 0.8, "every row that has a value has the same"
    if share("yes_no") >= 0.8 or (evidence.distinct <= 3 and evidence.is_category):
        return Kind.CATEGORY, "", 0.7, f"{evidence.distinct:,} different values"
    if share("postcode") >= 0.8:
        return Kind.PLACE, "postcode", 0.7, f"{_percent(share('postcode'))} postcodes"
    if share("number") >= 0.9:
        same_length = (
            share("integer") > 0.95 and evidence.mean_length >= 5 and evidence.distinct > 0.5 * evidence.filled
        )
        if same_length:
            return Kind.CODE, "", 0.5, "whole numbers, nearly all different"
        return Kind.NUMBER, "", 0.6, f"{_percent(share('number'))} numbers"
    return None


def _worded(evidence: Evidence, context: Context) -> tuple[Kind, str, float, str]:
    share = evidence.share
    if share("street") >= 0.6 and share("house_first") > 0.4:
        part = "full" if share("zip_end") >= 0.3 or (share("comma") >= 0.5 and not context.has_city) else "street"
        return Kind.PLACE, part, 0.65, f"{_percent(share('street'))} street addresses"
    if share("code") >= 0.8 and not evidence.is_category:
        return Kind.CODE, "", 0.5, f"{_percent(share('code'))} codes"
    if share("person") >= 0.65 and share("given") >= 0.4 and share("business") < 0.1 and evidence.distinct > 5:
        why = f"{_percent(share('given'))} have a common given name"
        if context.people:
            return Kind.NAME, "full", 0.6, why
        return Kind.TEXT, "", 0.5, f"{why}, but the rows are not people"
    if evidence.is_category:
        return Kind.CATEGORY, "", 0.6, f"{evidence.distinct:,} different values"
    if evidence.mean_words > _LONG_WORDS:
        kind = Kind.OTHER if context.people else Kind.TEXT
        return kind, "", 0.5, f"long text, {evidence.mean_words:.0f} words on average"
    return (
        (Kind.TEXT, "", 0.4, "text of no known form")
        if share("letters") > 0.5
        else (Kind.OTHER, "", 0.4, "no known form")
    )


_CHECKS = {
    Kind.EMAIL: _by_look,
    Kind.PHONE: _by_look,
    Kind.DATE: _by_look,
    Kind.URL: _by_look,
    Kind.NUMBER: _by_look,
    Kind.ACCOUNT: _account,
    Kind.NAME: _name,
    Kind.PLACE: _place,
    Kind.TEXT: _text,
    Kind.CATEGORY: _category,
    Kind.CODE: _code,
    Kind.OTHER: _other,
}
