"""``metrics``: followers and profiles to customers, counted once each, by channel, month and round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

import numpy as np
import pyarrow as pa

from socialmerge import tables
from socialmerge.errors import TableError
from socialmerge.merging.arrays import codes_in, rank_codes
from socialmerge.outcomes import figures
from socialmerge.outcomes.amounts import SCALE, Decimal
from socialmerge.outcomes.business import Customers, Reading, read_customers
from socialmerge.outcomes.buyers import Known
from socialmerge.outcomes.days import NEVER, day_of
from socialmerge.outcomes.figures import Metrics
from socialmerge.outcomes.funnel import Funnel, funnel_of, precision, share
from socialmerge.outcomes.measures import Flags, Ints, wilson
from socialmerge.outcomes.numbers import some
from socialmerge.outcomes.orders import of_customers, read_orders
from socialmerge.outcomes.people import People, people_of, person_of
from socialmerge.outcomes.seen import (
    THEN,
    Attached,
    Held,
    Seen,
    customers_of_run,
    of_attached,
    of_run,
    store_of_run,
)
from socialmerge.outcomes.spread import Mean, difference, mean_of
from socialmerge.outcomes.telling import check_ids
from socialmerge.schema.identity import id_column

if TYPE_CHECKING:  # a store's packages take 0.3 s to import, and a run needs none
    from socialmerge.store import Store

__all__ = ["NOT_CAUSAL", "metrics"]

NOT_CAUSAL = (
    "Customers with a profile differ from the others in more than the profile: good customers follow, and are the "
    "easier to recognise. A difference between the groups does not say that the channel caused it."
)
_CHOSEN = (
    "precision is of the attachments that people looked at; those are rarely drawn at random, so it may be lower or "
    "higher among the rest"
)
_PROFILES = "profiles are a store or its resolver, a folder of attach or a result"


@runtime_checkable
class Holding(Protocol):
    """A resolver, as far as it is counted."""

    @property
    def store(self) -> Store:
        """The open store beneath."""


Profiles: TypeAlias = "str | Path | Attached | Store | Holding"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is read where: the profiles, and who is who among the customers."""

    decisions: tables.Source | None
    clusters: tables.Source | None
    seen_on: date | None
    key: bytes | Path | None


def metrics(
    profiles: Profiles,
    customers: tables.Source | None = None,
    *,
    orders: tables.Source | None = None,
    decisions: tables.Source | None = None,
    clusters: tables.Source | None = None,
    columns: Mapping[str, str] | None = None,
    order_columns: Mapping[str, str] | None = None,
    customer_stages: Sequence[str] = (),
    currency: str = "",
    decimal: str = "",
    id: str = "",
    region: str = "",
    seen_on: date | None = None,
    now: datetime | date | None = None,
    key: bytes | Path | None = None,
) -> Metrics:
    """Count how many of the profiles that were seen are customers, who became one later, and what they brought in.

    Every person counts once, however many rows, profiles and channels they have, and every order once.

    Args:
        profiles: a store (its URL, open, or its resolver), a folder that ``attach --out`` wrote, or a result of
            ``attach`` or of ``Resolver.result``; results are one round.
        customers: their table, with stage, dates, revenue, orders; when left out, that of the store or the run.
        orders: a table of orders or their lines (customer's id or e-mail address, date, amount, status, own id): orders
            and revenue are then counted from it.
        decisions: people's about a run (``left_id``, ``right_id``, ``verdict``); a store has its own.
        clusters: those of ``dedupe``, for a run: rows of customers that are one person; a store has its own.
        columns: which is "stage", "became" (date), "revenue", "orders" (how many) or "currency"; "" for none.
        order_columns: likewise "customer", "email", "phone", "date", "amount", "order" (its id), "status", "currency",
            and of the lines of an order "item", "quantity", "price" (of one piece) or "line_amount".
        customer_stages: the words of the stage that mean a customer, in place of the usual ones.
        currency: the one to count (ISO 4217), where amounts are in several.
        decimal: "point" or "comma": what stands before the cents, where the amounts do not show it.
        id: the customers' id column, where it is not found.
        region: the country that says whether 3/4/2026 is in March, where no date of the column does.
        seen_on: the day on which profiles were seen that do not say it themselves.
        now: the day that it is; today when left out. What is dated later does not count.
        key: of a store that is given by its URL: bytes, or the path of a file.

    Raises:
        TableError: a table cannot be read; its amounts are in several currencies, or may be read in two ways.
        SchemaError: there is no id column, two columns may be the same thing, or a table is one of customers where
            orders are wanted, or of orders where customers are.
        StoreError: the store cannot be opened, or a store was given decisions or clusters.

    >>> from types import SimpleNamespace
    >>> seen = pa.table({"profile_id": ["p1", "p2"], "channel": ["x"] * 2, "observed_at": ["2026-01-05"] * 2})
    >>> said = {"verdict": ["attach", "new"], "customer_id": ["7", None], "entity_id": ["7", "e1"], "reason": [""] * 2}
    >>> run = SimpleNamespace(profiles=seen, decisions=pa.table({"profile_id": ["p1", "p2"], **said}))
    >>> found = metrics(run, [{"id": "7", "customer since": "2026-01-20", "total spent": "30"}], now=date(2026, 2, 1))
    >>> found.channels.select(["profiles", "customers", "days_median", "value_per_profile"]).to_pylist()
    [{'profiles': 2, 'customers': 1, 'days_median': 15.0, 'value_per_profile': 15.0}]
    """
    today = day_of(now or datetime.now(UTC))  # noqa: TID251 - a caller who gives no time asks for today
    told, words = (columns or {}, order_columns or {}), tuple(customer_stages)
    reading = Reading(today, *told, id, words, currency.upper(), _decimal(decimal), region)
    seen, rows = _read(profiles, customers, _Asked(decisions, clusters, seen_on, key))
    return _counted(seen, tables.read(rows, what="customers"), orders, reading)


