"""What an attachment may add to a customer's record: by its assurance, and by what its values are worth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.merging.arrays import Ints, Mask, as_mask
from socialmerge.merging.claims import Claims
from socialmerge.merging.entities import INFERRED, NEW, VERIFIED
from socialmerge.merging.fields import GoldenField
from socialmerge.merging.policy import Policy
from socialmerge.merging.sources import Rows
from socialmerge.merging.values import EMPTY, INVALID, Judged, stand_for_nothing
from socialmerge.records import Kind

__all__ = [
    "ADMITTED",
    "CLEARED",
    "GENERIC",
    "NOT_VALID",
    "NO_VALUE",
    "REASONS",
    "REJECTED",
    "SUPERSEDED",
    "UNPINNED",
    "admit",
]

ADMITTED = 0
_INFERRED_CONTACT, _ASSERTED_CONTACT, _INFERRED_PRIVATE, NOT_VALID, NO_VALUE = 1, 2, 3, 4, 5
CLEARED, GENERIC, REJECTED, UNPINNED, SUPERSEDED = 6, 7, 8, 9, 10
REASONS = {
    _INFERRED_CONTACT: ("assurance", "an inferred attachment adds no contact point"),
    _ASSERTED_CONTACT: (
        "assurance",
        "an asserted contact point is added only where the policy says contact_points = 'asserted'",
    ),
    _INFERRED_PRIVATE: ("assurance", "an inferred attachment adds public, descriptive values only"),
    NOT_VALID: ("validated", "not valid for its field"),
    CLEARED: ("cleared", "observed before the blank of a source that may clear"),
    GENERIC: ("generic value", "nobody's contact point, a person said"),
    REJECTED: ("rejected by a person", "wrong for this record, a person said"),
    UNPINNED: ("pinned", "only what a person pins is kept"),
    SUPERSEDED: ("superseded", "the same row said another value later"),
}
"""Why a claim is kept out of the record: the rule and the reason, by the code of the claim. A claim that stands for no
value (:data:`NO_VALUE`) needs no reason."""

_ACCOUNT = r"(?i)\bacct:\S+"
# What to reach somebody at, wherever it is written: as a link, beside other words, or in place of a job title. What the
# fediverse writes (``@ada@example.social``, ``acct:``) is the name of an account.
_WAYS = (
    r"\b(mailto|tel|sms|callto|whatsapp|xmpp|sip):\s*[\w+(/]",
    r"\b(wa\.me|api\.whatsapp\.com|signal\.me)/",
    r"(^|[^@\w.+-])[\w.+-]+@[\w-]+\.[\w.-]*\w",
    r"\+\d[\d\s().-]{6,}\d",
    r"(^|\W)\(?\d{3}[-.\s)]{1,2}\d{3}[-.\s]\d{4}(\W|$)",
)
_REACHES = f"(?i){'|'.join(_WAYS)}"

_CHECKED = (Kind.EMAIL, Kind.PHONE, Kind.URL, Kind.ACCOUNT, Kind.DATE)


def admit(field: GoldenField, claims: Claims, rows: Rows, policy: Policy, judge: Callable[[Ints], Judged]) -> Ints:
    """Give each claim :data:`ADMITTED` or the code of the reason that keeps it out.

    Whoever *claims* an e-mail, a name or a handle attaches at most as inferred, so nothing of such a profile may let
    its owner be reached in the customer's place, in whichever attribute an address is written. Neither may an
    attachment fill a customer's blank with "n/a", nor an e-mail column with what is no e-mail. The customers' own rows,
    and profiles that are an entity of their own, pass.
    ``judge`` takes places of claims and judges their values.
    """
    standing = rows.standing[claims.row]
    code = np.zeros(len(claims), np.int64)
    if field.contact:
        code[standing == INFERRED] = _INFERRED_CONTACT
        if policy.contact_points != "asserted":
            code[(standing == VERIFIED) & ~claims.is_verified] = _ASSERTED_CONTACT
    elif not field.descriptive:
        code[standing == INFERRED] = _INFERRED_PRIVATE
    elif not field.channel:  # of a channel there are handles, and on Mastodon they look like addresses
        inferred = np.flatnonzero(standing == INFERRED)
        code[inferred[_reach(claims.value.take(pa.array(inferred)))]] = _INFERRED_CONTACT
    attached = np.flatnonzero((standing < NEW) & (code == ADMITTED))
    if len(attached) and field.column and field.kind in _CHECKED:
        worth = judge(attached).standing
        code[attached[worth == EMPTY]] = NO_VALUE
        code[attached[worth == INVALID]] = NOT_VALID
    elif len(attached):
        code[attached[stand_for_nothing(claims.value.take(pa.array(attached)), field.kind)]] = NO_VALUE
    return code


def _reach(values: pa.Array) -> Mask:
    """Say which values hold an address or a number to reach somebody at."""
    return as_mask(pc.match_substring_regex(pc.replace_substring_regex(values, _ACCOUNT, ""), _REACHES))
