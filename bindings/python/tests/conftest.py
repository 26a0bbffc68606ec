"""What the tests share."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import plimsoll
import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/plimsoll"

PLAN = """
version: 1
host: {memory: 2GiB, cores: 1}
services:
  api: {memory: 128MiB, memory_program: 24MiB, cpu_request: 5ms, lock: event_loop}
traffic: {arrival_rate: 20/s}
horizon: 5s
objectives: ['oom: p < 20%', 'latency: p(95) < 1s']
"""

Command = Callable[..., str]


@pytest.fixture
def plan() -> plimsoll.Plan:
    """A small plan of one service with a short horizon."""
    return plimsoll.read(PLAN)


@pytest.fixture
def command() -> Command:
    """Runs the command line on a text and gives what it prints."""

    def run(*words: str, text: str = PLAN) -> str:
        done = subprocess.run(
            [PROGRAM, *words], input=text, capture_output=True, text=True, check=False
        )
        assert done.returncode in (0, 1, 3), done.stderr
        return done.stdout

    return run
