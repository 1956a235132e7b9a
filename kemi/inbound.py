"""INVITE of a core: the dialled number decides (rules I and T2); and the one hop from region to region (rule I3)."""

import re
from typing import Final

from kemi import numbers, state, tables
from kemi.admission import Admission
from kemi.callbook import CallBook, End, exactly, readable, text
from kemi.calls import RINGING, TRYING, UNCOUNTED, Call, call_key
from kemi.canary import call_kind
from kemi.destinations import region_set
from kemi.ksr import Ksr
from kemi.lists import CoreList
from kemi.message import Request
from kemi.message import dialled as dialled_user
from kemi.region import Region
from kemi.relay import FAILED_INBOUND, Relay, passed_on
from kemi.replies import Replies, Reply, retry_after
from kemi.state import Binding
from kemi.tables import Credential, Route

HOP: Final = "hop"
"""The Request-URI's parameter that marks a call from another region's gateway; its value is that region's name."""
NOT_REGISTERED_SECONDS: Final = 30
OWN: Final = "."
"""This region, among the places where a PBX may be reached."""

_USER: Final = re.compile(r"(sips?:)(?:[^@]*@)?(.*)", re.IGNORECASE | re.DOTALL)


def request_uri(contact: str, dialled: str) -> str:
    """I4: the dialled number as user, host, port and parameters of the binding."""
    match = _USER.fullmatch(contact)
    return f"{match[1]}{dialled}@{match[2]}" if match else contact


def in_turn(places: list[str], turn: int) -> list[str]:
    """I3: round robin. `turn` counts the calls to the credential, from 1."""
    first = (turn - 1) % max(len(places), 1)
    return places[first:] + places[:first]


def may_try_again(code: int) -> bool:
    """I3: what another region may mend; busy and declined (486, 603) are final."""
    return code in (408, 480) or 500 <= code < 600


