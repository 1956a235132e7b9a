"""What a setting may hold, beside numbers."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Annotated

from pydantic import AfterValidator, Field

from api.texts import REGION


def _host_address(value: str) -> str:
    """Errors: ValueError unless `value` is the IPv4 address of one host."""
    address = IPv4Address(value)
    if address.is_unspecified or address.is_multicast:
        raise ValueError(f"{value} is not the address of one host")
    return str(address)


def _resolver(value: str) -> str:
    """Errors: ValueError unless `value` is an IPv4 address, or address#port."""
    address, mark, port = value.partition("#")
    if mark and not (port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError(f"{value}: write an address, or address#port")
    return _host_address(address) + mark + port


def _own_database(value: str) -> str:
    """Errors: ValueError for a database that is MariaDB's."""
    if value in {"mysql", "sys", "information_schema", "performance_schema"}:
        raise ValueError(f"{value} is MariaDB's own database")
    return value


DatabaseName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,64}$"), AfterValidator(_own_database)]
HostAddress = Annotated[str, AfterValidator(_host_address)]
RegionName = Annotated[str, Field(pattern=f"^{REGION}$")]
Resolver = Annotated[str, AfterValidator(_resolver)]
