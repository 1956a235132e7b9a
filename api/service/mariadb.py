"""The private MariaDB of one instance: its own data folder, its own socket, no port."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

import pymysql

from api.service.files import private_folder, secret
from api.settings import Settings

ONLY_ROOT = """\
DELETE FROM mysql.global_priv WHERE User NOT IN ('root', 'mariadb.sys') OR (User = 'root' AND Host <> 'localhost');
FLUSH PRIVILEGES;
SET PASSWORD FOR root@localhost = PASSWORD('{password}');
"""


class InstallError(Exception):
    """MariaDB's data folder could not be made. The text says what MariaDB said."""


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
    """Whether MariaDB lets root in."""
    try:
        connect(settings).close()
    except (pymysql.OperationalError, OSError):
        return False
    return True


def connect(settings: Settings) -> pymysql.Connection:
    """A connection as root, to no database. Errors: pymysql.OperationalError, OSError."""
    account = settings.database("root")
    return pymysql.connect(
        unix_socket=str(account.unix_socket) if account.unix_socket else None,
        host=account.host,
        port=account.port or 0,
        user=account.user,
        password=account.password(),
        connect_timeout=5,
    )


def _common(data: Path) -> list[str]:
    return ["--no-defaults", f"--datadir={data}", f"--user={pwd.getpwuid(os.getuid()).pw_name}", "--skip-name-resolve"]


def _run(command: list[str], script: str) -> None:
    """`script` goes by standard input, so that no password is in an argument list."""
    environment = {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
    done = subprocess.run(  # noqa: S603
        command, input=script, text=True, capture_output=True, env=environment, check=False
    )
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line] or [done.stderr.strip()]
        raise InstallError(f"MariaDB could not be installed in {command[2]}: {said[0]}")
