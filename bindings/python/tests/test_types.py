"""What the stubs say is what is there, and the package and its tests are typed throughout."""

import subprocess
import sys
from pathlib import Path

import plimsoll

HERE = Path(__file__).parents[1]


def run(*words: str) -> str:
    command = [sys.executable, "-m", *words]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def test_mypy_finds_nothing(tmp_path: Path) -> None:
    package = str(Path(plimsoll.__file__).parent)
    assert run("mypy", "--cache-dir", str(tmp_path), package, "tests") == ""


def test_the_stubs_are_those_of_the_native_module(tmp_path: Path) -> None:
    assert run("mypy.stubtest", "plimsoll._native") == ""


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(plimsoll.__file__).parent / "py.typed").exists()
