"""PBXs made of other people's software that find the regions by the domain alone."""

from pathlib import Path

from tests.sip.target import Credential
from tests.stacks.baresip import Baresip
from tests.stacks.pjsua import Pjsua


class NamedPjsua(Pjsua):
    """PJSIP, with its own resolver."""

    def __init__(self, folder: Path, source: str, registrar: str, resolver: str, credential: Credential) -> None:
        super().__init__(folder, source, (registrar, 5060), credential)
        self.facts["domain"] = registrar
        self.facts["name_server"] = resolver


class NamedBaresip(Baresip):
    """baresip, with its own resolver."""

    def __init__(self, folder: Path, source: str, registrar: str, resolver: str, credential: Credential) -> None:
        super().__init__(folder, source, (registrar, 5060), credential)
        with (folder / "config").open("a", encoding="utf-8") as configuration:
            configuration.write(f"dns_server {resolver}:53\n")
