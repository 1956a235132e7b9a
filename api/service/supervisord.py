"""supervisord, looking ten times a second instead of once: a part that dies is back at once.

Run by its path (`python -P supervisord.py -c FILE`), since it needs nothing of the project.
"""

from __future__ import annotations

import sys
from typing import Any

from supervisor.options import ServerOptions
from supervisor.poller import Poller
from supervisor.supervisord import go

LONGEST_WAIT = 0.1
"""Seconds until supervisord looks for children that have died."""


class QuickPoller(Poller):  # type: ignore[misc]
    """Bounds the wait for input; supervisord looks after its children between two waits."""

    def poll(self, timeout: float) -> Any:
        """Waits for readable and writable descriptors."""
        return super().poll(min(timeout, LONGEST_WAIT))


def main(arguments: list[str]) -> None:
    """Returns when all parts have stopped. Errors: SystemExit for a configuration that is wrong."""
    options = ServerOptions()
    options.realize(arguments)
    options.poller = QuickPoller(options)
    options.first, options.test = True, False
    go(options)
    options.close_httpservers()


if __name__ == "__main__":
    main(sys.argv[1:])
