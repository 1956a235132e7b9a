"""What the parts of the fake KSR share: the clock, the log of calls, what was sent."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tests.unit.kemi.fake_ksr import FakeKsr


class UnscriptedError(AssertionError):
    """The code under test asked for something that the fake does not know."""


class Clock:
    """The time of a test, in milliseconds since the epoch; stands in for the module `time`."""

    def __init__(self, now: int = 1_764_000_000_000) -> None:
        self.now = now

    def advance(self, seconds: float) -> None:
        self.now += round(seconds * 1000)

    def time_ns(self) -> int:
        return self.now * 1_000_000

    def monotonic(self) -> float:
        return self.now / 1000


class Source(NamedTuple):
    """Where a message came from."""

    address: str
    port: int


class Sent(NamedTuple):
    """A reply that left."""

    code: int
    reason: str
    lines: tuple[str, ...]
    to: Source

    def all(self, name: str) -> list[str]:
        pairs = (line.split(": ", 1) for line in self.lines)
        return [value for key, value in pairs if key.lower() == name.lower()]

    def get(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)

    @property
    def retry_after(self) -> int | None:
        value = self.get("Retry-After")
        return None if value is None else int(value)


class Calls(list[tuple[str, tuple[Any, ...]]]):
    """Every call of a part in its order: (part.method, arguments)."""

    def since(self, length: int) -> list[tuple[str, tuple[Any, ...]]]:
        return self[length:]


class Part:
    """One sub-module of KSR. Public methods are logged; a byte that is no UTF-8 (a lone surrogate) raises, and so
    does a NUL that is handed in.
    """

    def __init__(self, ksr: "FakeKsr") -> None:
        self._ksr = ksr

    def __init_subclass__(cls) -> None:
        for name, method in list(vars(cls).items()):
            if inspect.isfunction(method) and not name.startswith("_"):
                setattr(cls, name, _logged(cls.__name__.removeprefix("Fake").lower(), method))


def _logged(part: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def call(self: Part, *arguments: Any) -> Any:
        self._ksr.calls.append((f"{part}.{method.__name__}", arguments))
        if any(isinstance(argument, str) and "\0" in argument for argument in arguments):
            raise ValueError("embedded null character")
        result = method(self, *arguments)
        if isinstance(result, str):
            result.encode(errors="surrogateescape").decode()
        return result

    return call
