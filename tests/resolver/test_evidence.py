"""Whether anybody can see what an attachment rests on; what only the company knows is not shown to all."""

import pyarrow as pa
from tests.resolver.conftest import Opener
from tests.resolver.people import CUSTOMERS

import socialmerge as sm

HIDDEN = {"profile_id": "p8", "channel": "github", "handle": "kx7quint", "bio": "Quiet",
          "emails": ["kx7quint@example.com"], "verified_emails": ["kx7quint@example.com"]}  # fmt: skip
OPEN = {"profile_id": "p9", "channel": "github", "handle": "msomerville", "display_name": "Mary Somerville",
        "bio": "Loud", "emails": ["mary@example.com"], "verified_emails": ["mary@example.com"]}  # fmt: skip
PEOPLE = pa.Table.from_pylist(
    [CUSTOMERS[1] | {"email": "kx7quint@example.com"}, *CUSTOMERS[2:]]
    + [
        {
            "id": f"d{at}",
            "name": f"Nobody Number{at}",
            "email": f"n{at}@example.com",
            "phone": f"+1 202-555-01{at + 10}",
        }
        for at in range(40)
    ]
)


def bios(golden: sm.Golden) -> set[str | None]:
    shown = golden.view(channel="github", purpose="research").records
    return set(shown["bio"].to_pylist()) if "bio" in shown.column_names else set()


def test_attach_says_whether_anybody_can_see_what_a_match_rests_on() -> None:
    found = sm.attach([HIDDEN, OPEN], to=PEOPLE, trusted=True)
    rows = {row["profile_id"]: (row["verdict"], row["evidence"]) for row in found.decisions.to_pylist()}
    assert rows == {"p8": ("attach", "private"), "p9": ("attach", "public")}
    assert bios(found.golden()) == {"Loud"}


def test_a_store_remembers_it_and_a_persons_word_is_not_for_all_to_see(reopen: Opener) -> None:
    resolver = reopen()
    resolver.load(PEOPLE)
    resolver.ingest(
        [HIDDEN, OPEN, {"profile_id": "p7", "channel": "github", "handle": "en", "bio": "Told"}], trusted=True
    )
    resolver.decide(("p7", "c5"), "same", by="ana", reason="told me on the phone")
    again = reopen()
    assert bios(again.golden()) == bios(again.golden("c4")) == {"Loud"}
    assert "Quiet" in again.golden("c2").records["bio"].to_pylist()
