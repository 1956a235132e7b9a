"""Calls in progress while a region's configuration changes: each must still be there, and end as calls do."""

from dataclasses import dataclass
from time import monotonic

from tests.calls.carrier import Carrier
from tests.sip.call import Call
from tests.sip.caller import Pbx
from tests.sip.scripts import answers


@dataclass(frozen=True)
class Pair:
    """Both ends of a call."""

    call_id: str
    near: Call
    far: Call


class Talk:
    """Two registered PBXs with a call in each direction; of each kind one is hung up by either side."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._began = monotonic()
        self.pbxs = [self._pbx() for _ in range(2)]
        self._pairs = [self._out(pbx) for pbx in self.pbxs] + [self._in(pbx) for pbx in self.pbxs]

    def _pbx(self) -> Pbx:
        pbx = self._carrier.pbx()
        assert pbx.register().status == 200
        return pbx

    def _out(self, pbx: Pbx) -> Pair:
        call = pbx.call(self._carrier.subscriber(answers()))
        call.until_answered()
        return Pair(call.call_id, call, self._carrier.cores["nw1"].calls[-1])

    def _in(self, pbx: Pbx) -> Pair:
        number = self._carrier.number(pbx.login.username)
        call = self._carrier.cores["nw1"].call(self._carrier.service.regions[0], number)
        call.until_answered()
        return Pair(call.call_id, call, pbx.calls[-1])

    def goes_on(self) -> None:
        """No call was dropped; requests within each pass; the registrations are as they were, and each call ends at
        both ends and has its record.
        """
        assert [pair for pair in self._pairs if pair.near.ended or pair.far.ended] == []
        for pair in self._pairs:
            assert pair.near.request("INFO").until_final().status == 200
            assert pair.far.request("INFO").until_final().status == 200
        found = {pbx.register().status for pbx in self.pbxs}
        assert found == {429} or monotonic() - self._began > 100, "R4: the region has forgotten the registrations"
        for number, pair in enumerate(self._pairs):
            first, other = (pair.near, pair.far) if number % 2 else (pair.far, pair.near)
            first.hang_up()
            first.until_gone()
            assert first.bye_code == 200
            other.until_ended()
        for pair in self._pairs:
            assert self._carrier.cdr(pair.call_id)["code"] == 200
