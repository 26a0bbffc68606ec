"""W3 in SimPy with the answers of a check: `w3_simpy_whole.py RUNS SECONDS` prints what each run found.

The model of `w3_simpy.py`, and what the engine keeps of the same scenario beside it: clients that lose
patience, where the time of each request went, the memory of both containers with the highest it
was, a histogram of latencies with three digits, and all of it by windows of time.
"""

import json
import math
import sys
from dataclasses import dataclass, field

import w3
import w3_simpy

WINDOWS = 120


@dataclass
class Container:
    """What is known of one container."""

    in_flight: int = 0
    memory: int = 0
    memory_peak: int = 0
    # Of the present window.
    most_in_flight: int = 0
    most_memory: int = 0

    def come(self) -> None:
        """A request has come, and may have to wait."""
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def grow(self, size: int) -> None:
        """A request takes memory."""
        self.memory += size
        if self.memory > self.most_memory:
            self.most_memory = self.memory
            self.memory_peak = max(self.memory_peak, self.memory)

    def leave(self, size: int) -> None:
        """A request goes with what it took."""
        self.in_flight -= 1
        self.memory -= size

    def roll(self) -> tuple[int, int]:
        """A window is over."""
        seen = (self.most_in_flight, self.most_memory)
        self.most_in_flight, self.most_memory = self.in_flight, self.memory
        return seen


@dataclass
class Endpoint:
    """What is known of the answers."""

    ended: int = 0
    failed: int = 0
    latency_sum: float = 0.0
    histogram: dict[int, int] = field(default_factory=dict)
    causes: dict[str, float] = field(default_factory=dict)
    # Of the present window.
    window_ended: int = 0
    window_latency_sum: float = 0.0

    def answer(self, latency: float, causes: dict[str, float]) -> None:
        """A request was answered in time."""
        self.ended += 1
        self.latency_sum += latency
        self.window_ended += 1
        self.window_latency_sum += latency
        # Cells a thousandth wide.
        cell = int(math.log(max(latency, 1e-7)) * 1000)
        self.histogram[cell] = self.histogram.get(cell, 0) + 1
        for cause, seconds in causes.items():
            self.causes[cause] = self.causes.get(cause, 0.0) + seconds

    def roll(self) -> tuple[int, float]:
        """A window is over."""
        seen = (self.window_ended, self.window_latency_sum)
        self.window_ended, self.window_latency_sum = 0, 0.0
        return seen


class Whole(w3_simpy.Stack):
    """One run of W3."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.balancer = Container()
        self.app = Container()
        self.endpoint = Endpoint()
        self.windows: list[tuple] = []

    def request(self):
        """A client waits for the answer, but not for ever."""
        environment = self.environment
        arrived = environment.now
        causes = {"queued_worker": 0.0, "queued_pool": 0.0, "worked": 0.0, "waited": 0.0}
        visit = environment.process(self.visit(causes))
        yield visit | environment.timeout(w3.PATIENCE_SECONDS)
        if visit.processed:
            self.endpoint.answer(environment.now - arrived, causes)
        else:
            self.endpoint.failed += 1

    def visit(self, causes: dict[str, float]):
        """What becomes of one request: at the balancer, and from there at the application."""
        environment, balancer = self.environment, self.balancer
        balancer.come()
        balancer.grow(w3.REQUEST_BYTES + w3.CONNECTION_BYTES)
        yield environment.timeout(w3.BALANCER_SECONDS)
        causes["waited"] += w3.BALANCER_SECONDS
        self.app.come()
        asked = environment.now
        with self.workers.request() as worker:
            yield worker
            began = environment.now
            causes["queued_worker"] += began - asked
            self.app.grow(w3.REQUEST_BYTES)
            yield from self.work(causes)
            self.worker_seconds += environment.now - began
        self.app.leave(w3.REQUEST_BYTES)
        balancer.leave(w3.REQUEST_BYTES + w3.CONNECTION_BYTES)

    def work(self, causes: dict[str, float]):
        """What a worker does."""
        environment, draw = self.environment, self.random
        first = draw.expovariate(1 / w3.FIRST_CPU_SECONDS)
        yield environment.timeout(first)
        yield environment.timeout(w3.LOOK_UP_SECONDS)
        causes["waited"] += w3.LOOK_UP_SECONDS
        if draw.random() >= w3.HIT_RATIO:
            asked = environment.now
            with self.connections.request() as connection:
                yield connection
                causes["queued_pool"] += environment.now - asked
                query = draw.lognormvariate(w3.QUERY_LOG_MEAN, w3.QUERY_LOG_DEVIATION)
                yield environment.timeout(query)
                causes["waited"] += query
                self.connection_seconds += query
        second = draw.expovariate(1 / w3.SECOND_CPU_SECONDS)
        yield environment.timeout(second)
        causes["worked"] += first + second

    def watch(self, seconds: float):
        """Closes the windows."""
        while True:
            yield self.environment.timeout(seconds / WINDOWS)
            containers = (self.balancer.roll(), self.app.roll())
            self.windows.append((self.endpoint.roll(), *containers))

    def run(self, seconds: float) -> dict[str, float]:
        """Simulates and says what was found."""
        self.environment.process(self.arrive())
        self.environment.process(self.watch(seconds))
        self.environment.run(until=seconds)
        endpoint = self.endpoint
        found = w3.found(
            endpoint.ended,
            endpoint.latency_sum,
            self.worker_seconds,
            self.connection_seconds,
            seconds,
        )
        # Too few wait for a worker to compare how long.
        for cause in ("queued_pool", "worked", "waited"):
            found[f"{cause}_seconds"] = endpoint.causes[cause] / endpoint.ended
        return found | {"app_request_bytes": self.app.memory_peak}


def main(runs: int, seconds: float) -> None:
    for seed in range(runs):
        print(json.dumps(Whole(seed).run(seconds)))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
