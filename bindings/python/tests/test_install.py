"""The package works alone: nothing but the engine is needed until it is asked for."""

import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import matplotlib
import plimsoll
import pytest
from conftest import PLAN

matplotlib.use("agg")


def test_it_depends_on_nothing() -> None:
    needed = [one for one in requires("plimsoll") or [] if "extra ==" not in one]
    assert needed == []


def test_it_works_without_any_other_package(tmp_path: Path) -> None:
    # Where it is installed others may be too.
    (tmp_path / "plimsoll").symlink_to(Path(plimsoll.__file__).parent)
    code = f"""
import sys
sys.path[:0] = [{str(tmp_path)!r}]
import plimsoll
plan = plimsoll.read({PLAN!r})
report = plan.check(runs=2)
report._repr_html_(), plan._repr_html_()
plan.simulate(runs=2).series.to_dicts()
plan.sweep({{"api.memory": ["64mb", "96mb"]}}, runs=1).points.to_dicts()
try:
    report.services.to_polars()
except ModuleNotFoundError as error:
    print(error)
loaded = {{"numpy", "pandas", "polars", "pyarrow", "scipy", "altair", "tqdm"}} & set(sys.modules)
assert not loaded, loaded
"""
    # Without site packages, as in a fresh environment.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "pip install 'plimsoll[frames]'" in done.stdout


def test_an_extra_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "altair", None)
    plot = plimsoll.read(PLAN).check(runs=1).plot
    with pytest.raises(ModuleNotFoundError, match=r"plimsoll\[plot\]") as raised:
        plot.memory()
    assert 'or backend="matplotlib"' in str(raised.value)
    assert plot.memory(backend="matplotlib").has_data()
