import json
import pickle
from pathlib import Path

import plimsoll
import pytest
from conftest import Command
from plimsoll.variable import referred

COMPOSE = """
services:
  web: {image: 'nginx:1.27', mem_limit: '${WEB_MEMORY:-64m}', ports: ['80:80']}
"""


def memory(plan: plimsoll.Plan) -> str:
    return str(plan.scenario["services"]["web"]["memory"])


def test_a_folder_stands_for_its_files(tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text("services: {}\n")
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    assert memory(plimsoll.read_compose(tmp_path, environment={})) == "64MiB"
    (tmp_path / ".env").write_text("WEB_MEMORY=80m\n")
    assert memory(plimsoll.read_compose(tmp_path, environment={})) == "80MiB"
    assert memory(plimsoll.read_compose(tmp_path, environment={"WEB_MEMORY": "96m"})) == "96MiB"
    (tmp_path / "compose.override.yml").write_text("services: {web: {mem_limit: 128m}}\n")
    assert memory(plimsoll.read_compose(tmp_path, target="512mb")) == "128MiB"
    (tmp_path / "other.env").write_text("WEB_MEMORY=48m\n")
    named = plimsoll.read_compose(
        tmp_path / "compose.yaml", env_files=[tmp_path / "other.env"], environment={}
    )
    assert memory(named) == "48MiB"


@pytest.mark.parametrize(
    ("dotenv", "process", "services"),
    [
        ("", {}, {"web", "unnamed"}),
        ("COMPOSE_PROFILES=full\n", {}, {"web", "search"}),
        ("COMPOSE_PROFILES=full\n", {"COMPOSE_PROFILES": "other"}, {"web"}),
        ("", {"COMPOSE_PROFILES": " full , *"}, {"web", "search", "unnamed"}),
        ("COMPOSE_FILE=./compose.yaml:sub/more.yaml\n", {}, {"web", "unnamed", "more"}),
        ("COMPOSE_FILE=compose.yaml:sub/more.yaml\n", {"COMPOSE_FILE": "sub/more.yaml"}, {"more"}),
        ("COMPOSE_FILE=\n", {}, {"web", "unnamed"}),
        (
            "COMPOSE_FILE=sub/more.yaml;compose.yaml\nCOMPOSE_PATH_SEPARATOR=;\n",
            {},
            {"more", "web", "unnamed"},
        ),
        ("COMPOSE_PROFILES=full\nCOMPOSE_FILE=compose.yaml\n", {}, {"web", "search"}),
        ("", {"COMPOSE_FILE": "sub/../../outside.yaml"}, {"outside"}),
    ],
)
def test_variables_name_profiles_and_files_as_on_the_command_line(
    dotenv: str,
    process: dict[str, str],
    services: set[str],
    tmp_path: Path,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "shop"
    (folder / "sub").mkdir(parents=True)
    (folder / "compose.yaml").write_text(
        "services:\n  web: {image: nginx, mem_limit: 64m}\n"
        "  search: {image: 'elasticsearch:8.15.0', profiles: [full]}\n"
        "  unnamed: {image: redis, profiles: ['', none]}\n"
    )
    (folder / "sub/more.yaml").write_text("services: {more: {image: nginx}}\n")
    (tmp_path / "outside.yaml").write_text("services: {outside: {image: nginx}}\n")
    (folder / ".env").write_text(dotenv)
    for name, value in process.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)
    for words, plan in (
        ([], plimsoll.read_compose()),
        (["../shop"], plimsoll.read("../shop")),
        (["compose.yaml"], plimsoll.read("compose.yaml")),
    ):
        printed = json.loads(command("inspect", *words, "--format", "json"))["inputs"]
        assert plan.inputs["path"] == [row["path"] for row in printed]
        assert pickle.loads(pickle.dumps(plan)).inputs == plan.inputs
    assert set(plimsoll.read(folder).scenario["services"]) == services


def test_a_file_of_variables_names_no_files_outside_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    for place in (tmp_path, folder):
        (place / "compose.yaml").write_text(COMPOSE)
    for name in ("../compose.yaml", "sub/../../compose.yaml", str(tmp_path / "compose.yaml")):
        (folder / ".env").write_text(f"COMPOSE_FILE={name}\n")
        with pytest.raises(ValueError, match=r"COMPOSE_FILE names .* outside"):
            plimsoll.read_compose(folder)
    (folder / ".env").write_text("COMPOSE_FILE=nowhere.yaml\n")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        plimsoll.read_compose(folder)
    with pytest.raises(ValueError, match="named twice"):
        plimsoll.read_compose(folder / "compose.yaml", folder / "compose.yaml")


def test_an_override_is_laid_over_the_first_file_whatever_that_is_called(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    override = "services: {web: {mem_limit: %s}}\n"
    (tmp_path / "docker-compose.override.yml").write_text(override % "96m")
    assert memory(plimsoll.read_compose(tmp_path, environment={})) == "96MiB"
    (tmp_path / "compose.override.yaml").write_text(override % "128m")
    assert memory(plimsoll.read_compose(tmp_path, environment={})) == "128MiB"


def test_an_empty_folder_says_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"compose\.yaml"):
        plimsoll.read_compose(tmp_path)


def test_further_files_are_read_and_only_from_here(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    base = "services: {base: {image: nginx, mem_limit: 99m}}\n"
    (inside / "base.yaml").write_text(base)
    extends = "services: {web: {extends: {file: %s, service: base}}}\n"
    (inside / "compose.yaml").write_text(extends % "base.yaml")
    assert memory(plimsoll.read_compose(inside)) == "99MiB"
    (tmp_path / "base.yaml").write_text(base)
    (inside / "compose.yaml").write_text(extends % "../base.yaml")
    with pytest.raises(ValueError, match="outside"):
        plimsoll.read_compose(inside)


def test_a_wrong_line_of_an_environment_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / ".env").write_text("A='unclosed\n")
    with pytest.raises(plimsoll.ScenarioError) as raised:
        plimsoll.read_compose(tmp_path)
    assert raised.value.diagnostics[0].line == 1


def test_variables_that_no_file_mentions_do_not_travel(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    secret = "5ecre7"
    environment = {"WEB_MEMORY": "80m", "AWS_TOKEN": secret}
    plan = plimsoll.read_compose(tmp_path, environment=environment)
    assert secret.encode() not in pickle.dumps(plan)
    assert memory(pickle.loads(pickle.dumps(plan))) == "80MiB"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a: $A ${B} ${C:-x} ${D:-${E:+$F}}", "ABCDEF"),
        ("a: $$A $${B} $$$C", "C"),
        ('a: "\\x24{A} \\u0024B"', "AB"),
        ("environment:\n  - A\n  - 'B' # why\n  - C=1\n  - D=$E\n", "ABE"),
        ('environment: [A, "B", C=1,\n  D, # of it\n  E\n]\n', "ABDE"),
        ("environment:\n  A:\n  B: null\n  C: ~ # none\n  D: ''\n  E: 0\n  F:\nx: 1\n", "ABCF"),
        ("environment: {A, B: , C: null, D: 1, 'E': null}\n", "ABCE"),
        ("environment: {\n  A:\n}\n", "A"),
        ('{"environment": {"A": null, "B": "1"}, "command": ["C"]}', "AC"),
        ("services:\n  A:\n    image: B\n  C:\n  - D: 1\n  E:\n    # F\n\n    F: 1\n", ""),
        ("# $ A, [B\nx: A B: C\nAB: 1\n", ""),
        ("- A:\n    B: 1\n- C:\n- ? D\n", "CD"),
        ("A:\r\n  B:\r\nC: 1\r\n", "B"),
    ],
)
def test_a_variable_is_kept_where_a_text_refers_to_it(text: str, kept: str) -> None:
    found = referred([text], dict.fromkeys("ABCDEF", "1"), ["a profile"])
    assert "".join(found) == kept


