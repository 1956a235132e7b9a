"""Builds of the region's Python."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.service import compiling
from api.service.compiling import CompilationError


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of one module in the place of `kemi/`, and an empty place for builds."""
    package = tmp_path / "sources" / "kemi"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "answer.py").write_text("def answer(question: int) -> int:\n    return question * 2\n")
    monkeypatch.setattr(compiling, "SOURCES", package)
    monkeypatch.setattr(compiling, "BUILDS", tmp_path / "compiled")
    monkeypatch.setattr(compiling, "MODULES", ("answer",))
    return package


def _asked(build: Path) -> str:
    program = "import kemi.answer as a; print(a.answer(21), a.__file__.endswith('.so'))"
    done = subprocess.run([sys.executable, "-c", program], cwd=build, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.usefixtures("sources")
def test_a_build_is_machine_code_and_is_made_once() -> None:
    said: list[str] = []
    build = compiling.build(said.append)
    assert _asked(build) == "42 True"
    assert compiling.build(said.append) == build
    assert len(said) == 1


def test_other_sources_are_another_build_and_the_first_stays(sources: Path) -> None:
    first = compiling.build(lambda _: None)
    (sources / "answer.py").write_text("def answer(question: int) -> int:\n    return question * 3\n")
    second = compiling.build(lambda _: None)
    assert (_asked(first), _asked(second)) == ("42 True", "63 True")


def test_an_instance_keeps_its_copy_and_only_the_newest(sources: Path, tmp_path: Path) -> None:
    code, builds = tmp_path / "code", tmp_path / "builds"
    builds.mkdir()
    for times in (3, 4):
        (sources / "answer.py").write_text(f"def answer(question: int) -> int:\n    return question * {times}\n")
        compiling.install(compiling.build(lambda _: None), builds, code)
    shutil.rmtree(compiling.BUILDS)
    assert _asked(code) == "84 True"
    assert list(builds.iterdir()) == [code.resolve()]
    compiling.install(code.resolve(), builds, code)
    assert _asked(code) == "84 True"


@pytest.mark.usefixtures("sources")
def test_two_at_once_find_the_same_complete_build() -> None:
    with ThreadPoolExecutor(2) as pool:
        found = set(pool.map(lambda _: compiling.build(lambda _: None), range(2)))
    (build,) = found
    assert _asked(build) == "42 True"
    assert [path.name for path in compiling.BUILDS.iterdir()] == [build.name]


def test_sources_that_do_not_compile_are_said_and_leave_nothing(sources: Path) -> None:
    (sources / "answer.py").write_text("def answer(question: int) -> int:\n    return 'two'\n")
    with pytest.raises(CompilationError, match="could not be compiled"):
        compiling.build(lambda _: None)
    assert list(compiling.BUILDS.iterdir()) == []


@pytest.mark.usefixtures("sources")
def test_a_place_that_cannot_be_written_is_said() -> None:
    compiling.BUILDS.write_text("no folder")
    with pytest.raises(CompilationError, match=r"let its owner run \./turnpike install"):
        compiling.build(lambda _: None)


@pytest.mark.usefixtures("sources")
def test_builds_of_long_ago_are_forgotten() -> None:
    compiling.BUILDS.mkdir()
    for number in range(compiling.KEPT + 2):
        (compiling.BUILDS / f"old-{number}").mkdir()
    build = compiling.build(lambda _: None)
    assert build.is_dir()
    assert len(list(compiling.BUILDS.iterdir())) == compiling.KEPT + 1
