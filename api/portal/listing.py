"""Lists that are asked for by what people type: what the API finds wrong with it is said above an empty list."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from api.portal.asking import Query, RefusedError, ask

A_PAGE: Final = 50
"""Rows."""


class Found(NamedTuple):
    """The API's page of a list, or what is wrong with the filter."""

    answer: dict[str, Any]
    wrong: RefusedError | None = None

    @property
    def status(self) -> int:
        """HTTP status of the page that shows it."""
        return self.wrong.status if self.wrong else 200


def find(*path: str, query: Query) -> Found:
    """A page of the list at `path`. Errors: RefusedError, unless it is about a field of the filter."""
    try:
        return Found(ask("GET", *path, query={"limit": A_PAGE, **query}))
    except RefusedError as error:
        if not error.fields:
            raise
        return Found({"items": [], "next": None}, error)


def region_choices() -> list[tuple[str, str]]:
    """All regions, which are few: pairs of value and text."""
    return [(row["name"], row["name"]) for row in ask("GET", "regions")["items"]]
