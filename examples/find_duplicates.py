"""Find the rows of a customer table that are one person, and write one merged row for each person.

Run it in a folder that holds customers.csv; the sample of the library does.
"""

from __future__ import annotations

import pyarrow.parquet as pq

import socialmerge as sm


def main() -> None:
    """Deduplicate, merge under a policy, and write the merged table."""
    people = sm.dedupe("customers.csv")
    policy = sm.Policy(rules={"email": sm.keep.every(), "phone": sm.keep.every()}, otherwise=sm.keep.most_frequent())
    golden = people.golden(policy)
    pq.write_table(golden.records, "people.parquet")
    print(f"{people.clusters.num_rows} rows are {golden.records.num_rows} people")
    print(f"{golden.conflicts.num_rows} values lost to another, each with the rule that decided")


if __name__ == "__main__":
    main()
