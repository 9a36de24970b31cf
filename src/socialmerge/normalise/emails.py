"""E-mail addresses: the exact key, the mailbox behind it by the provider's rules, and what kind of address it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from socialmerge.normalise import lexicon, text
from socialmerge.records import Account, Email, Missing

__all__ = ["GITHUB", "VERSION", "Domain", "domain_facts", "parse", "words_of_forms"]

VERSION = 1

_LONGEST = 254  # RFC 5321
_LONGEST_TEXT = 1000
# What is surely valid (RFC 5321 dot-atom, LDH labels): less than email-validator accepts, and equal to it on all of it.
_LOCAL = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*").fullmatch
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}").fullmatch
_SPECIAL = frozenset({"arpa", "invalid", "local", "localhost", "onion", "test"})  # for email-validator to judge
_ANGLE = re.compile(r"<\s*(?:mailto:)?([^<>\s]{3,254})\s*>")
_COMMENT = re.compile(r"\s*\([^()]{0,60}\)\s*\Z")
_SPELLED = re.compile(r"\s*[\[({]\s*(at|dot)\s*[\])}]\s*|\s+(at|dot)\s+", re.IGNORECASE)
_EDGES = " \t\r\n.,;:'\"<>()[]\u201c\u201d\u2018\u2019"
_GITHUB = re.compile(r"(?:([0-9]{1,20})\+)?([a-z0-9](?:[a-z0-9-]{0,38}))(?:\[bot\])?").fullmatch
GITHUB = "users.noreply.github.com"
_SHORT_LOCAL = 2
_SEPARATORS = str.maketrans("", "", ".-_")
# Local parts that mean something, without dots, dashes and underscores; of two meanings the later counts.
_LOCALS = {word: kind for kind in ("placeholder", "never", "noreply", "role") for word in lexicon.words("emails", kind)}


@dataclass(frozen=True, slots=True)
class Domain:
    """What an address inherits from its domain."""

    canonical: str
    kind: str
    ignored: str
    tags: str
    is_placeholder: bool
    name: str  # its first label
    is_plain: bool  # surely valid


def parse(raw: str) -> Email | Missing:
    """Parse an e-mail address, also as ``Name <address>``, as ``mailto:`` or spelled out (*ada [at] example.com*).

    ``canonical`` drops plus tags everywhere, and dots, dash tags and second domains where the provider documents them.
    Addresses of a post (info@) are values of kind "role". An address typed because a form wanted one (test@test.com,
    noemail@...) is a placeholder; several addresses in one text are malformed, for the schema splits them.

    >>> email = parse("Ada <Ada.Lovelace+news@GoogleMail.com>")
    >>> email.display, email.key, email.canonical, email.kind
    ('Ada.Lovelace+news@googlemail.com', 'ada.lovelace+news@googlemail.com', 'adalovelace@gmail.com', 'free')
    >>> parse("12345+ada@users.noreply.github.com").account.account_id, parse("info@example.com").kind
    ('12345', 'role')
    >>> parse("test@test.com").reason.value, parse("ada@example").reason.value
    ('placeholder', 'malformed')
    """
    return _quick(raw) or _slow(raw)


def words_of_forms() -> frozenset[str]:
    """Local parts, without dots, dashes and underscores, that may stand for no address at all.

    >>> "noemail" in words_of_forms()
    True
    """
    return lexicon.words("emails", "placeholder") | lexicon.words("emails", "never")


def _quick(raw: str) -> Email | Missing | None:
    """Take a plain address without asking email-validator; None where only that can tell."""
    local, at, domain = raw.partition("@")
    if not at or len(raw) > _LONGEST or not _LOCAL(local):
        return None
    domain = domain.lower()
    facts = domain_facts(domain)
    return _built(local, domain, f"{local}@{domain}", facts) if facts.is_plain else None


def _slow(raw: str) -> Email | Missing:
    if len(raw) > _LONGEST_TEXT:
        return text.MALFORMED if text.fold(raw[:_LONGEST_TEXT]) or raw.strip() else text.EMPTY
    from email_validator import EmailNotValidError, validate_email  # its patterns take a while, and few need them

    address = _address(text.clean(raw))
    try:
        valid = validate_email(address, check_deliverability=False)
    except (EmailNotValidError, UnicodeError):  # a domain that IDNA cannot take raises the second
        return _why_not(raw, address)
    domain = valid.ascii_domain.lower()
    return _built(valid.local_part, domain, valid.normalized, domain_facts(domain))


def _address(shown: str) -> str:
    """The address in a text that may hold a name, a comment or a scheme beside it."""
    angle = _ANGLE.search(shown)
    if angle:
        return angle[1].strip(_EDGES)
    if shown[:7].lower() == "mailto:":
        shown = unquote(shown[7:].partition("?")[0])
    if "@" not in shown:
        shown = _SPELLED.sub(lambda found: "@" if (found[1] or found[2]).lower() == "at" else ".", shown)
    return _COMMENT.sub("", shown).strip(_EDGES)


def _why_not(raw: str, address: str) -> Missing:
    reason = text.is_junk(raw)
    if reason is not None:
        return Missing(reason)
    local, _, domain = address.lower().rpartition("@")
    top = domain.rpartition(".")[2]
    if top in {"test", "invalid", "localhost"} or (local and local == domain.partition(".")[0]):
        return text.PLACEHOLDER
    return text.MALFORMED


def _built(local: str, domain: str, display: str, facts: Domain) -> Email | Missing:
    lower = local.lower()
    solid = lower.translate(_SEPARATORS)
    word = _LOCALS.get(solid, "")
    if (word or lower == facts.name or len(set(solid)) <= 1) and _is_placeholder(lower, solid, facts):
        return text.PLACEHOLDER
    key = f"{lower}@{domain}"
    if domain == GITHUB:
        return _github(lower, key, display)
    mailbox = _mailbox(lower, facts)
    kind = word if word in {"role", "noreply"} else facts.kind
    return Email(display, key, f"{mailbox}@{facts.canonical}", mailbox, domain, kind)


def _mailbox(local: str, facts: Domain) -> str:
    """The local part by the provider's rules; one that is nothing but a tag stays."""
    mailbox = local
    if "+" in local:
        mailbox = local.partition("+")[0] or local
    for tag in facts.tags:
        mailbox = mailbox.partition(tag)[0] or mailbox
    for char in facts.ignored:
        mailbox = mailbox.replace(char, "") or mailbox
    return mailbox


