"""JUnit and SARIF as the command line writes them, against the schemas of those who read them."""

import json
import os
import subprocess
from pathlib import Path

import jsonschema
import pytest
from lxml import etree

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PROGRAM = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/plimsoll"
EXAMPLES = ROOT / "core/tests/fixtures/compose"

FITS = """
version: 1
services: {api: {memory: 640MiB, memory_program: 60MiB, cpu_request: 5ms}}
traffic: {arrival_rate: 20/s}
horizon: 10s
objectives: ['oom: p < 20%']
"""

# Names that mean something in XML, in JSON and on a terminal, and letters from elsewhere.
HOSTILE = """
version: 1
services:
  '<a href="x">&amp; ]]> é 漢 "q"': {memory: 6MiB, memory_program: 20MiB, cpu_request: 5ms}
  "\\e[31mred\\u0007": {memory: 64MiB}
entry: "\\e[31mred\\u0007"
traffic: {arrival_rate: 20/s}
horizon: 5s
objectives: ['latency: p(95) < 1ns']
"""


def sarif_schema():
    schema = json.loads((HERE / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    return validator(schema)


def junit_schema():
    return etree.XMLSchema(etree.parse(HERE / "junit-10.xsd"))


def assert_valid(sarif, junit):
    """Fails with every error at once."""
    errors = sarif_schema().iter_errors(json.loads(sarif))
    assert [f"{error.json_path}: {error.message}" for error in errors] == []
    schema = junit_schema()
    schema.validate(etree.fromstring(junit.encode()))
    assert [str(error) for error in schema.error_log] == []


def written(folder, plan, *words):
    """Both formats of a check, and its exit code."""
    reports = ["--report", "sarif=out.sarif", "--report", "junit=out.xml"]
    command = [PROGRAM, "check", plan, "--no-config", *reports, *words]
    code = subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode
    read = [(folder / name).read_text(encoding="utf-8") for name in ("out.sarif", "out.xml")]
    return code, *read


@pytest.mark.parametrize(
    ("name", "target"),
    [("django-512mb", "512mb"), ("node-2gb", "2gb"), ("fastapi-4gb", "4gb"), ("ha-replicas", "4gb")],
)
def test_the_four_stacks(tmp_path, name, target):
    plan = EXAMPLES / f"{name}.compose.yaml"
    _, sarif, junit = written(tmp_path, plan, "--target", target, "--runs", "20")
    assert json.loads(sarif)["runs"][0]["results"], "findings are there to be validated"
    assert_valid(sarif, junit)


@pytest.mark.parametrize(
    ("text", "words", "code"),
    [(FITS, [], 0), (FITS, ["--runs", "2"], 3), (HOSTILE, ["--runs", "20"], 1)],
)
def test_every_verdict_and_hostile_names(tmp_path, text, words, code):
    (tmp_path / "plan with blanks é.yaml").write_text(text, encoding="utf-8")
    found, sarif, junit = written(tmp_path, "plan with blanks é.yaml", *words)
    assert found == code
    assert_valid(sarif, junit)


def test_the_goldens():
    golden = HERE.parent / "golden"
    assert_valid((golden / "check.sarif").read_text(), (golden / "check.junit.xml").read_text())


def test_what_is_wrong_is_seen():
    golden = HERE.parent / "golden"
    sarif = json.loads((golden / "check.sarif").read_text())
    sarif["runs"][0]["results"][0]["level"] = "terrible"
    assert list(sarif_schema().iter_errors(sarif))
    junit = (golden / "check.junit.xml").read_text().replace("testcase", "case")
    assert not junit_schema().validate(etree.fromstring(junit.encode()))
