"""Attach the exports of two channels to a customer table, and list what a person should look at.

Run it in a folder that holds customers.csv, github.json and mastodon.json; the sample of the library does.
"""

from __future__ import annotations

import socialmerge as sm


def main() -> None:
    """Attach, then print what is sure and what is not."""
    for export in ("github.json", "mastodon.json"):
        result = sm.attach(export, to="customers.csv")
        rows = result.decisions.to_pylist()
        sure = [row for row in rows if row["verdict"] == sm.Verdict.ATTACH]
        doubtful = [row for row in rows if row["verdict"] == sm.Verdict.REVIEW]
        print(f"{export}: {len(sure)} of {len(rows)} attached, {len(doubtful)} for a person to review")
        for row in doubtful[:3]:
            print(f"  {row['profile_id']}: {row['customer_id']} or {row['runner_up_id']}? {row['reason']}")


if __name__ == "__main__":
    main()
