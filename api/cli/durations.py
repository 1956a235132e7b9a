"""Lengths of time on the command line."""

from __future__ import annotations

import re
from typing import Any, Final

import click

SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
WRITTEN: Final = re.compile(r"([0-9]{1,9})([smhd])")


class Duration(click.ParamType[int]):
    """Seconds, minutes, hours or days, as 90s, 30m, 36h or 2d; the value is seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Errors: click.BadParameter."""
        if isinstance(value, int):
            return value
        match = WRITTEN.fullmatch(str(value))
        if not match:
            self.fail(f"{value} is no length of time: write 90s, 30m, 36h or 2d", param, ctx)
        return int(match[1]) * SECONDS[match[2]]
