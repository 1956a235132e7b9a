"""Where the parts of a ladder diagram lie. Lengths are units of the drawing, which is never shrunk below them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from api.portal.drawing.ladder import Hop, Ladder, Step

GUTTER: Final = 148
"""From the left edge to the first column: the times, and half a heading."""
PITCH: Final = 150
"""Between columns: room for the longest address and port in a heading."""
MARGIN: Final = 76
TOP: Final = 46
ROW: Final = 44
NOTE: Final = 18
"""More for a row with a note."""
HEAD: Final = 7
"""Length of an arrow's head."""


@dataclass(frozen=True)
class Post:
    """A column: its heading, and where its line stands."""

    x: int
    name: str
    address: str | None


@dataclass(frozen=True)
class Arrow:
    """From one line to the next; `middle` is where its words stand, `tip` the corners of its head."""

    x1: int
    x2: int
    middle: int
    tip: str


@dataclass(frozen=True)
class Row:
    """A step at its height `y`; `time` in words."""

    y: int
    step: Step
    time: str
    arrows: tuple[Arrow, ...]


@dataclass(frozen=True)
class Drawing:
    """All of it. `left` and `right`: the outermost lines."""

    width: int
    height: int
    posts: tuple[Post, ...]
    rows: tuple[Row, ...]

    @property
    def left(self) -> int:
        """The first line."""
        return self.posts[0].x

    @property
    def right(self) -> int:
        """The last line."""
        return self.posts[-1].x


def draw(ladder: Ladder) -> Drawing:
    """The shapes of a ladder."""
    posts = tuple(Post(_x(index), each.name, each.address) for index, each in enumerate(ladder.columns))
    rows, y = [], TOP + ROW
    for step in ladder.steps:
        rows.append(_row(step, y))
        y += ROW + (NOTE if step.note else 0)
    return Drawing(posts[-1].x + MARGIN, y, posts, tuple(rows))


def since_start(seconds: float | None) -> str:
    """A moment of a call: +5.000 s, +1:05 or +1:00:05; a dash when it is not recorded."""
    if seconds is None:
        return "\u2013"
    if seconds < 60:
        return f"+{seconds:.3f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"+{hours}:{minutes:02}:{rest:02}" if hours else f"+{minutes}:{rest:02}"


def _row(step: Step, y: int) -> Row:
    arrows = tuple(_arrow(hop, y) for hop in step.hops)
    time = since_start(step.at) if step.hops else ""
    return Row(y, step, time, arrows)


def _x(column: int) -> int:
    return GUTTER + PITCH * column


def _arrow(hop: Hop, y: int) -> Arrow:
    start, end = _x(hop[0]), _x(hop[1])
    back = -HEAD if end > start else HEAD
    tip = f"{end},{y} {end + back},{y - 4} {end + back},{y + 4}"
    return Arrow(start, end, (start + end) // 2, tip)
