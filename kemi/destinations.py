"""Where calls can be sent: the dispatcher's sets. Set 1 are this region's cores, each other region has one of its own.

The dispatcher probes all of them with OPTIONS and leaves out the dead ones.
"""

import json
import zlib
from typing import Final

from kemi import tables
from kemi.ksr import Dispatcher, Htable
from kemi.region import Region

CORES: Final = 1
FIRST_REGION: Final = 2
LAST_SET: Final = 2**31 - 1
"""The dispatcher's sets are numbered by C's int."""


def region_set(name: str) -> int:
    """The set of another region: its name alone decides, so that it stays the same whichever regions come and go."""
    return FIRST_REGION + zlib.crc32(name.encode()) % (LAST_SET - FIRST_REGION + 1)


def dead(table: Htable, dispatcher: Dispatcher) -> list[str]:
    """`address:port` of each core that gets calls when it lives, and does not answer its probes (rule O6)."""
    cores = json.loads(str(table.sht_get(tables.META, tables.CORES) or "[]"))
    places = [f"{address}:{port}" for address, port in cores]
    return [place for place in places if dispatcher.ds_is_active_uri(CORES, f"sip:{place}") <= 0]


def write(table: Htable, region: Region) -> bool:
    """Writes the dispatcher's list as the tables have it; whether it is another one than before. Errors: OSError."""
    cores = json.loads(str(table.sht_get(tables.META, tables.CORES) or "[]"))
    regions = json.loads(str(table.sht_get(tables.META, tables.REGIONS) or "[]"))
    lines = [f"{CORES} sip:{address}:{port}" for address, port in cores]
    lines += [f"{region_set(name)} sip:{address}:{region.port}" for name, address in regions]
    text = "".join(f"{line}\n" for line in lines)
    file = region.destinations
    if file.exists() and file.read_text(encoding="ascii") == text:
        return False
    new = file.with_suffix(".new")
    new.write_text(text, encoding="ascii")
    new.replace(file)
    return True
