"""Tables of people who share much: the staff of a branch are not one person, and neither is a household."""

from __future__ import annotations

from random import Random

import pyarrow as pa
from faker import Faker

import socialmerge as sm


def staff(rows: int, seed: int) -> pa.Table:
    """Contacts of firms with branches, each once: seven or so share telephone, address and firm."""
    fake, rng = Faker("en_GB"), Random(seed)
    fake.seed_instance(seed)
    branches = [
        {
            "Phone": f"+44 20 7946 {rng.randrange(10_000):04d}",
            "Company": company,
            "MailingStreet": fake.street_address(),
            "MailingCity": fake.city(),
            "MailingPostalCode": fake.postcode(),
        }
        for company in (fake.company() for _ in range(rows // 15))
        for _ in range(rng.randrange(1, 4))
    ]
    return pa.Table.from_pylist(
        [
            {"Id": f"c{row:05d}", "FirstName": fake.first_name(), "LastName": fake.last_name(), **rng.choice(branches)}
            for row in range(rows)
        ]
    )


def households(people: int, seed: int) -> tuple[pa.Table, pa.Table]:
    """Customers, one in five of whom lives with the one before, each in up to four rows; and who is who."""
    fake, rng = Faker("en_US"), Random(seed)
    fake.seed_instance(seed)
    rows, home = [], {"last_name": "", "phone": "", "address": "", "city": "", "zip": ""}
    for person in range(people):
        if not person or rng.random() > 0.2:
            home = {
                "last_name": fake.last_name(),
                "phone": f"+1 212 {rng.randrange(200, 999)} {rng.randrange(10_000):04d}",
                "address": fake.street_address(),
                "city": fake.city(),
                "zip": fake.postcode(),
            }
        given = fake.first_name()
        for again in range(rng.choice((1, 1, 2, 2, 4))):
            mail = f"{given}.{home['last_name']}{person if again != 1 else ''}@example.com".lower()
            row = {"first_name": given, **home, "email": mail if rng.random() < 0.8 else ""}
            row["phone"] = "" if again and rng.random() < 0.4 else row["phone"]
            rows.append((row, str(person)))
    rng.shuffle(rows)
    ids = [str(number) for number in range(len(rows))]
    table = pa.Table.from_pylist([{"id": number, **row} for number, (row, _) in zip(ids, rows, strict=True)])
    return table, pa.table({"id": ids, "entity_id": [person for _, person in rows]})


def test_the_staff_of_a_branch_are_as_many_as_they_are() -> None:
    found = sm.dedupe(staff(900, 3))
    assert len(set(found.clusters["entity_id"].to_pylist())) >= 895  # of whom a few are namesakes in one branch


def test_those_who_share_a_home_and_a_name_are_several() -> None:
    table, truth = households(400, 5)
    found = sm.evaluate(sm.dedupe(table), truth)
    assert found.precision > 0.95
    assert found.recall > 0.9
