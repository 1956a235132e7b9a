"""What becomes of a REGISTER whose sender has proved the password: rules R4, R5 and R6.

Pure: from the request, what this region knows of the credential and what the others told, to an answer and a new
state. Moments are
milliseconds since the epoch, `Retry-After` is seconds.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from kemi.contact import Contact, same
from kemi.region import Limits
from kemi.state import ANSWERS, SILENT, UNKNOWN, Binding, Peer, State

SET_BACK_MS: Final = 1000
"""A last registration so far ahead means that the machine's clock was set back; less is another worker's head start."""


class Register:
    """An authenticated REGISTER. `contact` is None for a query (RFC 3261 §10.2.3); `expires` is what was asked for, if
    anything.
    """

    def __init__(
        self,
        address: str,
        port: int,
        contact: Contact | None,
        expires: int | None,
        user_agent: str,
        call_id: str,
        cseq: int,
        password: int,
    ) -> None:
        self.address = address
        self.port = port
        self.contact = contact
        self.expires = expires
        self.user_agent = user_agent
        self.call_id = call_id
        self.cseq = cseq
        self.password = password


class Block(NamedTuple):
    """What R4 leads to: (address, credential) is blocked for so many seconds."""

    cause: str
    seconds: int


class Answer:
    """One reply. `state` is the credential's new state, None when it stays; `contact` is the Contact header's value,
    without its name.
    """

    def __init__(
        self,
        code: int,
        state: State | None = None,
        contact: str | None = None,
        retry_after: int | None = None,
        rule: str | None = None,
        cause: str = "",
        details: dict[str, object] | None = None,
        block: Block | None = None,
    ) -> None:
        self.code = code
        self.state = state
        self.contact = contact
        self.retry_after = retry_after
        self.rule = rule
        self.cause = cause
        self.details = details
        self.block = block


def decide(
    request: Register, state: State, peers: Sequence[Peer], now: int, limits: Limits, new_uid: Callable[[], str]
) -> Answer:
    """The answer to an authenticated REGISTER."""
    contact = request.contact
    if contact is None:
        return _query(state, now)
    removes = (request.expires if contact.expires is None else contact.expires) == 0  # RFC 3261 §10.2.2
    if contact.uri == "*" and not removes:
        reason = "Contact: * only removes a registration (Expires: 0), and it asked for another one"
        return Answer(400, rule="W2", cause="malformed", details={"reason": reason})
    holder = _holder(request, state, peers, now) if state.binding or peers else None
    if holder is not None:
        return _second_pbx(request, holder, now)
    if removes:
        return _deregister(contact, state, now)
    if state.clock and now < _allowed_at(state, now, limits):
        return _too_early(request, state, now, limits)
    return _accept(request, contact, state, now, limits, new_uid)


def seconds_until(moment: int, now: int) -> int:
    """Whole seconds from now to a later moment, rounded up, at least 1: what `Retry-After` says."""
    return max(1, -(-(moment - now) // 1000))


def _query(state: State, now: int) -> Answer:
    binding = state.binding
    return Answer(200, contact=_contact_of(binding, now) if binding and binding.live(now) else None)


def _contact_of(binding: Binding, now: int) -> str:
    return f"<{binding.contact}>;expires={seconds_until(binding.expires, now)}"


def _holder(request: Register, state: State, peers: Sequence[Peer], now: int) -> Binding | Peer | None:
    """R6: the live binding of another address, here or in another region; one that fell silent yields."""
    own = state.binding
    if own and own.live(now) and own.address != request.address and own.keepalive != SILENT:
        return own
    for peer in peers:
        if peer.live(now) and peer.address != request.address and not peer.silent:
            return peer
    return None


def _second_pbx(request: Register, holder: Binding | Peer, now: int) -> Answer:
    left = seconds_until(holder.expires, now)
    details: dict[str, object] = {
        "address": request.address,
        "user_agent": request.user_agent,
        "holder_address": holder.address,
        "holder_user_agent": holder.user_agent,
        "holder_region": holder.region if isinstance(holder, Peer) else None,
        "expires": holder.expires,
    }
    return Answer(503, retry_after=left, rule="R6", cause="second_pbx", details=details)


def _deregister(contact: Contact, state: State, now: int) -> Answer:
    """The clock of R4 runs on. A contact that is not the bound one removes nothing (RFC 3261 §10.3)."""
    binding = state.binding
    if binding is None or not binding.live(now):
        return Answer(200)
    if not contact.wildcard and not same(contact.uri, binding.contact):
        return Answer(200, contact=_contact_of(binding, now))
    return Answer(200, state=state.bound(None, now))


def _allowed_at(state: State, now: int, limits: Limits) -> int:
    """R4: never more than the interval ahead, even when the machine's clock was set back."""
    return min(state.clock, now) + limits.interval * 1000


