"""An erased person is in nothing that the resolver says or keeps, and what people decided about others still works."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.resolver import light
from tests.resolver.conftest import Opener
from tests.store.test_forgetting import held

from socialmerge import Resolver
from socialmerge.records import Kind
from socialmerge.resolver import state
from socialmerge.resolver.erasure import telling_of
from socialmerge.schema import Column, Schema

ROWS: list[dict[str, Any]] = [
    {"id": "planted_id", "name": "Ada Plantagenet", "email": "planted@example.com", "phone": "+1 202-555-0143"},
    {"id": "c2", "name": "Bob Carter", "email": "Planted@Example.com", "phone": "+1 (202) 555 0143"},
    {"id": "c3", "name": "Cy Dunn", "email": "cy@example.com", "phone": "+1-202-555-0143"},
]
HERS = {"profile_id": "m1", "channel": "mastodon", "handle": "plantagenet_ada", "display_name": "Ada Plantagenet",
        "emails": ["planted@example.com"], "bio": "She sails the sea"}  # fmt: skip
REASON = "Ms Plantagenet rang from +1 202 555 0143 about the sea"


@pytest.fixture
def decided(reopen: Opener, monkeypatch: pytest.MonkeyPatch) -> Resolver:
    """Decisions about Bob and about everybody that name Ada's address and telephone, and her reasons."""
    monkeypatch.setattr(state, "judge", light.judge)
    resolver = reopen()
    resolver.load(pa.Table.from_pylist(ROWS))
    resolver.ingest([HERS], trusted=True)
    resolver.decide(("planted_id", "c2"), "different", by="ana", reason=REASON)
    resolver.decide(("planted_id", "m1"), "same", by="ana", reason=REASON)
    resolver.reject("c2", "email", "PLANTED@example.com", by="ana", reason=REASON)
    resolver.generic("+1 202 555 0143", by="ana", reason=REASON)
    resolver.pin("c3", "name", "Cy Dunn", by="ana", reason=REASON)
    return resolver


def others(resolver: Resolver) -> dict[str, dict[str, Any]]:
    rows = resolver.golden().records.to_pylist()
    fields = ("name", "email", "phone")
    return {row["id"][0]: {name: row[name] for name in fields} for row in rows if row["id"] in (["c2"], ["c3"])}


def test_words_about_others_work_after_the_erasure_of_whose_value_they_name(decided: Resolver, reopen: Opener) -> None:
    before = others(decided)
    assert not before["c2"]["email"]
    assert not before["c2"]["phone"]
    assert not before["c3"]["phone"]
    decided.erase("planted_id", by="dpo")
    assert others(decided) == before
    again = reopen()
    assert others(again) == before
    again.load(pa.Table.from_pylist([{**ROWS[1], "phone": "+12025550143"}]))  # as another system writes it
    assert not others(again)["c2"]["phone"]


def test_a_word_whose_value_is_hidden_is_undone_like_any_other(decided: Resolver) -> None:
    word = next(one for one in decided.history("c2") if one.kind == "reject_value")
    decided.erase("planted_id", by="dpo")
    decided.undo(word.decision_id, by="ana")
    assert others(decided)["c2"]["email"]


def test_the_erased_is_in_no_history_export_log_or_byte(
    decided: Resolver, database_url: str, tmp_path: Path, reopen: Opener
) -> None:
    decided.erase("planted_id", by="dpo")
    history = [one.as_dict() for any_id in ("c2", "c3") for one in decided.history(any_id)]
    with decided._session.store.snapshot() as view:
        log = view.log().to_pylist()
    said = json.dumps([history, decided.export("c3"), log], default=str).lower()
    values = [(one["kind"], one["field"], one["value"]) for one in history if one["value"]]
    assert values == [("reject_value", "email", "[erased]"), ("pin", "name", "Cy Dunn")]
    assert [one["reason"] for one in history][-1] == "Ms [erased] rang from [erased] about the sea"
    assert [text for text in ("plantagenet", "planted", "m1") if text in said] == []
    reopen().close()
    found = held(database_url, tmp_path)
    assert [text for text in ("plantagenet", "planted_id", "plantagenet_ada", "+1 202") if text in found] == []
    assert "planted@example.com" in found  # Bob's own row says so too, and that is his


def test_what_many_have_stays_in_reasons_after_an_erasure_and_after_a_sweep(
    reopen: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "judge", light.judge)
    resolver, old = reopen(), datetime(2020, 1, 1, tzinfo=UTC)
    rows = [{**row, "city": "London", "status": "active", "newsletter": "true"} for row in ROWS]
    resolver.load(pa.Table.from_pylist(rows[1:]))
    resolver.load(pa.Table.from_pylist(rows[:1]), observed_at=old)
    resolver.load(pa.Table.from_pylist([{"id": "planted_id", "name": "Ada King", "email": "king@example.com"}]))
    reason = "active, true: Plantagenet of London rang from 202-555-0143 (KING@example.com)"
    resolver.decide(("c2", "c3"), "different", by="king@example.com", reason=reason)
    resolver.retain(before=datetime(2021, 1, 1, tzinfo=UTC), by="dpo")
    assert resolver.history("c2")[0].reason == "active, true: [erased] of London rang from [erased] (KING@example.com)"
    resolver.erase("planted_id", by="dpo")
    (entry,) = resolver.history("c2")
    assert entry.reason == "active, true: [erased] of London rang from [erased] ([erased])"
    assert entry.by.startswith("erased:")


