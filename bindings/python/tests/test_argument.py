"""What is wrong with an argument is said by its name, and without a word of what lies behind it."""

import pickle
from collections.abc import Callable
from typing import Any

import numpy
import pandas
import plimsoll
import pytest
from conftest import PLAN, Command

WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("check", {"traffic": 100}, "traffic: a text such as '100/s', not the number 100"),
    ("check", {"target": 2 * 2**30}, "target: a text such as '4GiB', not the number 2147483648"),
    ("check", {"horizon": 10}, "horizon: a text such as '10m', not the number 10"),
    ("check", {"horizon": True}, "horizon: a text such as '10m', not True"),
    ("check", {"precision": 0.05}, "precision: a text such as '5%', not the number 0.05"),
    ("check", {"within": -1}, "within: a text such as '1d', not the number -1"),
    ("check", {"runs": 2.5}, "runs: a whole number, not the number 2.5"),
    ("check", {"runs": "3"}, "runs: a whole number, not the text '3'"),
    ("check", {"runs": True}, "runs: a whole number, not True"),
    ("check", {"runs": float("nan")}, "runs: a whole number, not the number nan"),
    ("check", {"runs": numpy.bool_(True)}, "runs: a whole number, not a bool"),
    ("check", {"max_events": 1e6}, "max_events: a whole number, not the number 1000000.0"),
    ("check", {"jobs": 1.5}, "jobs: a whole number, not the number 1.5"),
    ("check", {"users": "10"}, "users: a whole number, not the text '10'"),
    ("check", {"objectives": 5}, "objectives is a list of texts such as"),
    ("check", {"objectives": "oom: p < 1%"}, "objectives is a list of texts such as"),
    ("check", {"objectives": ["oom: p < 1%", None]}, "objectives .*: one is None"),
    ("check", {"objectives": [b"x"]}, "objectives .*: one is a bytes"),
    ("check", {"spikes": [5]}, "spikes .*: one is the number 5"),
    ("check", {"values": [("api.memory", "64mb")]}, "values is a dict such as .*, not a list"),
    ("check", {"values": {5: "5mb"}}, "values .*: one key is the number 5"),
    (
        "check",
        {"values": {"api.memory": b"5mb"}},
        r"values\['api.memory'\]: a text, .* not a bytes",
    ),
    ("check", {"values": {"api.memory": [1]}}, r"values\['api.memory'\]: a text, .* not a list"),
    ("check", {"runs": 2, "precision": "5%"}, "runs and precision"),
    ("simulate", {"duration": 10}, "duration: a text such as '10m', not the number 10"),
    ("simulate", {"duration": "10s", "horizon": "20s"}, "duration and horizon"),
    ("load_line", {"max_load": 500}, "max_load: a text such as '500/s', not the number 500"),
    ("load_line", {"precision": 0.1}, "precision: a text"),
    ("fit", {"hosts": "4GiB"}, "hosts is a list of texts"),
    ("fit", {"hosts": [4]}, "hosts .*: one is the number 4"),
    (
        "fit",
        {"vary": {"api.workers": "4"}},
        r"vary\['api.workers'\]: a list of values, not the text",
    ),
    ("fit", {"vary": ["api.workers"]}, "vary is a dict"),
    ("fit", {"prices": {"core": float("nan")}}, r"prices\['core'\]: a number, not the number nan"),
    ("fit", {"prices": {"core": "5"}}, r"prices\['core'\]: a number, not the text '5'"),
    (
        "diff",
        {"head": "name"},
        r"head: a plan, .* not the text 'name'; .* head.diff_from\(report\)",
    ),
    ("diff_from", {"base": "name"}, "base: a report of Plan.check, not the text 'name'"),
    ("sweep", {"space": ["api.memory"]}, "space is a dict"),
    ("sweep", {"space": {"api.memory": ["64mb"]}, "n": 2.5}, "n: a whole number"),
    ("sweep", {"space": {"api.memory": ["64mb"]}, "jobs": "2"}, "jobs: a whole number"),
]


@pytest.mark.parametrize(("question", "arguments", "said"), WRONG)
def test_a_wrong_type_is_a_type_error_that_names_it(
    question: str, arguments: dict[str, Any], said: str, plan: plimsoll.Plan
) -> None:
    with pytest.raises(TypeError, match=said) as raised:
        getattr(plan, question)(**arguments)
    assert "JSON" not in str(raised.value)


