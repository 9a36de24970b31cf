"""Exports of shops, with a line an item and customers known by their addresses: each order counts once, in full."""

import random
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import socialmerge as sm
from socialmerge.errors import SchemaError, TableError
from socialmerge.outcomes.business import Reading
from socialmerge.outcomes.folding import Lined, fold
from socialmerge.outcomes.orders import read_orders

NOW = date(2026, 6, 1)
Rows = list[dict[str, Any]]
CUSTOMERS: Rows = [
    {"id": str(7 + at), "name": name, "email": f"{name.split()[0].lower()}@example.com", "phone": f"+4930555010{at}"}
    for at, name in enumerate(["Ada Lovell", "Brendan Okafor", "Carla Neumann", "David Moreau"])
]
ORDERS = [  # number, customer, day, lines of item, quantity and price, shipping
    (1001, "7", "2026-03-02", [("Mug", 2, 9), ("Plate", 1, 14), ("Bowl", 1, 11)], 5),
    (1002, "8", "2026-03-02", [("Mug", 1, 9)], 5),
    (1003, "7", "2026-03-05", [("Plate", 3, 14), ("Mug", 1, 9)], 0),
    (1004, "9", "2026-03-09", [("Bowl", 2, 11), ("Bowl, blue", 2, 11)], 5),
    (1005, "7", "2026-03-09", [("Mug", 1, 9)], 5),
]
LINES = sum(quantity * price for *_, lines, _ in ORDERS for _, quantity, price in lines)
TOTALS = LINES + sum(shipping for *_, shipping in ORDERS)


def mail(customer: str) -> str:
    return next(str(row["email"]) for row in CUSTOMERS if row["id"] == customer)


def lines() -> list[tuple[int, str, str, int, tuple[str, int, int], int]]:
    """Number, customer, day, place of the line, line, and total."""
    return [
        (number, customer, day, at, line, shipping + sum(quantity * price for _, quantity, price in listed))
        for number, customer, day, listed, shipping in ORDERS
        for at, line in enumerate(listed)
    ]


def shopify() -> Rows:
    """What is of the order stands on its first line alone."""
    return [
        {
            "Name": f"#{number}",
            "Email": mail(customer).title(),
            "Financial Status": None if at else "paid",
            "Paid at": None if at else f"{day} 10:15:00 +0100",
            "Currency": None if at else "EUR",
            "Subtotal": None,
            "Total": None if at else f"{total}.00",
            "Created at": f"{day} 10:14:58 +0100",
            "Lineitem quantity": str(quantity),
            "Lineitem name": item,
            "Lineitem price": f"{price}.00",
            "Billing Name": None if at else "Somebody Else",
            "Vendor": "The Pottery",
            "Id": None if at else str(5_300_000_000_000 + number),
        }
        for number, customer, day, at, (item, quantity, price), total in lines()
    ]


def woocommerce() -> Rows:
    """What is of the order stands on every line."""
    return [
        {
            "Order Number": str(number),
            "Order Status": "Completed",
            "Order Date": f"{day} 11:20",
            "First Name (Billing)": "Somebody",
            "Email (Billing)": mail(customer),
            "Order Total Amount": f"{total}.00",
            "Item #": str(at + 1),
            "Item Name": item,
            "Quantity (- Refund)": str(quantity),
            "Item Cost": f"{price}.00",
        }
        for number, customer, day, at, (item, quantity, price), total in lines()
    ]


def stripe() -> Rows:
    """One row a payment, with Stripe's own number of the customer, and of an invoice where there is one."""
    return [
        {
            "id": f"ch_3N{number}xYz",
            "Description": "Order",
            "Created date (UTC)": f"{day} 10:15:00",
            "Amount": f"{total}.00",
            "Amount Refunded": "0.00",
            "Currency": "eur",
            "Status": "Paid",
            "Customer ID": f"cus_Nx{customer}Q",
            "Customer Email": mail(customer),
            "Invoice ID": f"in_{number}" if number % 2 else None,
        }
        for number, customer, day, at, _, total in lines()
        if not at
    ]


