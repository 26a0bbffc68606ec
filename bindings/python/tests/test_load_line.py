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
  api: {memory: 64MiB, cpu_request: 10ms, lock: event_loop}
traffic: {arrival_rate: 40/s}
objectives: ["oom: p < 20%"]
horizon: 20s
"""


def test_the_line_and_its_freeboard():
    answer = plimsoll.load_line(PLAN)
    assert answer["unit"] == "per_second"
    assert answer["interval"]["low"] <= answer["estimate"] <= answer["interval"]["high"]
    assert answer["freeboard"] == pytest.approx(answer["estimate"] / 40 - 1)
    loads = [point["load"] for point in answer["curve"]]
    assert loads == sorted(loads)
    assert 40 in loads


def test_wrong_options_raise():
    with pytest.raises(plimsoll.ScenarioError) as raised:
        plimsoll.load_line(PLAN, max_load="50")
    assert raised.value.diagnostics[0]["path"] == "load_line.max_load"


@pytest.mark.parametrize("scenario", ["mm1", "node-2gb"])
def test_the_same_bytes_as_the_command_line(scenario):
    text = (ROOT / "core/catalog/scenarios" / f"{scenario}.yaml").read_text()
    flags = ["--for", "65s", "--precision", "10%", "--max-events", "3000000", "--format", "json"]
    command = [PROGRAM, "load-line", "-", *flags]
    printed = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    options = {
        "name": "-",
        "max_events": 3000000,
        "overrides": {"horizon": "65s"},
        "load_line": {"precision": "10%"},
    }
    assert _native.load_line(text, json.dumps(options)) == printed.stdout
