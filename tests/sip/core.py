"""A carrier's core gateway: takes calls, makes calls, and counts those in progress by what it knows itself."""

from typing import Any

from tests.sip.agent import UserAgent
from tests.sip.dial import Dial
from tests.sip.endpoint import Address
from tests.sip.outgoing import OutgoingCall


class Core(UserAgent):
    """A user agent without a password. `calls` are those that it was sent, `tally` counts them."""

    def __init__(self, address: Address, **options: Any) -> None:
        super().__init__(address, **options)
        self.name = "core"

    def call(self, gateway: Address, dialled: str, caller: str = "+13055550142", **changes: Any) -> OutgoingCall:
        """Call in through a gateway; the keywords are those of `Dial`. The Request-URI names the gateway."""
        host = f"{gateway[0]}:{gateway[1]}"
        return self.place(Dial(dialled, (gateway,), caller, **{"domain": host, **changes}))

    @property
    def in_progress(self) -> int:
        """Calls that came in and have neither been refused nor hung up."""
        return self.tally.count

    @property
    def highest(self) -> int:
        return self.tally.highest

    def die(self) -> None:
        """Answer nothing from now on, as after a power cut; `revive` is a start without memory."""
        self.silence()

    def revive(self) -> None:
        self.forget()
        self.speak()

    def fail_probes(self, code: int = 503) -> None:
        """Answer OPTIONS outside of dialogs with an error, as a gateway that drains, or with SILENCE."""
        self.outside["OPTIONS"] = code

    def hang_up_all(self) -> None:
        """A BYE for every call that is talking, a refusal for every other."""
        self.leave_all(self.calls)
