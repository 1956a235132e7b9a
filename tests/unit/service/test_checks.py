"""What is refused before anything starts, in one line that says what to do."""

import os
import socket
from pathlib import Path

import pytest

from api.service import checks
from api.service.checks import CannotStartError

ADDRESS = "127.0.12.200"


def test_a_free_port_is_accepted_twice() -> None:
    for _ in range(2):
        checks.check_free(ADDRESS, 5060, socket.SOCK_DGRAM, "region nw1")


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
@pytest.mark.parametrize("holder", [ADDRESS, "0.0.0.0"])  # noqa: S104 -- another program that takes all addresses
def test_a_taken_port_is_refused_and_its_holder_named(kind: socket.SocketKind, holder: str) -> None:
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind((holder, 0))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotStartError, match=rf"port {port} of {ADDRESS} is taken by process {os.getpid()} "):
            checks.check_free(ADDRESS, port, kind, "the part")


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(CannotStartError, match=r"192\.0\.2\.1 is no address of this machine"):
        checks.check_free("192.0.2.1", 5060, socket.SOCK_DGRAM, "region nw1")


def test_a_state_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotStartError, match=r"Not a directory.*TURNPIKE_VAR"):
        checks.check_folder(tmp_path / "file" / "var")


def test_a_state_folder_without_write_permission_is_refused() -> None:
    with pytest.raises(CannotStartError, match="TURNPIKE_VAR"):
        checks.check_folder(Path("/proc/turnpike"))


def test_a_path_too_long_for_a_socket_is_refused() -> None:
    with pytest.raises(CannotStartError, match="bytes too long for a socket"):
        checks.check_socket_paths(Path("/" + "x" * 90))


def test_the_longest_path_that_is_accepted_makes_a_socket(tmp_path: Path) -> None:
    name = "x" * (checks.LONGEST_SOCKET_PATH - len(os.fsencode(tmp_path)) - 1)
    with socket.socket(socket.AF_UNIX) as longest:
        longest.bind(str(tmp_path / name))


def test_only_one_start_at_a_time(tmp_path: Path) -> None:
    with checks.alone(tmp_path), pytest.raises(CannotStartError, match="just starting"), checks.alone(tmp_path):
        pass
