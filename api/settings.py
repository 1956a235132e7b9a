"""What differs from one deployment to the next, and what never does.

`Settings.load()` is the only way in. It reads `settings.toml` of the state folder, then the environment
(`TURNPIKE_REALM`, `TURNPIKE_API_PORT`, …), which wins. Hard limits come from
`limits.toml` alone, and only on a test instance.
"""

from __future__ import annotations

import os
import tomllib
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import (
    Field,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as SourceError

from api.limits import LimitSettings, RateSettings, SignInSettings, Strict, ThresholdSettings
from api.processors import one_worker_a_processor
from api.setting_types import DatabaseName, HostAddress, RegionName, Resolver
from kemi.region import in_own_network

ROOT: Final = Path(__file__).resolve().parents[1]
"""The project's root folder."""

SIP_PORT: Final = 5060
"""Rule W1: the port is no setting."""

NOT_CHOSEN: Final = ("home", "limits", "test_limits")
LIMITS_ARE_FIXED: Final = (
    "hard limits are constants of the service, the same for every credential (rules.md). "
    "Only a test instance may change one, in limits.toml"
)


class SettingsError(Exception):
    """A setting that cannot be used. The text is one line that says what to do."""


class RegionSettings(Strict):
    """One region: its name, and the address whose UDP port 5060 its gateway listens on."""

    name: RegionName
    address: HostAddress


class MariaDBSettings(Strict):
    """Where MariaDB is. Without `host` and `socket` the service runs a private one in its state folder."""

    host: str | None = None
    socket: Path | None = None
    port: Annotated[int, Field(ge=1, le=65535)] = 3306
    name: DatabaseName = "turnpike"

    @property
    def private(self) -> bool:
        """Whether the service runs it itself."""
        return self.host is None and self.socket is None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.host is not None and self.socket is not None:
            raise ValueError("name host or socket, not both")
        return self


class DatabaseSettings(Strict):
    """How one account reaches MariaDB: by `unix_socket`, or by `host` and `port`."""

    unix_socket: Path | None
    host: str | None
    port: int | None
    name: str
    user: str
    password_file: Path

    def password(self) -> str:
        """Errors: OSError when the file is missing or not readable."""
        return self.password_file.read_text(encoding="ascii").strip()


DEFAULT_REGIONS: Final = (
    RegionSettings(name="nw1", address="127.0.1.1"),
    RegionSettings(name="se1", address="127.0.2.1"),
)


class Settings(BaseSettings):
    """The settings of one instance."""

    model_config = SettingsConfigDict(env_prefix="TURNPIKE_", frozen=True, extra="forbid")

    home: Path = ROOT / "var"
    realm: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,64}$")] = "registration"
    api_address: HostAddress = "127.0.0.1"
    api_port: Annotated[int, Field(ge=1, le=65535)] = 8080
    regions: Annotated[tuple[RegionSettings, ...], Field(min_length=1)] = DEFAULT_REGIONS
    """Those that this host runs."""
    control: bool = True
    """Whether this host also runs the API and what prepares and looks after the database; else regions only."""
    workers: Annotated[int, Field(ge=1, le=64)] = Field(default_factory=one_worker_a_processor)
    thresholds: ThresholdSettings = ThresholdSettings()
    rates: RateSettings = RateSettings()
    sign_in: SignInSettings = SignInSettings()
    proxies: Annotated[int, Field(ge=0, le=9)] = 0
    """How many reverse proxies stand before the API, each of which adds the address that it was asked from."""
    resolvers: Annotated[tuple[Resolver, ...], Field(max_length=8)] = ()
    """Of DNS, as "address" or "address#port": whom to ask whether names are right. None: this machine's."""
    mariadb: MariaDBSettings = MariaDBSettings()
    limits: LimitSettings = LimitSettings()
    test_limits: bool = False

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file."""
        return env_settings, init_settings

    @model_validator(mode="after")
    def _regions_differ(self) -> Self:
        for key in ("name", "address"):
            if len({getattr(region, key) for region in self.regions}) < len(self.regions):
                raise ValueError(f"two regions have the same {key}")
        return self

    @model_validator(mode="after")
    def _regions_alone(self) -> Self:
        if not self.control and self.mariadb.private:
            raise ValueError("control = false: name the MariaDB of the control host in [mariadb]: host, or socket")
        if not self.control and "regions" not in self.model_fields_set:
            raise ValueError("control = false: name the regions that this host runs")
        return self

    @classmethod
    def load(cls, home: Path | None = None) -> Settings:
        """Settings of the state folder `home` (default: `TURNPIKE_VAR`, else `var` beside the code).

        Errors: SettingsError, one line that names the file or variable and says what to do.
        """
        place = (home or Path(os.environ.get("TURNPIKE_VAR") or ROOT / "var")).resolve()
        chosen = _chosen(cls, place / "settings.toml")
        limits = place / "limits.toml"
        if not limits.exists():
            return chosen.model_copy(update={"home": place, "limits": LimitSettings(), "test_limits": False})
        _refuse_test_limits_in_public(chosen, limits)
        return chosen.model_copy(update={"home": place, "limits": _test_limits(limits), "test_limits": True})

    def database(self, account: str) -> DatabaseSettings:
        """How `account` ("root", "api" or "region-<name>") reaches MariaDB."""
        own = self.home / "mariadb" / "mariadb.sock" if self.mariadb.private else self.mariadb.socket
        return DatabaseSettings(
            unix_socket=own,
            host=self.mariadb.host,
            port=None if own else self.mariadb.port,
            name=self.mariadb.name,
            user=account.replace("region-", "region_", 1),
            password_file=self.home / "secrets" / f"mariadb-{account}.key",
        )

    @property
    def code(self) -> Path:
        """Stands for the instance's copy of the build of `kemi/` that its regions run."""
        return self.home / "code"

    @property
    def portal_key_file(self) -> Path:
        """What signs the cookies of the portal's pages; hosts that share a name share it."""
        return self.home / "secrets" / "portal.key"

    def region_home(self, region: str) -> Path:
        """The folder of one region's state."""
        return self.home / "region" / region


