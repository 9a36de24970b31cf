"""Finds IP addresses, which the library drops from every export when it reads it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

__all__ = ["is_address", "names_address", "without_addresses"]

_SMALL_TO_LARGE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NAMES = re.compile(r"(?:^|[_\W])(?:ip(?:[_ ]?v?[46])?(?:[_ ]?addr(?:ess)?(?:es)?)?|ips|remote[_ ]addr)(?:$|[_\W])")
_LOOKS = re.compile(r"[0-9a-fA-F:.]{3,45}")


def names_address(key: str) -> bool:
    """Whether a key says that it holds IP addresses: ``ip``, ``last_ip``, ``signupIp``, ``remote_addr``.

    >>> names_address("registration_ip_address"), names_address("zip")
    (True, False)
    """
    return _NAMES.search(_SMALL_TO_LARGE.sub("_", key).lower()) is not None


def is_address(text: str) -> bool:
    """Whether a whole text is an IP address.

    >>> is_address("192.0.2.1"), is_address("12:30")
    (True, False)
    """
    if _LOOKS.fullmatch(text) is None or (text.count(".") != 3 and ":" not in text):
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def without_addresses(value: object) -> object:
    """A JSON value without the keys and texts that hold IP addresses; an address alone becomes null."""
    if isinstance(value, Mapping):
        return {key: without_addresses(item) for key, item in value.items() if not names_address(str(key))}
    if isinstance(value, list | tuple):
        return [without_addresses(item) for item in value if not (isinstance(item, str) and is_address(item.strip()))]
    return None if isinstance(value, str) and is_address(value.strip()) else value
