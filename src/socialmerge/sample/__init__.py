"""Made-up data to try the library on: a CRM of 2,000 rows, and exports of six channels in their real shapes.

Nobody in it exists: names are put together at random, addresses are under the domains that RFC 2606 sets aside,
telephone numbers are 555-01xx. ``python -m benchmarks.make_sample`` in the repository writes the files.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["customers", "exports"]

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
