"""W3 in Ciw: `w3_ciw.py RUNS SECONDS` prints what each run found, one JSON object to a line.

In Ciw a customer has one server at one node, so a worker cannot be held while a connection is
waited for. W3 has 20 connections for 4 workers, so nobody ever waits for one, and what a worker does
adds up to one time of service. That leaves three events of more than five for each request: a
comparison in Ciw's favour.
"""

import json
import random
import sys

import ciw

import w3


class Work(ciw.dists.Distribution):
    """How long a worker is held; adds up how much of it is spent at the database."""

    def __init__(self) -> None:
        self.connection_seconds = 0.0

    def sample(self, t=None, ind=None) -> float:
        time = w3.LOOK_UP_SECONDS + random.expovariate(1 / w3.FIRST_CPU_SECONDS)
        if random.random() >= w3.HIT_RATIO:
            query = random.lognormvariate(w3.QUERY_LOG_MEAN, w3.QUERY_LOG_DEVIATION)
            self.connection_seconds += query
            time += query
        return time + random.expovariate(1 / w3.SECOND_CPU_SECONDS)


def run(seed: int, seconds: float) -> dict[str, float]:
    """Simulates and says what was found."""
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(w3.ARRIVAL_RATE), None],
        service_distributions=[ciw.dists.Deterministic(w3.BALANCER_SECONDS), Work()],
        number_of_servers=[float("inf"), w3.WORKERS],
        routing=[[0.0, 1.0], [0.0, 0.0]],
    )
    simulation = ciw.Simulation(network)
    # The simulation works with a copy of the distribution of its own.
    work = simulation.service_times[2]["Customer"]
    simulation.simulate_until_max_time(seconds)
    arrived: dict[int, float] = {}
    answered: dict[int, float] = {}
    worker_seconds = 0.0
    for visit in simulation.get_all_records():
        if visit.node == 1:
            arrived[visit.id_number] = visit.arrival_date
        else:
            answered[visit.id_number] = visit.exit_date
            worker_seconds += visit.service_time
    latencies = [at - arrived[request] for request, at in answered.items()]
    return w3.found(
        len(latencies), sum(latencies), worker_seconds, work.connection_seconds, seconds
    )


def main(runs: int, seconds: float) -> None:
    for seed in range(runs):
        print(json.dumps(run(seed, seconds)))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
