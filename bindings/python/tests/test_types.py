"""What the stubs say is what is there, and the package and its tests are typed throughout."""

import os
import subprocess
import sys
from pathlib import Path

import plimsoll
import pytest

HERE = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment, with one place where both programs keep what they know of libraries."""
    return os.environ | {"MYPY_CACHE_DIR": str(tmp_path_factory.mktemp("mypy"))}


def said(cache: dict[str, str], *words: str) -> str:
    """What a program says, if it is not content."""
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, cwd=HERE, env=cache, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def test_mypy_finds_nothing(cache: dict[str, str]) -> None:
    assert said(cache, "mypy") == ""


def test_the_stubs_are_those_of_the_native_module(cache: dict[str, str], tmp_path: Path) -> None:
    # Alone in a folder: with the package around it, the types of every data-frame library are read.
    package = tmp_path / "plimsoll"
    package.mkdir()
    (package / "__init__.pyi").touch()
    (package / "_native.pyi").write_text((HERE / "python/plimsoll/_native.pyi").read_text())
    assert said(cache | {"MYPYPATH": str(tmp_path)}, "mypy.stubtest", "plimsoll._native") == ""


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(plimsoll.__file__).parent / "py.typed").exists()
