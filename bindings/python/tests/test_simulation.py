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


def test_memory_and_requests_are_those_of_the_fullest_container() -> None:
    text = """
version: 1
host: {memory: 4GiB, cores: 2}
services:
  api: {memory: 128MiB, memory_program: 24MiB, cpu_request: 20ms, rollout: {surge: 1, unavailable: 0}}
  db: {memory: 64MiB, replicas: 2}
disturbances: [{rollout: {service: api, at: 5s}}]
traffic: {arrival_rate: 20/s}
horizon: 20s
"""
    simulation = plimsoll.read(text).simulate(runs=2)
    frame = simulation.series.to_polars()
    most = frame.group_by("name", "metric").agg(polars.col("value").max())
    for row in simulation.services:
        of = most.filter(name=row["service"])
        assert of.filter(metric="memory_bytes")["value"].item() == row["peak_max_bytes"]
        assert of.filter(metric="in_flight")["value"].item() == row["in_flight_max"]
    counts = frame.filter(metric="containers")
    # While it is rolled out there is one more; the other service has its replicas all the time.
    assert set(counts["name"]) == {"api"}
    assert set(counts["value"]) == {1.0, 2.0}
    during = counts.filter(polars.col("time_seconds").is_between(5.5, 6.5))
    assert set(during["value"]) == {2.0}
    windows = frame.filter(metric="memory_bytes", name="api")
    assert counts["time_seconds"].to_list() == windows["time_seconds"].to_list()


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
