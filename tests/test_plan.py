"""Plans: by hand, inferred, saved and loaded, and what is said of wrong ones."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import socialmerge as sm
from socialmerge.matching.weigh import FieldWeights, Fit
from socialmerge.records import Field, Kind

CUSTOMERS = pa.table(
    {
        "crm_id": ["1", "2", "3", "4"],
        "full_name": ["Ada Lovelace", "Ada Lovelace", "Grace Hopper", "Alan Turing"],
        "mail": ["ada@example.com", "ada@example.com", "grace@example.com", None],
        "tel": ["020 7946 0018", "+44 20 7946 0018", None, "020 7946 0991"],
    }
)
BY_HAND = sm.Plan(
    fields=(sm.name("full_name"), sm.email("mail"), sm.phone("tel", region="GB")),
    keys=(sm.key("mail"), sm.key("full_name", "tel")),
    id="crm_id",
)


def entities(found: sm.DedupeResult) -> list[str]:
    return found.clusters["entity_id"].to_pylist()


def words_alike(left: list[str], right: list[str]) -> np.ndarray:
    """A comparison of a caller's own: 4 where the first words are equal."""
    return np.array([4 if a.split()[0] == b.split()[0] else 0 for a, b in zip(left, right, strict=True)], np.uint8)


def too_high(left: list[str], right: list[str]) -> np.ndarray:
    return np.full(len(left), 5, np.uint8)


