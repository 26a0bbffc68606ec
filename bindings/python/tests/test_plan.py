import pickle
from pathlib import Path

import plimsoll
import pytest
from conftest import PLAN


def test_text_dict_path_and_scenario_name_are_read(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(PLAN)
    plans = [
        plimsoll.read(PLAN),
        plimsoll.read(tmp_path / "plan.yaml"),
        plimsoll.read(str(tmp_path / "plan.yaml")),
    ]
    digests = {plan.check(runs=2).digest for plan in plans}
    # What was understood reads back as the same plan.
    digests.add(plimsoll.read(plans[0].scenario).check(runs=2).digest)
    assert len(digests) == 1
    assert plimsoll.read("mm1").name == "mm1"
    with pytest.raises(FileNotFoundError, match="no ready scenario"):
        plimsoll.read("mm2")


def test_changes_make_another_plan_and_leave_the_first(plan: plimsoll.Plan) -> None:
    other = plan.with_({"api.memory": "96MiB", "api.workers": 2}, target="512mb", users=5)
    limits = other.inputs.where(path="services.api.memory")
    assert limits["value"] == ["96.0 MiB"] or limits["value"] == ["96 MiB"]
    assert other.scenario["host"]["memory"] == "512MiB"
    assert other.scenario["traffic"]["users"] == 5
    assert plan == plimsoll.read(PLAN) != other
    assert hash(plan) == hash(plimsoll.read(PLAN))
    with pytest.raises(AttributeError):
        plan.name = "other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        plan.anything = 1


def test_keywords_of_a_question_are_those_of_with(plan: plimsoll.Plan) -> None:
    changed = plan.with_({"api.memory": "96MiB"}, traffic="10/s", objectives=["cpu: avg < 90%"])
    asked = plan.check(
        runs=2, values={"api.memory": "96MiB"}, traffic="10/s", objectives=["cpu: avg < 90%"]
    )
    assert asked == changed.check(runs=2)
    with pytest.raises(TypeError, match="trafic"):
        plan.check(trafic="10/s")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="list of texts"):
        plan.check(objectives="oom: p < 1%")


def test_plans_and_answers_pickle(plan: plimsoll.Plan) -> None:
    changed = plan.with_({"api.memory": "96MiB"}).with_(target="512mb")
    again = pickle.loads(pickle.dumps(changed))
    assert again == changed
    assert again.inputs == changed.inputs
    report = changed.check(runs=2)
    assert again.check(runs=2) == report == pickle.loads(pickle.dumps(report))
    simulation = changed.simulate(runs=2)
    twin = pickle.loads(pickle.dumps(simulation))
    assert twin == simulation
    assert twin.series == simulation.series
    diff = plan.diff(changed, runs=2)
    assert pickle.loads(pickle.dumps(diff)) == diff


def test_a_wrong_plan_raises_everything_that_is_wrong() -> None:
    broken = PLAN.replace("cpu_request", "cpu_reqest").replace("128MiB", "64 parsecs")
    with pytest.raises(plimsoll.ScenarioError) as raised:
        plimsoll.read(broken, name="broken.yaml")
    first, second = raised.value.diagnostics
    assert (first.path, first.file, first.line) == ("services.api.memory", "broken.yaml", 5)
    assert first.column is not None and second.code.startswith("E")
    assert str(raised.value).startswith("broken.yaml:5:")
    again = pickle.loads(pickle.dumps(raised.value))
    assert again.diagnostics == raised.value.diagnostics


def test_a_wrong_value_says_what_was_meant(plan: plimsoll.Plan) -> None:
    with pytest.raises(plimsoll.ScenarioError) as raised:
        plan.with_({"services.apu.memory": "96MiB"})
    assert raised.value.diagnostics[0].hint == "did you mean `api`?"
    with pytest.raises(plimsoll.ScenarioError):
        plan.load_line(max_load="50")


def test_what_was_not_understood_is_noted() -> None:
    text = "services: {web: {image: 'nginx:1', gpus: all, frobnicate: 1}}"
    try:
        notes = plimsoll.read(text + "\n").notes
    except plimsoll.ScenarioError as error:
        notes = error.diagnostics
    assert any("frobnicate" in note.message or "frobnicate" in note.path for note in notes)


def test_scenarios_and_profiles_are_listed() -> None:
    assert "fastapi-4gb" in plimsoll.scenarios()["name"]
    assert "redis" in plimsoll.profiles()["name"]


def test_what_a_notebook_shows_is_safe(plan: plimsoll.Plan) -> None:
    named = plan.with_({"name": "<script>alert(1)</script>"})
    for shown in (named, named.check(runs=2), named.sweep({"api.workers": [1, 2]}, runs=1)):
        html = shown._repr_html_()
        assert "<script" not in html
        assert "http" not in html
        assert "<table>" in html
        assert len(repr(shown)) < 600
    assert "<svg" in named.check(runs=2)._repr_html_()


def test_which_guesses_decide(plan: plimsoll.Plan) -> None:
    tight = {"api.memory": "30MiB"}
    found = plan.sensitivity(values=tight, max_events=1_000_000)
    assert found.deciding
    assert set(found.deciding) <= set(found.assumptions.where(origin="guess")["path"])
    assert found.broken_ratio is not None
    assert 0 < found.broken_ratio <= 1
    assert pickle.loads(pickle.dumps(found)) == found
    assert found.deciding[0] in repr(found)


def test_a_wanted_precision_and_kills_within_a_day() -> None:
    plan = plimsoll.read(PLAN)
    found = plan.check(precision="10%", within="1d", max_events=3_000_000).to_dict()
    assert found["precision"]["reached"] <= 0.1
    assert found["within"]["seconds"] == 86_400
    assert found["objectives"][-1]["expression"].endswith(" within 1d")


def test_no_runs_are_no_answer(plan: plimsoll.Plan) -> None:
    for ask in (
        lambda: plan.check(runs=0),
        lambda: plan.simulate(runs=0),
        lambda: plan.fit(runs=0),
        lambda: plan.diff(plan, runs=0),
    ):
        with pytest.raises(plimsoll.ScenarioError, match="a number from 1"):
            ask()


def test_a_bare_number_of_bytes_is_told_its_unit(plan: plimsoll.Plan) -> None:
    with pytest.raises(plimsoll.ScenarioError, match="536870912B, which is 512 MiB"):
        plan.with_({"api.memory": 512 * 2**20})