def _too_early(request: Register, state: State, now: int, limits: Limits) -> Answer:
    allowed = _allowed_at(state, now, limits)
    strikes = _strikes(request, state, now, limits)
    blocked = len(strikes) >= limits.early_strikes
    details: dict[str, object] = {
        "elapsed": round(max(0, now - state.clock) / 1000, 1),
        "minimum": limits.interval,
        "next": allowed,
        "strikes": len(strikes),
    }
    return Answer(
        429,
        state=State(
            state.username,
            state.next_version(now),
            state.clock if state.clock - now < SET_BACK_MS else now,
            allowed,
            state.streak,
            request.address,
            () if blocked else strikes,
            state.binding,
        ),
        retry_after=limits.block if blocked else seconds_until(allowed, now),
        rule="R4",
        cause="early",
        details=details,
        block=Block("blocked_early", limits.block) if blocked else None,
    )


def _strikes(request: Register, state: State, now: int, limits: Limits) -> tuple[int, ...]:
    """R4's first way to a block: coming again before the moment that `Retry-After` named to this address.

    The first 429 is none: nothing was named yet.
    """
    if state.early_address != request.address:
        return ()
    since = now - limits.early_window * 1000
    kept = tuple(at for at in state.early if at > since)
    return (*kept, now) if state.named > now else kept


def _accept(
    request: Register, contact: Contact, state: State, now: int, limits: Limits, new_uid: Callable[[], str]
) -> Answer:
    binding = _bind(request, contact, state.binding, now, limits, new_uid)
    streak = state.streak + 1 if state.named else 0
    blocked = streak >= limits.streak
    new = State(
        state.username,
        state.next_version(now),
        now,
        0,
        0 if blocked else streak,
        state.early_address,
        state.early,
        binding,
    )
    contact_value = f"<{binding.contact}>;expires={limits.granted}"
    if blocked:
        return Answer(200, new, contact_value, block=Block("blocked_streak", limits.block))
    return Answer(200, new, contact_value)


def _bind(
    request: Register, contact: Contact, old: Binding | None, now: int, limits: Limits, new_uid: Callable[[], str]
) -> Binding:
    if old is None or not old.live(now) or old.address != request.address:
        uid, since, keepalive = new_uid(), now, UNKNOWN
    else:
        reached = old.port == request.port and old.keepalive == ANSWERS
        uid, since, keepalive = old.uid, old.since, ANSWERS if reached else UNKNOWN
    return Binding(
        uid,
        request.address,
        request.port,
        contact.uri,
        request.user_agent,
        request.call_id,
        request.cseq,
        since,
        now + limits.granted * 1000,
        keepalive,
        request.password,
    )


def loses(own: Binding, peer: Peer, own_region: str, now: int) -> bool:
    """R6 over regions: whether our binding must go because another region's, of another address, came first or ours
    fell silent.
    """
    if not (own.live(now) and peer.live(now)) or peer.address == own.address or peer.silent:
        return False
    return own.keepalive == SILENT or (peer.since, peer.region) < (own.since, own_region)
