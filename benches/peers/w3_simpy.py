"""W3 in SimPy: `w3_simpy.py RUNS SECONDS` prints what each run found, one JSON object to a line.

Each request is a process, a worker and a connection are resources: the way SimPy's own
documentation teaches. Numbers are gathered in a list and by addition, which costs next to nothing.
"""

import json
import random
import sys

import simpy

import w3


class Stack:
    """One run of W3."""

    def __init__(self, seed: int) -> None:
        self.environment = simpy.Environment()
        self.random = random.Random(seed)
        self.workers = simpy.Resource(self.environment, capacity=w3.WORKERS)
        self.connections = simpy.Resource(self.environment, capacity=w3.CONNECTIONS)
        self.latencies: list[float] = []
        self.worker_seconds = 0.0
        self.connection_seconds = 0.0

    def arrive(self):
        """Poisson arrivals, each a process of its own."""
        while True:
            yield self.environment.timeout(self.random.expovariate(w3.ARRIVAL_RATE))
            self.environment.process(self.request())

    def request(self):
        """What becomes of one request."""
        environment, draw = self.environment, self.random
        arrived = environment.now
        yield environment.timeout(w3.BALANCER_SECONDS)
        with self.workers.request() as worker:
            yield worker
            began = environment.now
            yield environment.timeout(draw.expovariate(1 / w3.FIRST_CPU_SECONDS))
            yield environment.timeout(w3.LOOK_UP_SECONDS)
            if draw.random() >= w3.HIT_RATIO:
                with self.connections.request() as connection:
                    yield connection
                    query = draw.lognormvariate(w3.QUERY_LOG_MEAN, w3.QUERY_LOG_DEVIATION)
                    yield environment.timeout(query)
                    self.connection_seconds += query
            yield environment.timeout(draw.expovariate(1 / w3.SECOND_CPU_SECONDS))
            self.worker_seconds += environment.now - began
        self.latencies.append(environment.now - arrived)

    def run(self, seconds: float) -> dict[str, float]:
        """Simulates and says what was found."""
        self.environment.process(self.arrive())
        self.environment.run(until=seconds)
        latencies = self.latencies
        return w3.found(
            len(latencies), sum(latencies), self.worker_seconds, self.connection_seconds, seconds
        )


def main(runs: int, seconds: float) -> None:
    for seed in range(runs):
        print(json.dumps(Stack(seed).run(seconds)))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
