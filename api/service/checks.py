"""What is looked at before anything starts, so that a start that cannot succeed leaves nothing behind."""

from __future__ import annotations

import errno
import fcntl
import getpass
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

from api.service.files import private_folder
from api.service.parts import parts, program
from api.settings import SIP_PORT, Settings

LONGEST_SOCKET_PATH: Final = 107
"""Bytes: sun_path of unix(7) without its final zero."""


class CannotStartError(Exception):
    """The service cannot start. The text is one line that says what to do."""


def check(settings: Settings) -> None:
    """Errors: CannotStartError, MissingProgramError."""
    check_folder(settings.home)
    check_socket_paths(settings.home)
    parts(settings)
    if settings.mariadb.private:
        program("mariadb-install-db", "mariadb-server")
    for region in settings.regions:
        check_free(region.address, SIP_PORT, socket.SOCK_DGRAM, f"region {region.name}")
    if settings.control:
        check_free(settings.api_address, settings.api_port, socket.SOCK_STREAM, "the API")
    else:
        check_accounts(settings)


def check_accounts(settings: Settings) -> None:
    """A host of regions only has what the control host made for it."""
    for region in settings.regions:
        file = settings.database(f"region-{region.name}").password_file
        if not file.exists():
            raise CannotStartError(
                f"region {region.name}: {file} is missing: ./turnpike region enrol, on the control host, makes it"
            )


def check_folder(home: Path) -> None:
    """The state folder can be written to; it is made when it is missing."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        raise CannotStartError(
            f"state folder {home}: {error.strerror}: make it writable for {getpass.getuser()}, "
            "or name another folder in TURNPIKE_VAR"
        ) from error


def check_socket_paths(home: Path) -> None:
    """The sockets' paths are short enough; Supervisor makes its own under a name with a process id behind it."""
    for path in (home / "mariadb" / "mariadb.sock", home / "run" / "supervisor.sock.4194304"):
        excess = len(os.fsencode(path)) - LONGEST_SOCKET_PATH
        if excess > 0:
            raise CannotStartError(
                f"state folder {home}: its path is {excess} bytes too long for a socket: name another in TURNPIKE_VAR"
            )


def check_free(address: str, port: int, kind: socket.SocketKind, what: str) -> None:
    """`what` can listen on the address and port."""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise CannotStartError(_why_not(error, address, port, kind, what)) from error


def _why_not(error: OSError, address: str, port: int, kind: socket.SocketKind, what: str) -> str:
    name = f"{'UDP' if kind is socket.SOCK_DGRAM else 'TCP'} port {port} of {address}"
    if error.errno == errno.EADDRINUSE:
        return f"{what}: {name} is taken by {_holder(address, port, kind)}: stop it, or choose another in settings.toml"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{what}: {address} is no address of this machine: add it, or correct it in settings.toml"
    return f"{what}: {name}: {error.strerror}: choose another in settings.toml"


def _holder(address: str, port: int, kind: socket.SocketKind) -> str:
    """Who listens there, as far as this user may know: a wildcard address takes all."""
    table = Path("/proc/net/udp" if kind is socket.SOCK_DGRAM else "/proc/net/tcp")
    inodes = {inode for each in (address, "0.0.0.0") for inode in _inodes(table, each, port)}  # noqa: S104
    pids = {pid for pid in _own(Path("/proc").iterdir()) if inodes & set(_sockets(pid))}
    named = [f"process {pid.name} ({_command(pid)})" for pid in sorted(pids, key=lambda each: int(each.name))[:1]]
    return named[0] if named else "another program"


def _inodes(table: Path, address: str, port: int) -> Iterator[str]:
    """The sockets in a table of proc(5), which writes an address as a number in the machine's byte order."""
    name = f"{int.from_bytes(IPv4Address(address).packed, sys.byteorder):08X}:{port:04X}"
    for line in table.read_text().splitlines()[1:]:
        field = line.split()
        if field[1] == name:
            yield f"socket:[{field[9]}]"


def _own(entries: Iterator[Path]) -> Iterator[Path]:
    return (entry for entry in entries if entry.name.isdigit())


def _sockets(pid: Path) -> Iterator[str]:
    try:
        for descriptor in (pid / "fd").iterdir():
            yield os.readlink(descriptor)
    except OSError:
        return


def _command(pid: Path) -> str:
    try:
        return (pid / "comm").read_text().strip()
    except OSError:
        return "ended meanwhile"


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """While this holds, no other `up` or `down` works on the instance. Errors: CannotStartError."""
    with (private_folder(home / "run") / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotStartError(f"another ./turnpike is just starting or stopping {home}: wait for it") from error
        yield
