"""The two sides of the chain from tables: names, accounts, e-mail addresses and websites of either."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from socialmerge import tables
from socialmerge.matching.chain_names import ChainNames, NameColumns
from socialmerge.matching.chain_sides import EMAIL, ID, WEBSITE, ChainColumn, ChainSide, ChainValue
from socialmerge.matching.own_accounts import OwnAccounts
from socialmerge.normalise import accounts, emails, lexicon, names, plain_names, text, urls
from socialmerge.normalise.columnar import emails as mailboxes
from socialmerge.normalise.columns import distinct, encode
from socialmerge.records import Account, Email, Kind, Missing, PersonName, Url
from socialmerge.schema import Column

__all__ = ["customer_side", "profile_side"]

Codes = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
NAME_PARTS = ("full", "given", "family", "middle", "suffix", "nickname")
_APART = "\x1f"


@dataclass(frozen=True, slots=True)
class _Strings:
    """Texts with the row that each is of."""

    row: Ints
    text: pa.Array


_NONE = _Strings(np.empty(0, np.int64), pa.array([], pa.string()))


def profile_side(profiles: pa.Table, own: OwnAccounts | None = None, *, proven: bool = True) -> ChainSide:
    """The chain's side of a table with :func:`socialmerge.records.profiles_schema`.

    ``own`` are the accounts that the profiles are, where they are known already. ``proven`` says that the platform
    itself wrote the rows, so that an account is its profile's beyond doubt; plain rows may be anybody's, and only
    assert what they say.
    """
    columns = {"full": "display_name", "given": "given_name", "family": "family_name"}
    found, code = _names(profiles, {part: name for part, name in columns.items() if name in profiles.column_names})
    chain = [*_own_accounts(own or OwnAccounts.of(profiles), proven=proven)]
    addresses, links = (
        _strings(profiles, column if proven else "") for column in ("verified_emails", "verified_links")
    )
    chain += _addresses(_strings(profiles, "emails"), addresses)
    for column in ("links", "websites"):
        chain += _links(_strings(profiles, column), links)
    return ChainSide.of(found, code, chain)


def customer_side(customers: pa.Table, columns: Sequence[Column]) -> ChainSide:
    """The chain's side of a customer table whose columns mean ``columns``.

    Of what a customer record says, a stable id proves an account; a handle does not, for handles are renamed and taken
    by others.
    """
    by_part: dict[str, str] = {}
    for column in columns:
        if column.kind is Kind.NAME and column.part in NAME_PARTS:
            by_part.setdefault(column.part, column.name)
    found, code = _names(customers, by_part)
    chain: list[ChainColumn] = []
    for column in columns:
        strings = _strings(customers, column.name, column.separator)
        if column.kind is Kind.ACCOUNT and column.part == "id":
            chain += _stable_ids(strings, column.channel)
        elif column.kind is Kind.ACCOUNT:
            chain += _links(strings, channel=column.channel or ("x" if column.part == "handle" else ""))
        elif column.kind is Kind.URL:
            chain += _links(strings)
        elif column.kind is Kind.EMAIL:
            chain += _addresses(strings)
    side = ChainSide.of(found, code, chain)
    stable = np.array([*(kind.startswith(ID) for kind in side.kinds), False], bool)
    return replace(side, verified=stable[side.kind])


def _names(table: pa.Table, columns: dict[str, str]) -> tuple[ChainNames, Codes]:
    """Distinct names and the place of each row's, -1 for none."""
    if not columns or not table.num_rows:
        return ChainNames.of([]), np.full(table.num_rows, -1, np.int32)
    parts = [
        pc.fill_null(
            tables.strings(_whole(table[columns[part]])) if part in columns else pa.nulls(table.num_rows, pa.string()),
            "",
        )
        for part in NAME_PARTS
    ]
    joined = pc.dictionary_encode(pc.binary_join_element_wise(*parts, _APART))
    written = joined.indices.to_numpy()
    first = np.zeros(len(joined.dictionary), np.int64)
    first[written[::-1]] = np.arange(len(written))[::-1]
    names, place = _parsed([part.take(pa.array(first)) for part in parts], joined.dictionary)
    return names, place[written]


