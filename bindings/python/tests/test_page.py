"""What a notebook shows says what the verdict says, and why."""

import json
import re
from typing import Any

import plimsoll
import pytest
from conftest import PLAN, ROOT, Command
from plimsoll.page import COLOURS, Bar, bars_svg, measure, size, table_html, time

COMPOSE = ROOT / "core/tests/fixtures/compose"


def text(html: str) -> str:
    """What is read of a page, its tables with bars between the cells."""
    return re.sub(r"(<[^>]+>)+", "|", html)


def colours(html: str) -> dict[str, str]:
    """The colours of the bars, by name."""
    bars = re.findall(r'>([^<]+)</text><rect[^>]*fill="(#\w+)"', html)
    return {name: next(key for key, one in COLOURS.items() if one == of) for name, of in bars}


def test_bars_say_who_is_killed() -> None:
    report = plimsoll.read(COMPOSE / "django-512mb.compose.yaml", target="512mb").check(runs=20)
    html = report._repr_html_()
    killed = dict(zip(report.services["service"], report.services["oom_probability"], strict=True))
    within = report.services.where(service="postgres").to_dicts()[0]
    # Killed for others: it stays below its own limit.
    assert within["oom_probability"] == 1.0
    assert within["peak_p95_bytes"] < within["limit_bytes"]
    drawn = colours(html)
    assert drawn.pop("host, with system") == "does_not_fit"
    assert drawn == {name: "does_not_fit" if p else "fits" for name, p in killed.items()}
    assert set(drawn.values()) == {"fits", "does_not_fit"}
    assert "142 MiB of 200 MiB, killed in 100% of the runs|" in text(html)


def test_a_bar_is_coloured_by_what_happens() -> None:
    bars = [Bar("ok", 5, 5, 0.0), Bar("over", 6, 5, 0.0), Bar("free", 6, None, 0.0)]
    drawn = colours(bars_svg([*bars, Bar("killed", 1, 5, 0.01), Bar("bare", 1, None, 0.01)]))
    assert [name for name, colour in drawn.items() if colour != "fits"] == [
        "over",
        "killed",
        "bare",
    ]


def test_an_objective_says_why_it_breaks() -> None:
    plan = plimsoll.read(PLAN)
    report = plan.check(runs=4, values={"api.memory": "16MiB"})
    why = [one["detail"] for one in report.to_dict()["objectives"] if one["detail"]]
    assert why
    page = text(report._repr_html_())
    assert all(one in page for one in why)
    assert "|broken|" in page
    small = {"a": plan.with_({"api.memory": "16MiB"})}
    row = plimsoll.compare(small, runs=4).to_dicts()[0]
    broken = [one for one in report.objectives if one["outcome"] == "fail"]
    assert row["broken"] == "; ".join(one["objective"] for one in broken)
    assert row["reason"] == "; ".join(one["detail"] for one in broken if one["detail"]) != ""
    open_one = plimsoll.compare({"a": plimsoll.read("mm1")}, runs=2).to_dicts()[0]
    assert open_one["broken"] is None
    assert "state `memory_program`" in open_one["reason"]


def test_a_page_says_what_the_verdict_rests_on() -> None:
    bare = "services: {web: {image: 'nginx:1', mem_limit: 64m}, app: {build: .}}\n"
    report = plimsoll.read(bare).check(runs=2)
    load = report.to_dict()["load"]["saturation"]
    said = f"no traffic stated: judged idle and saturated by {load['users']:,} users"
    page = text(report._repr_html_())
    assert said in page
    assert said in repr(report)
    found = report.findings.to_dicts()
    worse = [one for one in found if one["severity"] != "note"]
    assert 0 < len(worse) < len(found)
    assert all(f"|{one['severity']} {one['code']}|" in page for one in worse)
    assert f"{len(found) - len(worse)} further finding" in page
    assumed = report.assumptions
    guesses = assumed["origin"].count("guess")
    assert f"{guesses} of {len(assumed)} assumed inputs are guesses" in page
    deciding = assumed.where(decides=True)["path"]
    assert (f"{len(deciding)} decide" in page) == bool(deciding)
    stated = plimsoll.read(PLAN).check(runs=2)
    assert "no traffic stated" not in stated._repr_html_() + repr(stated)


