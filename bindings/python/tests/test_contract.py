"""Every answer is what the command line prints, byte for byte."""

import json
from pathlib import Path

import plimsoll
import pytest
from conftest import PLAN, ROOT, Command

CATALOGUE = ROOT / "core/catalog/scenarios"
SCENARIOS = sorted(CATALOGUE.rglob("*.yaml"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_check_over_the_whole_catalogue(path: Path, command: Command) -> None:
    text = path.read_text()
    # The measured scenarios are many and heavy; what is compared is there in their first seconds.
    horizon = "20s" if path.parent.name == "measured" else "100s"
    words = ("check", "-", "--runs", "2", "--for", horizon, "--format", "json")
    report = plimsoll.read(text, name="-").check(runs=2, horizon=horizon)
    assert report.to_json() == command(*words, text=text)


@pytest.mark.parametrize("scenario", ["mm1", "node-2gb"])
def test_load_line(scenario: str, command: Command) -> None:
    text = (CATALOGUE / f"{scenario}.yaml").read_text()
    flags = ("--for", "65s", "--precision", "10%", "--max-events", "3000000", "--format", "json")
    line = plimsoll.read(text, name="-").load_line(
        horizon="65s", precision="10%", max_events=3_000_000
    )
    assert line.to_json() == command("load-line", "-", *flags, text=text)
    loads = line.curve["load"]
    assert loads == sorted(loads)


def test_sensitivity(command: Command) -> None:
    text = PLAN.replace("128MiB", "48MiB")
    words = ("inspect", "-", "--sensitivity", "--format", "json")
    guesses = plimsoll.read(text, name="-").sensitivity()
    assert guesses.to_json() == command(*words, text=text)
    assert len(guesses.effects)


def test_fit(command: Command) -> None:
    text = PLAN.replace("128MiB", "640MiB")
    fit = plimsoll.read(text, name="-").fit(runs=40)
    assert fit.to_json() == command("fit", "-", "--runs", "40", "--format", "json", text=text)
    assert fit.outcome == "found"
    assert plimsoll.read(text).with_(fit.values).check(runs=40).fits


def test_diff(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text(PLAN)
    Path("head.yaml").write_text(PLAN.replace("128MiB", "16MiB"))
    base, head = plimsoll.read("base.yaml"), plimsoll.read("head.yaml")
    diff = base.diff(head, runs=20)
    words = ("diff", "base.yaml", "head.yaml", "--runs", "20", "--format", "json")
    assert diff.to_json() == command(*words)
    assert diff.inputs["path"] == ["services.api.memory"]
    assert diff.verdict == "does_not_fit"
    assert diff.fixes


def test_diff_from_a_saved_report(plan: plimsoll.Plan) -> None:
    diff = plan.with_({"api.memory": "96MiB"}).diff_from(plan.check(runs=2))
    assert diff.to_dict()["pairing"] != "paired"
    assert len(diff.differences)


def test_sweep(plan: plimsoll.Plan, command: Command) -> None:
    axis = "services.api.memory=32mb..512mb:4"
    sweep = plimsoll.read(PLAN, name="-").sweep({"services.api.memory": "32mb..512mb:4"}, runs=2)
    printed = command("sweep", "-", "--runs", "2", "--vary", axis, "--format", "json")
    assert sweep.to_json() == printed


def test_inputs(command: Command) -> None:
    text = (CATALOGUE / "fastapi-4gb.yaml").read_text()
    printed = json.loads(command("inspect", "-", "--format", "json", text=text))["inputs"]
    for row in printed:
        row["low"], row["high"] = row.pop("range") or (None, None)
    assert plimsoll.read(text, name="-").inputs.to_dicts() == [
        {key: row[key] for key in plimsoll.read(text).inputs.columns} for row in printed
    ]


def test_a_simulation_has_the_digest_of_the_check(plan: plimsoll.Plan, command: Command) -> None:
    printed = json.loads(command("check", "-", "--runs", "7", "--format", "json"))
    assert plan.simulate(runs=7).digest == printed["digest"] == plan.check(runs=7).digest
    assert plan.simulate(runs=7, series=False).digest == printed["digest"]
