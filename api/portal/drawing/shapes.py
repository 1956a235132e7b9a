"""What a timeline's picture is made of, and how its times become places. Pure; lengths are units of the SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.portal.drawing.happenings import Kind

EDGE: Final = 8.0
"""Left and right of everything."""
HEAD: Final = 26.0
LANE: Final = 118.0
AXIS: Final = 30.0
MIDDLE: Final = 60.0
"""Of a lane: where marks stand."""
LETTER: Final = 8.4
"""Width of a letter, in a wide font."""


@dataclass(frozen=True)
class Size:
    """How wide it is drawn, and what its parts are called."""

    name: str
    width: float


WIDE: Final = Size("wide", 980.0)
NARROW: Final = Size("narrow", 350.0)


@dataclass(frozen=True)
class Bar:
    """Some of a binding's life. `ahead`: what is left of it, if nothing comes between."""

    x: float
    width: float
    title: str
    ahead: bool = False


@dataclass(frozen=True)
class Stretch:
    """In which a REGISTER is too early (rule R4)."""

    x: float
    width: float
    title: str


@dataclass(frozen=True)
class Mark:
    """One or more of a kind. `y`: its middle. `label`: what stands above it, if there is room."""

    x: float
    y: float
    kind: Kind
    title: str
    label: str | None


@dataclass(frozen=True)
class Point:
    """A moment. `anchor`: on which side of it its text stands (SVG's text-anchor)."""

    x: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Lane:
    """A region. `y`: its top. `allowed`: the moment that the last 429 named."""

    region: str
    y: float
    bars: Sequence[Bar]
    stretches: Sequence[Stretch]
    accepted: Sequence[Point]
    marks: Sequence[Mark]
    removals: Sequence[Point]
    allowed: Point | None

    @property
    def middle(self) -> float:
        """Of marks that stand alone."""
        return self.y + MIDDLE

    @property
    def bar(self) -> float:
        """The top of bars, which are 16 high."""
        return self.middle + 16

    @property
    def flag(self) -> float:
        """The base line of what stands below bars."""
        return self.middle + 49

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened."""
        return not (self.bars or self.marks or self.removals)


@dataclass(frozen=True)
class Picture:
    """All of it."""

    size: Size
    height: float
    lanes: Sequence[Lane]
    ticks: Sequence[Point]
    now: Point

    @property
    def kinds(self) -> list[Kind]:
        """Kinds of refusals that are in it."""
        return list(dict.fromkeys(mark.kind for lane in self.lanes for mark in lane.marks))


@dataclass(frozen=True)
class Scale:
    """Times to places. It ends a while after now, where one sees until when the binding lives."""

    start: datetime
    now: datetime
    end: datetime
    width: float

    def at(self, when: datetime) -> float:
        """Where a moment is, between the edges."""
        share = (when - self.start) / (self.end - self.start)
        return round(EDGE + min(max(share, 0.0), 1.0) * (self.width - 2 * EDGE), 1)

    def shows(self, when: datetime) -> bool:
        """Whether a moment is in the picture."""
        return self.start <= when <= self.end
