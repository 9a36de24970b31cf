"""Consistency: cells of one row that contradict each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz

from socialmerge.foundation.columns import Columns, Read
from socialmerge.foundation.faults import Fault, fault
from socialmerge.foundation.roles import Roles, days_of
from socialmerge.normalise import emails
from socialmerge.records import Kind

__all__ = ["consistency", "unlooked"]

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

YEARS_APART = 2
"""An age is as old as the record of it; more years than this are a contradiction."""
ALIKE = 60.0
"""Similarity of a company's name and a domain, of 100, from which one may be made from the other."""
RULE = 0.7
"""Share of companies whose domain is like their name, from which one that is not stands out."""
USUAL, FEWEST = 0.6, 3
"""A domain is a company's own where this share of its people have it, and they are no fewer."""
PROVIDER = 5
"""Companies whose people share a domain that is none of theirs, from which on it is a provider of mail."""
_YEAR = 365.25
_LEGAL = frozenset("""
inc incorporated llc llp ltd limited corp corporation co company gmbh ag kg sa sarl sas bv nv plc and the group
""".split())  # fmt: skip # noqa: SIM905 - a list of words


def consistency(columns: Columns, roles: Roles, now: dt.date | None) -> Iterator[Fault]:
    """Country against telephone prefix, domain against company, birth date against age."""
    yield from _prefixes(columns)
    yield from _domains(columns)
    if roles.age is not None and now is not None:
        yield from _ages(columns, roles.age, now)


def unlooked(columns: Columns, roles: Roles) -> Iterator[tuple[str, str]]:
    """What could not be held against each other, and why."""
    there = {
        "country": bool(columns.of(Kind.PLACE, "country")),
        "telephone number": bool(columns.of(Kind.PHONE)),
        "e-mail address": bool(columns.of(Kind.EMAIL)),
        "company": bool(columns.of(Kind.NAME, "organisation")),
        "birth date": bool(columns.of(Kind.DATE, "birth")),
        "age": roles.age is not None,
    }
    for one, other in (("country", "telephone number"), ("company", "e-mail address"), ("birth date", "age")):
        missing = [what for what in (one, other) if not there[what]]
        if missing:
            yield (
                f"{one} against {other}",
                f"the table has no column with {' and none with '.join(_a(m) for m in missing)}",
            )


def _a(what: str) -> str:
    return f"{'an' if what[0] in 'aeio' else 'a'} {what}"


def _prefixes(columns: Columns) -> Iterator[Fault]:
    countries = columns.of(Kind.PLACE, "country")
    for one in columns.of(Kind.PHONE) if countries else ():
        expected = _prefix_of_country(countries[0])
        dialled = _prefix_of_number(one)
        rows = (expected > 0) & (dialled > 0) & (expected != dialled)
        yield from fault(
            columns,
            rows,
            code="country_phone",
            area="consistency",
            field=one.column.name,
            says=f"{{have}} in '{one.column.name}' a number of another country than the address says.",
            do="Find out which of the two is right: people move and keep their number, and lists are pasted wrongly.",
            effort="hours",
            of=int(((expected > 0) & (dialled > 0)).sum()),
            cells={one.column.name: rows},
            least=0.005,
        )


def _prefix_of_country(one: Read) -> Ints:
    prefixes = [phonenumbers.country_code_for_region((key or "").upper()) for key in one.keys.to_pylist()]
    return np.append(np.array(prefixes, np.int64), 0)[one.codes]


def _prefix_of_number(one: Read) -> Ints:
    """The country's prefix of each row's number, where it is written with one; 0 where not."""
    written = pc.match_substring_regex(one.texts, r"^\s*(\+|00)").to_numpy(zero_copy_only=False)
    prefixes = np.zeros(len(one.texts) + 1, np.int64)
    keys = one.keys.to_pylist()
    for place in np.flatnonzero(written).tolist():
        key = keys[place] or ""
        if key.startswith("+"):
            prefixes[place] = next((int(key[1:n]) for n in (2, 3, 4) if int(key[1:n] or 0) in _CODES), 0)
    return prefixes[one.codes]


