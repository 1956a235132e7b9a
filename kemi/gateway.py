"""What Kamailio loads, and the only module that imports KSR: everything else is handed it."""

import time
from typing import TYPE_CHECKING

from kemi import region as regions
from kemi.cold_start import fill
from kemi.handler import Gateway
from kemi.journal import latest_boot
from kemi.ksr import Ksr

if TYPE_CHECKING:
    KSR: Ksr
else:
    import KSR


def mod_init() -> Gateway:
    """Kamailio calls this once, before it forks: fills the tables, so that the first request finds them full (rule
    F1).
    """
    ksr = KSR
    region = regions.load_chosen()
    started = time.monotonic()
    now = time.time_ns() // 1_000_000
    loaded = fill(ksr.htable, region, now)
    if region.test_limits:
        ksr.warn("TEST LIMITS: this instance does not keep the service's hard limits\n")
    if not loaded.snapshot:
        ksr.warn("no snapshot yet: every REGISTER is asked to come later until the agent has filled the region store\n")
    found = (
        f"{loaded.credentials} credentials, {loaded.bindings} bindings, {loaded.calls} calls, change {loaded.change}"
    )
    ksr.notice(f"region {region.name} starts from its snapshot: {found}, in {time.monotonic() - started:.2f} s\n")
    return Gateway(ksr, region, max(now, 1 + latest_boot(region.journals)))