def _parsed(parts: Sequence[pa.Array], joined: pa.Array) -> tuple[ChainNames, Codes]:
    """Distinct names of distinct texts, and the place of each, -1 for what is no name."""
    full, given, family, middle, suffix, nickname = parts
    in_columns, in_one = plain_names.of_columns(given, middle, family), plain_names.of_full(full)
    apart = pc.and_(pc.equal(full, ""), pc.equal(pc.binary_join_element_wise(suffix, nickname, ""), ""))
    apart = pc.and_(apart, in_columns.plain)
    whole = pc.and_(pc.equal(pc.binary_join_element_wise(given, family, ""), ""), in_one.plain)
    plain = pc.or_(apart, whole)
    named = [
        pc.if_else(apart, one, other).filter(plain)
        for one, other in zip(
            (in_columns.given, in_columns.middle, in_columns.family),
            (in_one.given, in_one.middle, in_one.family),
            strict=True,
        )
    ]
    rest = distinct(joined.filter(pc.invert(plain)), _parse_name)
    columns = NameColumns.plain(*named).followed_by(NameColumns.of(rest.values))
    names, place = ChainNames.of_columns(columns).distinct()
    easy = plain.to_numpy(zero_copy_only=False)
    found = np.full(len(joined), -1, np.int32)
    found[easy] = place[: int(easy.sum())]
    found[~easy] = np.append(place[int(easy.sum()) :], -1)[rest.codes]
    return names, found


def _parse_name(joined: str) -> PersonName | Missing:
    full, given, family, middle, suffix, nickname = (joined.split(_APART) + [""] * 6)[:6]
    if not (given or family):
        return names.parse(full)
    found = names.from_parts(given=given, family=family, middle=middle, suffix=suffix, nickname=nickname)
    whole = names.parse(full) if full else found
    if isinstance(found, Missing) or isinstance(whole, Missing):
        return whole if isinstance(found, Missing) else found
    same = whole.given and whole.family and whole.family == found.family
    return replace(
        found,
        middle=found.middle or (whole.middle if same else ""),
        suffix=found.suffix or whole.suffix,
        nickname=found.nickname or whole.nickname,
        is_organisation=found.is_organisation or whole.is_organisation,
    )


def _whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _strings(table: pa.Table, column: str, separator: str = "") -> _Strings:
    """Every text of a column, of lists each member."""
    if column not in table.column_names:
        return _NONE
    array = _whole(table[column])
    if separator and not pa.types.is_list(array.type):
        array = pc.split_pattern(tables.strings(array), separator)
    if pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        return _Strings(
            pc.list_parent_indices(array).to_numpy().astype(np.int64), tables.strings(pc.list_flatten(array))
        )
    return _Strings(np.arange(len(array)), tables.strings(array))


def _own_accounts(own: OwnAccounts, *, proven: bool) -> Iterator[ChainColumn]:
    """The account that each profile is, proved by the platform that it comes from: its handle, and its stable id."""
    has, stable = (pc.not_equal(part, "").to_numpy(zero_copy_only=False) for part in (own.handle, own.account_id))
    channels = encode(own.channel)
    for code, channel in enumerate(channels.values):
        rows = np.flatnonzero((channels.codes == code) & has)
        if len(rows):
            at = pa.array(rows)
            chosen, handle = own.chosen.take(at), own.handle.take(at)
            yield ChainColumn(channel, rows, np.arange(len(rows)), chosen, handle, _nothing(len(rows)), proven)
        rows = np.flatnonzero((channels.codes == code) & stable)
        scopes = encode(own.scope.take(pa.array(rows)))
        for scope in sorted(scopes.values):
            some = rows[scopes.codes == scopes.values.index(scope)]
            ids, none = own.account_id.take(pa.array(some)), _nothing(len(some))
            yield ChainColumn(f"{ID}{channel}:{scope}", some, np.arange(len(some)), none, ids, none, proven)


