"""Asking: which customer one profile is, were it brought in now."""

from __future__ import annotations

from collections.abc import Mapping

from socialmerge import channels, tables
from socialmerge.api.attaching import profiles_of as read_profiles
from socialmerge.errors import TableError
from socialmerge.resolver.answer import Answer
from socialmerge.resolver.intake import known_columns
from socialmerge.resolver.retelling import as_told_again
from socialmerge.resolver.session import Session

__all__ = ["answered"]


def answered(session: Session, profile: Mapping[str, object], *, channel: str | None, trusted: bool) -> Answer:
    """The answer about one profile, with what is known of it already; nothing is written.

    Raises:
        TableError: the profile is empty, or cannot be read.
        ChannelError: it is no export of that channel, or is not recognised.
    """
    if not profile:
        raise TableError("resolve: the profile is empty; give what is known of it, at least a channel and a handle")
    source = tables.lasting([profile], what="profile")
    proven = trusted or channels.is_export(source, channel=channel)
    table = known_columns(read_profiles(source, channel)[0])
    told, sure = as_told_again(session.store, table, proven=proven, clears=session.policy.clears)
    return Answer.of(session.asked(told, proven=sure), table, proven=proven)
