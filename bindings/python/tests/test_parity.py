"""What each face offers, side by side: the command line, WebAssembly and Python.

A face that lacks something says why. The test fails when a face has something that is not in this
table, or lacks something that is.
"""

import re
import subprocess
from dataclasses import dataclass
from inspect import signature

import plimsoll
import pytest
from conftest import PROGRAM, ROOT
from plimsoll.options import Changes, CommonChanges


@dataclass(frozen=True)
class Missing:
    """A face does not have it, for this reason."""

    why: str


TEXT_ONLY = Missing("a page passes texts to the other questions; it keeps no plan in the engine")
FILES = Missing("it reads and writes files, and a page has none")
TERMINAL = Missing("it is about a terminal")
PAGES_OWN = Missing("the page draws its own")

FACES: dict[str, tuple[str | Missing, str | Missing, str | Missing]] = {
    "does it fit": ("check", "check", "Plan.check"),
    "one run, or some, over time": (
        "run",
        "over_time",
        "Plan.simulate",
    ),
    "how much it carries": ("load-line", "load_line", "Plan.load_line"),
    "the smallest limits": ("fit", "fit", "Plan.fit"),
    "what a change does": ("diff", "diff", "Plan.diff"),
    "a change from a saved report": (
        Missing("diff takes reports for plans"),
        Missing("diff takes reports for plans"),
        "Plan.diff_from",
    ),
    "many points": ("sweep", "sweep", "Plan.sweep"),
    "every input": ("inspect", "inspect", "Plan.inputs"),
    "other values": (
        Missing("flags of every command: --set, --target, --traffic …"),
        Missing("`overrides` of every question"),
        "Plan.with_",
    ),
    "a plan as a value": (Missing("a program has no values"), TEXT_ONLY, "read"),
    "Compose files from a folder": (
        Missing("every command reads them by itself"),
        FILES,
        "read_compose",
    ),
    "a table of many plans": (
        Missing("a loop of the shell over check --format json"),
        Missing("a loop over check"),
        "compare",
    ),
    "which guesses decide": (
        Missing("a flag of inspect: --sensitivity"),
        "sensitivity",
        "Plan.sensitivity",
    ),
    "how an input is measured": (
        Missing("inspect --sensitivity prints it with each guess"),
        "measure",
        "Plan.measure",
    ),
    "variables of a file": (
        Missing("every command reads .env by itself"),
        "environment",
        Missing("read_compose reads .env by itself"),
    ),
    "the software that is known": (
        "profiles",
        Missing("the page has no use for it yet"),
        "profiles",
    ),
    "the ready stacks": ("scenarios", "scenarios", "scenarios"),
    "a saved report in another format": (
        "report",
        PAGES_OWN,
        Missing("answers show themselves in a notebook; json is what there is to save"),
    ),
    "the planner in a browser": (
        "planner",
        Missing("it is that page"),
        Missing("a notebook is the page of a data team"),
    ),
    "the shape of an answer": (
        "schema",
        Missing("checked in: core/schema"),
        Missing("checked in: core/schema"),
    ),
    "completion of words": ("completions", TERMINAL, TERMINAL),
    "manual pages": ("man", TERMINAL, TERMINAL),
    "version of the engine": (Missing("plimsoll --version"), "version", "version"),
    "version of the random streams": (
        Missing("every report says it"),
        "stream_version",
        "stream_version",
    ),
}


# Flags of questions: the keyword of Python, which every question takes (`Changes`) or one of them.
KEYWORDS: dict[str, str | Missing] = {
    "config": Missing("what a team has agreed upon for its CI; a notebook says what it wants"),
    "no-config": Missing("see --config"),
    "profile": Missing("see --config"),
    "no-baseline": Missing("see --config"),
    "fail-on": "fail_on_worse",
    "compose-profile": Missing("read_compose(profiles=…)"),
    "env-file": Missing("read_compose(env_files=…)"),
    "color": Missing(TERMINAL.why),
    "quiet": Missing(TERMINAL.why),
    "verbose": Missing(TERMINAL.why),
    "help": Missing(TERMINAL.why),
    "open": Missing("a notebook is the page of a data team"),
    "format": Missing("answers show themselves in a notebook; json is what there is to save"),
    "report": Missing("answers show themselves in a notebook; json is what there is to save"),
    "write": Missing("Fit.values are for Plan.with_; files are the command line's"),
    "write-as": Missing("see --write"),
    "force": Missing("see --write"),
    "set": "values",
    "sensitivity": Missing("Plan.sensitivity is a question of its own"),
    "set-head": Missing("head is a plan of its own: plan.diff(plan.with_(…))"),
    "objective": "objectives",
    "spike": "spikes",
    "for": "horizon",
    "host": "hosts",
    "price": "prices",
    "samples": "n",
    "out": "store",
}

