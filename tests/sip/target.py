"""What a wire test needs to know of the gateway that it talks to, whichever that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tests.sip.digest import Login
from tests.sip.phone import Address


@dataclass(frozen=True)
class Credential:
    """A credential as its owner holds it."""

    id: str
    username: str
    password: str

    @property
    def login(self) -> Login:
        return Login(self.username, self.password)


@dataclass(frozen=True)
class Binding:
    """A live registration as an administrator sees it. `expires_at` is in epoch seconds."""

    id: str
    region: str
    username: str
    address: str
    port: int
    user_agent: str | None
    expires_at: float


@dataclass(frozen=True)
class Block:
    """A block as an administrator sees it; `username` is None when it covers the whole address."""

    id: str
    region: str
    address: str
    username: str | None
    cause: str
    rule: str
    until: float


@dataclass(frozen=True)
class Event:
    """A recorded refusal."""

    id: int
    region: str
    rule: str
    cause: str
    code: int | None
    address: str | None
    user_agent: str | None
    count: int
    sentence: str


class Target(Protocol):
    """A gateway under test. Methods return when every region applies what was asked."""

    @property
    def regions(self) -> Sequence[Address]:
        """SIP addresses; one at least. The same credentials work in all of them."""

    @property
    def realm(self) -> str: ...

    def new_credential(self) -> Credential: ...

    def new_credentials(self, count: int) -> list[Credential]: ...

    def disable(self, credential: Credential) -> None: ...

    def enable(self, credential: Credential) -> None: ...

    def delete(self, credential: Credential) -> None: ...

    def rotate(self, credential: Credential) -> Credential:
        """The credential with its new password; the old one no longer works."""

    def bindings(self, credential: Credential) -> list[Binding]: ...

    def remove(self, binding: Binding) -> None:
        """Remove a binding; unlike the others it returns when the request is accepted."""

    def blocks(self, address: str) -> list[Block]:
        """The live blocks of a source address, of all regions."""

    def lift(self, block: Block) -> None:
        """Lift a block; returns when the request is accepted."""

    def events(self, credential: Credential) -> list[Event]: ...

    def workers(self) -> frozenset[int]:
        """Process ids of the gateway's processes: the same set afterwards means that none died."""
