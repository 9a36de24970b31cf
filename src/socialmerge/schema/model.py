"""What each column of a table means, as a value that prints."""

from __future__ import annotations

from dataclasses import dataclass

from socialmerge.records import Kind

__all__ = ["Column", "Schema"]


@dataclass(frozen=True, slots=True)
class Column:
    """What one column holds.

    ``part`` says which part of a name, place, date or account it is: ``"given"``, ``"city"``, ``"handle"``.
    ``channel`` is set for accounts of one channel. ``confidence`` in [0, 1] and ``reason`` say why the column was taken
    so. ``separator`` stands between the values of a cell that may hold several.
    """

    name: str
    kind: Kind
    part: str = ""
    channel: str = ""
    confidence: float = 1.0
    reason: str = ""
    separator: str = ""

    @property
    def meaning(self) -> str:
        """Kind, part and channel in one short text.

        >>> Column("twitter", Kind.ACCOUNT, "handle", "x").meaning
        'account: handle on x'
        """
        part = f": {self.part}" if self.part else ""
        return f"{self.kind.value}{part}{f' on {self.channel}' if self.channel else ''}"


@dataclass(frozen=True, slots=True)
class Schema:
    """What a table holds: its id column, its columns in order, and the country of its national phone numbers.

    ``region`` is ISO 3166 alpha-2, or ``""`` when the table does not say. ``notes`` are for the reader: what is unsure.
    """

    id_column: str
    columns: tuple[Column, ...]
    region: str = ""
    notes: tuple[str, ...] = ()

    def of(self, kind: Kind, part: str | None = None) -> tuple[Column, ...]:
        """Return the columns of a kind, and of a part where ``part`` is given.

        >>> schema = Schema("id", (Column("id", Kind.ID), Column("mail", Kind.EMAIL)))
        >>> [column.name for column in schema.of(Kind.EMAIL)]
        ['mail']
        """
        return tuple(column for column in self.columns if column.kind is kind and part in {None, column.part})

    def __str__(self) -> str:
        rows = [("column", "meaning", "sure", "why")]
        rows += [(column.name, column.meaning, f"{column.confidence:.2f}", column.reason) for column in self.columns]
        widths = [max(len(row[place]) for row in rows) for place in range(3)]
        lines = ["  ".join([*(row[place].ljust(widths[place]) for place in range(3)), row[3]]).rstrip() for row in rows]
        lines.append(f"region: {self.region or 'not known'}")
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(lines)
