"""Numbers and counts in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["chance", "count", "days", "likelier", "listed", "money", "odds", "percent", "sentence", "shortened"]

_MOST_LETTERS = 160


def count(number: float, one: str = "", many: str = "") -> str:
    """A count with its noun.

    >>> count(1, "row"), count(12345, "row"), count(2, "person", "people"), count(0.5)
    ('1 row', '12,345 rows', '2 people', '0.5')
    """
    shown = f"{number:,.0f}" if float(number).is_integer() or abs(number) >= 100 else f"{number:,.1f}"
    noun = one if shown == "1" else many or (one and f"{one}s")
    return f"{shown} {noun}".rstrip()


def percent(share: float, *, digits: int = 1) -> str:
    r"""A share in [0, 1]; what is nearly nothing or nearly all does not become 0 or 100.

    >>> percent(0.5), percent(0.0), percent(0.00001), percent(0.99999), percent(1.0), percent(0.1234)
    ('50\xa0%', '0\xa0%', 'under 0.1\xa0%', 'over 99.9\xa0%', '100\xa0%', '12.3\xa0%')
    """
    if math.isnan(share):
        return "–"
    least = 10.0**-digits
    if 0 < share * 100 < least:
        return f"under {least:g}\xa0%"
    if 100 - least < share * 100 < 100:
        return f"over {100 - least:g}\xa0%"
    return f"{share * 100:.{digits}f}".removesuffix("." + "0" * digits) + "\xa0%"


def chance(probability: float) -> str:
    r"""A probability, never a whole hundred per cent: no evidence is as good as that.

    >>> chance(0.9962), chance(1.0), chance(0.0)
    ('99.6\xa0%', 'over 99.99\xa0%', 'under 0.01\xa0%')
    """
    if probability > 0.9999:
        return "over 99.99\xa0%"
    return (
        "under 0.01\xa0%"
        if probability < 0.0001
        else percent(probability, digits=1 if 0.01 < probability < 0.999 else 2)
    )


def likelier(bits: float) -> str:
    """What evidence of so many bits does to the odds.

    >>> likelier(13.0), likelier(-1.0), likelier(0.01), likelier(60)
    ('8,200 times likelier', '2 times less likely', 'no difference', 'over a billion times likelier')
    """
    if abs(bits) < 0.05:
        return "no difference"
    way = "likelier" if bits > 0 else "less likely"
    return f"{_times(abs(bits))} times {way}"


def odds(bits: float) -> str:
    """Odds of so many bits.

    >>> odds(-10.3), odds(0.0), odds(8.0)
    ('1 to 1,300 against', 'even', '260 to 1 for')
    """
    if abs(bits) < 0.05:
        return "even"
    return f"{_times(bits)} to 1 for" if bits > 0 else f"1 to {_times(-bits)} against"


def _times(bits: float) -> str:
    if bits >= 30:
        return "over a billion"
    ratio = 2.0**bits
    if ratio >= 10:
        rounded = float(f"{ratio:.2g}")
        return f"{rounded / 1e6:g} million" if rounded >= 1e6 else f"{rounded:,.0f}"
    return f"{ratio:.1f}".removesuffix(".0")


def listed(parts: Sequence[str]) -> str:
    """Words as a list.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else ""


def money(amount: float) -> str:
    """An amount, in the currency of the table.

    >>> money(1234.5), money(12.345)
    ('1,234', '12.35')
    """
    return "–" if math.isnan(amount) else f"{amount:,.0f}" if abs(amount) >= 100 else f"{amount:,.2f}"


def days(number: float) -> str:
    """A time in days.

    >>> days(1), days(12.4), days(0.2)
    ('1 day', '12 days', 'under a day')
    """
    return "–" if math.isnan(number) else "under a day" if 0 < number < 0.5 else count(round(number), "day")


def shortened(text: str, *, most: int = _MOST_LETTERS) -> str:
    """A text that is not too long to read.

    >>> shortened("abcdef", most=4)
    'abc…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def sentence(text: str) -> str:
    """A text that begins as a sentence does.

    >>> sentence("about 6 % repeat somebody")
    'About 6 % repeat somebody'
    """
    return f"{text[:1].upper()}{text[1:]}"
