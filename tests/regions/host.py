"""A host of a third region, beside an instance with two: what `region enrol` wrote, started by itself."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.sip.instance import COMMAND, Instance, free_addresses
from tests.sip.phone import Address


class RegionHost:
    """Region eu1 of a deployment."""

    name = "eu1"

    def __init__(self, control: Instance) -> None:
        self._control = control
        self.address = free_addresses().nw1
        self.home = control.home.with_name(f"{control.home.name}-{self.name}")
        self._environment = {**os.environ, "TURNPIKE_VAR": str(self.home)}

    @property
    def gateway(self) -> Address:
        return self.address, 5060

    def add(self) -> dict[str, Any]:
        """By the control host's command line: the row, as data."""
        added: dict[str, Any] = json.loads(
            self._control.run("region", "add", self.name, self.address, "--label", "Frankfurt", "--json").stdout
        )
        return added

    def enrol(self, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self._control.run("region", "enrol", self.name, str(self.home), check=check)

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """The service's command on this host."""
        command = [COMMAND, *arguments]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=180, check=False)
        assert not check or done.returncode == 0, f"turnpike {arguments}: {done.stdout}\n{done.stderr}"
        return done

    def status(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.run("status", "--json", check=False).stdout)
        return document

    def files(self) -> list[Path]:
        return [file for file in self.home.rglob("*") if file.is_file()]

    def stop(self) -> None:
        if self.home.exists():
            self.run("down", check=False)
            if os.environ.get("TURNPIKE_TEST_KEEP") is None:
                shutil.rmtree(self.home, ignore_errors=True)