def _addresses(strings: _Strings, verified: _Strings = _NONE) -> list[ChainColumn]:
    """E-mail addresses; one that its platform proved is verified, and a no-reply address is an account."""
    written = pc.dictionary_encode(strings.text)
    raw, code = written.dictionary, pc.fill_null(written.indices, -1).to_numpy()
    mailbox = pc.fill_null(mailboxes.keys(raw), "")
    local = pc.replace_substring_regex(mailbox, pattern="@.*$", replacement="")
    asked = np.flatnonzero(_may_be_nobodys(mailbox, local))
    parsed = [emails.parse(text) for text in raw.take(pa.array(asked)).to_pylist()]
    people = pc.not_equal(mailbox, "").to_numpy(zero_copy_only=False).copy()
    people[asked] = [isinstance(email, Email) and email.kind != "role" and not email.account for email in parsed]
    shown = pc.fill_null(pc.index_in(verified.text, value_set=raw), -1).to_numpy()
    # what one row's platform proved says nothing of another row that shows the same
    proved = np.isin(strings.row * len(raw) + code, (verified.row * len(raw) + shown)[shown >= 0])
    nothing = _nothing(len(raw))
    found = []
    for proof in (True, False):
        rows = np.flatnonzero((code >= 0) & np.append(people, np.False_)[code] & (proved == proof))
        if len(rows):
            found.append(ChainColumn(EMAIL, strings.row[rows], code[rows], local, mailbox, nothing, verified=proof))
    known = zip(asked.tolist(), parsed, strict=True)
    logins = {place: email.account for place, email in known if isinstance(email, Email) and email.account}
    return found + _logins(strings.row, code, logins)


def _may_be_nobodys(mailbox: pa.Array, local: pa.Array) -> Flags:
    """Addresses that may be an office's, a login's, or at a machine's own name: for the parser to judge."""
    solid = pc.replace_substring_regex(local, pattern="[._-]", replacement="")
    office = pc.is_in(solid, value_set=pa.array(sorted(lexicon.words("emails", "role")), pa.string()))
    machine = pc.invert(pc.match_substring_regex(mailbox, r"@.*\."))
    found = pc.and_(pc.not_equal(mailbox, ""), pc.or_(pc.or_(office, machine), pc.ends_with(mailbox, emails.GITHUB)))
    flags: Flags = found.to_numpy(zero_copy_only=False)
    return flags


def _logins(row: Ints, code: Ints, accounts: dict[int, Account]) -> list[ChainColumn]:
    """The accounts that no-reply addresses name."""
    values: dict[str, list[tuple[int, ChainValue]]] = {}
    for place in np.flatnonzero(np.isin(code, list(accounts))).tolist():
        for kind, value in _account_values(accounts[int(code[place])]):
            values.setdefault(kind, []).append((int(row[place]), value))
    return [ChainColumn.of(kind, several) for kind, several in sorted(values.items())]


def _nothing(size: int) -> pa.Array:
    return pa.array([""], pa.string()).take(pa.array(np.zeros(size, np.int64)))


def _links(strings: _Strings, verified: _Strings = _NONE, *, channel: str = "") -> list[ChainColumn]:
    """Links and handles: an account where the text names one, else a website."""
    by_kind: dict[tuple[str, bool], list[tuple[int, ChainValue]]] = {}
    proved = set(zip(verified.row.tolist(), verified.text.to_pylist(), strict=True))
    parsed = distinct(strings.text, lambda raw: _link(raw, channel))
    for row, code in zip(strings.row.tolist(), parsed.codes.tolist(), strict=True):
        if code >= 0:
            raw, values = parsed.values[code]
            for kind, value in values:
                by_kind.setdefault((kind, (row, raw) in proved), []).append((row, value))
    return [ChainColumn.of(kind, values, verified=proof) for (kind, proof), values in sorted(by_kind.items())]


def _stable_ids(strings: _Strings, channel: str) -> list[ChainColumn]:
    """A column of a channel's own ids: they never change, unlike handles."""
    parsed = distinct(strings.text, text.parse)
    found = zip(strings.row.tolist(), parsed.codes.tolist(), strings.text.to_pylist(), strict=True)
    values = [(row, ChainValue("", raw.strip())) for row, code, raw in found if code >= 0]
    return [ChainColumn.of(f"{ID}{channel}:", values)] if values else []


def _link(raw: str, channel: str) -> tuple[str, list[tuple[str, ChainValue]]] | Missing:
    account = accounts.parse(raw, channel=channel)
    if isinstance(account, Account) and account.channel != "web":
        return raw, _account_values(account)
    web = urls.parse(raw)
    if isinstance(web, Url):
        return raw, [(WEBSITE, ChainValue(web.label, web.key, web.host))]
    return web


def _account_values(account: Account) -> list[tuple[str, ChainValue]]:
    values = []
    if account.handle:
        values.append((account.channel, ChainValue(accounts.name_part(account), account.handle)))
    if account.account_id:
        values.append((f"{ID}{account.channel}:{account.scope}", ChainValue("", account.account_id)))
    return values
