"""One column's meaning, from what it is called and what its values look like."""

from __future__ import annotations

from dataclasses import replace

from socialmerge.records import Kind
from socialmerge.schema.content import Context, holds_people, look, percent
from socialmerge.schema.evidence import Evidence
from socialmerge.schema.model import Column
from socialmerge.schema.wording import Guess

__all__ = ["decide"]

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
_MAY_BE_SEVERAL = frozenset({Kind.EMAIL, Kind.PHONE, Kind.URL, Kind.ACCOUNT})
_ENOUGH = 0.5


def decide(name: str, guess: Guess, evidence: Evidence, context: Context) -> Column:
    """Weigh the name of a column against its values.

    A name alone decides where the column is empty; where the values contradict the name, the values win and the reason
    says so; a column of unknown name is taken by its values.
    """
    column = Column(name, guess.kind, guess.part, guess.channel, guess.confidence, guess.reason, evidence.separator)
    if not evidence.sample:
        return _empty(column, evidence)
    if guess.confidence == 0.0:
        return _several(_by_content(column, evidence, context))
    check = _CHECKS.get(guess.kind)
    found = check(column, evidence, context) if check else column
    return _several(found)


def _several(column: Column) -> Column:
    """Say that cells hold several values, where the kind may have several; elsewhere the sign is part of the text."""
    if not column.separator:
        return column
    if column.kind not in _MAY_BE_SEVERAL:
        return replace(column, separator="")
    return replace(column, reason=f"{column.reason}; several values in a cell, between {column.separator.strip()!r}")


def _empty(column: Column, evidence: Evidence) -> Column:
    why = "it has no values" if not evidence.filled else "its values stand for 'no value'"
    reason = f"{column.reason}; {why}" if column.reason else why
    return replace(column, confidence=min(column.confidence, 0.5), reason=reason)


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
        return replace(column, confidence=round(sure, 2), reason=f"{column.reason}; {percent(share)} of its values fit")
    return _contradicted(column, evidence, context, share)


def _contradicted(column: Column, evidence: Evidence, context: Context, share: float) -> Column:
    found = _by_content(replace(column, part="", channel=""), evidence, context)
    reason = (
        f"its name says little; {found.reason}"
        if column.kind is Kind.OTHER
        else (
            f"named like {_CALLED[column.kind]}, but only {percent(share)} of its values look like one; {found.reason}"
        )
    )
    return replace(found, confidence=round(min(found.confidence, 0.6), 2), reason=reason)


def _other(column: Column, evidence: Evidence, context: Context) -> Column:
    """Leave what says nothing about the row; but a "type" full of e-mail addresses is named wrongly."""
    found = _recognised(evidence)
    if found and "type" in column.reason:
        return _contradicted(column, evidence, context, 1 - evidence.share(_LOOK[found]))
    return column


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
        return replace(column, part=part, reason=f"{column.reason}; {percent(share)} of its values fit")
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
    given, business = evidence.share("given"), evidence.share("business")
    if context.people and not (business > 0.4 and given < 0.3):
        return column
    if holds_people(evidence):
        return replace(column, reason=f"{column.reason}; {percent(given)} of its values have a common given name")
    reason = f"{column.reason} a name, but its values are not people's: {percent(given)} have a common given name"
    if business:
        reason += f", {percent(business)} a word of a business or a work"
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
                reason=f"{column.reason}; {percent(whole)} of its values go on to city or postcode",
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
    kind, part, sure, reason = look(evidence, context)
    channel = evidence.channel if kind is Kind.ACCOUNT and part == "url" else ""
    return Column(column.name, kind, part, channel, round(sure, 2), f"by content: {reason}", evidence.separator)


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
