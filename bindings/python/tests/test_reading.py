import pickle
from pathlib import Path

import plimsoll
import pytest

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
