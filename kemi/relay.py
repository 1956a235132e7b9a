"""Sending a request on: the thin layer over tm, rr and dispatcher."""

import re
from typing import Final

from kemi.destinations import CORES
from kemi.ksr import Ksr

ALGORITHM: Final = 4
"""The dispatcher's round robin."""
NO_RESPONSE_MS: Final = 4_000
"""How long a gateway may stay silent before the next one is tried (rules O6 and I3)."""
TIMEOUT_MS: Final = 32_000
"""Timer F (RFC 3261 §17.1.2.2)."""
HOPS: Final = 70

_AUTHORITY: Final = re.compile(r"sips?:(?:[^@]*@)?", re.IGNORECASE)

FAILED_OUTBOUND: Final = "outbound_failed"
FAILED_INBOUND: Final = "inbound_failed"
FAILED_BYE: Final = "bye_failed"
"""Callbacks of the handler, by name."""


def passed_on(code: int) -> int:
    """What tm makes of the final answer that it passes on: 503 says something about the next hop, and becomes 500
    (RFC 3261 §16.7, step 6).
    """
    return 500 if code == 503 else code


class Relay:
    """One message at a time, the one that the worker handles."""

    def __init__(self, ksr: Ksr, ringing: int) -> None:
        self._timeouts = ksr.tm.t_set_fr
        self._on_failure = ksr.tm.t_on_failure
        self._send = ksr.tm.t_relay
        self._timed_out = ksr.tm.t_branch_timeout
        self._count_hop = ksr.maxfwd.process_maxfwd
        self._record_route = ksr.rr.record_route
        self._loose_route = ksr.rr.loose_route
        self._remove = ksr.hdr.remove
        self._append = ksr.hdr.append
        self._dispatcher = ksr.dispatcher
        self._select = ksr.dispatcher.ds_select_dst
        self._set_uri = ksr.seturi
        self._set_destination = ksr.setdsturi
        self._destination = ksr.kx.get_duri
        self._uri = ksr.kx.get_ruri
        self._ringing_ms = ringing * 1000

    def select_core(self) -> str | None:
        """`address:port` of the core gateway whose turn it is; None when all are dead or there is none."""
        if self._select(CORES, ALGORITHM) < 0:
            return None
        return self._selected()

    def next_core(self) -> str | None:
        """Another one, in a failure route.

        One that said nothing is suspect, and its probes decide. One that refused with 503 is not: a PBX could take it
        from everybody by dialling a number that it refuses so.
        """
        if self._timed_out() > 0:
            self._dispatcher.ds_mark_dst_state("tp")
        return self.following_core()

    def following_core(self) -> str | None:
        """The one after that which was selected last; None when each has had its turn."""
        if self._dispatcher.ds_next_dst() < 0:
            return None
        return self._selected()

    def is_alive(self, destination_set: int) -> bool:
        return self._dispatcher.ds_is_active(destination_set) > 0

    def name(self, uri: str) -> None:
        """The Request-URI of what goes to the core that was selected."""
        self._set_uri(uri)

    def address(self, uri: str, place: str) -> None:
        """The Request-URI, and `address:port` to send it to whatever that says."""
        self._set_uri(uri)
        self._set_destination(f"sip:{place}")

    def aim(self, place: str) -> None:
        """What is sent next goes to `address:port`."""
        self._set_destination(f"sip:{place}")

    def clean(self) -> None:
        """Nothing that the sender must not decide, and no proof of its password, goes on (rule O5)."""
        self._remove("Authorization")
        self._remove("Proxy-Authorization")
        self._remove("X-Tenant")

    def forget_routes(self) -> None:
        """W4: nobody chooses where a message goes."""
        self._remove("Route")

    def name_tenant(self, tenant: str | None) -> None:
        """Rule O5."""
        if tenant:
            self._append(f"X-Tenant: {tenant}\r\n")

    def start(self, failed: str) -> bool:
        """An INVITE that begins a call; false when it could not be sent."""
        self._count_hop(HOPS)
        self._record_route()
        return self.again(failed)

    def again(self, failed: str) -> bool:
        """The same to another place, in a failure route."""
        self._timeouts(self._ringing_ms, NO_RESPONSE_MS)
        self._on_failure(failed)
        return self._send() > 0

    def refused_at_last(self) -> None:
        """In a failure route: the refusal that goes to the caller is repeated until it is acknowledged, for as long as
        RFC 3261 §17.2.1 says (timer H), not as long as gateways are waited for.
        """
        self._timeouts(self._ringing_ms, TIMEOUT_MS)

    def counts_hop(self) -> bool:
        """One hop less is left (RFC 3261 §16.6, step 3); false when none is."""
        return self._count_hop(HOPS) > 0

    def within(self, place: str, failed: str | None) -> bool:
        """A request within a dialog, to the other side's address whatever its Route says (rules R7 and W4)."""
        self._loose_route()
        self._set_destination(f"sip:{place}")
        self._timeouts(self._ringing_ms, TIMEOUT_MS)
        if failed is not None:
            self._on_failure(failed)
        return self._send() > 0

    def next_hop(self) -> str:
        """The host that a request within a dialog goes to, behind the Route that names this gateway."""
        if self._loose_route() < 0:
            self.forget_routes()
        place = self._destination() or self._uri()
        return _AUTHORITY.sub("", place).partition(";")[0].partition(":")[0]

    def through(self) -> bool:
        """There, with one hop less left."""
        self._count_hop(HOPS)
        self._timeouts(self._ringing_ms, TIMEOUT_MS)
        return self._send() > 0

    def acknowledge(self, place: str) -> None:
        """The ACK of a 2xx, which nobody answers."""
        self._loose_route()
        self._set_destination(f"sip:{place}")
        self._send()

    def _selected(self) -> str:
        return str(self._destination()).removeprefix("sip:")
