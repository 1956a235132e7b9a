"""A call as the timer process knows it: its journal lines, which are read in full only when somebody must know.

What most lines say (a call began, rang, was answered, ended) is found in their text, as `callbook` writes it. The
quotation marks around a key are in no JSON string, where they would be escaped; so a key that is found is one.
"""

from typing import Any, Final

from kemi.calls import call_key, merged
from kemi.journal import records

Known = dict[str, Any]

_BEFORE_ID: Final = ',"c":{"id":"'
_ID_AT: Final = 18
"""Behind `{"t":` and thirteen digits."""


class Watched:
    """One call. `due`: its appointment in the agenda, 0 when it has none."""

    def __init__(self, uid: str) -> None:
        self.uid = uid
        self.due = 0
        self.begun = False
        self.answered = False
        self.ended = False
        self.canceled = False
        self.released = False
        self._unread: list[str] = []
        self._known: Known = {}

    def add(self, text: str) -> None:
        """A line to be read later. The caller sees to what it changes here."""
        self._unread.append(text)

    def tell(self, fields: Known) -> None:
        """What a line says that has been read."""
        known = self.known()
        self._known = merged(known, fields) if known else fields
        self.begun |= "s" in fields
        self.answered |= "w" in fields
        self.ended |= "e" in fields
        self.canceled |= "cx" in fields

    def known(self) -> Known:
        """All that its lines say, merged in their order."""
        if self._unread:
            for record in records(self._unread):
                fields = record["c"]
                self._known = merged(self._known, fields) if self._known else fields
            self._unread = []
        return self._known

    def key(self) -> str:
        """`calls.call_key`."""
        if not self._known:
            call_id, tag = inside(self._unread[0], "ci"), inside(self._unread[0], "ft")
            if call_id and tag:
                return call_key(call_id, tag)
        known = self.known()
        return call_key(str(known["ci"]), str(known["ft"]))


def head(text: str) -> tuple[str, str]:
    """A call's id and the key that follows it, of a line as the recorder writes it; nothing of any other."""
    behind = _ID_AT + len(_BEFORE_ID)
    if text[_ID_AT:behind] != _BEFORE_ID or not text.startswith('{"t":') or not text.endswith("}}"):
        return "", ""
    end = text.find('","', behind)
    uid = text[behind:end]
    if end < 0 or '"' in uid or "\\" in uid:
        return "", ""
    return uid, text[end + 3 : text.find('"', end + 3)]


def inside(text: str, name: str) -> str:
    """The string of this key; empty when there is none, and when it would have to be decoded."""
    before = f',"{name}":"'
    begin = text.find(before)
    if begin < 0:
        return ""
    begin += len(before)
    found = text[begin : text.find('"', begin)]
    return "" if "\\" in found else found


def number(text: str, name: str) -> int | None:
    """The number of this key; None when there is none."""
    before = f',"{name}":'
    begin = text.find(before)
    if begin < 0:
        return None
    begin += len(before)
    end = text.find(",", begin)
    digits = text[begin : end if end >= 0 else text.find("}", begin)]
    return int(digits) if digits.isdecimal() else None
