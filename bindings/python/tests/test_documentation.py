"""Every example of the docstrings and of the README runs, and the notebook too."""

import doctest
import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

import nbformat
import plimsoll
import pytest
from nbclient import NotebookClient

HERE = Path(__file__).parents[1]
MODULES = sorted(
    f"plimsoll.{module.name}"
    for module in pkgutil.iter_modules(plimsoll.__path__)
    if not module.name.startswith("_")
)


@pytest.mark.parametrize("name", ["plimsoll", *MODULES])
def test_docstrings(name: str) -> None:
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("name", plimsoll.__all__)
def test_everything_public_is_documented(name: str) -> None:
    thing = getattr(plimsoll, name)
    assert thing.__doc__
    members = vars(thing).items() if isinstance(thing, type) else ()
    bare = [
        key
        for key, member in members
        if not key.startswith("_") and callable(member) and not member.__doc__
    ]
    assert bare == []


def test_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compose = HERE.parents[1] / "core/tests/fixtures/compose/fastapi-4gb.compose.yaml"
    (tmp_path / "compose.yaml").write_text(compose.read_text())
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(str(HERE / "README.md"), module_relative=False)
    assert tried > 10
    assert failed == 0


def test_the_notebook() -> None:
    path = HERE / "notebooks/four_stacks.ipynb"
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=120, kernel_name="python3")
    client.execute(cwd=str(path.parent))
    shown = [
        output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])
    ]
    charts = [data for data in shown if "vegaEmbed" in data.get("text/html", "")]
    assert len(charts) >= 4


def test_each_module_says_what_it_is_for() -> None:
    modules: list[ModuleType] = [importlib.import_module(name) for name in MODULES]
    assert all(module.__doc__ for module in modules)