# What a checker of types would refuse.
READ: Any = plimsoll.read
READ_COMPOSE: Any = plimsoll.read_compose
COMPARE: Any = plimsoll.compare


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: READ(None), "source: a path, a text, or a dict, not None"),
        (lambda: READ(["a.yaml"]), "source: a path, a text, or a dict, not a list"),
        (lambda: READ({"services": {"a": {"memory": {1, 2}}}}), "source: .*, not a set"),
        (lambda: READ(PLAN, name=5), "name: a text such as"),
        (lambda: READ(PLAN, profiles="full"), "profiles is a list of texts"),
        (lambda: READ_COMPOSE(profiles="full"), "profiles is a list of texts"),
        (lambda: READ_COMPOSE(env_files=".env"), "env_files is a list of paths"),
        (lambda: READ(PLAN, environment={"A": 5}), r"environment\['A'\]: a text"),
        (lambda: COMPARE([], runs=1), "plans is a dict"),
        (lambda: COMPARE({"a": PLAN}, runs=1), r"plans\['a'\]: a plan"),
        (lambda: COMPARE({}, traffic="5/s"), "traffic is a list of texts"),
        (lambda: COMPARE({}, target="2gb"), "target: give targets, a list of texts"),
        (lambda: COMPARE({"a": plimsoll.read(PLAN)}, user=4), "unknown argument 'user'"),
        (lambda: COMPARE({"a": plimsoll.read(PLAN)}, horizon=5), "horizon: a text such as"),
    ],
)
def test_what_is_read_and_compared_is_named_too(ask: Callable[[], object], said: str) -> None:
    with pytest.raises(TypeError, match=said) as raised:
        ask()
    assert "JSON" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("jobs", 0, "a number from 1 to 1,024"),
        ("jobs", 1025, "a number from 1 to 1,024"),
        ("max_events", 0, "a number from 1 to 18,446,744,073,709,551,615"),
        ("max_events", -5, "a number from 1"),
        ("max_events", 2**64, "a number from 1"),
        ("runs", 0, "a number from 1 to 4,294,967,295"),
        ("runs", 10**30, "a number from 1"),
    ],
)
@pytest.mark.parametrize("question", ["check", "simulate", "sweep"])
def test_a_number_out_of_range_is_refused(
    question: str, name: str, value: int, hint: str, plan: plimsoll.Plan
) -> None:
    space = {"space": {"api.memory": ["64mb"]}} if question == "sweep" else {}
    with pytest.raises(plimsoll.ScenarioError) as raised:
        getattr(plan, question)(**space, **{name: value})
    (one,) = raised.value.diagnostics
    assert one.path == name
    assert one.message == f"{name} is {value}"
    assert one.hint is not None
    assert one.hint.startswith(hint)
    assert pickle.loads(pickle.dumps(raised.value)).diagnostics == (one,)


def test_the_most_threads_are_those_of_the_command_line(
    plan: plimsoll.Plan, command: Command
) -> None:
    words = ("check", "-", "--runs", "1", "--format", "json", "--jobs")
    assert (
        command(*words, "1024") == plimsoll.read(PLAN, name="-").check(runs=1, jobs=1024).to_json()
    )
    with pytest.raises(AssertionError, match="1025 is not in"):
        command(*words, "1025")


def test_numbers_of_numpy_are_numbers(plan: plimsoll.Plan) -> None:
    class Three:
        def __index__(self) -> int:
            return 3

    digest = plan.check(runs=3, seed=5, jobs=3).digest
    for three, five in ((numpy.int64(3), numpy.uint32(5)), (Three(), numpy.array(5))):
        assert plan.check(runs=three, seed=five, jobs=three).digest == digest
    budget = plan.check(runs=3, max_events=10_000)
    assert plan.check(runs=3, max_events=numpy.int32(10_000)) == budget
    assert plan.with_(users=numpy.int64(4)) == plan.with_(users=4)
    values: dict[str, Any] = {"api.workers": numpy.int64(2), "entry": "api"}
    assert plan.with_(values) == plan.with_({"api.workers": 2, "entry": "api"})
    assert plan.with_({"api.cpu_request": "5ms"}, users=Three()).scenario["traffic"]["users"] == 3
    read: dict[str, Any] = {"services": {"api": {"workers": numpy.int64(3)}}, "version": 1}
    assert plimsoll.read(read).scenario["services"]["api"]["workers"] == 3
    fit = plan.fit(vary={"api.workers": numpy.arange(1, 3)}, runs=numpy.int64(40))  # type: ignore[dict-item]
    assert fit == plan.fit(vary={"api.workers": [1, 2]}, runs=40)


