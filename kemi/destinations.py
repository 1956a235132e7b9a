"""Where calls can be sent: the dispatcher's sets. Set 1 are this region's cores, each other region has one of its own.

The dispatcher probes all of them with OPTIONS and leaves out the dead ones.
"""

import json
from typing import Final

from kemi import tables
from kemi.ksr import Htable
from kemi.region import Region

CORES: Final = 1
FIRST_REGION: Final = 2


def region_set(region: Region, name: str) -> int:
    """The set of another region. Errors: ValueError when there is no such region."""
    return FIRST_REGION + [known for known, _ in region.neighbours].index(name)


def write(table: Htable, region: Region) -> bool:
    """Writes the dispatcher's list as the tables have it; whether it is another one than before. Errors: OSError."""
    cores = json.loads(str(table.sht_get(tables.META, tables.CORES) or "[]"))
    lines = [f"{CORES} sip:{address}:{port}" for address, port in cores]
    lines += [
        f"{FIRST_REGION + place} sip:{address}:{region.port}" for place, (_, address) in enumerate(region.neighbours)
    ]
    text = "".join(f"{line}\n" for line in lines)
    file = region.destinations
    if file.exists() and file.read_text(encoding="ascii") == text:
        return False
    new = file.with_suffix(".new")
    new.write_text(text, encoding="ascii")
    new.replace(file)
    return True
