"""A Kamailio that stands before a PBX, as its owner has it: the files of the trunk are loaded as they come."""

from collections.abc import Mapping
from pathlib import Path

from tests.sip.phone import Address
from tests.stacks.process import Process

MODULES = ("tm", "tmx", "sl", "rr", "pv", "kex", "textops", "siputils")
ROUTES = """
request_route {
    if (has_totag()) {
        if (loose_route()) t_relay();
        exit;
    }
    if (is_method("CANCEL")) {
        if (t_check_trans()) t_relay();
        exit;
    }
    t_check_trans();
    if (!is_method("INVITE")) {
        sl_send_reply("200", "OK");
        exit;
    }
    record_route();
    if (route(FROM_TRUNK)) {
        $du = "sip:%s:%s";
        t_relay();
        exit;
    }
    if ($si != "%s") {
        sl_send_reply("403", "Forbidden");
        exit;
    }
    route(TO_TRUNK);
}
"""
"""What an owner writes: calls of the trunk go to the PBX, and those of the PBX to the trunk."""


class KamailioTrunk:
    """At `source`, for the PBX at `inside`; names are looked up at `name_server` alone, if one is given."""

    def __init__(
        self, folder: Path, source: str, inside: Address, files: Mapping[str, str], name_server: str | None = None
    ) -> None:
        self.address: Address = (source, 5060)
        self._folder = folder
        for name, text in files.items():
            file = folder / name
            file.touch(mode=0o600)
            file.write_text(text, encoding="utf-8")
        self._enter = self._names(name_server) if name_server else ()
        (folder / "kamailio.cfg").write_text(self._configuration(source, inside), encoding="utf-8")

    def _names(self, server: str) -> tuple[str, ...]:
        """A resolv.conf of its own (libresolv-wrapper)."""
        resolver = self._folder / "resolv.conf"
        resolver.write_text(f"nameserver {server}\noptions timeout:1 attempts:2\n", encoding="utf-8")
        return ("env", "LD_PRELOAD=libresolv_wrapper.so", f"RESOLV_WRAPPER_CONF={resolver}")

    def _configuration(self, source: str, inside: Address) -> str:
        loaded = "".join(f'loadmodule "{name}.so"\n' for name in MODULES)
        return (
            f"#!KAMAILIO\ndebug=2\nlog_stderror=yes\nchildren=2\ndisable_tcp=yes\nlisten=udp:{source}:5060\n"
            f'#!define TRUNK_FOLDER "text://{self._folder}"\n#!define TRUNK_CONTACT "{source}:5060"\n{loaded}'
            f'include_file "{self._folder}/trunk.cfg"\n{ROUTES % (*inside, inside[0])}'
        )

    def start(self) -> None:
        options = ("-f", str(self._folder / "kamailio.cfg"), "-DD", "-E", "-Y", str(self._folder), "-m", "32")
        self._process = Process(self._folder / "kamailio.log", *self._enter, "kamailio", *options)

    def stop(self) -> None:
        self._process.end()
