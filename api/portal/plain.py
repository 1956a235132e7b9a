"""What the API says in the words of a page: who reads it there sends no requests, and may have no command line."""

from __future__ import annotations

import re
from typing import Final

WHOLE: Final = {
    "changed-meanwhile": "Somebody changed it after this page was loaded: load the page again, and repeat the change.",
    "told-once": "This was done already, and what was told then cannot be told again: make a new one in its place.",
    "key-in-use": "This form is being carried out at this moment: wait for its answer.",
    "key-used-before": "This form was sent before with other values: open it again.",
    "database-unavailable": "The database cannot be reached. PBXs are served as before; try again in a few seconds.",
    "foreign-characters": "There is nothing of this name.",
}
"""By the problem's type: those whose detail speaks of requests and nothing else."""
CALL: Final = r"(?:GET|POST|PUT|PATCH|DELETE) /v1/"
SAID_ANOTHER_WAY: Final = (
    (rf" \({CALL}[^()]*\)", ""),
    (r" \(\./turnpike [^()]*\)", ""),
    (r'send "force": true', "do it anyway"),
    (r"send null for none", "leave it empty"),
    (r"send tenant null too", "leave the tenant empty too"),
    (r"send your own or none", "name your own or none"),
    (rf"[:;] {CALL}[^;]*", ""),
    (r": send as after what .*", ": go to the first page of the list"),
    (r"^The request's body is too large", "This is too large"),
    (r"requests a minute are served: repeat this one in", "pages a minute are served: try again in"),
)


def plain(detail: str, kind: str = "") -> str:
    """A sentence, or `detail` of a problem of the type `kind`, without what only programs and commands could do."""
    told = WHOLE.get(kind, detail)
    for pattern, text in SAID_ANOTHER_WAY:
        told = re.sub(pattern, text, told)
    return told if told == detail or told.endswith(".") else f"{told}."