def test_the_words_of_names_addresses_and_numbers_tell_of_a_person_and_those_of_states_do_not() -> None:
    columns = {"name": (Kind.NAME, "full"), "salutation": (Kind.NAME, "title"), "mail": (Kind.EMAIL, ""),
               "street": (Kind.PLACE, "street"), "town": (Kind.PLACE, "city"), "status": (Kind.OTHER, "")}  # fmt: skip
    schema = Schema("id", tuple(Column(name, kind, part=part) for name, (kind, part) in columns.items()))
    assert set(columns) & telling_of(schema) == {"name", "mail", "street"}
    assert {"handle", "emails", "display_name"} <= telling_of(None)
    assert not {"is_person", "title", "channel"} & telling_of(schema)


GERMANS = [
    {"id": f"k{place}", "name": f"{name} Weber", "email": f"{name}@example.de".lower(), "phone": phone, "land": "DE"}
    for place, (name, phone) in enumerate([("Ada", "0170 1234567"), ("Bo", "0171 2345678"), ("Cy", "030 9876543")])
]


@pytest.mark.parametrize(
    "number", ["0170 1234567", "(0170) 123-4567", "+49 170 1234567", "0049170/1234567", "491701234567"]
)
def test_a_number_keeps_the_erased_out_in_whatever_way_and_table_it_comes(
    reopen: Opener, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    monkeypatch.setattr(state, "judge", light.judge)
    resolver = reopen()
    resolver.load(pa.Table.from_pylist(GERMANS))
    resolver.erase("k0", by="dpo")
    alone = pa.table({"id": ["k9"], "name": ["A. W."], "phone": [number]})  # too little to tell its country from
    assert resolver.load(alone).refused["record_id"].to_pylist() == ["k9"]
    seen = {"profile_id": "x9", "channel": "x", "handle": "somebody-new", "phones": [number]}
    assert resolver.ingest([seen]).refused["record_id"].to_pylist() == ["x9"]
    other = {"profile_id": "x8", "channel": "x", "handle": "somebody-else", "phones": ["0170 7654321"]}
    assert not resolver.ingest([other]).refused.num_rows


def test_a_number_of_an_unknown_country_keeps_out_who_comes_with_the_same(
    reopen: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "judge", light.judge)
    resolver = reopen()
    row = {"id": "k0", "name": "Ada Weber", "phone": "0170 1234567"}
    resolver.load(pa.Table.from_pylist([row]))
    resolver.erase("k0", by="dpo")
    assert resolver.load(pa.Table.from_pylist([row | {"id": "k9", "phone": "0170/123 45 67"}])).refused.num_rows == 1
    assert not resolver.load(pa.Table.from_pylist([row | {"id": "k8", "phone": "12345678"}])).refused.num_rows


def test_in_a_household_the_erased_is_known_by_name_in_one_column_or_in_two(
    reopen: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "judge", light.judge)
    resolver = reopen()
    home = {"lastname": "Weber", "phone": "+49 170 1234567"}
    resolver.load(
        pa.Table.from_pylist([{"id": "k0", "firstname": "Ada", **home}, {"id": "k1", "firstname": "Bo", **home}])
    )
    resolver.erase("k0", by="dpo")
    seen = {"channel": "x", "phones": [home["phone"]]}
    names = {"Ada Weber": 1, "Weber, Ada": 1, "Ada Maria Weber": 1, "Bo Weber": 0, "Cy Weber": 0}
    refused = {
        name: resolver.ingest(
            [seen | {"profile_id": name, "handle": f"h{place}", "display_name": name}]
        ).refused.num_rows
        for place, name in enumerate(names)
    }
    assert refused == names


@pytest.mark.parametrize("email", ["ada@example.com.", "ada at example.com", "Ada [at] example dot com"])
def test_an_address_in_an_odd_spelling_keeps_the_erased_out_even_of_a_table_of_one_row(
    resolver: Resolver, monkeypatch: pytest.MonkeyPatch, email: str
) -> None:
    monkeypatch.setattr(state, "judge", light.judge)
    rows = [{"id": "c1", "name": "Ada King", "email": "ada@example.com"}, {**ROWS[2], "phone": None}]
    resolver.load(pa.Table.from_pylist(rows))
    resolver.erase("c1", by="dpo")
    assert resolver.load(pa.Table.from_pylist([rows[0] | {"id": "c9", "name": "A K", "email": email}])).refused.num_rows


def test_an_account_of_the_erased_is_known_in_any_letter_case_and_where_a_platform_saw_that_it_is_theirs(
    resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "judge", light.judge)
    actor = {"profile_id": "m1", "channel": "mastodon", "account_id": "https://example.social/users/Ada"}
    resolver.ingest([actor | {"verified_links": ["https://github.com/adaking"], "links": ["https://github.com/other"]}])
    resolver.erase("m1", by="dpo")
    again = actor | {"profile_id": "m2", "account_id": "https://Example.social/users/ada"}
    assert resolver.ingest([again]).refused.num_rows == 1
    assert resolver.ingest([{"profile_id": "g1", "channel": "github", "handle": "AdaKing"}]).refused.num_rows == 1
    assert resolver.ingest([{"profile_id": "g2", "channel": "github", "handle": "other"}]).refused.num_rows == 0
