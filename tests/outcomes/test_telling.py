"""A table of customers is told from one of orders by what its columns mean, and the wrong one of them is refused."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

import socialmerge as sm
from socialmerge import tables
from socialmerge.cli import entry, run
from socialmerge.errors import SchemaError

NOW = date(2026, 6, 1)
NAMES = ("Ada Lovell", "Brendan Okafor", "Carla Neumann", "David Moreau", "Emma Fischer", "Felix Rossi")


def rows(**columns: list[Any]) -> pa.Table:
    return pa.table({name.replace("_", " "): pa.array(values, pa.string()) for name, values in columns.items()})


IDS = [str(7 + at) for at in range(6)]
MAILS = [f"{name.split()[0].lower()}@example.com" for name in NAMES]
DAYS = [f"2026-02-0{at + 1}" for at in range(6)]
SUMS = [f"{at}0.50" for at in range(1, 7)]
AGAIN = ["7", "7", "8", "9", "9", "12"]

CUSTOMERS = {
    "plain": rows(Customer_ID=IDS, Name=list(NAMES), Email=MAILS),
    "of a webshop": rows(Customer_ID=IDS, First_Name=[one.split()[0] for one in NAMES], Email=MAILS, Total_Spent=SUMS),
    "German": rows(Kundennummer=IDS, Name=list(NAMES), Telefon=["030 5550100"] * 6, Umsatz=SUMS, Kunde_seit=DAYS),
    "of a CRM": rows(
        Contact_ID=IDS, Full_Name=list(NAMES), Lifecycle_Stage=["Customer"] * 6, Created_At=DAYS, Amount=SUMS
    ),
    "by company": rows(
        Id=IDS, AccountId=AGAIN, FirstName=[one.split()[0] for one in NAMES], Email=MAILS, CreatedDate=DAYS
    ),
}
ORDERS = {
    "plain": rows(Customer_ID=AGAIN, Date=DAYS, Amount=SUMS),
    "with ids": rows(Order_ID=[f"o{at}" for at in range(6)], Customer_ID=AGAIN, Order_Date=DAYS, Total=SUMS),
    "of a webshop": rows(
        Order_Number=[f"#10{at}" for at in range(6)], Customer_ID=AGAIN, Email=MAILS[:2] * 3, Paid_At=DAYS, Total=SUMS
    ),
    "German": rows(Bestellnummer=[f"B{at}" for at in range(6)], Kundennummer=AGAIN, Bestelldatum=DAYS, Betrag=SUMS),
    "French": rows(Client=AGAIN, Date_de_commande=DAYS, Montant=SUMS),
    "each once": rows(
        Order_ID=[f"o{at}" for at in range(6)], Customer_ID=IDS, Name=list(NAMES), Date=DAYS, Amount=SUMS
    ),
}  # fmt: skip


def measured(customers: tables.Source, orders: tables.Source | None = None, **more: Any) -> sm.Metrics:  # noqa: ANN401 - any argument
    decisions = {"profile_id": ["p"], "verdict": ["attach"], "customer_id": ["7"], "entity_id": ["7"], "reason": [""]}
    seen = {"profile_id": ["p"], "channel": ["x"], "observed_at": ["2026-03-01"]}
    profiles = SimpleNamespace(decisions=pa.table(decisions), profiles=pa.table(seen))
    return sm.metrics(profiles, customers, orders=orders, now=NOW, **more)


def doubts(found: sm.Metrics) -> list[str]:
    return [one for one in found.warnings if " may be a table of " in one]


@pytest.mark.parametrize("orders", ORDERS)
@pytest.mark.parametrize("customers", CUSTOMERS)
def test_each_in_its_own_place_is_taken_without_a_word(customers: str, orders: str) -> None:
    assert not doubts(measured(CUSTOMERS[customers], ORDERS[orders]))


@pytest.mark.parametrize("name", [name for name in CUSTOMERS if name != "by company"])
def test_customers_in_place_of_the_orders_are_refused(name: str) -> None:
    with pytest.raises(SchemaError, match="orders: this seems to be a table of customers") as caught:
        measured(CUSTOMERS["plain"], CUSTOMERS[name])
    assert not any(one in str(caught.value) for one in (*NAMES, *MAILS))


def test_what_is_missing_in_the_orders_is_named_with_what_the_table_shows() -> None:
    said = (
        r"no customer of column 'Customer ID' stands there twice, and it has columns 'Name', 'Email'\), and no column "
        r"with the amount of an order is found; give the table of orders"
    )
    with pytest.raises(SchemaError, match=said):
        measured(CUSTOMERS["plain"], CUSTOMERS["plain"])
    with pytest.raises(SchemaError, match="no column with the customer's id or the amount of an order is found"):
        measured(CUSTOMERS["plain"], CUSTOMERS["plain"].select(["Name"]))


@pytest.mark.parametrize("name", [name for name in ORDERS if name != "each once"])
def test_orders_in_place_of_the_customers_are_refused(name: str) -> None:
    with pytest.raises(SchemaError, match="customers: this seems to be a table of orders") as caught:
        measured(ORDERS[name], ORDERS[name])
    assert not any(one in str(caught.value) for one in MAILS)


def test_what_may_be_either_is_counted_with_a_warning() -> None:
    once = ORDERS["each once"].drop_columns(["Order ID", "Date"])
    (said,) = doubts(measured(CUSTOMERS["plain"], once))
    assert said.startswith("orders: this may be a table of customers and not of orders")
    (said,) = doubts(measured(ORDERS["each once"], ORDERS["each once"], id="Customer ID"))
    assert said.startswith("customers: this may be a table of orders and not of customers")


def test_who_names_the_columns_is_believed() -> None:
    told = {"customer": "Customer ID", "amount": "Total Spent"}
    found = measured(CUSTOMERS["plain"], CUSTOMERS["of a webshop"], order_columns=told)
    assert (found.totals["revenue"].to_pylist(), len(doubts(found))) == ([10.5], 1)


def test_a_table_with_none_of_the_ids_is_refused_where_another_column_has_them() -> None:
    other = CUSTOMERS["plain"].append_column("Record ID", pa.array([f"r{at}" for at in range(6)]))
    with pytest.raises(SchemaError, match=r"column 'Customer ID' has them; name it, as in id='Customer ID'"):
        measured(other, id="Record ID")
    assert measured(other, id="Customer ID").totals["customers"].to_pylist() == [1]


def test_a_table_of_other_customers_is_said_to_be_one() -> None:
    other = CUSTOMERS["plain"].set_column(0, "Customer ID", pa.array([f"k{at}" for at in range(6)]))
    found = measured(other)
    assert any(one.startswith("customers: none of the ids that profiles are attached to") for one in found.warnings)
    sold = measured(CUSTOMERS["plain"], rows(Customer_ID=["k1", "k1"], Date=DAYS[:2], Amount=SUMS[:2]))
    assert any(one.startswith("orders: no customer of column 'Customer ID' is in the cust") for one in sold.warnings)


def test_the_command_names_the_file_and_its_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, table in (("people.csv", CUSTOMERS["plain"]), ("orders.csv", ORDERS["with ids"])):
        tables.write(table, tmp_path / name)
    seen = pa.table({"profile_id": ["github:1"], "channel": ["github"], "handle": ["ada"]})
    tables.write(seen, tmp_path / "seen.csv")
    people, orders = str(tmp_path / "people.csv"), str(tmp_path / "orders.csv")
    folder = str(tmp_path / "run")
    assert run(["attach", str(tmp_path / "seen.csv"), "--to", people, "--out", folder]) == entry.DONE
    command = ["metrics", "--run", folder, "--customers"]
    assert run([*command, people, "--orders", people]) == entry.WRONG
    told = capsys.readouterr().err
    assert f"{people}: this seems to be a table of customers" in told
    assert "as --customers" in told
    assert "--order-column amount='...'" in told
    assert run([*command, orders]) == entry.WRONG
    assert f"{orders}: this seems to be a table of orders" in capsys.readouterr().err


def test_the_column_that_holds_the_customers_ids_is_found_by_what_it_holds() -> None:
    orders = rows(Beleg=[f"o{at}" for at in range(6)], Wer=[*IDS[:5], "7"], Datum=DAYS, Montant_TTC=SUMS)
    found = measured(CUSTOMERS["plain"], orders)
    assert dict(found.columns)["orders.customer"] == "Wer"
    assert found.totals["revenue"].to_pylist() == [71.0]
    assert any(one.startswith("orders: column 'Wer' is taken for the customer's id") for one in found.warnings)
    with pytest.raises(SchemaError, match="no column with the customer's id is found"):
        measured(CUSTOMERS["plain"], orders.append_column("Auch", orders["Wer"]))


@pytest.mark.parametrize(
    "names",
    [
        ("Bestell-Nr.", "Kd.-Nr.", "Bestellt am", "Bruttobetrag (EUR)"),
        ("N° commande", "N° client", "Date de la commande", "Montant TTC"),
        ("Número de pedido", "Nº cliente", "Fecha de pedido", "Importe total"),
    ],
)
def test_orders_of_a_small_shop_are_known_by_their_names(names: tuple[str, ...]) -> None:
    found = dict(measured(CUSTOMERS["plain"], ORDERS["with ids"].rename_columns(names)).columns)
    assert [found[f"orders.{role}"] for role in ("order", "customer", "date", "amount")] == list(names)
