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
host: {memory: 2GiB, cores: 1}
services:
  api: {memory: 128MiB, cpu_request: 5ms}
traffic: {arrival_rate: 20/s}
horizon: 5s
objectives: ['oom: p < 20%']
"""


def test_every_combination_has_a_row():
    vary = {"services.api.memory": ["16mb", "512mb"], "services.api.workers": "1..3"}
    answer = plimsoll.sweep(PLAN, vary=vary, runs=2)
    assert [row["values"]["services.api.workers"] for row in answer["rows"]] == list("123123")
    assert answer["rows"][0]["result"]["verdict"] == "does_not_fit"


def test_a_wrong_input_is_said():
    with pytest.raises(plimsoll.ScenarioError):
        plimsoll.sweep(PLAN, vary={"services.api.wrokers": "1..3"}, runs=2)


def test_the_same_bytes_as_the_command_line():
    axis = "services.api.memory=32mb..512mb"
    command = [PROGRAM, "sweep", "-", "--runs", "2", "--samples", "5", "--vary", axis]
    command += ["--format", "json"]
    printed = subprocess.run(command, input=PLAN, capture_output=True, text=True, check=False)
    options = {"name": "-", "runs": 2, "sweep": {"vary": [axis], "samples": 5}}
    assert _native.sweep(PLAN, json.dumps(options)) == printed.stdout