def _chosen(kind: type[Settings], file: Path) -> Settings:
    table = _table(file)
    for key in NOT_CHOSEN:
        if key in table:
            reason = LIMITS_ARE_FIXED if key == "limits" else "it is not a setting"
            raise SettingsError(f"{file}: remove {key}: {reason}")
    try:
        return kind(**table)
    except (ValidationError, SourceError) as error:
        raise SettingsError(f"{file} or environment: {_one_line(error)}") from error


def _test_limits(file: Path) -> LimitSettings:
    try:
        return LimitSettings.model_validate(_table(file))
    except ValidationError as error:
        raise SettingsError(f"{file}: {_one_line(error)}") from error


def _table(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read ({error.strerror}): make it readable for this user") from error
    except ValueError as error:
        raise SettingsError(f"{file}: correct it, it is not TOML: {error}") from error


def _one_line(error: ValidationError | SourceError) -> str:
    """Names each wrong setting as it is written in the file or (in capitals, behind TURNPIKE_) in the environment."""
    if isinstance(error, SourceError):
        return f"correct the variable: {error}".replace("\n", " ")
    wrong = [".".join(map(str, one["loc"])) + ": " + one["msg"] for one in error.errors(include_input=False)]
    return "correct " + "; ".join(each.removeprefix(": ") for each in wrong)


def _refuse_test_limits_in_public(settings: Settings, file: Path) -> None:
    addresses = [settings.api_address, *(region.address for region in settings.regions)]
    public = [each for each in addresses if not IPv4Address(each).is_loopback]
    if public and not in_own_network():
        raise SettingsError(
            f"{file}: remove it: test limits are refused while {', '.join(public)} is no loopback address (rules.md)"
        )