@pytest.mark.parametrize(
    "values", [numpy.arange(1, 4), pandas.Series([1, 2, 3]), range(1, 4), iter([1, 2, 3])]
)
def test_a_sweep_takes_any_list_of_numbers(values: Any, plan: plimsoll.Plan) -> None:
    sweep = plan.sweep({"api.workers": values}, runs=1)
    assert sweep.points["api.workers"] == ["1", "2", "3"]
    assert sweep == plan.sweep({"api.workers": [1, 2, 3]}, runs=1)
    assert pickle.loads(pickle.dumps(sweep)) == sweep


def test_a_sweep_takes_numbers_of_numpy_for_ends_and_counts(plan: plimsoll.Plan) -> None:
    ends: Any = (numpy.int64(1), numpy.int64(3))
    sweep = plan.sweep({"api.workers": ends}, runs=1)
    assert sweep.points["api.workers"] == ["1", "2", "3"]
    seed, count = numpy.int64(7), numpy.int64(4)
    drawn = plan.sweep({"api.memory": ("64mb", "1gb")}, n=count, seed=seed, runs=1)
    assert drawn == plan.sweep({"api.memory": ("64mb", "1gb")}, n=4, seed=7, runs=1)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (("64mb", "128mb", "1gb"), "two values, not 3; use a list for several values"),
        (("64mb",), "two values, not 1; use a list"),
        (("64mb", "1gb"), r"a grid of an interval needs n="),
        (plimsoll.log_uniform("64mb", "1gb"), "a grid of an interval needs n="),
        (b"64mb", "a list of values, a pair of ends, or a text, not a bytes"),
        ([b"64mb"], "a text, a number or None, not a bytes"),
        ({"64mb", "1gb"}, "a list of values, a pair of ends, or a text, not a set"),
        (5, "a list of values, a pair of ends, or a text, not the number 5"),
    ],
)
def test_what_is_no_axis_of_a_sweep_is_said(values: Any, said: str, plan: plimsoll.Plan) -> None:
    with pytest.raises((TypeError, ValueError), match=said) as raised:
        plan.sweep({"api.memory": values}, runs=1)
    assert "space['api.memory']" in str(raised.value)


def test_a_sampler_that_is_none_is_refused(plan: plimsoll.Plan) -> None:
    with pytest.raises(ValueError, match="one of grid, sobol, latin, saltelli, not 'gird'"):
        plan.sweep({"api.memory": ("64mb", "1gb")}, n=4, sampler="gird")  # type: ignore[arg-type]


def test_an_objective_is_added_once(plan: plimsoll.Plan) -> None:
    wanted = "latency: p(99) < 2s"
    once = plan.with_(objectives=[wanted])
    twice = once.with_(objectives=[wanted, "cpu: avg < 90%", wanted])
    assert twice.scenario["objectives"] == [*once.scenario["objectives"], "cpu: avg < 90%"]
    asked = once.check(objectives=[wanted], runs=1)
    assert asked == once.check(runs=1)
    assert plan.check(objectives=[wanted, wanted], runs=1) == asked
    # What only one of two plans has is judged in both, and once.
    assert plan.diff(once, runs=1).inputs["path"] == ["objectives"]
    assert plan.diff(once, objectives=[wanted], runs=1).inputs["path"] == []
    assert once.diff(plan, objectives=[wanted], runs=1).inputs["path"] == []
    assert (
        plan.sweep({"api.workers": [1]}, objectives=[wanted], runs=1)
        .objectives["objective"]
        .count(wanted)
        == 1
    )


def test_text_in_one_line_says_how_it_would_be_text() -> None:
    with pytest.raises(FileNotFoundError, match=r"more than one line, or begins with \{"):
        plimsoll.read("services: {a: {image: redis}}")
    with pytest.raises(FileNotFoundError) as raised:
        plimsoll.read("compose.yml.bak")
    assert "one line" not in str(raised.value)
