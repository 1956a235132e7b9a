"""The module htable, as measured: expiry counts from the last write, a counter from its table's initial value."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.unit.kemi.fake_part import Part, UnscriptedError

if TYPE_CHECKING:
    from tests.unit.kemi.fake_ksr import FakeKsr

_TABLE = re.compile(r'^modparam\("htable", "htable", "(\w+)=>([^"]*)"\)', re.MULTILINE)
_OPTION = re.compile(r"(\w+)=(\d+)")


class Table(NamedTuple):
    """How a table is defined: its cells' expiry in seconds, 0 for none, and what a missing counter counts from."""

    expiry: int = 0
    initial: int | None = None


NOT_COUNTED = -255
"""What counting a missing key returns in a table without an initial value."""


class LockMisuseError(AssertionError):
    """A lock taken twice would hang Kamailio; one that is not held must not be given back."""


def shipped_tables() -> dict[str, Table]:
    """The tables of `kamailio/tables.cfg`."""
    text = (Path(__file__).parents[3] / "kamailio" / "tables.cfg").read_text(encoding="utf-8")
    return {
        name: _table({key: int(value) for key, value in _OPTION.findall(rest)}) for name, rest in _TABLE.findall(text)
    }


def _table(options: dict[str, int]) -> Table:
    return Table(options.get("autoexpire", 0), options.get("initval"))


class FakeHtable(Part):
    """Tables in shared memory; a table that no configuration defines raises."""

    def __init__(self, ksr: "FakeKsr", tables: Mapping[str, Table]) -> None:
        super().__init__(ksr)
        self._tables = dict(tables)
        self._cells: dict[str, dict[str, tuple[str | int, int]]] = {name: {} for name in tables}
        self.held: set[str] = set()

    def sht_get(self, table: str, key: str, /) -> str | int | None:
        return self._live(table).get(key, (self._tables[table].initial, 0))[0]

    def sht_sets(self, table: str, key: str, value: str, /) -> int:
        if not isinstance(value, str):
            raise UnscriptedError(f"sht_sets of {type(value).__name__}")
        return self._put(table, key, value)

    def sht_seti(self, table: str, key: str, value: int, /) -> int:
        if not -(2**31) <= value < 2**31:
            raise UnscriptedError(f"sht_seti takes 32 bits: {value}")
        return self._put(table, key, value)

    def sht_inc(self, table: str, key: str, /) -> int:
        return self._add(table, key, 1)

    def sht_dec(self, table: str, key: str, /) -> int:
        return self._add(table, key, -1)

    def sht_rm(self, table: str, key: str, /) -> int:
        self._live(table).pop(key, None)
        return 1

    def sht_lock(self, table: str, key: str, /) -> int:
        self._live(table)
        name = f"{table}=>{key}"
        if name in self.held:
            raise LockMisuseError(f"locked twice: {name}")
        self.held.add(name)
        return 1

    def sht_unlock(self, table: str, key: str, /) -> int:
        name = f"{table}=>{key}"
        if name not in self.held:
            raise LockMisuseError(f"not locked: {name}")
        self.held.remove(name)
        return 1

    def _add(self, table: str, key: str, by: int) -> int:
        value = self._live(table).get(key, (self._tables[table].initial, 0))[0]
        if value is None:
            return NOT_COUNTED
        if not isinstance(value, int):
            raise UnscriptedError(f"counting in a text: {table} {key}")
        self._put(table, key, value + by)
        return value + by

    def _put(self, table: str, key: str, value: str | int) -> int:
        expiry = self._expiry_of(table)
        self._cells[table][key] = (value, self._ksr.clock.now + expiry * 1000 if expiry else 0)
        return 1

    def _live(self, table: str) -> dict[str, tuple[str | int, int]]:
        """The cells of a table once the expired ones are gone."""
        if self._expiry_of(table):
            now = self._ksr.clock.now
            cells = self._cells[table]
            self._cells[table] = {key: cell for key, cell in cells.items() if cell[1] > now} if cells else cells
        return self._cells[table]

    def _expiry_of(self, table: str) -> int:
        if table not in self._tables:
            raise UnscriptedError(f"no such table: {table}")
        return self._tables[table].expiry


def forget_all(table: FakeHtable) -> None:
    """As after a start."""
    for cells in table._cells.values():
        cells.clear()