# What only Python asks.
ALONE = {
    "check": set(),
    "run": {
        "runs",  # The command line shows one run.
        "series",
        "duration",  # Another word for `horizon`.
        "jobs",  # There is one run.
    },
    "load-line": set(),
    "fit": set(),
    "diff": {"repair", "head"},
    "inspect": {"seed", "max_events", "jobs"},  # The command line takes its own.
    "sweep": {"space", "sampler", "executor", "progress"},
}


def commands() -> set[str]:
    shown = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout
    listed = shown.partition("Commands:")[2].partition("\n\n")[0]
    return set(re.findall(r"^  ([a-z][a-z-]*)", listed, re.MULTILINE)) - {"help"}


def exports() -> set[str]:
    source = (ROOT / "bindings/wasm/src/lib.rs").read_text()
    return set(
        re.findall(r"#\[wasm_bindgen[^\n]*\]\n(?:#\[[^\n]*\n)*pub (?:async )?fn (\w+)", source)
    )


def methods() -> set[str]:
    plan = {f"Plan.{name}" for name in vars(plimsoll.Plan) if not name.startswith("_")}
    known = {"Plan.name", "Plan.notes", "Plan.scenario"}  # What a plan is, not what it can do.
    functions = {name for name in plimsoll.__all__ if not isinstance(getattr(plimsoll, name), type)}
    laws = {"log_uniform", "lognormal", "normal"}  # Values of a space.
    return (plan - known) | (functions - laws)


@pytest.mark.parametrize(
    ("face", "there"), [(0, commands), (1, exports), (2, methods)], ids=["cli", "wasm", "python"]
)
def test_a_face_has_what_the_table_says_and_nothing_else(face: int, there: object) -> None:
    assert callable(there)
    stated = [row[face] for row in FACES.values()]
    assert {one for one in stated if isinstance(one, str)} == there()
    assert all(len(one.why) > 10 for one in stated if isinstance(one, Missing))


def asked(command: str) -> set[str]:
    """What a command can be asked, as keywords of Python."""
    shown = subprocess.run(
        [PROGRAM, command, "--help"], capture_output=True, text=True, check=True
    ).stdout
    flags = re.findall(r"^ +(?:-\w, )?--([a-z-]+)", shown, re.MULTILINE)
    assert flags
    keywords = (KEYWORDS.get(flag, flag.replace("-", "_")) for flag in flags)
    return {one for one in keywords if isinstance(one, str)}


@pytest.mark.parametrize("command", ALONE)
def test_python_can_be_asked_what_the_command_line_can(command: str) -> None:
    names = {"run": "simulate", "inspect": "sensitivity"}
    function = getattr(plimsoll.Plan, names.get(command, command.replace("-", "_")))
    keywords = set(signature(function).parameters) - {"self", "changes"}
    keywords |= Changes.__annotations__.keys()
    # A sweep takes its inputs as a space.
    wanted = asked(command) - ({"vary"} if command == "sweep" else set())
    assert keywords - ALONE[command] == wanted


def test_a_table_of_many_plans_can_be_asked_what_a_check_can() -> None:
    keywords = set(signature(plimsoll.compare).parameters) - {"changes"}
    keywords |= CommonChanges.__annotations__.keys()
    of_check = set(signature(plimsoll.Plan.check).parameters) - {"self", "changes"}
    of_check |= Changes.__annotations__.keys()
    assert keywords == of_check - {"target"} | {"plans", "targets", "executor"}


def test_what_replaces_values_is_the_same_in_every_face() -> None:
    source = (ROOT / "core/src/import/overrides.rs").read_text()
    fields = source.partition("pub struct Overrides {")[2].partition("\n}")[0]
    core = set(re.findall(r"pub (\w+):", fields))
    assert core == (Changes.__annotations__.keys() - {"values"}) | {"set"}
