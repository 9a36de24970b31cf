"""Tables of places and not of people: two branches of one organisation are two."""

from __future__ import annotations

from itertools import product
from random import Random

import pyarrow as pa

import socialmerge as sm

WORDS = (
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "falcon",
    "grove",
    "harbor",
    "iris",
    "juniper",
    "kestrel",
    "larch",
)
ENDS = ("wood", "side", "gate")
STREETS = [f"{a}{b} Street" for a, b in product(("Mill", "Oak", "Park", "Hill", "Lake", "Elm"), ENDS)]


def sites(rng: Random) -> pa.Table:
    """Sixty organisations with three branches under one name and telephone; every branch is listed twice."""
    rows = []
    for number in range(60):
        name = f"{rng.choice(WORDS)} {rng.choice(WORDS)} {rng.choice(WORDS)} centre".title()
        phone = f"(212) 555-{number:04d}"
        for branch in range(3):
            address, postcode = f"{rng.randint(1, 900)} {rng.choice(STREETS)}", f"{rng.randint(10000, 99999)}"
            for listed in range(2):
                shown = name if listed == 0 else rng.choice((name.upper(), name.replace(" Centre", ""), f"{name} Inc"))
                rows.append((f"{number}-{branch}-{listed}", shown, address, postcode, phone))
    rng.shuffle(rows)
    return pa.table(
        dict(zip(("id", "site_name", "address", "zip", "phone"), map(list, zip(*rows, strict=True)), strict=True))
    )


def test_branches_of_one_organisation_stay_apart_and_each_is_found_twice() -> None:
    table = sites(Random(5))
    truth = pa.table({"id": table["id"], "entity_id": [name.rpartition("-")[0] for name in table["id"].to_pylist()]})
    found = sm.evaluate(sm.dedupe(table), truth)
    assert found.precision > 0.97
    assert found.recall > 0.97