def test_every_text_of_a_plan_is_escaped() -> None:
    evil = "a: <script>alert('x')</script>&\""
    plan = plimsoll.read(PLAN).with_({"name": json.dumps(evil), "api.memory": "40MiB"})
    shown: list[Any] = [
        plan,
        plan.check(runs=2, traffic="300/s"),
        plan.sweep({"api.workers": [1, 2]}, runs=1),
        plan.sensitivity(max_events=100_000),
        plan.load_line(max_load="100/s", max_events=100_000),
        plan.fit(runs=2, max_events=100_000),
        plan.diff(plan, runs=1),
        plimsoll.compare({evil: plan}, runs=1),
        plimsoll.Table({evil: "text"}, [(evil,)]),
    ]
    for one in shown:
        html = one._repr_html_()
        assert "<script" not in html
        assert "alert('x')" not in html
        assert "http" not in html
    assert "<script" not in bars_svg([Bar(evil, 1, 2, 0.0)])


def test_numbers_are_those_of_the_command_line() -> None:
    assert [size(one << 20) for one in (1023, 1024, 1025)] == ["1023 MiB", "1 GiB", "1.00 GiB"]
    assert [time(one) for one in (0.9999, 0.9994, 59.99, 119.9)] == [
        "1000 ms",
        "999 ms",
        "60 s",
        "2 min",
    ]
    assert measure(1e6, "per_second") == "1000000/s"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (408_064_000.0, "408,064,000"),
        (408_064_000, "408,064,000"),
        (1e15, "1,000,000,000,000,000"),
        (0.1 + 0.2, "0.3"),
        (99_999.94, "99999.9"),
        (999_999.9, "1,000,000"),
        (True, "True"),
        (7, "7"),
        (None, "–"),
    ],
)
def test_a_long_number_has_no_exponent(value: object, shown: str) -> None:
    assert f">{shown}</td>" in table_html(["n"], [[value]])


def test_bytes_over_time_and_of_a_sweep_have_no_exponent() -> None:
    plan = plimsoll.read(PLAN)
    series = plan.simulate(runs=1).series.where(metric="memory_bytes")
    points = plan.sweep({"api.memory": ["64mb", "1gb"]}, runs=1).points
    for table in (series, points):
        cells = re.findall(r">([^<]*)</td>", table._repr_html_())
        assert not [cell for cell in cells if re.fullmatch(r"[\d.]+e\+\d+", cell)]
    assert ">1,073,741,824</td>" in points._repr_html_()


@pytest.mark.parametrize(
    ("changes", "effort", "word", "verdict"),
    [
        (PLAN.replace("20%", "1%"), 20, "UNDECIDED", "undecided"),
        (PLAN.replace("1s'", "1ms'"), 20, "NO LIMIT HOLDS", "does_not_fit"),
        (PLAN, 40, "FITTED", "fits"),
    ],
)
def test_a_fit_that_is_open_is_not_one_that_cannot_be(
    changes: str, effort: int, word: str, verdict: str, command: Command
) -> None:
    fit = plimsoll.read(changes, name="-").fit(runs=effort)
    printed = command("fit", "-", "--runs", str(effort), text=changes).partition("\n\n")[0]
    sign, _, rest = printed.partition(f" {word}  ")
    said = " ".join(rest.split())
    assert said
    assert f"{sign} {word.lower()}, {said.partition(' with ')[0]}" in repr(fit)
    assert said.partition("; ")[2] in repr(fit)
    html = fit._repr_html_()
    assert f'<b style="color:{COLOURS[verdict]}">{sign} {word.lower()}</b>' in html
    assert fit.is_open == (verdict == "undecided")
    left = [one["objective"] for one in fit.objectives if one["outcome"] != "pass"]
    assert all(one in repr(fit) for one in left)
    assert all(one.replace("<", "&lt;") in html for one in left)
    assert ("cannot be shown" in html) == (word == "UNDECIDED")


def test_a_fit_says_what_its_limits_bring() -> None:
    plan = plimsoll.read(
        {
            "version": 1,
            "services": {"api": {"profile": "node", "memory": "1GiB", "heap_limit": "384MiB"}},
            "traffic": {"arrival_rate": "5/s"},
            "horizon": "5s",
        }
    )
    fit = plan.fit(runs=300)
    assert list(fit.findings["code"]) == ["PL030"]
    assert "warning PL030" in fit._repr_html_()


def test_a_fit_without_a_budget_is_unfinished() -> None:
    fit = plimsoll.read(PLAN).fit(max_events=10)
    assert "unfinished, the budget of events was spent after 1 plan" in repr(fit)
    assert not fit.is_open
