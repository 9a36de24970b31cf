"""Views: the part of a golden record that may be used on one channel for one purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge.channels.loader import PURPOSES
from socialmerge.channels.registry import all_channels, rules
from socialmerge.channels.strategy import Strategy
from socialmerge.channels.use import EXPLICIT, LEVELS
from socialmerge.errors import ChannelError, PolicyError, hint
from socialmerge.merging.accounts import PARTS
from socialmerge.merging.arrays import Mask, as_mask, codes_in, whole
from socialmerge.merging.consent import Consent, ConsentState, meet

__all__ = ["Asked", "View", "Viewed", "view"]

_UNKNOWN = ("refuse", "allow")


@dataclass(frozen=True, slots=True)
class View:
    """What may be used on ``channel`` for ``purpose``.

    ``records`` has the columns of the golden records, with the values that may be used and no others; people who said
    no, and people of whom nothing may be used, are not in it. ``withheld`` says of every other value why
    (``entity_id, field, claim_id, reason``), without the value; of an account it has no claim id. ``grounds`` says of
    every value that may be used on which ground it is held (``entity_id, field, claim_id, basis``; null for the
    customers' own).
    """

    channel: str
    purpose: str
    records: pa.Table
    withheld: pa.Table
    grounds: pa.Table


@dataclass(frozen=True, slots=True)
class Viewed:
    """What is looked at: the tables of a golden record."""

    records: pa.Table
    provenance: pa.Table
    consents: pa.Table
    holders: pa.Table


@dataclass(frozen=True, slots=True)
class Asked:
    """The question of a view: on which channel, for which purpose, under which strategy, and what of the unknown."""

    channel: str
    purpose: str
    strategy: Strategy
    unknown: str


def view(golden: Viewed, asked: Asked) -> View:
    """Give the view; see :meth:`socialmerge.merging.Golden.view`."""
    _check_kinds(asked.channel, asked.purpose, asked.strategy)
    channel, purpose, strategy = rules(asked.channel).name, asked.purpose, asked.strategy
    _check(channel, asked)
    records, provenance = golden.records, _under(golden.provenance, strategy)
    said = _said(golden.consents, channel, purpose)
    seen = pa.array(["public"] if strategy.use(channel).visibility == "public" else ["public", "private"])
    reason = _reasons(provenance, said, seen, purpose, allow_unknown=asked.unknown == "allow")
    used = provenance.filter(pc.equal(reason, ""))
    denied = as_mask(pc.is_in(records["entity_id"], pa.array(said.denied, pa.string())))
    accounts = _accounts(golden, said, seen, asked)
    columns = {"entity_id": records["entity_id"], "accounts": accounts.kept}
    columns |= {name: _column(records, name, used) for name in records.column_names[2:]}
    shown = pa.table(columns, schema=records.schema)
    shown = shown.filter(pa.array(~denied & _has_any(shown)))
    keys = ["entity_id", "field", "claim_id"]
    kept_back = provenance.select(keys).append_column("reason", reason)
    kept_back = pa.concat_tables([kept_back.filter(pc.not_equal(reason, "")), accounts.withheld])
    return View(channel, purpose, shown, kept_back.combine_chunks(), used.select([*keys, "basis"]).combine_chunks())


def _check_kinds(channel: object, purpose: object, strategy: object) -> None:
    """Refuse what is no name or no strategy; its type is said and not its value, which may be anybody's."""
    if not isinstance(channel, str):
        example = "the name of a channel, such as channel='mastodon'"
        raise ChannelError(f"view: channel= is {_kind(channel)}; give {example}")
    if not isinstance(purpose, str):
        raise PolicyError(f"view: purpose= is {_kind(purpose)}; give one of: {', '.join(PURPOSES)}")
    if not isinstance(strategy, Strategy):
        how = "Strategy.load(path) reads one from a channels.toml"
        raise PolicyError(f"view: strategy= is {_kind(strategy)}; give a Strategy: {how}")


def _kind(given: object) -> str:
    return "None" if given is None else f"of the type {type(given).__name__}"


def _check(channel: str, asked: Asked) -> None:
    purpose = asked.purpose
    if purpose not in PURPOSES:
        raise PolicyError(f"view: unknown purpose '{purpose}'{hint(purpose, PURPOSES)}")
    if asked.unknown not in _UNKNOWN:
        raise PolicyError("view: unknown= is 'refuse' or 'allow'")
    good = asked.strategy.good_for(purpose)
    if channel not in good:
        named = f"these channels are: {', '.join(good)}" if good else "no channel is; see the strategy"
        raise PolicyError(f"view: {channel} is not good for {purpose}; {named}")


def _under(provenance: pa.Table, strategy: Strategy) -> pa.Table:
    """Provenance on the strategy's terms: purposes and basis as it says, visibility as usual or narrower."""
    if not strategy.uses:
        return provenance
    channel = pc.dictionary_encode(whole(provenance["channel"]))
    uses = [strategy.use(name) if name in all_channels() else None for name in channel.dictionary.to_pylist()]
    terms = {
        "purposes": pa.array([list(one.purposes) if one else None for one in uses], pa.list_(pa.string())),
        "basis": pa.array([one.basis if one else None for one in uses], pa.string()),
    }
    for name, values in terms.items():
        place = provenance.column_names.index(name)
        provenance = provenance.set_column(place, name, values.take(channel.indices))
    place = provenance.column_names.index("visibility")
    return provenance.set_column(place, "visibility", _narrowed(provenance, strategy))


def _narrowed(provenance: pa.Table, strategy: Strategy) -> pa.Array:
    """The visibility of each value: the narrower of its own and what the strategy says of its attribute."""
    keys = pc.binary_join_element_wise(whole(provenance["channel"]), whole(provenance["attribute"]), "\0")
    hidden = {"\0".join(key): level for key, level in strategy.hidden().items()}
    return _narrower(whole(provenance["visibility"]), keys, hidden)


def _narrower(visibility: pa.Array, keys: pa.Array, told: Mapping[str, str]) -> pa.Array:
    """The narrower of each visibility and what is told of its key, where anything is."""
    levels = pa.array(LEVELS)
    places = pa.array([LEVELS.index(level) for level in told.values()], pa.int32())
    said = places.take(pc.index_in(keys, pa.array(list(told), pa.string()))).fill_null(0)
    return levels.take(pc.max_element_wise(pc.index_in(visibility, levels), said))


@dataclass(frozen=True, slots=True)
class _Consents:
    """What was said about one channel and one purpose: what the statements of each entity, of each row come to."""

    entity: dict[str, ConsentState]
    row: dict[str, ConsentState]

    @property
    def denied(self) -> list[str]:
        """The entities of people who said no."""
        return sorted(entity for entity, state in self.entity.items() if state is ConsentState.DENIED)


def _said(consents: pa.Table, channel: str, purpose: str) -> _Consents:
    about = [
        pc.is_in(consents[name], pa.array(["", one])) for name, one in (("channel", channel), ("purpose", purpose))
    ]
    rows = consents.filter(pc.and_(*about))
    keys = _row_keys(rows).to_pylist()
    by_entity: dict[str, list[Consent]] = {}
    by_row: dict[str, list[Consent]] = {}
    for key, row in zip(keys, rows.to_pylist(), strict=True):
        by_entity.setdefault(row.pop("entity_id"), []).append(one := Consent(**row))
        by_row.setdefault(key, []).append(one)
    return _Consents(
        {entity: meet(statements) for entity, statements in by_entity.items()},
        {key: meet(statements) for key, statements in by_row.items()},
    )


def _row_keys(table: pa.Table) -> pa.Array:
    """Name the row of each line, with the length of the source before it, so that no two different ones are equal."""
    source = whole(table["source"])
    return pc.binary_join_element_wise(pc.binary_length(source).cast(pa.string()), source, table["record_id"], ":")


def _reasons(provenance: pa.Table, said: _Consents, seen: pa.Array, purpose: str, *, allow_unknown: bool) -> pa.Array:
    """Give the reason why each value may not be used, "" where it may."""
    visible = pc.is_in(provenance["visibility"], seen)
    state = _states(provenance, said)
    given = _given(whole(provenance["purposes"]), purpose)
    hidden = pc.binary_join_element_wise(provenance["visibility"], "not for this channel", ": ")
    reason = pc.case_when(
        pc.make_struct(
            pc.invert(visible),
            pc.equal(state, ConsentState.DENIED.value),
            pc.equal(state, ConsentState.GRANTED.value),
            pc.fill_null(pc.equal(provenance["basis"], EXPLICIT), False),  # noqa: FBT003 - Arrow's signature
            pc.is_null(given),
            given.fill_null(False),  # noqa: FBT003 - Arrow's signature
        ),
        hidden,
        "the person said no",
        "",
        "no explicit consent",
        "" if allow_unknown else "no consent is known",
        "",
        "not given for this purpose",
    )
    return whole(reason)


def _states(provenance: pa.Table, said: _Consents) -> pa.Array:
    """Give what is known of each value's row; a no of the person is a no to all, and a pin speaks for the person."""
    person = _looked_up(whole(provenance["entity_id"]), said.entity)
    own = _looked_up(_row_keys(provenance), said.row)
    speaks = pc.or_(pc.equal(provenance["rule"], "pinned"), pc.equal(person, ConsentState.DENIED.value))
    return pc.if_else(whole(speaks), person, own)


def _looked_up(keys: pa.Array, states: dict[str, ConsentState]) -> pa.Array:
    known, found = pa.array(list(states), pa.string()), pa.array([one.value for one in states.values()], pa.string())
    return found.take(pc.index_in(keys, known)).fill_null(ConsentState.UNKNOWN.value)


def _given(purposes: pa.Array, purpose: str) -> pa.Array:
    """Say whether values were given for a purpose, null where nothing is known."""
    named = as_mask(pc.equal(pc.list_flatten(purposes), purpose))
    parents = pc.list_parent_indices(purposes).to_numpy(zero_copy_only=False)
    return pa.array(np.bincount(parents[named], minlength=len(purposes)) > 0, mask=as_mask(pc.is_null(purposes)))


def _column(records: pa.Table, name: str, used: pa.Table) -> pa.Array:
    """Rebuild a column from the values that may be used."""
    rows = used.filter(pc.equal(used["field"], name))
    ids = whole(records["entity_id"])
    kind = records.schema.field(name).type
    if not pa.types.is_list(kind):
        return whole(rows["value"]).take(pc.index_in(ids, whole(rows["entity_id"])))
    codes = codes_in(whole(rows["entity_id"]), ids)  # provenance is in the order of entities and values
    counts = np.bincount(codes, minlength=len(ids))
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
    return pa.ListArray.from_arrays(offsets, whole(rows["value"]), type=kind, mask=pa.array(counts == 0))


@dataclass(frozen=True, slots=True)
class _Accounts:
    """The accounts that may be named, and why the others may not, as rows of ``withheld``."""

    kept: pa.Array
    withheld: pa.Table


def _accounts(golden: Viewed, said: _Consents, seen: pa.Array, asked: Asked) -> _Accounts:
    """Keep the accounts that may be named.

    Those are what may be seen there, of a row whose person did not say no, and given for the purpose: by the consent of
    the row, or by a channel that is used for it.
    """
    lists = whole(golden.records["accounts"])
    flat, parents = pc.list_flatten(lists), pc.list_parent_indices(lists)
    entity = whole(golden.records["entity_id"]).take(parents)
    reason = _account_reasons(flat, _account_states(flat, entity, golden, said), seen, asked)
    mask = as_mask(pc.equal(reason, ""))
    counts = np.bincount(parents.to_numpy(zero_copy_only=False)[mask], minlength=len(lists))
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
    kept = pa.ListArray.from_arrays(offsets, flat.filter(pa.array(mask)), type=lists.type)
    out = pa.array(~mask)
    columns = [entity.filter(out), pa.repeat("accounts", int((~mask).sum())), pa.nulls(int((~mask).sum()), pa.string())]
    table = pa.table([*columns, reason.filter(out)], names=["entity_id", "field", "claim_id", "reason"])
    return _Accounts(kept, table)


def _account_reasons(flat: pa.StructArray, state: pa.Array, seen: pa.Array, asked: Asked) -> pa.Array:
    """Give the reason why each account may not be named, "" where it may."""
    strategy, hidden = asked.strategy, asked.strategy.hidden()
    channel = flat.field("channel")
    handles = {name: level for (name, attribute), level in hidden.items() if attribute == "handle"}
    visibility = _narrower(flat.field("visibility"), channel, handles)
    explicit = pa.array([name for name, use in strategy.uses.items() if use.basis == EXPLICIT], pa.string())
    return whole(
        pc.case_when(
            pc.make_struct(
                pc.invert(pc.is_in(visibility, seen)),
                pc.equal(state, ConsentState.DENIED.value),
                pc.equal(state, ConsentState.GRANTED.value),
                pc.is_in(channel, explicit),
                pc.is_in(channel, pa.array(strategy.good_for(asked.purpose), pa.string())),
            ),
            pc.binary_join_element_wise(visibility, "not for this channel", ": "),
            "the person said no",
            "",
            "no explicit consent",
            "",
            "not given for this purpose",
        )
    )


def _account_states(flat: pa.StructArray, entity: pa.Array, golden: Viewed, said: _Consents) -> pa.Array:
    """Give what is known of each account: by the person's no, else by what was said of the rows that it comes from."""
    own: dict[str, list[str]] = {}
    rows = _row_keys(golden.holders).to_pylist()
    accounts = _account_keys([golden.holders[name] for name in ("entity_id", *PARTS)]).to_pylist()
    for account, row in zip(accounts, rows, strict=True):
        own.setdefault(account, []).append(said.row.get(row, ConsentState.UNKNOWN))
    asked = _account_keys([entity, *(flat.field(name) for name in PARTS)]).to_pylist()
    found = []
    for account, person in zip(asked, entity.to_pylist(), strict=True):
        states = own.get(account, [])
        no = said.entity.get(person) is ConsentState.DENIED or ConsentState.DENIED in states
        yes = ConsentState.GRANTED in states
        state = ConsentState.DENIED if no else ConsentState.GRANTED if yes else ConsentState.UNKNOWN
        found.append(state.value)
    return pa.array(found, pa.string())


def _account_keys(columns: Sequence[pa.Array | pa.ChunkedArray]) -> pa.Array:
    """Name accounts, each part with its length before it, so that no two different ones are equal."""
    parts: list[pa.Array] = []
    for column in columns:
        filled = pc.fill_null(whole(column), "")
        parts += [pc.binary_length(filled).cast(pa.string()), filled]
    return pc.binary_join_element_wise(*parts, ":")


def _has_any(shown: pa.Table) -> Mask:
    mask: Mask = pc.list_value_length(whole(shown["accounts"])).to_numpy(zero_copy_only=False) > 0
    for name in shown.column_names[2:]:
        mask |= as_mask(pc.is_valid(shown[name]))
    return mask
