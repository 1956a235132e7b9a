"""When old passwords end (rule C4): an agenda for the timer process. Moments are milliseconds since the epoch."""

import heapq


class Graces:
    """Usernames whose old password works, by when it ends."""

    def __init__(self) -> None:
        self._ends: dict[str, int] = {}
        self._agenda: list[tuple[int, str]] = []

    def __contains__(self, username: str) -> bool:
        return username in self._ends

    def put(self, username: str, end: int) -> None:
        """In place of what was known; `end` 0: it has no old password."""
        if not end:
            self._ends.pop(username, None)
        elif self._ends.get(username) != end:
            self._ends[username] = end
            heapq.heappush(self._agenda, (end, username))

    def over(self, now: int) -> list[str]:
        """Those whose end has come; they stay known until they are put without one."""
        found: list[str] = []
        while self._agenda and self._agenda[0][0] <= now:
            end, username = heapq.heappop(self._agenda)
            if self._ends.get(username) == end:
                found.append(username)
        return found