def german() -> Rows:
    return [
        {
            "Bestellnummer": f"B-{number}",
            "Datum": ".".join(reversed(day.split("-"))),
            "Kundennummer": customer,
            "Artikel": item,
            "Menge": str(quantity),
            "Einzelpreis": f"{price},00 €",
            "Betrag": f"{quantity * price},00 €",
        }
        for number, customer, day, _, (item, quantity, price), _ in lines()
    ]


def without(rows: Rows, *names: str) -> Rows:
    return [{name: value for name, value in row.items() if name not in names} for row in rows]


def renamed(rows: Rows, **names: str) -> Rows:
    return [{names.get(name, name): value for name, value in row.items()} for row in rows]


def blanks_below(rows: Rows, *names: str) -> Rows:
    """As people write them: what is of the order once, and nothing below it."""
    above = [None, *(row[names[0]] for row in rows)]
    return [
        row | (dict.fromkeys(names) if row[names[0]] == one else {}) for row, one in zip(rows, above[:-1], strict=True)
    ]


def measured(orders: Rows | pa.Table, customers: Rows | None = None, **more: Any) -> sm.Metrics:  # noqa: ANN401 - any argument
    known = customers or CUSTOMERS
    ids = [str(row["id"]) for row in CUSTOMERS]
    said = {"verdict": ["attach"] * len(ids), "customer_id": ids, "entity_id": ids, "reason": [""] * len(ids)}
    seen = {"profile_id": ids, "channel": ["x"] * len(ids), "observed_at": ["2026-03-01"] * len(ids)}
    profiles = SimpleNamespace(decisions=pa.table({"profile_id": ids, **said}), profiles=pa.table(seen))
    return sm.metrics(profiles, known, orders=orders, now=NOW, **more)


def counted(orders: Rows | pa.Table, customers: Rows | None = None, **more: Any) -> tuple[int, float]:  # noqa: ANN401 - any argument
    (row,) = measured(orders, customers, **more).totals.to_pylist()
    return row["orders"], row["revenue"]


def notes(orders: Rows, customers: Rows | None = None, **more: Any) -> str:  # noqa: ANN401 - any argument
    return "\n".join(one for one in measured(orders, customers, **more).warnings if one.startswith("orders: "))


