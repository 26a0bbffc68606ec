"""What W3 is (benches/README.md says it in words), for the models in Python."""

import math

ARRIVAL_RATE = 100.0
WORKERS = 4
CONNECTIONS = 20
BALANCER_SECONDS = 0.0002
FIRST_CPU_SECONDS = 0.002
LOOK_UP_SECONDS = 0.0005
HIT_RATIO = 0.7
QUERY_SECONDS = 0.020
SECOND_CPU_SECONDS = 0.003
# What the engine assumes of clients and of software that it does not know.
PATIENCE_SECONDS = 30.0
REQUEST_BYTES = 100 * 1024
CONNECTION_BYTES = 6 * 1024

# A lognormal time of coefficient of variation 1: the variance of its logarithm is ln(1 + 1²).
QUERY_LOG_DEVIATION = math.sqrt(math.log(2.0))
QUERY_LOG_MEAN = math.log(QUERY_SECONDS) - math.log(2.0) / 2


def found(
    requests: int,
    latency_sum: float,
    worker_seconds: float,
    connection_seconds: float,
    seconds: float,
) -> dict[str, float]:
    """What a run prints: requests answered, their mean latency, and how much was busy on average."""
    return {
        "requests": requests,
        "latency_seconds": latency_sum / requests,
        "workers_busy": worker_seconds / seconds,
        "connections_in_use": connection_seconds / seconds,
    }
