"""Where a browser or the service might keep what a page showed: all that can be read is searched.

A browser's files are read as they are (UTF-8 and UTF-16), and unpacked: every gzip, zlib and Zstandard stream, and the
bodies of the HTTP cache's entries as Brotli.
"""

import json
import zlib
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

import brotli
from backports import zstd
from playwright.sync_api import BrowserContext, Page

CACHE_ENTRY = bytes.fromhex("305c72a71b6dfbfc")
"""Magic number of Chromium's simple cache, whose header is 24 bytes with the length of the key at 12."""
STORES = """async () => JSON.stringify({
  local: {...localStorage}, session: {...sessionStorage}, state: history.state, name: window.name,
  databases: indexedDB.databases ? await indexedDB.databases() : [],
  caches: await Promise.all((await caches.keys()).map(async (name) => {
    const cache = await caches.open(name);
    return Promise.all((await cache.keys()).map(async (each) => (await cache.match(each)).text()));
  })),
  cookies: document.cookie, title: document.title, address: location.href,
  fields: [...document.querySelectorAll("input, textarea, select")].map((each) => each.value),
})"""


def in_page(page: Page) -> str:
    """What the page, its frames and its stores hold, and the cookies, which scripts cannot read, unpacked."""
    texts = [frame.content() for frame in page.frames]
    texts += [page.evaluate(STORES), json.dumps(page.context.cookies()), *_cookies(page.context)]
    return "\n".join(texts)


def _cookies(context: BrowserContext) -> Iterator[str]:
    for cookie in context.cookies():
        value = str(cookie.get("value", ""))
        body = value.lstrip(".").split(".")[0]
        data = urlsafe_b64decode(body + "=" * (-len(body) % 4))
        yield (zlib.decompress(data) if value.startswith(".") else data).decode(errors="replace")


def in_memory(page: Page) -> str:
    """All strings of the page's JavaScript, after garbage was collected, and the text of all of its documents."""
    session = page.context.new_cdp_session(page)
    chunks: list[str] = []
    session.on("HeapProfiler.addHeapSnapshotChunk", lambda told: chunks.append(told["chunk"]))
    session.send("HeapProfiler.enable")
    session.send("HeapProfiler.collectGarbage")
    session.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    documents = session.send("DOMSnapshot.captureSnapshot", {"computedStyles": []})
    session.detach()
    strings: list[Any] = json.loads("".join(chunks))["strings"] + documents["strings"]
    return "\n".join(map(str, strings))


def holders(folder: Path, needles: list[str]) -> dict[str, str]:
    """Which files below `folder` hold any of `needles`, and how: raw, or unpacked."""
    shapes = [shape for needle in needles for shape in _shapes(needle)]
    found = {}
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # the last of the browser's processes may still tidy up
            if path.is_file() and (how := _held(path.read_bytes(), shapes)):
                found[str(path.relative_to(folder))] = how
    return found


def _shapes(needle: str) -> tuple[bytes, ...]:
    return needle.encode(), needle.encode("utf-16-le"), b64encode(needle.encode()).rstrip(b"=")[:-1]


def _held(data: bytes, shapes: list[bytes]) -> str | None:
    if any(shape in data for shape in shapes):
        return "raw"
    return "unpacked" if any(shape in text for text in _unpacked(data) for shape in shapes) else None


def _unpacked(data: bytes) -> Iterator[bytes]:
    for magic, unpack in STREAMS:
        at = data.find(magic)
        while at >= 0:
            yield unpack(data[at:])
            at = data.find(magic, at + 1)
    if data.startswith(CACHE_ENTRY):
        yield _brotli(data[24 + int.from_bytes(data[12:16], "little") :])


def _inflated(data: bytes, window: int) -> bytes:
    try:
        return zlib.decompressobj(window).decompress(data)
    except zlib.error:
        return b""


def _zstd(data: bytes) -> bytes:
    try:
        return zstd.ZstdDecompressor().decompress(data)
    except zstd.ZstdError:
        return b""


def _brotli(data: bytes) -> bytes:
    """The stream at the beginning of `data`, whatever comes behind it."""
    unpacker, text = brotli.Decompressor(), b""
    with suppress(brotli.error):
        for at in range(len(data)):
            text += unpacker.process(data[at : at + 1])
    return text


STREAMS: Final[tuple[tuple[bytes, Callable[[bytes], bytes]], ...]] = (
    (b"\x1f\x8b\x08", partial(_inflated, window=31)),
    *((magic, partial(_inflated, window=15)) for magic in (b"\x78\x01", b"\x78\x9c", b"\x78\xda")),
    (b"\x28\xb5\x2f\xfd", _zstd),
)
"""What such streams begin with, and what unpacks them, whatever comes behind."""