SHAPES = {
    "Shopify": (shopify(), TOTALS),
    "Shopify, with ids": ([row | {"Customer ID": one[1]} for row, one in zip(shopify(), lines(), strict=True)], TOTALS),
    "WooCommerce": (woocommerce(), TOTALS),
    "Stripe": (stripe(), TOTALS),
    "German, by line": (german(), LINES),
    "German, without quantities": (without(german(), "Menge", "Einzelpreis"), LINES),
    "German, without amounts": (without(german(), "Betrag"), LINES),
    "German, blanks below": (blanks_below(german(), "Bestellnummer", "Datum", "Kundennummer"), LINES),
    "French": (renamed(german(), Bestellnummer="N° commande", Datum="Date", Kundennummer="ID client", Artikel="Article",
                       Menge="Qté", Einzelpreis="Prix unitaire", Betrag="Montant"), LINES),
    "by another name": (renamed(german(), Bestellnummer="Beleg"), LINES),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_an_export_of_lines_counts_each_order_once_and_all_of_its_money(shape: str) -> None:
    rows, revenue = SHAPES[shape]
    assert counted(rows) == (len(ORDERS), revenue)


@pytest.mark.parametrize("shape", [name for name in SHAPES if "blanks" not in name])
def test_the_order_of_the_rows_does_not_matter(shape: str) -> None:
    rows, revenue = SHAPES[shape]
    mixed = random.Random(5).sample(rows, len(rows))
    assert counted(mixed) == (len(ORDERS), revenue)


def test_how_many_rows_are_lines_of_how_many_orders_is_said_first() -> None:
    said = measured(shopify()).warnings[1:3]
    assert said == (
        "orders: 5 of 5 orders could be given to one customer by the e-mail address of column 'Email'",
        "orders: 9 rows are lines of 5 orders by column 'Name'; the amounts of column 'Total' count once an order",
    )
    text = str(measured(shopify()))
    assert text.index("How the orders were read:") < text.index("channel ")
    assert "the amounts of column 'Betrag' are of lines, and are summed" in notes(german())
    assert "'Einzelpreis' times 'Menge' is summed" in notes(without(german(), "Betrag"))


def test_an_order_without_a_total_costs_what_its_lines_cost() -> None:
    rows = [row | ({"Total": None} if row["Name"] == "#1001" else {}) for row in shopify()]
    assert counted(rows) == (len(ORDERS), TOTALS - 5)
    assert "1 order has no amount in column 'Total'; what their lines cost is summed" in notes(rows)


def test_a_refunded_order_is_left_out_with_all_of_its_lines() -> None:
    rows = [row | ({"Financial Status": "refunded"} if row["Total"] == "48.00" else {}) for row in shopify()]
    assert counted(rows) == (len(ORDERS) - 1, TOTALS - 48)
    assert "1 was cancelled, refunded, or not paid" in notes(rows)


def test_a_refund_of_an_order_is_no_line_of_it() -> None:
    back = {"Order Number": "1001", "Order Date": "2026-04-01", "Order Total Amount": "-20.00"}
    rows = [*woocommerce(), woocommerce()[0] | back, woocommerce()[1] | back]
    assert counted(rows) == (len(ORDERS), TOTALS - 20)


def test_lines_of_one_order_that_name_two_customers_or_days_are_refused_by_their_numbers() -> None:
    rows = german()
    rows[1] |= {"Kundennummer": "9"}
    with pytest.raises(TableError, match=r"row 2 has the order id .* and another customer in column 'Kundennummer'"):
        measured(rows)
    rows = woocommerce()
    rows[2] |= {"Order Date": "2026-03-30 10:00"}
    with pytest.raises(TableError, match=r"row 3 has the order id .* and another day in column 'Order Date'") as caught:
        measured(rows)
    assert "order_columns={'order': ''}" in str(caught.value)
    assert "example" not in str(caught.value)
    assert counted(rows, order_columns={"order": ""})[0] == len(rows)


def test_lines_that_are_summed_on_other_days_are_noted_by_their_numbers() -> None:
    rows = german()
    rows[2] |= {"Datum": "01.04.2026"}
    assert counted(rows) == (len(ORDERS), LINES)
    assert "row 3 has another day than a line of their order above" in notes(rows)


def test_one_total_that_differs_is_refused_and_not_taken_for_an_amount_of_a_line() -> None:
    rows = [row | {"Order Number": f"{batch}-{row['Order Number']}"} for batch in range(20) for row in woocommerce()]
    rows[1] |= {"Order Total Amount": "47.00"}
    with pytest.raises(TableError, match=r"row 2 has .* another amount in column 'Order Total Amount'"):
        measured(without(rows, "Item Cost"))


def test_an_order_that_was_exported_twice_counts_once_and_lines_alike_count_both() -> None:
    assert counted(german() * 2) == (len(ORDERS), LINES)
    assert "9 rows repeat an order in every cell" in notes(german() * 2)
    rows = german()
    rows[2:3] = [rows[0]]  # two of three lines of one order are alike
    assert counted(rows) == (len(ORDERS), LINES - 11 + 18)
    assert counted(rows + german()[3:]) == (len(ORDERS), LINES - 11 + 18)


def test_rows_without_any_order_id_that_repeat_each_other_are_warned_of() -> None:
    rows = without(woocommerce(), "Order Number")
    assert counted(rows)[0] == len(rows)
    assert "4 rows repeat the customer, date and amount of another" in notes(rows)
    assert "repeat" not in notes(rows[:1])
    folded = without(shopify(), "Name", "Id")
    assert counted(folded) == (len(ORDERS), TOTALS)


def test_a_price_beside_a_quantity_is_that_of_one_piece() -> None:
    row = {"Order ID": "1", "Customer ID": "7", "Product": "Mug", "Quantity": "3", "Price": "9.50"}
    assert counted([row]) == (1, 28.5)
    assert counted([row], order_columns={"amount": "Price"}) == (1, 9.5)


def test_addresses_of_several_customers_and_of_nobody_are_counted_and_said() -> None:
    twins = [*CUSTOMERS, CUSTOMERS[0] | {"id": "70", "name": "Ida Lovell"}]
    assert counted(shopify(), twins) == (2, 14 + 49)
    said = notes(shopify(), twins)
    assert "2 of 5 orders could be given to one customer by the e-mail address of column 'Email'" in said
    assert "3 have the e-mail address of several customers, and are left out" in said
    assert "1 has one that no customer has" in notes(shopify(), CUSTOMERS[:2])
    assert not any(str(row["email"]) in said for row in CUSTOMERS)


def test_an_address_that_several_rows_of_one_person_share_is_that_persons() -> None:
    twins = [*CUSTOMERS, CUSTOMERS[0] | {"id": "70"}]
    people = pa.table({"id": ["7", "70"], "entity_id": ["7", "7"]})
    assert counted(shopify(), twins, clusters=people) == (len(ORDERS), TOTALS)


def test_a_telephone_number_tells_where_no_address_does() -> None:
    rows = [
        row | {"Phone": f"030 555010{int(one[1]) - 7}", "Email": None}
        for row, one in zip(shopify(), lines(), strict=True)
    ]
    assert counted(rows, region="DE") == (len(ORDERS), TOTALS)
    assert "by the telephone number of column 'Phone'" in notes(rows, region="DE")


def test_ids_of_another_system_give_way_to_the_addresses() -> None:
    rows = [row | {"Customer ID": str(16 - int(one[1]))} for row, one in zip(woocommerce(), lines(), strict=True)]
    assert counted(rows) == (len(ORDERS), TOTALS)
    found = measured(rows)
    assert found.coverage.to_pylist()[-1]["whole"] == TOTALS
    assert "ids of column 'Customer ID' are those of another system" in notes(rows)


def test_the_column_of_the_customer_may_be_one_of_addresses() -> None:
    assert counted(shopify(), order_columns={"customer": "Email"}) == (len(ORDERS), TOTALS)
    assert counted(renamed(german(), Kundennummer="Kunde"), order_columns={"customer": "Kunde"})[0] == len(ORDERS)


def test_orders_of_a_shop_in_place_of_the_customers_are_refused() -> None:
    with pytest.raises(SchemaError, match="customers: this seems to be a table of orders"):
        measured(german(), shopify())


def test_a_row_of_sums_below_is_no_line_of_the_last_order() -> None:
    rows = blanks_below(german(), "Bestellnummer", "Datum", "Kundennummer")
    nothing = dict.fromkeys(rows[0])
    for end in ({"Artikel": "Summe"}, {"Bestellnummer": "Gesamt"}, {}):
        assert counted([*rows, nothing | end | {"Betrag": f"{LINES},00 €"}]) == (len(ORDERS), LINES)


def test_the_addresses_of_a_customer_may_stand_in_one_cell_and_those_of_staff_are_nobodys() -> None:
    known = [row | {"email": f"{row['email']}; old.{row['email']}"} for row in CUSTOMERS]
    rows = [{"Owner Email": "staff@example.com"} | row | {"Email": f"old.{row['Email']}"} for row in shopify()]
    assert counted(rows, known) == (len(ORDERS), TOTALS)


def test_the_named_column_of_line_amounts_is_summed() -> None:
    rows = [{"Order ID": "1", "Customer ID": "7", "Amount": amount} for amount in ("5", "6")]
    with pytest.raises(TableError, match=r"order_columns=\{'line_amount': 'Amount'\}"):
        measured(rows)
    assert counted(rows, order_columns={"line_amount": "Amount"}) == (1, 11)


def test_typed_columns_of_a_data_frame_are_read_alike() -> None:
    typed = pa.Table.from_pylist(shopify())
    for name, kind in (("Total", pa.float64()), ("Lineitem quantity", pa.int64()), ("Lineitem price", pa.float64())):
        typed = typed.set_column(typed.column_names.index(name), name, typed[name].cast(kind))
    days = pa.array([one[2] for one in lines()]).cast(pa.timestamp("s"))
    typed = typed.set_column(typed.column_names.index("Paid at"), "Paid at", days)
    assert counted(typed) == (len(ORDERS), TOTALS)


@st.composite
def shops(draw: st.DrawFn) -> list[tuple[int, list[int]]]:
    """Orders by customer, with what each of their lines costs in cents."""
    cents = st.integers(1, 99_999)
    return draw(
        st.lists(st.tuples(st.integers(7, 10), st.lists(cents, min_size=1, max_size=4)), min_size=1, max_size=8)
    )


def read(rows: Rows | pa.Table) -> list[tuple[str, int, int]]:
    found = read_orders(rows, Reading(20_700))
    assert found.money is not None
    return sorted(zip(found.customer.to_pylist(), found.day.tolist(), found.money.units.tolist(), strict=True))


@given(shop=shops(), seed=st.randoms(use_true_random=False), form=st.sampled_from(["each", "first", "lines"]))
@settings(max_examples=12)
def test_lines_written_out_are_their_orders_in_any_order_of_rows(
    shop: list[tuple[int, list[int]]], seed: random.Random, form: str
) -> None:
    rows, folded = [], []
    for number, (customer, parts) in enumerate(shop):
        head = {"Order ID": f"o{number}", "Customer ID": str(customer), "Date": f"2026-03-{number + 2:02}"}
        total = {"Total": f"{sum(parts) / 100:.2f}"}
        folded.append(head | total)
        for at, part in enumerate(parts):
            line = {"Product": f"piece {at}", "Quantity": "1", "Price": f"{part / 100:.2f}"}
            of_order = {} if form == "lines" else {"Total": None} if form == "first" and at else total
            rows.append(head | of_order | line)
    seed.shuffle(rows)
    assert read(rows) == read(folded)
    assert read(rows + rows) == read(folded)  # and an export that was appended to itself changes nothing


LINED = st.lists(
    st.tuples(st.integers(0, 3), st.integers(20_000, 20_002), st.sampled_from([0, 5, 7, 5, -5]), st.booleans()),
    max_size=8,
)


@given(rows=LINED, seed=st.randoms(use_true_random=False), summed=st.booleans())
def test_folding_what_is_folded_changes_nothing_and_the_order_of_lines_does_not_matter(
    rows: list[tuple[int, int, int, bool]], seed: random.Random, summed: bool
) -> None:
    def folded(lines: list[tuple[int, int, int, bool]]) -> list[tuple[int, int, int, bool]]:
        order, day, units, known = np.array(lines, np.int64).reshape(-1, 4).T
        found = fold(Lined(order, day, np.where(known, units, 0), known.astype(np.bool_)), summed=summed)
        parts = (found.order, found.day, found.units, found.known)
        return list(zip(*(part.tolist() for part in parts), strict=True))

    once = folded(rows)
    assert folded(once) == once == folded(seed.sample(rows, len(rows)))
    orders = [one for one in once if one[2] >= 0]
    assert len({one[0] for one in orders}) == len(orders)
    if summed:
        assert sum(one[2] for one in once) == sum(one[2] for one in rows if one[3])
