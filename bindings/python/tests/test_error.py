import json
import pickle

import plimsoll

DIAGNOSTICS = [
    {
        "code": "E102",
        "severity": "error",
        "path": "services.api.memory",
        "location": {"file": "compose.yaml", "line": 4, "column": 13},
        "message": "`64 parsecs` is not a size",
        "hint": "write a number and a unit, such as `64m`",
    },
    {
        "code": "E103",
        "severity": "error",
        "path": "services",
        "location": None,
        "message": "no service",
        "hint": None,
    },
]


def test_a_scenario_error_holds_every_diagnostic_and_prints_one_a_line():
    error = plimsoll.ScenarioError(json.dumps(DIAGNOSTICS))
    assert error.diagnostics == DIAGNOSTICS
    assert str(error).splitlines() == [
        "compose.yaml:4:13: E102: `64 parsecs` is not a size",
        "services: E103: no service",
    ]


def test_a_scenario_error_survives_the_way_between_processes():
    error = pickle.loads(pickle.dumps(plimsoll.ScenarioError(json.dumps(DIAGNOSTICS))))
    assert error.diagnostics == DIAGNOSTICS


def test_both_errors_are_caught_as_exceptions_but_told_apart():
    assert issubclass(plimsoll.ScenarioError, ValueError)
    assert issubclass(plimsoll.InternalError, RuntimeError)
