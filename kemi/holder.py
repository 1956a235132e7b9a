"""Who holds a credential: rule O1. Pure."""

from collections.abc import Sequence

from kemi.message import Request
from kemi.state import Binding, Peer


class Place:
    """Whose live binding holds the credential: address, User-Agent, and the region when it is another one."""

    def __init__(self, address: str, user_agent: str, region: str | None) -> None:
        self.address = address
        self.user_agent = user_agent
        self.region = region


def elsewhere(address: str, own: Binding | None, peers: Sequence[Peer], now: int) -> Place | None:
    """O1: the live binding that makes a call from `address` a stranger's; None when there is none, or it is there."""
    bound: list[Place] = [Place(peer.address, peer.user_agent, peer.region) for peer in peers if peer.live(now)]
    if own is not None and own.live(now):
        bound.insert(0, Place(own.address, own.user_agent, None))
    if not bound or any(place.address == address for place in bound):
        return None
    return bound[0]


def both(request: Request, holder: Place) -> dict[str, object]:
    """O1: who called, and who is registered."""
    return {
        "address": request.address,
        "user_agent": request.user_agent,
        "holder_address": holder.address,
        "holder_user_agent": holder.user_agent,
        "holder_region": holder.region,
    }