_CODES = frozenset(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


def _domains(columns: Columns) -> Iterator[Fault]:
    companies = columns.of(Kind.NAME, "organisation")
    for one in columns.of(Kind.EMAIL) if companies else ():
        company, firms = companies[0].key_codes()
        domain, hosts = _domain_codes(one)
        both = (company >= 0) & (domain >= 0)
        rows = np.zeros(columns.rows, bool)
        if both.any():
            rows[both] = _strange(company[both], domain[both], firms, hosts)
        yield from fault(
            columns,
            rows,
            code="company_domain",
            area="consistency",
            field=one.column.name,
            says=f"{{have}} in '{one.column.name}' an address of another company than the one named.",
            do="Find out who changed jobs, and correct the company or the address.",
            effort="hours",
            of=int(both.sum()),
            cells={one.column.name: rows},
            least=0.005,
        )


def _domain_codes(one: Read) -> tuple[Ints, list[str]]:
    """For each row the place of its address's domain where that is a company's, else -1; and the domains."""
    found = pc.dictionary_encode(pc.replace_substring_regex(one.keys, r"^.*@", ""))
    hosts = found.dictionary.to_pylist()
    own = np.array([emails.domain_facts(host).kind == "company" for host in hosts] + [False])
    of_text = pc.fill_null(found.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    of_text = np.where(own[of_text] & ~np.isin(one.why, (1, 2, 3)), of_text, -1)
    return np.append(of_text, -1)[one.codes], hosts


def _strange(company: Ints, domain: Ints, firms: list[str], hosts: list[str]) -> Mask:
    """Rows whose domain is not their company's: usual for another company, or unlike the name where names are like."""
    key, inverse, count = np.unique(company * len(hosts) + domain, return_inverse=True, return_counts=True)
    firm, host = key // len(hosts), key % len(hosts)
    of_firm, of_host = (
        np.bincount(one, weights=count, minlength=size) for one, size in ((firm, len(firms)), (host, len(hosts)))
    )
    alike = np.array([_alike(firms[f], hosts[h]) for f, h in zip(firm.tolist(), host.tolist(), strict=True)])
    usual = (count >= FEWEST) & (count >= USUAL * of_firm[firm])
    claimed = np.zeros(len(hosts), bool)
    claimed[host[(usual & (count >= USUAL * of_host[host])) | alike]] = True
    settled = np.zeros(len(firms), bool)
    settled[firm[usual | alike]] = True
    rule = alike[usual].mean() if usual.any() else (alike * count).sum() / count.sum()
    most = np.zeros(len(hosts))
    np.maximum.at(most, host, count)
    provider = (np.bincount(host, minlength=len(hosts)) >= PROVIDER) & (most < USUAL * of_host)
    odd = ~usual & ~alike & ~provider[host]
    found: Mask = (odd & ((claimed[host] & settled[firm]) | (rule >= RULE)))[inverse]
    return found


def _alike(firm: str, host: str) -> bool:
    """Whether a domain may be made from a company's name: a word of it, its beginning, or its initials."""
    label = host.rsplit(".", 1)[0].replace("-", "").replace(".", "")
    words = [word for word in firm.replace("|", " ").split() if word not in _LEGAL]
    solid, initials = "".join(words), "".join(word[0] for word in words)
    if any(len(word) > 3 and word in label for word in words) or (len(initials) > 1 and label.startswith(initials)):
        return True
    return bool(solid) and fuzz.partial_ratio(label, solid) >= ALIKE + 20 * (len(label) < 5)


def _ages(columns: Columns, one: Read, now: dt.date) -> Iterator[Fault]:
    for birth in columns.of(Kind.DATE, "birth"):
        today = (now - dt.date(1970, 1, 1)).days
        age = (today - days_of(birth)) / _YEAR
        said = _numbers(one)
        rows = np.abs(age - said) > YEARS_APART + 1
        yield from fault(
            columns,
            rows,
            code="birth_age",
            area="consistency",
            field=birth.column.name,
            says=f"{{have}} an age in '{one.column.name}' that does not go with the date of birth.",
            do="Keep the date of birth and let the age be computed from it; correct the dates that are wrong.",
            effort="hours",
            of=int((np.isfinite(age) & np.isfinite(said)).sum()),
            least=0.005,
        )


def _numbers(one: Read) -> npt.NDArray[np.float64]:
    texts = pc.if_else(pc.match_substring_regex(one.texts, r"^\s*[0-9]{1,3}(\.[0-9]+)?\s*$"), one.texts, None)
    found = pc.cast(pc.utf8_trim_whitespace(texts), pa.float64()).to_numpy(zero_copy_only=False)
    return np.append(found, np.nan)[one.codes]
