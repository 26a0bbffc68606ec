import json
import os
import subprocess
from pathlib import Path

import plimsoll
import pytest
from plimsoll import _native

ROOT = Path(__file__).parents[3]
PROGRAM = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/plimsoll"

PLAN = """
version: 1
host: {memory: 512MiB, cores: 1}
services:
  api: {memory: 64MiB, cpu_request: 5ms, lock: event_loop}
traffic: {arrival_rate: 50/s}
"""


def test_a_change_that_binds_nothing_moves_nothing():
    answer = plimsoll.diff(PLAN, PLAN.replace("64MiB", "96MiB"), runs=2, horizon="10s")
    assert [one["path"] for one in answer["inputs"]] == ["services.api.memory"]
    assert {one["change"]["difference"] for one in answer["differences"]} == {0.0}


def test_a_broken_head_raises_what_is_wrong():
    with pytest.raises(plimsoll.ScenarioError):
        plimsoll.diff(PLAN, PLAN.replace("cpu_request", "cpu_reqest"))


def test_the_same_bytes_as_the_command_line(tmp_path):
    (tmp_path / "base.yaml").write_text(PLAN)
    (tmp_path / "head.yaml").write_text(PLAN.replace("64MiB", "30MiB"))
    words = ["diff", "base.yaml", "head.yaml", "--runs", "20", "--for", "10s", "--format", "json"]
    printed = subprocess.run(
        [PROGRAM, *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    options = {
        "name": "base.yaml",
        "runs": 20,
        "overrides": {"horizon": "10s"},
        "diff": {"head_name": "head.yaml"},
    }
    head = PLAN.replace("64MiB", "30MiB")
    assert _native.diff(PLAN, head, json.dumps(options)) == printed.stdout
