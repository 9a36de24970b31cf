"""Stages of leads and deals, as CRMs write them."""

from __future__ import annotations

import pyarrow as pa
import pytest

import socialmerge as sm
from socialmerge.schema.stages import Stage, stage_of

WORDS = {
    Stage.OPEN: [
        "Prospecting", "Qualification", "Needs Analysis", "Value Proposition", "Id. Decision Makers",
        "Perception Analysis",
        "Proposal/Price Quote", "Negotiation/Review", "Open - Not Contacted", "Working - Contacted",
        "appointmentscheduled",
        "qualifiedtobuy", "Lead In", "Contact Made", "Attempted to Contact", "Pre-Qualified", "1 - Lead", "02. Angebot",
        "Stage 2: Proposal", "Négociation", "Demo Scheduled (20%)",
    ],
    Stage.CUSTOMER: ["Closed Won", "Closed - Converted", "closedwon", "3 - Won", "Geschlossen – gewonnen",
        "Kunde", "Gagné"],
    Stage.LOST: ["Closed Lost", "Closed - Not Converted", "Lost - too expensive", "Junk Lead", "Verloren: Preis"],
    Stage.FORMER: ["Churned", "Former customer", "Ehemaliger Kunde"],
    Stage.OTHER: ["Partner", "inactive", "Closed"],
}  # fmt: skip


@pytest.mark.parametrize(("stage", "word"), [(stage, word) for stage, words in WORDS.items() for word in words])
def test_the_words_of_crms_are_known(stage: Stage, word: str) -> None:
    assert stage_of(word) is stage
    assert stage_of(word.upper()) is stage


@pytest.mark.parametrize("word", ["", "-", "platinum", "12", "2024-01-05", "won't say", "Leadership", "Newcastle"])
def test_what_is_no_stage_is_none(word: str) -> None:
    assert stage_of(word) is None


def audited(stages: list[str]) -> sm.Audit:
    rows = [
        {
            "id": str(at),
            "name": f"Ada {chr(65 + at)}ove",
            "email": f"a{at}@example.com",
            "Stage": stage,
            "Created": "2024-01-05",
        }
        for at, stage in enumerate(stages)
    ]
    return sm.audit(pa.Table.from_pylist(rows), costs=False)


def test_open_stages_of_a_pipeline_are_leads() -> None:
    found = audited([*WORDS[Stage.OPEN][:8], "Closed Won", "Closed Lost"])
    leads = [row["rows"] for row in found.loop.to_pylist() if row["what"] == "lead without outcome"]
    assert sum(leads) == 8
    assert not [one for one in found.skipped if one.what == "closed loop"]


def test_words_that_are_not_known_are_counted_and_those_that_many_share_are_named() -> None:
    found = audited(["Lead"] * 3 + ["Waiting Room"] * 5 + ["Ada alone"])
    (said,) = [one.why for one in found.skipped if one.what == "closed loop"]
    assert said.startswith("6 rows have a word in column 'Stage' that is no stage known here ('Waiting Room'), and so")
    alone = audited(["Waiting Room"] * 4)
    (said,) = [one.why for one in alone.skipped if one.what == "closed loop"]
    assert said.startswith("4 rows have a word in column 'Stage' that is no stage known here, and so")


def test_metrics_know_the_same_words() -> None:
    stages = ["3 - Won", "Lost - price", "Needs Analysis"]
    rows = pa.table({"id": ["1", "2", "3"], "name": ["A B", "C D", "E F"], "stage": stages})
    profiles = [{"profile_id": "x1", "channel": "x", "handle": "ab", "display_name": "A B"}]
    found = sm.metrics(sm.attach(profiles, to=rows), customers=rows)
    assert not [said for said in found.warnings if "no stage known" in said]
    assert found.coverage.to_pylist()[-1]["whole"] == 1
