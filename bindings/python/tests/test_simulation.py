import numpy
import plimsoll
import polars
import pytest


def test_single_runs_add_up_to_the_report(plan: plimsoll.Plan) -> None:
    simulation = plan.simulate(runs=5)
    peaks = simulation.service_runs["peak_bytes"]
    assert max(peaks) == simulation.services["peak_max_bytes"][0]
    assert sum(simulation.endpoint_runs["arrivals"]) == simulation.endpoints["arrivals"][0]
    assert simulation.runs["replication"] == [0, 1, 2, 3, 4]
    assert len(simulation.objective_runs) == 5 * len(simulation.objectives)


def test_values_over_time_are_tidy_and_balance(plan: plimsoll.Plan) -> None:
    simulation = plan.simulate(runs=2, duration="10s")
    frame = simulation.series.to_polars()
    assert frame["time_seconds"].max() == pytest.approx(10.0)
    by_run = frame.filter(metric="ended").group_by("replication").agg(polars.col("value").sum())
    ended = by_run.sort("replication")["value"].to_list()
    rows = simulation.endpoint_runs
    counted = zip(rows["completed"], rows["failed"], strict=True)
    assert ended == pytest.approx([done + failed for done, failed in counted], abs=2)
    memory = frame.filter(metric="memory_bytes", replication=1)["value"].max()
    assert memory == simulation.service_runs["peak_bytes"][1]


def test_without_values_over_time_the_rest_is_the_same(plan: plimsoll.Plan) -> None:
    whole, bare = plan.simulate(runs=3), plan.simulate(runs=3, series=False)
    assert len(bare.series) == len(bare.events) == 0
    assert bare.service_runs == whole.service_runs
    assert bare.to_json() == whole.to_json()


def test_kills_are_events(plan: plimsoll.Plan) -> None:
    simulation = plan.simulate(runs=2, values={"api.memory": "16MiB"})
    killed = simulation.events.where(kind="killed")
    assert set(killed["replication"]) == {0, 1}
    assert simulation.verdict == "does_not_fit"
    assert simulation.services["oom_probability"] == [1.0]


def test_a_seed_is_a_number_or_drawn_from_one_of_numpy(plan: plimsoll.Plan) -> None:
    def digest(seed: object) -> str:
        return plan.simulate(runs=2, seed=seed).digest  # type: ignore[arg-type]

    assert digest(7) == digest(7) != digest(8)
    children = numpy.random.SeedSequence(7).spawn(2)
    assert digest(children[0]) != digest(children[1])
    assert digest(numpy.random.SeedSequence(5)) == digest(numpy.random.SeedSequence(5))
    assert digest(numpy.random.default_rng(5)) == digest(numpy.random.default_rng(5))
    assert digest(numpy.random.SeedSequence(5)) != digest(5)
    for wrong in (-1, 2**64, 1.5, "7", True):
        with pytest.raises(ValueError, match="seed"):
            digest(wrong)


def test_the_number_of_threads_changes_nothing(plan: plimsoll.Plan) -> None:
    answers = {plan.simulate(runs=6, jobs=jobs).digest for jobs in (1, 2, 5, None)}
    assert len(answers) == 1
    assert plan.check(runs=6, jobs=1) == plan.check(runs=6, jobs=3)
