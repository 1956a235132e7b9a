"""A network namespace: a host with interfaces of its own. It is removed by `close`, whatever happened."""

import ctypes
import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.sip.endpoint import Address

CLONE_NEWNET = 0x40000000  # setns(2)
_LIBC = ctypes.CDLL(None, use_errno=True)


class Namespace:
    """`name` is unique on the machine. AssertionError when it cannot be made."""

    def __init__(self, name: str) -> None:
        self.name = name
        _run(["ip", "netns", "add", name])

    @contextmanager
    def entered(self) -> Iterator[None]:
        """This thread is on this host, and so is each process that it starts meanwhile. Other threads stay."""
        with open("/proc/thread-self/ns/net") as home, open(f"/run/netns/{self.name}") as there:
            _enter(there.fileno())
            try:
                yield
            finally:
                _enter(home.fileno())

    def open(self, address: Address) -> socket.socket:
        """A UDP socket of this host: an `opener` for the toolkit's agents."""
        with self.entered():
            line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            line.bind(address)
            return line

    def ip(self, *arguments: str) -> None:
        with self.entered():
            _run(["ip", *arguments])

    def nft(self, commands: str) -> None:
        with self.entered():
            _run(["nft", "-f", "-"], commands)

    def set(self, **values: int) -> None:
        """Settings of sysctl(8), below net: `ipv4__ip_forward` is net.ipv4.ip_forward."""
        with self.entered():
            for key, value in values.items():
                Path("/proc/sys/net", *key.split("__")).write_text(str(value))

    def close(self) -> None:
        """Whoever still is on this host keeps it alive, without a name."""
        _run(["ip", "netns", "delete", self.name])


class Inside(httpx.BaseTransport):
    """HTTP from within a namespace."""

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._namespace.entered():
            return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


def _enter(descriptor: int) -> None:
    if _LIBC.setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _run(command: Sequence[str], text: str | None = None) -> None:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    hint = "" if os.geteuid() == 0 else " (network namespaces are made by root: run the tests as root)"
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr.strip()}{hint}"
