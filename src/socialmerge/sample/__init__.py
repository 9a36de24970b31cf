"""Made-up data to try the library on: a CRM of 2,000 rows, and exports of six channels in their shapes; a small shop.

Nobody in it exists: names are put together at random, addresses are under the domains that RFC 2606 sets aside,
telephone numbers are 555-01xx. In the repository ``python -m benchmarks.make_sample`` writes the files, and
``python -m benchmarks.make_shop`` those of the shop.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["customers", "exports", "shop"]

_HERE = Path(__file__).parent


def customers() -> Path:
    """The CRM: a CSV as HubSpot exports contacts, with about 6 % duplicates.

    >>> customers().name
    'customers.csv'
    """
    return _HERE / "customers.csv"


def exports() -> dict[str, Path]:
    """The exports by channel: of customers, strangers, namesakes, companies, bots, and one impersonator.

    >>> list(exports())
    ['github', 'x', 'mastodon', 'linkedin', 'slack', 'vcard']
    """
    names = {
        "github": "github.json",
        "x": "x.json",
        "mastodon": "mastodon.json",
        "linkedin": "Connections.csv",
        "slack": "users.json",
        "vcard": "contacts.vcf",
    }
    return {channel: _HERE / name for channel, name in names.items()}


def shop() -> dict[str, Path]:
    """A small shop's files: its spreadsheet with the usual faults, its orders, three exports, a pilot by hand.

    >>> list(shop())
    ['customers', 'orders', 'leads', 'followers', 'phone', 'pilot']
    """
    names = ("customers.csv", "orders.csv", "leads.json", "followers.json", "phone.vcf", "pilot.csv")
    return {name.partition(".")[0]: _HERE / "shop" / name for name in names}
