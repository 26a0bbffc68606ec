import json
import os
import subprocess
from pathlib import Path

import plimsoll
import pytest
from plimsoll import _native

ROOT = Path(__file__).parents[3]
PROGRAM = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/plimsoll"
SCENARIOS = sorted((ROOT / "core/catalog/scenarios").rglob("*.yaml"))

PLAN = """
version: 1
host: {memory: 512MiB, cores: 1}
services:
  api: {memory: 64MiB, cpu_request: 5ms, lock: event_loop}
traffic: {arrival_rate: 50/s}
"""


def test_a_plan_that_fits():
    report = plimsoll.check(PLAN, runs=2, objectives=["latency: p(95) < 1s"])
    assert report["replications"] == 2
    assert [service["name"] for service in report["services"]] == ["api"]


def test_the_target_and_settings_replace_what_the_plan_says():
    report = plimsoll.check(PLAN, runs=2, target="2gb", set={"services.api.memory": "32MiB"})
    assert report["target"]["memory_bytes"] == 2 << 30
    assert report["services"][0]["limit_bytes"] == 32 << 20


def test_a_wanted_precision_and_kills_within_a_day():
    report = plimsoll.check(PLAN, precision="10%", within="1d", max_events=3_000_000)
    assert report["precision"]["reached"] <= 0.1
    assert report["within"]["seconds"] == 86_400
    assert report["objectives"][-1]["expression"] == "oom: p < 1% within 1d"
    with pytest.raises(plimsoll.ScenarioError):
        plimsoll.check(PLAN, precision="10%", runs=20)


def test_a_broken_plan_raises_everything_that_is_wrong():
    broken = PLAN.replace("cpu_request", "cpu_reqest").replace("64MiB", "64 parsecs")
    with pytest.raises(plimsoll.ScenarioError) as raised:
        plimsoll.check(broken)
    codes = [diagnostic["code"] for diagnostic in raised.value.diagnostics]
    assert len(codes) == 2
    assert all(diagnostic["location"] for diagnostic in raised.value.diagnostics)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_same_bytes_as_the_command_line(path):
    text = path.read_text()
    command = [PROGRAM, "check", "-", "--runs", "2", "--for", "100s", "--format", "json"]
    printed = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    options = {"name": "-", "runs": 2, "overrides": {"horizon": "100s"}}
    assert _native.check(text, json.dumps(options)) == printed.stdout
