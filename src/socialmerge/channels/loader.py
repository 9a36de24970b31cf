"""Turns a channel's TOML into values; every problem of a file is said at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from socialmerge.channels.dates import NOTATIONS
from socialmerge.channels.fields import Fields, did_you_mean
from socialmerge.channels.formats import Attribute, Elements, Format, Signature, Source
from socialmerge.channels.paths import path
from socialmerge.channels.rules import ChannelRules, HandleRules, UrlForm, UrlRules
from socialmerge.channels.urlforms import compile_form
from socialmerge.errors import ChannelError
from socialmerge.records import profiles_schema

__all__ = ["BASES", "PURPOSES", "TRUST_KINDS", "VISIBILITIES", "Channel", "load"]

PURPOSES = ("marketing", "service", "research", "identity")
VISIBILITIES = ("public", "private")
TRUST_KINDS = ("verified", "asserted", "derived")
BASES = ("consent", "contract", "legitimate interest")
KINDS = ("records", "vcard", "jsonld", "mf2", "xml")

_HTML = ("text", "links")
_FORMAT_KEYS = frozenset(
    {
        *("name", "kind", "under", "require", "signatures", "attributes", "scope", "person", "not_person", "drop"),
        *("row", "skip", "unsure", "xml", "any_of", "aside"),
    }
)


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel: its rules and its file formats."""

    rules: ChannelRules
    formats: tuple[Format, ...]


