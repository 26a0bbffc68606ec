import json
import os
import subprocess
from pathlib import Path

import plimsoll
from plimsoll import _native

ROOT = Path(__file__).parents[3]
PROGRAM = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/plimsoll"

PLAN = """
version: 1
host: {memory: 2GiB, cores: 1}
services:
  api: {memory: 640MiB, cpu_request: 5ms, lock: event_loop}
traffic: {arrival_rate: 20/s}
horizon: 10s
objectives: ['oom: p < 20%']
"""


def test_a_limit_is_fitted():
    answer = plimsoll.fit(PLAN, runs=40)
    assert answer["outcome"] == "found"
    (proposal,) = answer["proposals"]
    assert proposal["path"] == "services.api.memory"
    memory = proposal["memory"]
    assert memory["peak_bytes"]["max"] <= memory["proposed_bytes"] < 640 << 20


def test_hosts_and_further_inputs_are_chosen():
    answer = plimsoll.fit(
        PLAN, runs=40, hosts=["512mb", "4gb"], vary={"services.api.workers": ["1", "2"]}
    )
    assert answer["host"]["memory_bytes"] == 512 << 20
    assert answer["proposals"][0]["path"] in ("host.memory", "services.api.workers")


def test_the_same_bytes_as_the_command_line():
    command = [PROGRAM, "fit", "-", "--runs", "40", "--format", "json"]
    printed = subprocess.run(command, input=PLAN, capture_output=True, text=True, check=False)
    assert _native.fit(PLAN, json.dumps({"name": "-", "runs": 40})) == printed.stdout
