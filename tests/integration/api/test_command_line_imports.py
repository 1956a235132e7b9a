"""Tenants, credentials and numbers from CSV files on the command line."""

from __future__ import annotations

import csv
import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymysql.cursors import DictCursor

from api.settings import ROOT, Settings
from tests.integration.api.calls import Row
from tests.integration.api.shell import CommandLine, cli, environment, port, server
from tests.sip.figures import Figures

__all__ = ["cli", "port", "server"]
pytestmark = pytest.mark.usefixtures("server")
MANY = 10_000


def written(folder: Path, text: str) -> str:
    file = folder / "in.csv"
    file.write_text(text)
    return str(file)


def count(root: DictCursor, what: str) -> int:
    root.execute(f"SELECT COUNT(*) AS n FROM {what}")  # noqa: S608
    return int((root.fetchone() or {})["n"])


def test_tenants_go_out_and_come_in(cli: CommandLine, tmp_path: Path) -> None:
    file = written(tmp_path, "account_id,name,contact\nfile.1,One,me\nfile.2,Two,\n")
    assert "0 of 2 tenants are wrong, and nothing was changed" in cli.run("tenant", "import", file, "--dry-run").stdout
    done = cli.run("tenant", "import", file)
    assert re.search(r"^2 tenants were imported \(\d+\.\d s\)$", done.stdout)
    assert done.stderr.splitlines()[0] == f"uploading {len(Path(file).read_bytes())} bytes"
    assert "file.1,One,me" in cli.run("tenant", "export").stdout.splitlines()
    for name in ("file.1", "file.2"):
        cli.json("tenant", "delete", name)


def test_a_dry_run_shows_the_wrong_rows_and_fails_when_there_are_any(cli: CommandLine, tmp_path: Path) -> None:
    file = written(tmp_path, "number,tenant\n+15085550001,\n+15085550002,nobody\nx,\n")
    done = cli.run("number", "import", file, "--dry-run")
    assert done.exit_code == 1
    title, *wrong, summary = done.stdout.splitlines()
    assert title.split() == ["line", "field", "detail"]
    assert [line.split()[:2] for line in wrong] == [["3", "tenant"], ["4", "number"]]
    assert summary.startswith("2 of 3 numbers are wrong")
    as_json = cli.run("number", "import", file, "--dry-run", "--json")
    assert as_json.exit_code == 1
    assert '"wrong": 2' in as_json.stdout
    assert cli.json("number", "list", "--prefix", "+1508") == []


def test_C2_passwords_go_to_a_new_file_for_its_owner_only(cli: CommandLine, root: DictCursor, tmp_path: Path) -> None:
    file, out = written(tmp_path, 'label,tenant,enabled\n"PBX, ""1""",,false\nPBX 2,,\n'), tmp_path / "out.csv"
    done = cli.run("credential", "import", file, "--passwords", str(out))
    assert (done.exit_code, done.stdout[:31]) == (0, "2 credentials were imported; " + str(out)[:2]), done.stderr
    assert out.stat().st_mode & 0o777 == 0o600
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [(row["label"], row["enabled"], len(row["password"])) for row in rows] == [
        ('PBX, "1"', "false", 24),
        ("PBX 2", "true", 24),
    ]
    assert [row["password"] for row in rows if row["password"] in done.output] == []
    exported = cli.run("credential", "export", "--label", "PBX", "--disabled").stdout
    assert rows[0]["username"] in exported
    assert rows[1]["username"] not in exported
    before = count(root, "credential")
    assert "exists already" in cli.refusal("credential", "import", file, "--passwords", str(out))
    assert "cannot be written" in cli.refusal("credential", "import", file, "--passwords", str(tmp_path / "no" / "x"))
    assert cli.run("credential", "import", file).exit_code == 2
    assert count(root, "credential") == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["in.csv", "out.csv"]


def test_a_refused_import_leaves_no_file(cli: CommandLine, tmp_path: Path) -> None:
    file, out = written(tmp_path, "label,tenant\nx,nobody\n"), tmp_path / "out.csv"
    done = cli.run("credential", "import", file, "--passwords", str(out))
    assert done.exit_code == 1
    assert "2: tenant: there is no tenant nobody" in done.stderr.splitlines()
    named = cli.run("credential", "import", written(tmp_path, "label,password\nx,y\n"), "--passwords", str(out))
    assert "rule C1" in named.stderr
    large = written(tmp_path, "label\n" + "x" * (4 << 20))
    assert "larger than 4 MiB" in cli.refusal("credential", "import", large, "--passwords", str(out))
    assert [each.name for each in tmp_path.iterdir()] == ["in.csv"]