def _github(local: str, key: str, display: str) -> Email:
    """GitHub's private addresses carry the login, and the stable id in all newer ones."""
    found = _GITHUB(local)
    account = Account("github", account_id=found[1] or "", handle=found[2]) if found else None
    return Email(display, key, key, local, GITHUB, "noreply", account)


def _is_placeholder(local: str, solid: str, facts: Domain) -> bool:
    if solid in lexicon.words("emails", "never"):
        return True
    typed = solid in lexicon.words("emails", "placeholder")
    if local == facts.name and (len(local) <= _SHORT_LOCAL or typed):
        return True
    if not (typed or len(set(solid)) == 1):
        return False
    return facts.is_placeholder or (facts.kind == "free" and len(solid) > _SHORT_LOCAL)


@lru_cache(maxsize=65_536)
def domain_facts(domain: str) -> Domain:
    """What an address at a domain, in lower case, inherits from it.

    >>> domain_facts("googlemail.com").canonical, domain_facts("gmail.com").ignored
    ('gmail.com', '.')
    """
    canonical = lexicon.mapping("emails", "same").get(domain, domain)
    if domain in lexicon.words("emails", "disposable"):
        kind = "disposable"
    elif domain.startswith(("noreply.", "no-reply.")):
        kind = "noreply"
    else:
        kind = "free" if domain in lexicon.words("emails", "free") else "company"
    return Domain(
        canonical,
        kind,
        lexicon.table("emails")["ignored"].get(canonical, ""),
        lexicon.table("emails")["tags"].get(canonical, ""),
        domain in lexicon.words("emails", "placeholder_domains"),
        domain.partition(".")[0],
        bool(_HOST(domain)) and "--" not in domain and domain.rpartition(".")[2] not in _SPECIAL,
    )