def _counted(seen: Seen, rows: pa.Table, orders: tables.Source | None, reading: Reading) -> Metrics:
    """Read the customers and the orders, and count."""
    bought = tables.read(orders, what="orders") if orders is not None else None
    sold = read_orders(bought, reading, known=partial(_ids, rows, reading)) if bought is not None else None
    base = read_customers(rows, reading, money=sold is None or sold.money is None)
    strange = check_ids(rows, dict(base.columns)["customers.id"], seen.customer_ids, what="customers")
    if bought is not None and sold is not None:
        own, unread = sold.buyers.columns.get("customer"), sold
        sold = of_customers(sold, _known(rows, base.ids, seen, reading.region))
        if own and (set(unread.buyers.said) == {"customer"} or not len(sold.customer)):
            whose = pa.concat_arrays([base.ids, seen.customer_ids])
            strange += check_ids(bought, own, whose, what="orders")
    seen, ahead = _not_ahead(seen, reading.now)
    people = people_of(base, sold, seen)
    said = (*(sold.warnings if sold else ()), *strange, *people.warnings, *seen.warnings, *ahead, *base.warnings)
    chosen = base.columns + (sold.columns if sold else ())
    return _metrics(funnel_of(seen, people), base, said, chosen)


def _ids(rows: pa.Table, reading: Reading) -> pa.Array:
    return tables.clean_ids(rows[id_column(rows, reading.id or None, what="customers")])


def _known(rows: pa.Table, ids: pa.Array, seen: Seen, region: str) -> Known:
    """The customers of the table, and rows of theirs that were merged away, by which an order may know them."""
    person, names = person_of(ids, seen)
    former = codes_in(seen.entities, names)
    return Known(rows, pa.concat_arrays([ids, seen.customer_ids]), np.concatenate([person, former]), region)


def _decimal(word: str) -> Decimal | None:
    if not word:
        return None
    try:
        return Decimal(word)
    except ValueError:
        raise TableError("decimal: it is 'point' or 'comma', what stands before the cents") from None