@pytest.fixture
def empty(root: DictCursor) -> Iterator[None]:
    """What so many rows would be in the way of is taken away again."""
    yield
    root.execute("DELETE FROM number WHERE number LIKE '+1509%'")
    root.execute("DELETE FROM credential WHERE label LIKE 'Bulk %'")


def on_a_terminal(settings: Settings, port: int, *arguments: str) -> tuple[str, str, int, float]:
    """Standard output, what a terminal got as standard error, the exit status, and seconds."""
    terminal, side = pty.openpty()
    url = f"http://127.0.11.1:{port}"
    variables = environment(settings, TURNPIKE_API_URL=url, TERM="xterm", COLUMNS="120")
    began = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "api.cli", *arguments], cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=side
    ) as process:
        os.close(side)
        seen = b"".join(parts(terminal))
        assert process.stdout
        said = process.stdout.read().decode()
    os.close(terminal)
    return said, seen.decode(), process.returncode, time.monotonic() - began


def parts(terminal: int) -> Iterator[bytes]:
    """Until the other side is closed, which Linux tells as an error."""
    while True:
        try:
            yield os.read(terminal, 65536)
        except OSError:
            return


def rows_of(file: Path) -> list[Row]:
    with file.open(newline="") as text:
        return list(csv.DictReader(text))


@pytest.mark.usefixtures("empty")
def test_ten_thousand_credentials_and_numbers_with_a_progress_bar(
    settings: Settings, port: int, root: DictCursor, tmp_path: Path, figures: Figures
) -> None:
    out = tmp_path / "out.csv"
    file = written(tmp_path, "label,tenant,enabled\n" + "".join(f"Bulk {n},,true\n" for n in range(MANY)))
    audited, changes = count(root, "audit"), count(root, "change_log")
    said, seen, status, seconds = on_a_terminal(settings, port, "credential", "import", file, "--passwords", str(out))
    assert (status, said[:32]) == (0, "10,000 credentials were imported"), seen
    bar_is_seen(seen)
    figures.measured("10,000 credentials imported by the command line, seconds", f"{seconds:.1f}")
    made = rows_of(out)
    assert [row["label"] for row in made] == [f"Bulk {n}" for n in range(MANY)]
    assert len({row["password"] for row in made}) == len({row["username"] for row in made}) == MANY

    numbers = [f"+1509{n:07},Desk {n},,{row['username']}\n" for n, row in enumerate(made)]
    bad = [*numbers[: MANY // 2], "+15095550000,Desk,nobody,\n", *numbers[MANY // 2 + 1 :]]
    file = written(tmp_path, "number,label,tenant,credential\n" + "".join(bad))
    said, seen, status, _ = on_a_terminal(settings, port, "number", "import", file)
    assert (status, said) == (1, "")
    assert f"{MANY // 2 + 2}: tenant: there is no tenant nobody" in seen
    assert count(root, "number WHERE number LIKE '+1509%'") == 0

    file = written(tmp_path, "number,label,tenant,credential\n" + "".join(numbers))
    said, seen, status, seconds = on_a_terminal(settings, port, "number", "import", file)
    assert (status, said[:28]) == (0, "10,000 numbers were imported"), seen
    bar_is_seen(seen)
    figures.measured("10,000 numbers routed to them imported by the command line, seconds", f"{seconds:.1f}")
    root.execute("SELECT COUNT(DISTINCT credential) AS n FROM number WHERE number LIKE '+1509%'")
    assert root.fetchone() == {"n": MANY}
    assert count(root, "audit") == audited + 2 * MANY
    root.execute("SELECT COUNT(*) AS n, MAX(n) AS last FROM change_log")
    assert root.fetchone() == {"n": changes + 2 * MANY, "last": changes + 2 * MANY}


def bar_is_seen(seen: str) -> None:
    """More than once for what takes long, so that it moves."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen)
    for phase in ("uploading", "checking", "writing", "receiving"):
        assert phase in plain
    steps = set(re.findall(r"writing\s+\S+\s+([\d,]+) of 10,000 rows", plain))
    assert len(steps) > 1, plain
    assert "10,000 of 10,000 rows" in plain