def test_values_of_the_process_do_not_travel_unless_they_are_referred_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "compose.yaml").write_text(
        "services:\n"
        "  db:\n"
        "    image: postgres:16\n"
        "    environment: {DATABASE_URL: 'postgres://u:p@db/shop', POSTGRES_PASSWORD: x}\n"
        "    healthcheck: {test: [CMD-SHELL, 'pg_isready -U $$POSTGRES_USER']}\n"
        "  cache:\n"
        "    image: redis:7\n"
        "    command: redis-server --maxmemory ${LIMIT:-64mb}\n"
        "    environment: [REDIS_TOKEN]\n"
    )
    names = ("DATABASE_URL", "PASSWORD", "POSTGRES_USER", "S", "REDIS", "LIMIT", "REDIS_TOKEN")
    for name in names:
        monkeypatch.setenv(name, "96mb" if name == "LIMIT" else f"5ecre7-{name}-")
    plan = plimsoll.read(tmp_path)
    kept = pickle.dumps(plan)
    assert [name for name in names if f"5ecre7-{name}-".encode() in kept] == ["REDIS_TOKEN"]
    again = pickle.loads(kept)
    assert again.inputs == plan.inputs
    assert again.scenario["services"]["cache"]["maxmemory"] == "96MiB"
    text = plimsoll.read((tmp_path / "compose.yaml").read_text(), environment={"S": "5ecre7"})
    assert b"5ecre7" not in pickle.dumps(text)