def _read(profiles: Profiles, customers: tables.Source | None, asked: _Asked) -> tuple[Seen, tables.Source]:
    """The profiles, and the customers: those that are given, else those of where the profiles are from."""
    if isinstance(profiles, Holding):
        return _stored(profiles.store, customers, asked)
    if isinstance(profiles, Held):
        _refuse_said(asked)
        mine = replace(asked, decisions=profiles.labels, clusters=profiles.clusters)
        return _of(profiles, mine), profiles.customers if customers is None else customers
    if isinstance(profiles, Attached):
        if customers is None:
            raise TableError("metrics: give the customers' table too; a result of attach does not hold it")
        return _of(profiles, asked), customers
    if isinstance(profiles, Path) or (isinstance(profiles, str) and "://" not in profiles):
        folder = Path(profiles)
        if kept := store_of_run(folder):
            return _stored(kept, customers, asked)
        found = of_run(folder, decisions=asked.decisions, clusters=asked.clusters, seen_on=asked.seen_on)
        return found, customers if customers is not None else customers_of_run(folder)
    return _stored(profiles, customers, asked)


def _of(result: Attached, asked: _Asked) -> Seen:
    return of_attached(result, decisions=asked.decisions, clusters=asked.clusters, seen_on=asked.seen_on)


def _stored(where: str | Store, customers: tables.Source | None, asked: _Asked) -> tuple[Seen, tables.Source]:
    from socialmerge.outcomes.seen_store import customers_in, of_store
    from socialmerge.store import Store

    _refuse_said(asked)
    if not isinstance(where, (str, Store)):
        raise TableError(f"metrics: {_PROFILES}, not {type(where).__name__}")
    store = Store.open(where, key=asked.key, create=False) if isinstance(where, str) else where
    try:
        with store.snapshot() as view:
            seen = of_store(view, seen_on=asked.seen_on)
            return seen, customers if customers is not None else customers_in(view)
    finally:
        if store is not where:
            store.close()


def _refuse_said(asked: _Asked) -> None:
    if asked.decisions is not None or asked.clusters is not None:
        raise TableError("metrics: a store has decisions and clusters of its own; give them with a run only")


def _not_ahead(seen: Seen, today: int) -> tuple[Seen, list[str]]:
    """Profiles that were seen after today have a wrong date: it counts as unknown."""
    ahead = (seen.day > today) & (seen.day != NEVER)
    notes = []
    if ahead.any():
        notes.append(f"profiles: {some(ahead.sum(), 'was', 'were')} first seen in the future, which counts as unknown")
    day = np.where(ahead, NEVER, seen.day)
    undated = int((day == NEVER).sum())
    if undated:
        notes.append(
            f"profiles: {some(undated, 'has', 'have')} no date of when first seen, which seen_on= gives; whose that is "
            "counts neither as a later nor as an earlier customer"
        )
    return replace(seen, day=day), notes


def _metrics(funnel: Funnel, base: Customers, said: Sequence[str], columns: tuple[tuple[str, str], ...]) -> Metrics:
    seen, people = funnel.seen, funnel.people
    everything = np.zeros(len(seen.channel), np.int64)
    notes = [NOT_CAUSAL, *said]
    outside = int((funnel.attached & (funnel.person < 0)).sum())
    if outside:
        notes.append(
            f"profiles: {some(outside, 'is', 'are')} attached to somebody not in the customer table, which counts as 0"
        )
    if seen.judged.any():
        notes.append(_CHOSEN)
    if people.revenue is None and not any(said.startswith("orders: no column with an amount") for said in notes):
        notes.append("customers: no column with revenue is found; name it with columns=, or give orders=")
    return Metrics(
        totals=_table(funnel.figures(everything, 1), figures.totals_schema()),
        channels=_channels(funnel),
        months=_months(funnel),
        rounds=_rounds(funnel),
        groups=_groups(people, funnel.reached),
        coverage=_coverage(funnel, people, len(base.ids)),
        currency=people.currency,
        columns=columns,
        warnings=tuple(dict.fromkeys(notes)),
    )


def _table(found: Mapping[str, pa.Array], schema: pa.Schema) -> pa.Table:
    return pa.table([found[name] for name in schema.names], schema=schema)


def _channels(funnel: Funnel) -> pa.Table:
    codes, names = rank_codes(funnel.seen.channel)
    return _table({"channel": names, **funnel.figures(codes, len(names))}, figures.channels_schema())


