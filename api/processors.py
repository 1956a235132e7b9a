"""What the machine has for the gateways' workers."""

import os


def one_worker_a_processor() -> int:
    """At least two. More would only take the caches from each other: a worker never waits for anything."""
    return min(64, max(2, len(os.sched_getaffinity(0))))
