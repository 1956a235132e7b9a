"""What programs say of themselves, for tests that wait for it."""

from collections.abc import Callable

from api.demo.process import Event, Process
from api.demo.process import Events as Said
from tests.sip.waiting import until

__all__ = ["Event", "Events", "Process"]


class Events(Said):
    """What a program said, in order. One thread adds, others look."""

    def wait(self, kind: str, seconds: float, such: Callable[[Event], bool] = lambda _: True) -> Event:
        """The first of this kind that is `such`. AssertionError with all that was said when none comes in time."""
        try:
            return until(lambda: self.of(kind, such), seconds, kind)[0]
        except AssertionError as nothing:
            raise AssertionError(f"{nothing}; it said {self.last(20)}") from nothing
