"""The people of ``History``: customers' rows, profiles, and what they say about being reached."""

from dataclasses import replace
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from socialmerge.merging import Consent

# Two observations of each customer: of ada two rows, of grace and mary a row each that an office shares.
CUSTOMERS = {
    "c1": ("Ada Lovelace", "ada@example.com", "ada@example.com", "2020-01-01"),
    "c2": ("Ada Lovelace", "ada@example.com", "countess@example.com", "2021-01-01"),
    "c3": ("Grace Hopper", "grace@example.com", "info@example.com", "2020-02-01"),
    "c4": ("Mary Somerville", "info@example.com", "mary@example.com", "2020-03-01"),
    "c5": ("Emmy Noether", "", "emmy@example.com", "2020-04-01"),
}
SEEN = ("2025-01-01", "2025-06-01")
# channel, account, name, address, when it was seen; a trusted one is written by the platform
PROFILES = {
    "p1": ("github", "1", "Ada Lovelace", "ada@example.com", ""),
    "p2": ("github", "2", "Grace Hopper", "grace@example.com", "2025-01-15"),
    "p3": ("x", "3", "Someone Else", "stranger@example.com", "2025-01-15"),
    "p4": ("x", "4", "Somebody", "stranger@example.com", ""),
    "p5": ("github", "5", "Mary Somerville", "info@example.com", "2025-06-15"),
    "p6": ("github", "1", "A. Lovelace", "countess@example.com", "2025-01-15"),
}
NAMES = {**dict.fromkeys(CUSTOMERS, "crm"), **{name: row[0] for name, row in PROFILES.items()}}
# Who has a name and an address, a telephone or an account in common may be taken for the other once that one is erased;
# who has a name in common with somebody erased may be no relative.
ALIKE = [{"c1", "c2", "c5", "p1", "p6"}, {"c3", "c4", "p2", "p5"}, {"p3", "p4"}]
NAMESAKES = [{"c1", "c2", "p1", "p6"}, {"c3", "p2"}, {"c4", "p5"}]
HOUSEHOLD = ("c2", "c5")

customer, profile, anybody = (st.sampled_from(sorted(names)) for names in (CUSTOMERS, PROFILES, NAMES))
days = st.sampled_from(["2024-01-01", "2025-03-01", "2025-03-01", "2025-07-01"])
seconds = st.sampled_from([-86_400, -3, -1, 0, 5, 86_400])
consents = st.builds(
    Consent,
    st.just(""),
    anybody,
    channel=st.sampled_from(["", "github", "x"]),
    purpose=st.sampled_from(["", "research", "service"]),
    state=st.sampled_from(["granted", "denied", "denied", "unknown"]),
    explicit=st.booleans(),
    at=st.sampled_from(["", "2025-01-01", "2025-02-01", "2025-03-01"]),
).map(lambda one: replace(one, source=NAMES[one.record_id]))
VIEWS = [("github", "research"), ("x", "service")]
ORDERS = pa.table({"customer": [*CUSTOMERS, *CUSTOMERS, "gone", None], "spend": list(range(1, 13))})


def customers(ids: tuple[str, ...], version: int) -> pa.Table:
    """Rows of customers as they were first, or later."""
    rows = [(id_, CUSTOMERS[id_]) for id_ in ids]
    return pa.Table.from_pylist(
        [
            {
                "id": id_,
                "name": name,
                "email": (first, later)[version],
                "phone": "202-555-0143" if id_ in HOUSEHOLD and version else "",
                "created_at": created,
                "updated_at": SEEN[version],
            }
            for id_, (name, first, later, created) in rows
        ]
    )


def profiles(ids: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows of profiles."""
    return [
        {"profile_id": id_, "channel": channel, "account_id": account, "display_name": name, "emails": [email]}
        | ({"observed_at": seen} if seen else {})
        for id_, (channel, account, name, email, seen) in ((id_, PROFILES[id_]) for id_ in ids)
    ]


def dated(one: str, how: int) -> str:
    """When what was given of somebody was seen, by which version of a customer it was; nothing where nobody knows."""
    return SEEN[how] if one in CUSTOMERS else PROFILES[one][-1]


def together(one: str, groups: list[set[str]]) -> set[str]:
    """Those of the groups that somebody is in, and that one alone where there is none."""
    return set().union({one}, *(group for group in groups if one in group))