class Inbound:
    """Calls from cores, and from other regions' gateways."""

    def __init__(
        self,
        ksr: Ksr,
        region: Region,
        cores: CoreList,
        admission: Admission,
        replies: Replies,
        relay: Relay,
        book: CallBook,
    ) -> None:
        self._cores = cores
        self._ksr = ksr
        self._kx = ksr.kx
        self._pv = ksr.pv.get
        self._table = ksr.htable
        self._get = ksr.htable.sht_get
        self._region = region
        self._admission = admission
        self._replies = replies
        self._relay = relay
        self._book = book

    def answers(self, request: Request) -> bool:
        """I1: a step for INVITEs; whoever is no core and no other region's gateway is a PBX."""
        hop = self._cores.region_of(request.address, request.now)
        if hop is None and not self._cores.is_core(request.address, request.now):
            return False
        if request.tagged:
            return False
        if hop is not None and f";{HOP}={hop}" not in self._kx.get_ruri():
            return False
        if self._admission.refuses_malformed(request) or self._admission.refuses_last_hop(request):
            return True
        if self._ksr.tm.t_newtran() > 0:
            self._deliver(request, hop)
        return True

    def _deliver(self, request: Request, hop: str | None) -> None:
        dialled = dialled_user(self._kx)
        number, route = self._look_up(dialled)
        kind = "c" if hop is None else "h"
        uid = self._book.new_uid(call_kind(route.username or "", kind) if route is not None else kind)
        start = self._start(uid, request, dialled, number, route)
        if route is None:  # another region may know a number that has not come here yet
            self._refuse(request, start, 404 if hop is None else 480, "unknown_number")
        elif route.username is None:
            self._refuse(request, start, 480, "no_route")
        else:
            self._offer(request, uid, start, dialled, route.username, hop)

    def _offer(self, request: Request, uid: str, start: str, dialled: str, username: str, hop: str | None) -> None:
        places = self._places(username, request.now, hop)
        call_id, tag = str(self._kx.get_callid()), str(self._pv("$ft"))
        key = call_key(call_id, tag)
        if not places:
            self._refuse(request, start, 480, "not_registered")
            return
        if self._book.find(key) is not None:
            self._refuse(request, start, 482, "repeated")
            return
        caller = f"{request.address}:{request.port}"
        call = Call(uid, TRYING, UNCOUNTED, username, caller, "", False, rest=",".join(places))
        aimed = self._aim(call, dialled, request.now)
        if aimed is None:  # removed since
            self._refuse(request, start, 480, "not_registered")
            return
        fields = (
            f'"k":{UNCOUNTED},"b0":"{call.callee}","ru":{text(aimed)},"fu":{text(self._kx.get_furi())},'
            f'"tu":{text(self._kx.get_turi())},"ct":{text(readable(self._ksr.hdr.get, "Contact"))}'
        )
        if not self._book.begin(key, call, f"{start},{fields}", request.now):
            self._replies.send(Reply(503, (retry_after(NOT_REGISTERED_SECONDS),)))
            return
        if not self._sent(key, call, dialled, request.now):
            self._book.ended(key, uid, End("gateway", 503, "I3", "not_sent"), request.now)
            self._replies.send(Reply(503, (retry_after(NOT_REGISTERED_SECONDS),)))

    def _sent(self, key: str, call: Call, dialled: str, now: int) -> bool:
        """To the first place that this machine can send to."""
        self._relay.forget_routes()
        self._relay.clean()
        sent = self._relay.start(FAILED_INBOUND)
        while not sent and self._aim(call, dialled, now):
            sent = self._book.moved(key, call) and self._relay.again(FAILED_INBOUND)
        return sent

    def failed(self, now: int) -> None:
        """I3: another region is tried before the caller hears of it, unless somebody rang."""
        tm = self._ksr.tm
        key = call_key(str(self._kx.get_callid()), str(self._pv("$ft")))
        call = self._book.find(key)
        if call is None or call.phase > RINGING:  # an administrator has ended it
            self._relay.refused_at_last()
            return
        code = tm.t_get_status_code()
        canceled = tm.t_is_canceled() > 0
        if call.phase == TRYING and not canceled and may_try_again(code):
            dialled = self._kx.get_ruser() or ""
            while self._aim(call, dialled, now):
                if self._book.moved(key, call) and self._relay.again(FAILED_INBOUND):
                    return
        self._relay.refused_at_last()
        timed_out = tm.t_branch_timeout() > 0
        by = "caller" if canceled else "gateway" if timed_out else "callee"
        rule, cause = ("I3", "no_answer") if timed_out and not canceled else (None, None)
        self._book.ended(key, call.uid, End(by, passed_on(code), rule, cause, held=timed_out), now)

    def _aim(self, call: Call, dialled: str, now: int) -> str | None:
        """The next place that can be tried: Request-URI and destination are set, and the call knows it."""
        places = [place for place in call.rest.split(",") if place]
        while places:
            place = places.pop(0)
            target = (
                self._own_target(call.username, dialled, now) if place == OWN else self._far_target(place, dialled, now)
            )
            if target is not None:
                call.rest = ",".join(places)
                call.region = "" if place == OWN else place
                uri, call.callee = target
                self._relay.address(uri, call.callee)
                return uri
        return None

    def _own_target(self, username: str, dialled: str, now: int) -> tuple[str, str] | None:
        """R7 and I4: to where the REGISTER came from."""
        binding = self._binding(username, now)
        if binding is None:
            return None
        return request_uri(binding.contact, dialled), f"{binding.address}:{binding.port}"

    def _far_target(self, region: str, dialled: str, now: int) -> tuple[str, str] | None:
        """I3; None for a region that was taken out since."""
        address = self._cores.gateways(now).get(region)
        if address is None:
            return None
        place = f"{address}:{self._region.port}"
        return f"sip:{dialled}@{place};{HOP}={self._region.name}", place

    def _places(self, username: str, now: int, hop: str | None) -> list[str]:
        """The regions where the PBX is registered, whose turn it is first; a hop goes no farther.

        A region whose gateway does not answer, or where the PBX does not, comes last.
        """
        binding = self._binding(username, now)
        own = [OWN] if binding is not None else []
        if hop is not None:
            return own
        known = self._get(tables.PEER, username)
        peers = state.decode_peers(str(known)) if known is not None else []
        gateways = self._cores.gateways(now)
        others = {peer.region: peer for peer in peers if peer.live(now) and peer.region in gateways}
        places = sorted([*own, *others], key=self._rank)
        if len(places) > 1:
            turn = self._table.sht_inc(tables.TURN, username)
            silent = {region for region, peer in others.items() if peer.silent}
            if binding is not None and binding.keepalive == state.SILENT:
                silent.add(OWN)
            last = [place for place in places if place in silent or self._is_dead(place)]
            places = in_turn([place for place in places if place not in last], turn) + in_turn(last, turn)
        return places

    def _rank(self, place: str) -> str:
        """The same order in each region, so that calls that arrive here and there alternate alike."""
        return self._region.name if place == OWN else place

    def _is_dead(self, place: str) -> bool:
        return place != OWN and not self._relay.is_alive(region_set(place))

    def _binding(self, username: str, now: int) -> Binding | None:
        known = self._get(tables.STATE, username)
        binding = state.decode(str(known)).binding if known is not None else None
        return binding if binding is not None and binding.live(now) else None

    def _look_up(self, dialled: str) -> tuple[str | None, Route | None]:
        """T2."""
        for number in numbers.candidates(dialled):
            known = self._get(tables.NUMBER, number)
            if known is not None:
                return number, Route.decode(str(known))
        return None, None

    def _start(self, uid: str, request: Request, dialled: str, number: str | None, route: Route | None) -> str:
        """The fields of a call's first line (docs/architecture.md). I5: the tenant is the number's."""
        username = route.username if route is not None else None
        known = self._get(tables.CREDENTIAL, username) if username else None
        credential = Credential.decode(str(known)).id if known is not None else None
        source = f"{request.address}:{request.port}"
        return (
            f'"id":"{uid}","s":{request.now},"d":"in","u":{text(username)},"cr":{text(credential)},"n":{text(number)},'
            f'"tn":{text(route.tenant if route is not None else None)},"f":{text(self._kx.get_fuser())},'
            f'"to":{text(dialled)},"a":"{source}","core":"{source}","ci":{exactly(self._kx.get_callid())},'
            f'"ft":{exactly(self._pv("$ft"))},"cs":{int(str(self._pv("$cs")))},"em":0'
        )

    def _refuse(self, request: Request, start: str, code: int, cause: str) -> None:
        """I2. A record, and no event: a core is nobody that must be told why."""
        self._book.refused(f'{start},"k":{UNCOUNTED}', End("gateway", code, "I2", cause), request.now)
        self._replies.send(Reply(code, (retry_after(NOT_REGISTERED_SECONDS),) if code == 480 else ()))