def too_short(left: list[str], right: list[str]) -> list[int]:
    return []


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name under which a plan may import the functions of this file."""
    monkeypatch.setitem(sys.modules, "our_comparisons", sys.modules[__name__])
    return "our_comparisons"


def test_a_plan_by_hand_links_rows_by_its_own_keys() -> None:
    found = sm.dedupe(CUSTOMERS, plan=BY_HAND)
    assert entities(found) == ["1", "1", "3", "4"]
    assert found.plan.keys == BY_HAND.keys
    assert found.candidates == 1


def test_a_plan_is_a_value() -> None:
    again = sm.Plan(fields=BY_HAND.fields, keys=BY_HAND.keys, id="crm_id")
    assert again == BY_HAND
    assert again.version == BY_HAND.version
    assert sm.Plan(id="crm_id").version != BY_HAND.version


def test_a_fitted_plan_comes_back_equal_and_gives_the_same_results(tmp_path: Path) -> None:
    fitted = sm.fit(BY_HAND, CUSTOMERS)
    fitted.save(tmp_path / "plan.toml")
    loaded = sm.Plan.load(tmp_path / "plan.toml")
    assert loaded == fitted
    assert loaded.weights is not None
    one, other = sm.dedupe(CUSTOMERS, plan=fitted), sm.dedupe(CUSTOMERS, plan=loaded)
    assert one.pairs.equals(other.pairs)
    assert one.clusters.equals(other.clusters)


def test_every_setting_comes_back(tmp_path: Path) -> None:
    plan = sm.Plan(
        fields=(
            sm.name(given="first", family="last", left="display_name"),
            sm.place(city="town", postcode="zip"),
            sm.account("twitter", channel="x"),
            sm.text("notes", compare="our_comparisons:words_alike"),
        ),
        keys=(sm.key("name", "place.postcode"),),
        id="crm_id",
        left_id="ref",
        region="GB",
        costs=sm.Costs(wrong_merge=1000, missed=5, asking=2),
        cardinality="one",
        minimum_assurance="verified",
        weights=Fit((FieldWeights("notes", (0.1, 0.9), (0.5, 0.5), (0.9, 0.1)),), 0.1, 0.2, 10.0, notes=("a note",)),
    )
    plan.save(tmp_path / "plan.toml")
    assert sm.Plan.load(tmp_path / "plan.toml") == plan


def test_inferred_plans_bind_the_columns_of_profiles() -> None:
    plan = sm.Plan.infer(CUSTOMERS, [{"profile_id": "p1", "channel": "github", "handle": "ada"}])
    assert {field.name: field.left_columns for field in plan.fields} == {
        "full_name": ("display_name", "given_name", "family_name"),
        "mail": ("emails",),
        "tel": ("phones",),
    }
    assert plan == sm.Plan.infer(CUSTOMERS, [])


def test_employers_of_two_tables_are_compared_whatever_their_columns_are_called() -> None:
    speakers = pa.table(
        {"id": ["1", "2"], "name": ["Ada Lovelace", "Grace Hopper"], "affiliation": ["Engines Ltd", "Compilers Inc"],
         "talk_title": ["Notes on the engine", "A compiler for all"]}
    )  # fmt: skip
    others = pa.table(
        {"id": ["1", "2"], "full_name": ["Ada Lovelace", "Alan Turing"], "company": ["Engines Ltd", "Machines plc"],
         "title": ["The engine again", "Can machines think"]}
    )  # fmt: skip
    bound = {field.columns: field.left_columns for field in sm.Plan.infer(others, speakers).fields}
    assert bound["company",] == ("affiliation",)
    assert bound["title",] == ("talk_title",)


def test_what_people_write_of_themselves_is_compared_with_their_employer_and_not_with_other_texts() -> None:
    customers = pa.table(
        {"id": ["1", "2"], "name": ["Ada Lovelace", "Grace Hopper"], "company": ["Engines Ltd", "Compilers Inc"],
         "role": ["analyst", "admiral"]}
    )  # fmt: skip
    profiles = [{"profile_id": "p1", "channel": "linktree", "handle": "ada", "bio": "Analyst at Engines Ltd"}]
    bound = {field.columns: field.left_columns for field in sm.Plan.infer(customers, profiles).fields}
    assert bound["company",] == ("employer", "bio")
    assert "bio" not in bound.get(("role",), ())


def test_a_text_field_by_hand_is_still_compared_with_the_employer() -> None:
    customers = pa.table({"id": ["1"], "name": ["Ada Lovelace"], "firm": ["Engines Ltd"]})
    profiles = [{"profile_id": "p1", "channel": "github", "handle": "ada", "employer": "Engines Ltd"}]
    plan = sm.Plan(fields=(sm.name(full="name"), sm.text("firm")))
    assert sm.attach(profiles, to=customers, plan=plan).plan.fields[1].left_columns == ("employer",)


def test_an_inferred_plan_knows_the_id_columns_of_both_tables() -> None:
    left = pa.table({"ref": ["a", "b"], "Name": ["Ada Lovelace", "Grace Hopper"]})
    plan = sm.Plan.infer(CUSTOMERS, left)
    assert (plan.id, plan.left_id) == ("crm_id", "ref")
    assert [field.left_columns for field in plan.fields] == [("Name",)]


def test_a_comparison_of_ones_own_decides_the_level(own: str) -> None:
    table = pa.table({"id": ["1", "2", "3"], "words": ["red apple", "red pear", "blue plum"], "lot": ["7", "7", "7"]})
    fields = (sm.text("words", compare=f"{own}:words_alike"), sm.code("lot"))
    said = sm.dedupe(table, plan=sm.Plan(fields=fields, keys=(sm.key("lot"),))).explain("1", "2")
    assert [line.said for line in said.lines if line.what == "words"] == ["very close"]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (
            "nothing",
            r"compare='our_comparisons:nothing' is not there \(AttributeError\); give 'package.module:function'",
        ),
        ("too_high", r"must return a whole number from 0 to 4 for each of the 3 pairs; it returned an array of uint8"),
        ("too_short", r"it returned an array of float64 with shape \(0,\)"),
    ],
)
def test_a_comparison_of_ones_own_that_is_wrong_is_named(own: str, function: str, message: str) -> None:
    table = pa.table({"id": ["1", "2", "3"], "words": ["red", "green", "blue"], "lot": ["7", "7", "7"]})
    fields = (sm.text("words", compare=f"{own}:{function}"), sm.code("lot"))
    with pytest.raises(sm.PlanError, match=message):
        sm.dedupe(table, plan=sm.Plan(fields=fields, keys=(sm.key("lot"),)))


def test_a_comparison_in_a_module_that_is_not_installed_is_named() -> None:
    plan = sm.Plan(fields=(sm.text("full_name", compare="no_such_package.words:alike"),), id="crm_id")
    with pytest.raises(sm.PlanError, match=r"is not there \(ModuleNotFoundError\)"):
        sm.dedupe(CUSTOMERS, plan=plan)


def test_every_unknown_column_is_listed_with_what_was_meant() -> None:
    plan = sm.Plan(fields=(sm.name("full_nmae"), sm.email("mial"), sm.phone("zzz")))
    with pytest.raises(sm.PlanError) as raised:
        sm.dedupe(CUSTOMERS, plan=plan)
    assert str(raised.value).splitlines() == [
        "the plan does not fit the tables:",
        "  field 'full_nmae': the customers have no column 'full_nmae'; did you mean 'full_name'?",
        "  field 'mial': the customers have no column 'mial'; did you mean 'mail'?",
        "  field 'zzz': the customers have no column 'zzz'; known: crm_id, full_name, mail, tel",
    ]


def test_an_unknown_column_of_the_other_table_is_said_to_be_its_own() -> None:
    left = pa.table({"ref": ["a"], "Name": ["Ada Lovelace"]})
    with pytest.raises(sm.PlanError, match="the profiles have no column 'Nmae'; did you mean 'Name'"):
        sm.attach(left, to=CUSTOMERS, plan=sm.Plan(fields=(sm.name("full_name", left="Nmae"),), left_id="ref"))


def test_everything_wrong_with_a_plan_is_said_at_once() -> None:
    with pytest.raises(sm.PlanError) as raised:
        sm.Plan(
            fields=(sm.email("mail"), sm.phone("tel", label="mail")),
            keys=(sm.key("mial"), sm.key("mail.local")),
            costs=sm.Costs(wrong_merge=1, missed=2, asking=2),
            cardinality="two",
            minimum_assurance="certain",
        )
    assert str(raised.value).splitlines() == [
        "the plan: 6 problems:",
        "  fields: the name 'mail' is used twice",
        "  keys[0] uses unknown field 'mial'; did you mean 'mail'?",
        "  costs: 'asking' must be above 0 and below 'wrong_merge'",
        "  costs: 'missed' must be above 'asking', otherwise nobody is ever asked",
        "  cardinality: 'two' is not one of 'one', 'many'",
        "  minimum_assurance: 'certain' is not one of 'verified', 'inferred'",
    ]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (sm.name, r"name\(\) needs a column"),
        (sm.place, r"place\(\) needs a column"),
        (lambda: sm.place(town="x"), r"place\(\) does not know the part 'town'; it knows street, house"),
        (sm.email, r"email\(\) needs the name of a column"),
        (lambda: sm.date(""), r"date\(\) needs the name of a column"),
        (sm.key, r"key\(\) needs at least one field or atom"),
        (lambda: sm.text("a", compare="mine"), r"must name a function as 'package.module:function'"),
    ],
)
def test_a_field_without_a_column_is_refused(call: object, message: str) -> None:
    with pytest.raises(sm.PlanError, match=message):
        call()  # type: ignore[operator]


def problems_of(text: str, folder: Path) -> list[str]:
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(sm.PlanError) as raised:
        sm.Plan.load(path)
    return [line.strip() for line in str(raised.value).splitlines()[1:]]


def test_everything_wrong_with_a_file_is_said_at_once(tmp_path: Path) -> None:
    text = """
        reigon = "GB"
        id = 7
        keys = ["mail", [], ["mail"]]
        [costs]
        wrong = 1
        missed = "a lot"
        [[fields]]
        kind = "nmae"
        [[fields]]
        kind = "email"
        [[fields]]
        kind = "phone"
        columns = ["tel"]
        region = 44
        parts = [1]
    """
    assert problems_of(text, tmp_path) == [
        "unknown setting 'reigon'; did you mean 'region'?",
        "id must be text",
        f"fields[0]: kind 'nmae' is not one of {', '.join(Kind)}",
        "fields[1]: columns must be a list of column names",
        "fields[2]: region must be text",
        "fields[2]: parts must be a list of texts",
        'keys[0] must be a list of fields or atoms, such as ["email"] or ["name", "dob.year"]',
        'keys[1] must be a list of fields or atoms, such as ["email"] or ["name", "dob.year"]',
        "costs: unknown setting 'wrong'; did you mean 'wrong_merge'?",
        "costs: missed must be a number",
    ]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("fields = 3", ["fields must be a list of tables, each [[fields]]"]),
        ("costs = 3", ["costs must be a table of settings"]),
        ('[[fields]]\nkind = "email"\ncolumns = ["mail"]\n[[fields]]\nkind = "text"\ncolumns = ["mail"]',
         ["fields: the name 'mail' is used twice"]),
        ('keys = [["mial"]]\n[[fields]]\nkind = "email"\ncolumns = ["mail"]',
         ["keys[0] uses unknown field 'mial'; did you mean 'mail'?"]),
    ],
)  # fmt: skip
def test_a_file_with_one_thing_wrong(text: str, problems: list[str], tmp_path: Path) -> None:
    assert problems_of(text, tmp_path) == problems


@pytest.mark.parametrize(
    ("weights", "problem"),
    [
        ("fields = 3", "weights.fields must be a list of tables, each [[weights.fields]]"),
        ('match_share = "a"', "weights: match_share must be a number"),
        ("match_share = 0.0",
         "weights: match_share and related_share must be shares of all pairs, and match_share above 0"),
        ('[[weights.fields]]\nname = "a"\nmatch = ["x"]', "weights.fields[0]: match must be a list of numbers"),
        ('[[weights.fields]]\nname = "a"\nmatch = [0.5]\nrelated = [0.5]\nother = [0.2, 0.8]',
         "weights.fields[0]: match, related and other must be equally long"),
        ('[[weights.fields]]\nname = "a"\nmatch = [0.0, 1.0]\nrelated = [0.5, 0.5]\nother = [0.2, 0.8]',
         "weights.fields[0]: every share must lie between 0 and 1"),
    ],
)  # fmt: skip
def test_wrong_weights_are_named(weights: str, problem: str, tmp_path: Path) -> None:
    rest = {"match_share": "0.1", "related_share": "0.1", "pairs": "3.0"}
    plain = "\n".join(f"{name} = {value}" for name, value in rest.items() if not weights.startswith(name))
    assert problem in problems_of(f"[weights]\n{plain}\n{weights}", tmp_path)


def test_a_file_that_is_not_toml_says_where(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text("id = = 1", encoding="utf-8")
    with pytest.raises(sm.PlanError, match=r"plan.toml, line 1, column 6: not TOML: Invalid value$"):
        sm.Plan.load(path)


def test_a_file_that_is_not_there_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(
        sm.PlanError, match=r"none.toml: cannot be read \(No such file or directory\); give the path of"
    ):
        sm.Plan.load(tmp_path / "none.toml")


def test_weights_for_other_levels_ask_for_another_fit() -> None:
    wrong = Fit((FieldWeights("mail", (0.1, 0.9), (0.5, 0.5), (0.9, 0.1)),), 0.1, 0.0, 6.0)
    plan = sm.Plan(fields=(sm.email("mail"),), weights=wrong, id="crm_id")
    with pytest.raises(
        sm.PlanError, match=r"weights for 'mail' have 2 levels, but it is compared on 4 here; fit the plan"
    ):
        sm.dedupe(CUSTOMERS, plan=plan)


def test_weights_serve_other_tables_with_some_of_the_fields() -> None:
    fitted = sm.fit(BY_HAND, CUSTOMERS)
    other = CUSTOMERS.drop_columns(["tel"]).append_column("town", pa.array(["Leeds", "Leeds", "York", "Bath"]))
    plan = sm.Plan(fields=(sm.category("town"), sm.email("mail"), sm.name("full_name")), weights=fitted.weights)
    found = sm.dedupe(other, plan=plan)
    assert entities(found) == ["1", "1", "3", "4"]
    assert [line.bits for line in found.explain("1", "2").lines if line.what == "town"] == pytest.approx([0.0], abs=2)


def test_a_key_without_values_finds_nothing_and_says_so() -> None:
    empty = CUSTOMERS.set_column(2, "mail", pa.nulls(4, pa.string()))
    found = sm.dedupe(empty, plan=BY_HAND)
    assert any(said.startswith("key 'mail' finds no pairs: a field of it has no value") for said in found.warnings)
    assert found.warnings[-1].startswith("the keys are expected to find only")
    assert entities(found) == ["1", "1", "3", "4"]


def test_a_memory_limit_of_nothing_is_refused() -> None:
    with pytest.raises(sm.PlanError, match="memory_limit_mb=0 must be above 0"):
        sm.LocalEngine(memory_limit_mb=0)


def test_importing_the_library_imports_nothing_heavy() -> None:
    program = (
        "import sys, socialmerge; print([m for m in ('pyarrow', 'scipy', 'numpy', 'rapidfuzz') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    assert [name for name in sm.__all__ if not hasattr(sm, name)] == []
    assert set(sm.__all__) <= set(dir(sm))
    assert importlib.import_module("socialmerge") is sm
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = sm.nothing


def test_a_field_by_hand_has_a_label_of_its_own() -> None:
    assert sm.email("mail_1", "mail_2", label="mail") == Field("mail", Kind.EMAIL, ("mail_1", "mail_2"))


def test_a_region_that_is_no_country_is_an_error_wherever_it_is_given() -> None:
    with pytest.raises(sm.PlanError, match="region: 'Germany' is not the code of a country"):
        sm.Plan(region="Germany")
    with pytest.raises(sm.PlanError, match="field 'tel': region: 'XX' is not the code of a country"):
        sm.Plan(fields=(sm.phone("tel", region="XX"),))
    with pytest.raises(sm.PlanError, match="such as 'GB'"):
        sm.dedupe(CUSTOMERS, region="Germany")
    assert sm.dedupe(CUSTOMERS, region="gb").plan.region == "GB"
