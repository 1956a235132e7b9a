"""How the story is printed: chapters, moments, and a ladder of who says what to whom."""

from __future__ import annotations

import time
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

WIDTH: Final = 100
"""Columns, at most."""
INDENT: Final = 9
MEANINGS: Final = {
    100: "trying",
    180: "ringing",
    183: "progress",
    200: "OK",
    401: "who are you?",
    407: "who are you?",
    503: "later",
}


class Teller:
    """Prints at once what happens, with the seconds since the start."""

    def __init__(self) -> None:
        console = Console()
        self._console = Console(width=min(WIDTH, console.width) if console.is_terminal else WIDTH, highlight=False)
        self._began = time.monotonic()
        self._chapters = 0

    def chapter(self, title: str) -> None:
        """What the next moments are about."""
        self._chapters += 1
        self._console.print(Text(f"\n{self._chapters}. {title}", style="bold"))

    def happened(self, what: str | Text, *remarks: str, try_it: str = "") -> None:
        """A moment; each remark has a line of its own. `try_it` is the command that does or shows the same."""
        moment = Text(f"{time.monotonic() - self._began:5.1f} s  ", style="cyan")
        self._console.print(moment.append(what if isinstance(what, Text) else Text(what, style="default")))
        for remark in remarks:
            self._indented(Text(remark))
        if try_it:
            self._indented(Text(f"$ ./turnpike {try_it}", style="dim"))

    def said(self, who: tuple[str, ...], message: str, *remarks: str) -> None:
        """A message, and the way it took."""
        self.happened(ladder(who, message), *remarks)

    def _indented(self, text: Text) -> None:
        self._console.print(Padding(text, (0, 0, 0, INDENT), expand=False))

    def plain(self, text: str) -> None:
        """Outside of the story."""
        self._console.print(Text(text))


def ladder(who: tuple[str, ...], message: str) -> Text:
    """PBX A ──INVITE──▶ nw1 ──▶ core nw1"""
    first, second, *others = who
    told = (
        Text(first, style="bold").append(" ──", "blue").append(message, "default").append("──▶ ", "blue").append(second)
    )
    for other in others:
        told.append(" ──▶ ", "blue").append(other)
    return told


def meaning(codes: list[int]) -> str:
    """SIP's codes, in words."""
    return ", ".join(f"{code} {MEANINGS.get(code, '')}".strip() for code in codes)
