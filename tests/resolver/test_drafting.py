"""Drafts of a strategy: honest about small counts, and never wider than usual."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.csv
import pytest

from socialmerge import LabelError, Resolver, Strategy, draft_strategy
from socialmerge.cli import entry, run
from socialmerge.merging import Consent


def decided(count: int, channel: str = "mastodon", verdict: str = "attach") -> pa.Table:
    rows = [
        {"profile_id": f"{channel}:{place}", "verdict": verdict, "customer_id": f"c{place}", "probability": 0.99}
        for place in range(count)
    ]
    return pa.Table.from_pylist(rows)


def pilot(right: int, wrong: int, channel: str = "mastodon") -> pa.Table:
    total = right + wrong
    left = [f"{channel}:{place}" for place in range(total)]
    return pa.table(
        {
            "left_id": left,
            "right_id": [f"c{place}" if place < right else "c-other" for place in range(total)],
            "verdict": ["same"] * total,
        }
    )


def test_few_answers_conclude_nothing_and_are_told_as_few() -> None:
    draft = draft_strategy(decided(60), labels=pilot(12, 0))
    assert draft.strategy.use("mastodon") == Strategy().use("mastodon")
    assert "12 of 12 attachments that were looked at are right (0.76 to 1.00): too few to tell" in str(draft)


def test_a_channel_that_is_shown_to_be_wrong_is_not_used_to_write_to_people() -> None:
    draft = draft_strategy(decided(60), labels=pilot(30, 20))
    assert draft.strategy.use("mastodon").purposes == ("research",)
    assert "so it is not used for marketing and service" in str(draft)


def test_a_channel_that_is_shown_to_be_right_is_used_as_usual() -> None:
    draft = draft_strategy(decided(400), labels=pilot(300, 0))
    assert draft.strategy.use("mastodon") == Strategy().use("mastodon")
    assert "at least 0.95, so it is used as usual" in str(draft)


def test_without_answers_it_says_that_nothing_is_known() -> None:
    assert "how many are right is not known" in str(draft_strategy(decided(3)))
    assert "nothing to propose" in str(draft_strategy(decided(2, channel="nowhere")))


def test_the_lines_of_a_pilot_count_those_that_were_contradicted() -> None:
    lines = pilot(1, 1).rename_columns(["profile_id", "customer_id", "verdict"])
    unplaced = {"profile_id": pa.array([None], pa.string()), "customer_id": ["c1"], "verdict": ["same"]}
    lines = pa.concat_tables([lines, pa.table(unplaced)])
    assert "1 of 2 attachments that were looked at" in str(draft_strategy(decided(5), labels=lines))
    with pytest.raises(LabelError, match="no column 'left_id'"):
        draft_strategy(decided(5), labels=pa.table({"id": ["1"]}))


def test_a_table_that_is_not_ready_keeps_all_channels_inside() -> None:
    audit = SimpleNamespace(readiness="not ready", reasons=("a third of the rows repeat somebody",))
    draft = draft_strategy(decided(400), labels=pilot(300, 0), audit=audit)
    assert draft.strategy.use("mastodon").purposes == ("research",)
    assert "# The customers are not ready: a third of the rows repeat somebody." in str(draft)


def test_metrics_give_counts_and_answers_where_there_is_no_pilot() -> None:
    row = {"channel": ["mastodon"], "became_after": [4], "revenue": [120.5], "judged": [80], "right": [10]}
    draft = draft_strategy(decided(90), metrics=SimpleNamespace(channels=pa.table(row)))
    assert draft.strategy.use("mastodon").purposes == ("research",)
    assert "4 people became customers after" in str(draft)
    assert "120.50; that is not what the channel caused" in str(draft)


@pytest.mark.parametrize("channel", list(Strategy.defaults().uses))
def test_no_draft_is_wider_than_usual(channel: str) -> None:
    usual = Strategy().use(channel)
    for labels in (None, pilot(300, 0, channel), pilot(0, 50, channel)):
        use = draft_strategy(decided(400, channel), labels=labels).strategy.use(channel)
        assert set(use.purposes) <= set(usual.purposes)
        assert use.visibility in ("public", usual.visibility)
        assert (use.basis, use.fields) == (usual.basis, usual.fields)
        shown_right = labels is not None and labels["right_id"][0].as_py() == "c0"
        assert (use.visibility == "private") == (usual.visibility == "private" and shown_right)


def test_what_is_saved_is_a_strategy_with_its_reasons(tmp_path: Path) -> None:
    draft = draft_strategy(decided(60), labels=pilot(30, 20))
    draft.save(tmp_path / "channels.toml")
    assert Strategy.load(tmp_path / "channels.toml") == draft.strategy
    assert "# 60 profiles: 60 attached" in (tmp_path / "channels.toml").read_text(encoding="utf-8")


def test_the_command_drafts_from_a_run_and_from_a_store(shop: Path) -> None:
    labels = pa.table({"left_id": ["p0"], "right_id": ["c0"], "verdict": ["same"]})
    pyarrow.csv.write_csv(labels, shop / "labels.csv")
    out = shop / "draft.toml"
    asked = ["strategy", "draft", "--out", str(out)]
    more = ["--run", str(shop / "out"), "--labels", str(shop / "labels.csv")]
    assert run([*asked, *more]) == entry.DONE
    assert "# purposes: 1 of 1 attachments that were looked at are right (0.21 to 1.00): too few" in out.read_text()
    url = f"sqlite:///{shop}/people.db"
    with Resolver(store=url) as resolver:
        resolver.load(shop / "c.csv")
        resolver.ingest(shop / "p.csv")
        resolver.decide(("p1", "c1"), "different", by="ana")
        said = [Consent("github", "p0", state="granted"), Consent("crm", "c2", state="denied")]
        resolver.consent(said, by="ana")
    assert run([*asked, "--store", url]) == entry.DONE
    assert "# purposes: 0 of 1 attachments that were looked at are right" in out.read_text()
    assert "so that only a yes counts: to research 1 said yes, 1 no, 1 nothing" in out.read_text()
    assert Strategy.load(out).use("github").basis == "explicit consent"
    assert run([*asked, "--store", url, "--audit"]) == entry.DONE
    assert "The customers are" in out.read_text()
    assert run([*asked, "--store", url, "--labels", str(shop / "labels.csv")]) == entry.WRONG


def stated(state: str, count: int, *, source: str = "mastodon", purpose: str = "", first: int = 0) -> list[Consent]:
    ids = range(first, first + count)
    name = "c{}" if source == "crm" else f"{source}:{{}}"
    return [Consent(source, name.format(place), purpose=purpose, state=state) for place in ids]


def test_a_channel_of_which_people_said_yes_or_no_is_held_on_what_they_said() -> None:
    said = [*stated("granted", 7, purpose="service"), *stated("denied", 2, source="crm", first=6)]
    draft = draft_strategy(decided(20), consents=said)
    assert draft.strategy.use("mastodon").basis == "explicit consent"
    assert "to service 6 said yes, 2 no, 12 nothing" in str(draft)  # the no of a customer is above a profile's yes
    assert draft.as_dict()["channels"]["mastodon"]["counts"]["said"]["service"]["denied"] == 2  # type: ignore[index]
    assert Strategy().use("mastodon").basis == "consent"


def test_a_customers_yes_is_not_that_of_the_profile() -> None:
    draft = draft_strategy(decided(5), consents=stated("granted", 5, source="crm"))
    assert "to marketing 0 said yes, 0 no, 5 nothing" in str(draft)


def test_where_nothing_was_said_the_usual_ground_stays_and_the_draft_says_so() -> None:
    draft = draft_strategy(decided(5), consents=[Consent("crm", "c1", channel="telegram", state="granted")])
    assert draft.strategy.use("mastodon").basis == "consent"
    assert "of 5 profiles no yes and no no is recorded; record who said yes before you advertise" in str(draft)


def test_a_contract_stays_a_contract_and_a_no_is_told() -> None:
    draft = draft_strategy(decided(5, "slack"), consents=stated("denied", 1, source="slack"))
    assert draft.strategy.use("slack").basis == "contract"
    assert "a no holds all the same: to service 0 said yes, 1 no, 4 nothing" in str(draft)


def test_private_values_are_shown_only_to_people_who_are_known_to_be_the_right_ones() -> None:
    few = draft_strategy(decided(40, "slack"), labels=pilot(12, 0, "slack"))
    assert few.strategy.use("slack").visibility == "public"
    assert "would show somebody what is another's, and 12 of 12 are known to be right" in str(few)
    audit = SimpleNamespace(readiness="not ready", reasons=())
    unfit = draft_strategy(decided(400, "slack"), labels=pilot(300, 0, "slack"), audit=audit)
    assert unfit.strategy.use("slack") == replace(Strategy().use("slack"), purposes=(), visibility="public")
    assert "nobody is written to here" in str(unfit)


def test_contacts_that_a_public_channel_brought_are_counted_as_kept_private() -> None:
    profiles = pa.table(
        {"profile_id": ["mastodon:0", "mastodon:1"], "channel": ["mastodon"] * 2, "emails": [["a@example.com"], []]}
    )
    assert "such as the addresses and numbers that 1 of 2 attached profiles brought" in str(
        draft_strategy(decided(2), profiles)
    )


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    names = ("Ada Lovell", "Brendan Okafor", "Chiara Montefiore")
    mails = [f"{name.split()[0].lower()}@example.com" for name in names]
    pyarrow.csv.write_csv(pa.table({"id": ["c0", "c1", "c2"], "name": names, "email": mails}), tmp_path / "c.csv")
    profiles = {"profile_id": ["p0", "p1", "p2"], "channel": ["github"] * 3, "handle": ["al", "bo", "cm"]}
    pyarrow.csv.write_csv(pa.table({**profiles, "display_name": names, "emails": mails}), tmp_path / "p.csv")
    files = [str(tmp_path / "p.csv"), "--to", str(tmp_path / "c.csv"), "--out", str(tmp_path / "out")]
    assert run(["attach", *files]) == entry.DONE
    return tmp_path


def test_the_command_tells_a_program_what_it_proposes(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "consents.csv").write_text("source,record_id,state\ngithub,p1,granted\n")
    asked = ["strategy", "draft", "--run", str(shop / "out"), "--out", str(shop / "d.toml"), "--json"]
    capsys.readouterr()
    assert run([*asked, "--consents", str(shop / "consents.csv")]) == entry.DONE
    found = json.loads(capsys.readouterr().out)
    github = found["channels"]["github"]
    assert github["use"]["basis"] == "explicit consent"
    assert github["usual"]["basis"] == "consent"
    assert github["counts"]["attached"] == 3
    assert sum(not one.startswith("fields: ") for one in github["reasons"]) == 4
    assert github["counts"]["fields"]["display_name"]["agrees"] == 3


@pytest.mark.parametrize(
    ("orders", "said"),
    [
        ("customer,same\nc0,yes\n", "no column with an amount is found"),
        (
            "customer,amount\n9,1.00\n8,2.00\n",
            "no order is of a customer of the run; check that its ids or e-mail addresses are those of c.csv",
        ),
        (
            "what,amount\nx,1.00\n",
            (
                "no column with the customer's id is found, nor one of e-mail addresses; name it, as in --order-column "
                "customer='...'"
            ),
        ),
    ],
)
def test_a_wrong_file_of_orders_is_refused(
    shop: Path, orders: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "orders.csv").write_text(orders)
    asked = ["strategy", "draft", "--run", str(shop / "out"), "--out", str(shop / "d.toml")]
    assert run([*asked, "--orders", str(shop / "orders.csv")]) == entry.WRONG
    assert capsys.readouterr().err.startswith(f"socialmerge: {shop / 'orders.csv'}: {said}")
    assert not (shop / "d.toml").exists()


@pytest.mark.parametrize(
    "name",
    [
        '"]\n[mastodon]\npurposes = ["marketing"]\n#',
        "'",
        "]",
        "=HYPERLINK(1)",
        "\u202exodon",
        "a.b",
        "fields",
        "\x1b[2J",
    ],
)
def test_what_a_profile_calls_its_channel_says_nothing_in_the_draft(name: str, tmp_path: Path) -> None:
    profiles = pa.table({"profile_id": ["mastodon:0", "mastodon:1"], "channel": ["mastodon", name]})
    draft = draft_strategy(decided(2), profiles)
    draft.save(tmp_path / "channels.toml")
    assert Strategy.load(tmp_path / "channels.toml") == draft.strategy
    assert list(draft.strategy.uses) == ["mastodon"]
    told = [line for line in str(draft).splitlines() if line and not line.startswith("#")]
    assert [line.partition(" ")[0] for line in told] == ["version", "[mastodon]", "purposes", "visibility", "basis"]
    assert "Profiles of channels that are not known here: 1." in str(draft)


def test_what_an_audit_says_stays_a_comment(tmp_path: Path) -> None:
    audit = SimpleNamespace(readiness="not ready", reasons=('column "a\r\n[x]\u2028basis = 1" is empty',))
    draft = draft_strategy(decided(2), audit=audit)
    draft.save(tmp_path / "channels.toml")
    assert list(Strategy.load(tmp_path / "channels.toml").uses) == ["mastodon"]
