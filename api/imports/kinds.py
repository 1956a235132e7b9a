"""What the rows of a CSV file can become."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pymysql.cursors import DictCursor

from api.changes import Change
from api.fields import Body

Row = dict[str, Any]
Lookup = Callable[[DictCursor, Sequence[str]], Mapping[str, str]]
"""Those of many names that there are: what each stands for, by the name as it is written."""


def nothing() -> None:
    """What an empty cell stands for, usually."""


class Reference(NamedTuple):
    """A column that names something else; `unnamed` is what an empty cell stands for."""

    find: Lookup
    unnamed: Callable[[], str | None] = nothing


def no_change(_row: Row) -> Change | None:
    """Regions do not know such things."""
    return None


@dataclass(frozen=True)
class Kind:
    """A kind of thing that can be imported."""

    what: str
    """Its name in the audit log."""
    identifier: str
    """The field by which it is known. Where it is a column of the file, no two rows may have the same."""
    schema: type[Body]
    """What the same thing has in a request for one."""
    columns: tuple[str, ...]
    insert: Callable[[DictCursor, Sequence[Row]], None]
    existing: Lookup | None = None
    references: Mapping[str, Reference] = field(default_factory=dict)
    complete: Callable[[Sequence[Row]], Sequence[Row]] = list
    """Adds what the service makes up."""
    told: tuple[str, ...] = ()
    """Fields for the audit log, beside the columns."""
    change: Callable[[Row], Change | None] = no_change

    @property
    def key(self) -> str | None:
        """The column that identifies a row."""
        return self.identifier if self.identifier in self.columns else None
