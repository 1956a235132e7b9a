"""A credential's last minutes as a picture: a lane a region, shapes by place. Pure; lengths are units of the SVG."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from api.portal.drawing.happenings import Kind, kind_of, moment, registered, removed
from api.portal.drawing.shapes import (
    AXIS,
    EDGE,
    HEAD,
    LANE,
    LETTER,
    MIDDLE,
    Bar,
    Lane,
    Mark,
    Picture,
    Point,
    Scale,
    Size,
    Stretch,
)

Row = Mapping[str, Any]

TOGETHER: Final = 11.0
"""Marks of one kind that are closer are one mark."""
CROWDED: Final = 14.0
"""Marks that are closer would cover each other."""
APART: Final = 62.0
"""At least, between two times on the axis."""
STEPS: Final = (60, 120, 300, 600, 900, 1200, 1800, 3600, 7200)
"""Seconds."""


def draw(timeline: Row, seconds: int, size: Size) -> Picture:
    """The last `seconds` of a timeline, as GET /v1/credentials/{credential_id}/timeline answers it."""
    now = moment(timeline["until"])
    ahead = min(timeline["granted"], seconds // 3)
    scale = Scale(now - timedelta(seconds=seconds), now, now + timedelta(seconds=ahead), size.width)
    lanes = [
        _lane(scale, region, HEAD + index * LANE, timeline["interval"])
        for index, region in enumerate(timeline["regions"])
    ]
    height = HEAD + len(lanes) * LANE + AXIS
    return Picture(size, height, lanes, _ticks(scale), _flag(scale, now, f"now, {now:%H:%M:%S}"))


def _lane(scale: Scale, region: Row, y: float, interval: int) -> Lane:
    registrations = region["registrations"]
    return Lane(
        region=region["region"],
        y=y,
        bars=[bar for each in registrations for bar in _bars(scale, each)],
        stretches=[each for row in registrations if (each := _stretch(scale, row, interval))],
        accepted=_points(scale, registrations, registered),
        marks=_marks(scale, region["refusals"], y + MIDDLE),
        removals=_points(scale, region["removals"], removed),
        allowed=_allowed(scale, region["refusals"]),
    )


def _bars(scale: Scale, registration: Row) -> Iterable[Bar]:
    at, ends = moment(registration["at"]), moment(registration["ends_at"])
    if ends <= scale.start:
        return
    title = f"{registered(registration)} Accepted {at:%H:%M:%S}, {'until' if ends <= scale.now else 'good until'}"
    title += f" {ends:%H:%M:%S} UTC"
    for begin, end, ahead in ((at, min(ends, scale.now), False), (scale.now, ends, True)):
        if end > begin:
            x = scale.at(begin)
            yield Bar(x, round(scale.at(end) - x, 1), title, ahead)


def _stretch(scale: Scale, registration: Row, interval: int) -> Stretch | None:
    at = moment(registration["at"])
    end = at + timedelta(seconds=interval)
    if end <= scale.start:
        return None
    x = scale.at(at)
    title = f"Until {end:%H:%M:%S} UTC a REGISTER is too early: {interval} s after the one of {at:%H:%M:%S}"
    return Stretch(x, round(scale.at(end) - x, 1), title)


def _points(scale: Scale, rows: Iterable[Row], told: Any) -> list[Point]:
    found = ((moment(row["at"]), row) for row in rows)
    return [Point(scale.at(at), f"{at:%H:%M:%S} UTC: {told(row)}") for at, row in found if scale.shows(at)]


def _marks(scale: Scale, refusals: Iterable[Row], middle: float) -> list[Mark]:
    groups: list[list[Row]] = []
    latest: dict[Kind, list[Row]] = {}
    for refusal in refusals:
        if not scale.shows(moment(refusal["at"])):
            continue
        kind = kind_of(refusal)
        group = latest.get(kind)
        if group is None or _x(scale, refusal) - _x(scale, group[0]) >= TOGETHER:
            latest[kind] = group = []
            groups.append(group)
        group.append(refusal)
    return _placed(scale, groups, middle)


def _x(scale: Scale, refusal: Row) -> float:
    return scale.at(moment(refusal["at"]))


def _placed(scale: Scale, groups: Sequence[Sequence[Row]], middle: float) -> list[Mark]:
    """From left to right; marks at one place stand above one another, without labels."""
    places = [_x(scale, group[0]) for group in groups]
    levels = _levels(places)
    marks: list[Mark] = []
    free = 0.0
    for index, (group, x) in enumerate(zip(groups, places, strict=True)):
        label = _label(group)
        half = len(label) * LETTER / 2
        alone = sum(abs(x - other) < CROWDED for other in places) == 1
        has_room = alone and x - half >= free and x + half <= scale.width
        free = x + half + LETTER / 2 if has_room else free
        y = middle - CROWDED * levels[index]
        marks.append(Mark(x, y, kind_of(group[0]), _title(group), label if has_room else None))
    return marks


def _levels(places: Sequence[float]) -> list[int]:
    """How high each stands: as low as it covers no other; three are the most that there is room for."""
    ends = [float("-inf")] * 3
    levels: list[int] = []
    for x in places:
        level = next((level for level, end in enumerate(ends) if x - end >= CROWDED), len(ends) - 1)
        ends[level] = x
        levels.append(level)
    return levels


def _label(group: Sequence[Row]) -> str:
    code, count = group[-1]["code"], sum(each["count"] for each in group)
    text = "silent" if code is None else str(code)
    return f"{text} \u00d7{count}" if count > 1 else text


def _title(group: Sequence[Row]) -> str:
    first, last = group[0], group[-1]
    begin, end = moment(first["at"]), moment(last["until"] or last["at"])
    span = f"{begin:%H:%M:%S}" if begin == end else f"{begin:%H:%M:%S} to {end:%H:%M:%S}"
    code = "no answer" if last["code"] is None else str(last["code"])
    return f"{span} UTC, {code}: {last['sentence']}"


def _allowed(scale: Scale, refusals: Sequence[Row]) -> Point | None:
    named = [each for each in refusals if each["code"] == 429 and each["retry_after"] and each["count"] == 1]
    if not named:
        return None
    when = moment(named[-1]["at"]) + timedelta(seconds=named[-1]["retry_after"])
    return _flag(scale, when, f"Retry-After: {when:%H:%M:%S}") if scale.shows(when) else None


def _flag(scale: Scale, when: datetime, text: str) -> Point:
    """A moment with its text, which does not leave the picture."""
    x, half = scale.at(when), len(text) * LETTER / 2
    anchor = "start" if x < half else "end" if x + half > scale.width else "middle"
    return Point(x, text, anchor)


def _ticks(scale: Scale) -> list[Point]:
    span = (scale.end - scale.start).total_seconds()
    fit = (step for step in STEPS if step / span * (scale.width - 2 * EDGE) >= APART)
    step = next(fit, STEPS[-1])
    first = -(-scale.start.timestamp() // step) * step
    last = scale.end.timestamp()
    times = (datetime.fromtimestamp(first + index * step, UTC) for index in range(int((last - first) // step) + 1))
    return [_flag(scale, when, f"{when:%H:%M}") for when in times]