def test_a_variable_without_a_value_counts_as_on_the_command_line(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "services:\n  search:\n    image: elasticsearch:8.15.0\n    environment:\n"
    (tmp_path / "list.yaml").write_text(text + "      - ES_JAVA_OPTS\n")
    (tmp_path / "keys.yaml").write_text(text + "      ES_JAVA_OPTS:\n")
    monkeypatch.chdir(tmp_path)
    unset = plimsoll.read("list.yaml").inputs
    monkeypatch.setenv("ES_JAVA_OPTS", "-Xms3g -Xmx3g")
    for name in ("list.yaml", "keys.yaml"):
        plan = plimsoll.read(name)
        printed = json.loads(command("inspect", name, "--format", "json"))["inputs"]
        assert plan.inputs["value"] == [row["value"] for row in printed]
        assert plan.inputs["value"] != unset["value"]
        assert pickle.loads(pickle.dumps(plan)).inputs == plan.inputs


def test_too_much_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_bytes(b"#" * ((4 << 20) + 1))
    with pytest.raises(ValueError, match="larger than 4 MiB"):
        plimsoll.read_compose(tmp_path)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_bytes(b"# caf\xe9\nservices: {web: {image: nginx}}\n")
    with pytest.raises(plimsoll.ScenarioError) as raised:
        plimsoll.read_compose(tmp_path)
    (one,) = raised.value.diagnostics
    assert (one.code, one.file) == ("E117", str(tmp_path / "compose.yaml"))
    assert (one.line, one.column) == (1, 6)
    assert one.hint is not None
    assert "UTF-8" in one.hint


@pytest.mark.parametrize(
    "text",
    [
        "services: {}\n",
        "\nnull\n",
        "services: {web: {image: nginx, profiles: [debug]}}\n",
        "services: {web: {image: nginx, scale: 0}}\n",
        "services: {job: {image: app, command: python manage.py migrate}}\n",
    ],
)
def test_a_plan_of_nothing_is_refused(text: str) -> None:
    with pytest.raises(plimsoll.ScenarioError) as raised:
        plimsoll.read(text)
    (one,) = raised.value.diagnostics
    assert one.code == "E206"
    assert one.hint is not None


def test_a_misspelt_key_is_an_error() -> None:
    with pytest.raises(plimsoll.ScenarioError, match="did you mean `mem_limit`"):
        plimsoll.read("services: {web: {image: nginx, mem_limt: 64m}}\n")
