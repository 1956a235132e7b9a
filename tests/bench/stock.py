"""Debian's own kamailio.cfg, unchanged, with MariaDB for passwords and bindings."""

import secrets
from collections.abc import Iterable
from pathlib import Path

from tests.bench.kamailio import Kamailio
from tests.bench.load import Account
from tests.bench.mariadb import MariaDB
from tests.sip.waiting import until

STOCK = Path("/etc/kamailio/kamailio.cfg")
SCHEMA = Path("/usr/share/kamailio/mysql")
TABLES = ("standard", "auth_db", "usrloc")
FLUSH = 100.0  # seconds; the stock configuration writes its bindings every 60

CONFIG = """#!KAMAILIO
#!define WITH_MYSQL
#!define WITH_AUTH
#!define WITH_USRLOCDB
#!define DBURL "mysql://kamailio:{password}@localhost/kamailio"
include_file "{stock}"
debug=-1
log_stderror=yes
disable_tcp=yes
auto_aliases=no
listen=udp:{address}:5060
alias="registration"
modparam("ctl", "binrpc", "unix:{home}/ctl")
modparam("jsonrpcs", "transport", 4)
modparam("jsonrpcs", "dgram_socket", "{home}/rpc")
"""


class MissingPackageError(Exception):
    """What the comparison needs is not installed. The text says what to do."""


class Stock:
    """The stock configuration on a database of its own. Only address and sockets are set from outside."""

    def __init__(self, home: Path, address: str, accounts: Iterable[Account]) -> None:
        if not SCHEMA.is_dir() or not STOCK.is_file():
            raise MissingPackageError(
                "install kamailio and kamailio-mysql-modules: apt-get install kamailio-mysql-modules"
            )
        home.mkdir(parents=True, exist_ok=True)
        self.address = (address, 5060)
        self.database = MariaDB(home / "mariadb")
        self._accounts = list(accounts)
        self._password = secrets.token_hex(16)
        config = home / "kamailio.cfg"
        config.touch(mode=0o600)
        config.write_text(CONFIG.format(password=self._password, stock=STOCK, address=address, home=home))
        environment = {"MYSQL_UNIX_PORT": str(self.database.socket)}
        self.kamailio = Kamailio(config, home, address, environment)

    def start(self) -> None:
        self.database.start()
        self.database.query("CREATE DATABASE kamailio")
        for name in TABLES:
            self.database.load(SCHEMA / f"{name}-create.sql", "kamailio")
        self.database.query(f"CREATE USER kamailio@localhost IDENTIFIED BY '{self._password}'")
        self.database.query("GRANT ALL ON kamailio.* TO kamailio@localhost")
        rows = [(each.username, "registration", each.password, each.ha1) for each in self._accounts]
        sql = "INSERT INTO subscriber (username, domain, password, ha1) VALUES (%s, %s, %s, %s)"
        with self.database.connect("kamailio") as connection, connection.cursor() as cursor:
            cursor.executemany(sql, rows)
        self.kamailio.start()

    def processes(self) -> dict[str, frozenset[int]]:
        return {"kamailio": self.kamailio.pids(), "mariadbd": self.database.pids()}

    def settle(self, count: int) -> None:
        """Wait until the bindings are in the database: writing them is part of what they cost."""
        until(lambda: self._stored() >= count, FLUSH, f"{count} bindings are in the database", pause=0.5)

    def _stored(self) -> int:
        return int(self.database.query("SELECT COUNT(*) FROM location", "kamailio")[0][0])

    def stop(self) -> None:
        self.kamailio.stop()
        self.database.stop()
