"""What it costs to read something."""

import time
from collections.abc import Callable


def cost(work: Callable[[], object]) -> float:
    """Seconds of this thread's CPU time; the least of three, since others may have had a hand in one."""

    def once() -> float:
        began = time.thread_time()
        work()
        return time.thread_time() - began

    return min(once() for _ in range(3))
