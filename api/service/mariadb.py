"""The private MariaDB of one instance: its own data folder, its own socket, no port."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

import pymysql
from pymysql.constants import ER

from api.database import LATER
from api.service.files import private_folder, secret
from api.settings import DatabaseSettings, Settings

ONLY_ROOT = """\
DELETE FROM mysql.global_priv WHERE User NOT IN ('root', 'mariadb.sys') OR (User = 'root' AND Host <> 'localhost');
FLUSH PRIVILEGES;
SET PASSWORD FOR root@localhost = PASSWORD('{password}');
"""


class InstallError(Exception):
    """MariaDB's data folder could not be made. The text says what MariaDB said."""


class RefusedError(Exception):
    """MariaDB does not let root in, and will not by itself. The text is one line that says what to do."""


def options(settings: Settings) -> list[str]:
    """How the server is started.

    A transaction is in the log file, and so outlives the server, when it is acknowledged; the file reaches the disk
    once a second.
    """
    folder = settings.home / "mariadb"
    return [
        *_common(folder / "data"),
        f"--socket={settings.database('root').unix_socket}",
        f"--pid-file={folder / 'mariadbd.pid'}",
        "--skip-networking",
        "--local-infile=OFF",
        "--default-time-zone=+00:00",
        "--character-set-server=utf8mb4",
        "--collation-server=utf8mb4_general_ci",
        "--innodb-flush-log-at-trx-commit=2",
        "--innodb-log-file-size=64M",
        "--innodb-buffer-pool-size=128M",
        "--max-connections=100",
    ]


def install(settings: Settings, server: str, installer: str) -> bool:
    """Makes the data folder, unless there is one, with root's password from its secret file. True when made.

    A run that was cut short leaves nothing that a later one would take for a data folder.
    Errors: InstallError, OSError.
    """
    folder = private_folder(settings.home / "mariadb")
    private_folder(_temporary(folder / "data"))
    if (folder / "data").exists():
        return False
    fresh = folder / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    password = secret(settings.database("root").password_file)
    flags = ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve", "--force"]
    _run([installer, *_common(fresh), *flags, "--innodb-log-file-size=64M"], "")
    _run([server, *_common(fresh), "--bootstrap", "--innodb-log-file-size=64M"], ONLY_ROOT.format(password=password))
    fresh.rename(folder / "data")
    return True


def answers(settings: Settings) -> bool:
    """Whether MariaDB lets root in; False while it is away or full. Errors: RefusedError."""
    try:
        connect(settings).close()
    except pymysql.OperationalError as error:
        if error.args[0] not in LATER:
            raise RefusedError(_refusal(settings, error)) from error
        return False
    return True


def _refusal(settings: Settings, error: pymysql.OperationalError) -> str:
    account = settings.database("root")
    place = account.unix_socket or f"{account.host}:{account.port}"
    if error.args[0] == ER.ACCESS_DENIED_ERROR:
        return f"MariaDB at {place} refuses the password: write the one of its user root to {account.password_file}"
    return f"MariaDB at {place} refuses its user root: {error.args[-1]}"


def connect(settings: Settings) -> pymysql.Connection:
    """A connection as root, to no database. Errors: pymysql.OperationalError, RefusedError."""
    account = settings.database("root")
    return pymysql.connect(
        unix_socket=str(account.unix_socket) if account.unix_socket else None,
        host=account.host,
        port=account.port or 0,
        user=account.user,
        password=_password(account),
        connect_timeout=5,
    )


def _password(account: DatabaseSettings) -> str:
    try:
        return account.password()
    except OSError as error:
        raise RefusedError(
            f"{account.password_file} cannot be read ({error.strerror}): write the password of MariaDB's root there"
        ) from error


def _common(data: Path) -> list[str]:
    account = pwd.getpwuid(os.getuid()).pw_name
    return [
        "--no-defaults",
        f"--datadir={data}",
        f"--tmpdir={_temporary(data)}",
        f"--user={account}",
        "--skip-name-resolve",
    ]


def _temporary(data: Path) -> Path:
    """Not /tmp: a MariaDB that starts removes every file there that looks like a temporary table, also of others."""
    return data.with_name("tmp")


def _run(command: list[str], script: str) -> None:
    """`script` goes by standard input, so that no password is in an argument list."""
    environment = {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
    done = subprocess.run(  # noqa: S603
        command, input=script, text=True, capture_output=True, env=environment, check=False
    )
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line] or [done.stderr.strip()]
        raise InstallError(f"MariaDB could not be installed in {command[2]}: {said[0]}")