def load(text: str, file: str) -> Channel:
    """One channel from the text of its TOML; ``file`` is its name for messages.

    Raises :class:`~socialmerge.errors.ChannelError` that lists every problem of the file, each with the key at fault.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ChannelError(f"{file} is not TOML: {error}") from error
    top = Fields(table)
    top.only({"name", "title", "aliases", "hub", "handle", "url", "use", "format"})
    rules = _rules(top)
    formats = tuple(_format(entry, rules.name) for entry in top.children("format"))
    if top.problems:
        listed = "\n".join(f"  {problem}" for problem in top.problems)
        raise ChannelError(f"{file} has {len(top.problems)} problem(s) to mend:\n{listed}")
    return Channel(rules, formats)


def _rules(top: Fields) -> ChannelRules:
    name = top.text("name")
    if not re.fullmatch(r"[a-z][a-z0-9]*", name):
        top.say("name", "must be there: lower-case letters and digits")
    use = top.child("use")
    use.only({"purposes", "visibility", "basis", "trust"})
    for key in sorted({"purposes", "visibility", "basis", "trust"} - use.table.keys()):
        use.say(key, "missing")
    return ChannelRules(
        name=name,
        title=top.text("title") or name,
        aliases=top.texts("aliases"),
        handle=_handle(top.child("handle")),
        url=_url(top.child("url")),
        purposes=use.texts("purposes", choices=PURPOSES),
        visibility=use.text("visibility", choices=VISIBILITIES),
        trust=_trust(use.child("trust")),
        basis=use.text("basis", choices=BASES),
        is_hub=top.flag("hub"),
    )


def _trust(trust: Fields) -> Mapping[str, float]:
    trust.only(TRUST_KINDS)
    found = {}
    for kind in TRUST_KINDS:
        value = trust.table.get(kind)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            trust.say(kind, "must be a number from 0 to 1")
        else:
            found[kind] = float(value)
    return found


def _handle(handle: Fields) -> HandleRules:
    handle.only(
        {
            "pattern",
            "drop",
            "reserved",
            "placeholders",
            "scoped",
            "at_host",
            "is_domain",
            "schemes",
            "prefix",
            "name_part",
            "id_pattern",
            "bare_id",
        }
    )
    name_part = handle.regex("name_part")
    if name_part is not None and "name" not in name_part.groupindex:
        handle.say("name_part", "needs a group (?P<name>...)")
    return HandleRules(
        pattern=handle.regex("pattern") or re.compile(r"[^\s/]+"),
        drop=handle.text("drop"),
        reserved=frozenset(handle.texts("reserved")),
        placeholders=frozenset(handle.texts("placeholders")),
        scoped=handle.flag("scoped"),
        at_host=handle.flag("at_host"),
        is_domain=handle.flag("is_domain"),
        schemes=handle.texts("schemes"),
        prefix=handle.text("prefix") or "@",
        name_part=name_part,
        id_pattern=handle.regex("id_pattern"),
        bare_id=handle.regex("bare_id") or handle.regex("id_pattern"),
    )


def _url(url: Fields) -> UrlRules:
    url.only({"hosts", "forms", "handle_url", "id_url", "any_host"})
    listed = url.table.get("forms", [])
    if not isinstance(listed, list):
        url.say("forms", "must be a list of forms")
        listed = []
    forms = []
    for number, item in enumerate(listed):
        if not isinstance(item, str | dict):
            url.say(f"forms[{number}]", "must be a form, or a table with one")
            continue
        entry = url.entry("forms", number, {"form": item} if isinstance(item, str) else item)
        form = _form(entry)
        if form is not None:
            forms.append(form)
    return UrlRules(
        hosts=url.texts("hosts"),
        forms=tuple(forms),
        handle_url=url.text("handle_url"),
        id_url=url.text("id_url"),
        any_host=url.flag("any_host"),
    )


def _form(entry: Fields) -> UrlForm | None:
    entry.only({"form", "handle", "namespace", "person", "nobody"})
    try:
        pattern, query = compile_form(entry.text("form"))
    except ValueError as error:
        entry.say("form", str(error))
        return None
    return UrlForm(
        pattern=pattern,
        query=query,
        handle=entry.text("handle"),
        namespace=entry.text("namespace"),
        is_person=entry.flag_or_none("person"),
        nobody=entry.flag("nobody"),
    )


def _format(entry: Fields, channel: str) -> Format:
    entry.only(_FORMAT_KEYS)
    attributes = entry.child("attributes")
    return Format(
        channel=channel,
        name=entry.text("name"),
        kind=entry.text("kind", choices=KINDS) or "records",
        under=entry.paths("under") or (path(""),),
        require=entry.paths("require"),
        signatures=tuple(_signature(item) for item in entry.children("signatures")),
        attributes={key: _attribute(attributes, key) for key in attributes.table if _is_column(attributes, key)},
        scope=_attribute(entry, "scope"),
        person=entry.conditions("person"),
        not_person=entry.conditions("not_person"),
        drop=frozenset(entry.texts("drop")),
        row=_attribute(entry, "row"),
        xml=_elements(entry.child("xml")) if "xml" in entry.table else None,
        unsure=tuple(_signature(item) for item in entry.children("unsure")),
        skip=entry.conditions("skip"),
        any_of=entry.paths("any_of"),
        aside=entry.flag("aside"),
    )


def _elements(xml: Fields) -> Elements:
    xml.only({"root", "record", "keep", "inherit", "needs", "first", "last"})
    for key in ("root", "record", "keep"):
        if not xml.table.get(key):
            xml.say(key, "missing")
    return Elements(
        root=xml.text("root"),
        record=xml.text("record"),
        keep=frozenset(xml.texts("keep")),
        inherit=frozenset(xml.texts("inherit")),
        needs=xml.text("needs"),
        first=frozenset(xml.texts("first")),
        last=frozenset(xml.texts("last")),
    )


def _is_column(attributes: Fields, key: str) -> bool:
    known = set(profiles_schema().names) - {"profile_id", "channel", "scope", "is_person"}
    if key in known:
        return True
    attributes.say(key, f"no column of profiles{did_you_mean(key, known)}")
    return False


def _signature(entry: Fields) -> Signature:
    entry.only({"has", "under"})
    return Signature(has=entry.conditions("has"), under=entry.text("under") if "under" in entry.table else None)


def _attribute(owner: Fields, key: str) -> Attribute:
    """A path, a table, or a list of them; a list inside the list holds alternatives."""
    value = owner.table.get(key, [])
    groups = []
    for item in value if isinstance(value, list) else [value]:
        alternatives = item if isinstance(item, list) else [item]
        made = [_source(owner, key, alternative) for alternative in alternatives]
        groups.append(tuple(source for source in made if source is not None))
    return tuple(groups)


def _source(owner: Fields, key: str, item: object) -> Source | None:
    if not isinstance(item, str | dict):
        owner.say(key, "must be a path, a table with a path, or a list of them")
        return None
    entry = Fields({"path": item} if isinstance(item, str) else item, owner.at(key), owner.problems)
    entry.only(
        {
            "path",
            "pattern",
            "template",
            "html",
            "strip",
            "host_of",
            "when",
            "date",
            "join",
            "separator",
            "split",
            "remove",
            "mojibake",
        }
    )
    where = entry.path("path", entry.text("path"))
    if where is None:
        return None
    return Source(
        path=where,
        pattern=entry.regex("pattern"),
        template=entry.text("template"),
        html=entry.text("html", choices=_HTML),
        strip=entry.text("strip"),
        host_of=entry.path("host_of", entry.text("host_of")) if "host_of" in entry.table else None,
        when=entry.conditions("when"),
        date=entry.text("date", choices=NOTATIONS),
        join=entry.paths("join"),
        separator=entry.text("separator") or ", ",
        split=entry.text("split"),
        remove=entry.regex("remove"),
        mojibake=entry.flag("mojibake"),
    )