def _months(funnel: Funnel) -> pa.Table:
    codes, names = rank_codes(funnel.seen.channel)
    day, known = funnel.seen.day, funnel.seen.day != NEVER
    month = np.where(known, day, 0).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    month = np.where(known, month, np.iinfo(np.int32).max)  # what has no month comes last
    key, group = np.unique(month * max(len(names), 1) + codes, return_inverse=True)
    of = key // max(len(names), 1)
    dated = of != np.iinfo(np.int32).max
    first = np.where(dated, of, 0).astype("datetime64[M]").astype("datetime64[D]").astype(np.int32)
    head = {
        "month": pa.array(first, pa.int32(), mask=~dated).cast(pa.date32()),
        "channel": names.take(pa.array(key % max(len(names), 1))),
    }
    return _table(head | funnel.figures(group.reshape(-1), len(key)), figures.months_schema())


def _rounds(funnel: Funnel) -> pa.Table:
    rounds, group = funnel.seen.rounds, funnel.seen.round
    count = rounds.num_rows
    earliest = np.full(len(funnel.people.entity), NEVER)
    rows = np.flatnonzero(funnel.person >= 0)
    np.minimum.at(earliest, funnel.person[rows], group[rows])
    credit = np.where(earliest == NEVER, -1, earliest)
    head = {"round": pa.array(np.arange(1, count + 1)), **{name: rounds[name] for name in rounds.column_names}}
    then = {name: rounds[name].to_numpy() for name in THEN}
    head["attach_rate_then"] = share(then["attached_then"], then["profiles_then"])
    head["review_rate_then"] = share(then["reviews_then"], then["profiles_then"])
    judged = precision(then["judged_then"], then["right_then"])
    head |= {f"{name}_then": values for name, values in judged.items() if name.startswith("precision")}
    return _table(head | funnel.figures(group, count, credit=credit), figures.rounds_schema())


def _groups(people: People, reached: Flags) -> pa.Table:
    rows: list[dict[str, object]] = []
    for measure, values, scale in (("revenue", people.revenue, SCALE), ("orders", people.orders, 1)):
        if values is not None:
            rows += _group(measure, [values[people.customer & of] for of in (reached, ~reached)], scale)
    return pa.Table.from_pylist(rows, schema=figures.groups_schema())


def _group(measure: str, groups: Sequence[Ints], scale: int) -> list[dict[str, object]]:
    rows, means = [], [mean_of(values, scale=scale) for values in groups]
    for name, values, mean in zip(("attached", "others"), groups, means, strict=True):
        median = float(np.median(values)) / scale if values.size else None
        row = {"measure": measure, "group": name, "customers": values.size, "median": median}
        rows.append(row | {"total": int(values.sum()) / scale} | _interval(mean))
    less = {"measure": measure, "group": "difference", "customers": sum(values.size for values in groups)}
    return [*rows, less | _interval(difference(*means))]


def _interval(mean: Mean | None) -> dict[str, object]:
    return asdict(mean) if mean is not None else dict.fromkeys(("mean", "low", "high"))


def _coverage(funnel: Funnel, people: People, table_rows: int) -> pa.Table:
    reached, buys = funnel.reached, people.customer
    rows = [
        _covered("rows", int(reached[people.row].sum()), table_rows),
        _covered("people", int(reached.sum()), len(reached)),
        _covered("customers", int((reached & buys).sum()), int(buys.sum())),
    ]
    for measure, values, scale in (("orders", people.orders, 1), ("revenue", people.revenue, SCALE)):
        if values is not None:
            part, whole = int(values[reached].sum()) / scale, int(values.sum()) / scale
            share = part / whole if whole > 0 else None
            rows.append({"measure": measure, "count": part, "whole": whole, "share": share})
    return pa.Table.from_pylist(rows, schema=figures.coverage_schema())


def _covered(measure: str, count: int, whole: int) -> dict[str, object]:
    low, high = wilson(count, whole) if whole else (None, None)
    share = count / whole if whole else None
    return {"measure": measure, "count": count, "whole": whole, "share": share, "low": low, "high": high}
