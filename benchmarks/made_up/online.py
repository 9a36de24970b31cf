"""People as the web shows them: authors of commits, speakers of two conferences, and pages of links.

``noise`` multiplies every rate of change: 1 is what the set is named for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.made_up.crowd import Crowd, crowd
from benchmarks.made_up.folder import Rows, write_attach, write_dedupe, write_link
from benchmarks.made_up.slips import typo
from benchmarks.people import WORDS, invented, letters

__all__ = ["write_commits", "write_link_pages", "write_speakers"]

_HOSTS = ("laptop.local", "build-7.(none)", "localhost", "desk.lan")
_CHANNELS = {
    "github": "https://github.com/{}", "x": "https://x.com/{}", "instagram": "https://www.instagram.com/{}",
    "linkedin": "https://www.linkedin.com/in/{}", "youtube": "https://www.youtube.com/@{}", "web": "https://{}.example.net",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Somebody:
    """One made-up person online: a handle of choice, a place of work, addresses."""

    given: str
    family: str
    handle: str
    company: str
    domain: str
    mail: str

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"


def _somebody(rng: Random, names: Crowd) -> _Somebody:
    given, family = names.a_given(rng), names.a_family(rng)
    one, two = letters(given), letters(family)
    forms = (
        one[0] + two,
        one + two[0],
        two,
        one + two,
        f"{one}{rng.randint(1, 99)}",
        f"{one}.{two}",
        invented(rng),
        invented(rng),
    )
    company = rng.choice(WORDS.companies)
    return _Somebody(given, family, rng.choice(forms), company.name, company.domain, rng.choice(WORDS.free_mail))


def write_commits(folder: Path, *, size: int, seed: int, noise: float = 1.0) -> None:
    """``size`` different pairs of name and e-mail address that authors of commits used, some three a person."""
    rng = Random(seed)  # noqa: S311 - repeatable is what it must be
    names, rows, person = crowd(rng), Rows.of("name", "email"), 0
    while len(rows.cells) < size:
        who, second = _somebody(rng, names), rng.choice(WORDS.free_mail)
        found: dict[tuple[str, str], None] = {}
        for _ in range(rng.choice((1, 1, 2, 2, 3, 4, 6))):
            found[_signed(rng, who, noise), _mailed(rng, who, second, noise)] = None
        for cells in found:
            rows.add(person, cells)
        person += 1
    write_dedupe(folder, rows.shuffled(rng))


def _signed(rng: Random, who: _Somebody, noise: float) -> str:
    """The name in somebody's settings on this machine."""
    if rng.random() > 0.45 * noise:
        return who.name
    forms = (who.handle, who.given, f"{who.given[0]}. {who.family}", f"{who.family}, {who.given}", who.name.lower())
    return rng.choice((*forms, typo(rng, who.name)))


def _mailed(rng: Random, who: _Somebody, second: str, noise: float) -> str:
    """The address in somebody's settings on this machine."""
    if rng.random() > 0.55 * noise:
        return f"{who.handle}@{who.mail}"
    one, two = letters(who.given), letters(who.family)
    forms = (
        f"{one}.{two}@{who.domain}",
        f"{one[0]}{two}@{second}",
        f"{who.handle}@users.noreply.github.com",
        f"{who.handle}@{rng.choice(_HOSTS)}",
        f"{one}@{two}.example.org",
        f"{invented(rng)}@{second}",
    )
    return rng.choice(forms)


def write_speakers(folder: Path, *, size: int, seed: int, noise: float = 1.0) -> None:
    """Speakers of two conferences, ``size`` each: three in ten spoke at both, some for a new employer."""
    rng = Random(seed)  # noqa: S311 - repeatable is what it must be
    names = crowd(rng)
    sides = [Rows.of("name", "affiliation", "talk_title", "twitter"), Rows.of("speaker", "company", "title", "twitter")]
    for person in range(int(size * 1.7)):
        who = _somebody(rng, names)
        which = rng.choices(((0,), (1,), (0, 1)), weights=(0.7, 0.7, 0.3))[0]
        for side in which:
            sides[side].add(person, _spoke(rng, who, noise))
    write_link(folder, sides[0].shuffled(rng), sides[1].shuffled(rng))


def _spoke(rng: Random, who: _Somebody, noise: float) -> list[str]:
    name, company = who.name, who.company
    if rng.random() < 0.2 * noise:
        name = rng.choice(
            (f"{who.given[0]}. {who.family}", f"Dr. {who.name}", typo(rng, who.name), f"{who.given} X. {who.family}")
        )
    if rng.random() < 0.35 * noise:
        elsewhere = rng.choice(WORDS.companies).name
        company = rng.choice((company.partition(" ")[0], f"{company} Inc.", elsewhere, ""))
    subject = f"{rng.choice(WORDS.adjectives).title()} {rng.choice(WORDS.creatures)}: {rng.choice(WORDS.interests)}"
    talk = f"{subject} for {rng.choice(WORDS.titles).lower()}s"
    return [name, company, talk, f"@{who.handle}" if rng.random() < 0.4 else ""]


def write_link_pages(folder: Path, *, size: int, seed: int, noise: float = 1.0) -> None:
    """Customers with now and then an account or a site, and ``size`` pages of links, six in ten of a customer."""
    rng = Random(seed)  # noqa: S311 - repeatable is what it must be
    names = crowd(rng)
    customers, pages = Rows.of("first_name", "last_name", "email", "company", "website", "twitter", "github"), []
    for person in range(size):
        who = _somebody(rng, names)
        if rng.random() < 0.6:
            customers.add(person, _customer(rng, who))
        if rng.random() < 0.6:
            pages.append((person, _page(rng, who, noise)))
    rng.shuffle(pages)
    write_attach(folder, customers.shuffled(rng), pages)


def _customer(rng: Random, who: _Somebody) -> list[str]:
    work = f"{letters(who.given)}.{letters(who.family)}@{who.domain}"
    known = [f"https://{letters(who.handle)}.example.net", f"@{who.handle}", f"https://github.com/{who.handle}"]
    mail = work if rng.random() < 0.5 else f"{who.handle}@{who.mail}"
    company = who.company if rng.random() < 0.7 else ""
    return [who.given, who.family, mail, company, *(one if rng.random() < 0.2 else "" for one in known)]


def _page(rng: Random, who: _Somebody, noise: float) -> Mapping[str, object]:
    """A page of links: a handle, mostly a name, and accounts on other channels, some under another handle."""
    handle = letters(who.handle) if rng.random() > 0.25 * noise else invented(rng)
    links = []
    for channel in rng.sample(sorted(_CHANNELS), rng.choice((1, 2, 3, 4))):
        own = who.handle if rng.random() > 0.3 * noise else invented(rng)
        links.append(_CHANNELS[channel].format(letters(own)))
    shown: dict[str, object] = {"channel": "linktree", "handle": handle, "links": links}
    if rng.random() < 0.8:
        shown["display_name"] = rng.choice((who.name, who.name, who.name, who.given, who.handle))
    if rng.random() < 0.2:
        shown["emails"] = [f"{who.handle}@{who.mail}"]
    if rng.random() < 0.3:
        shown["bio"] = f"{rng.choice(WORDS.titles)} at {who.company}"
    return shown
