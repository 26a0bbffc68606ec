import re
import tomllib
from pathlib import Path

import plimsoll

ROOT = Path(__file__).parents[3]


def test_the_version_is_the_workspaces() -> None:
    manifest = tomllib.loads((ROOT / "Cargo.toml").read_text())
    assert plimsoll.version() == manifest["workspace"]["package"]["version"]


def test_the_random_streams_are_those_of_the_core_crate() -> None:
    source = (ROOT / "core/src/random.rs").read_text()
    declared = re.search(r"STREAM_VERSION: u32 = (\d+);", source)
    assert declared is not None
    assert plimsoll.stream_version() == int(declared[1])
