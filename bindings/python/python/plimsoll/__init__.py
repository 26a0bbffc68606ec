"""Plimsoll: how much memory a deployment plan will really use, and how much load it can carry.

>>> import plimsoll
>>> plan = plimsoll.read("{version: 1, services: {api: {memory: 64MiB}}, traffic: {arrival_rate: 10/s}}")
>>> plan.check(target="512mb", runs=2).verdict
'undecided'

Sizes and times carry their unit in the text (``"512mb"``, ``"10m"``); keys and columns carry it in
their names (``_bytes``, ``_seconds``, ``_per_second``, ``_ratio``). The same plan, seed and options give
the same numbers, to the bit, here, on the command line and in a browser.
"""

from plimsoll._native import stream_version, version
from plimsoll.answer import Diff, Fit, Guesses, LoadLine
from plimsoll.comparing import compare
from plimsoll.error import Diagnostic, InternalError, ScenarioError, StoreError
from plimsoll.plan import Plan
from plimsoll.reading import profiles, read, read_compose, scenarios
from plimsoll.report import Report, Simulation
from plimsoll.sensitivity import Sensitivity
from plimsoll.space import Space, log_uniform, lognormal, normal
from plimsoll.sweep import Sweep
from plimsoll.table import Table

__version__ = version()

__all__ = [
    "Diagnostic",
    "Diff",
    "Fit",
    "Guesses",
    "InternalError",
    "LoadLine",
    "Plan",
    "Report",
    "ScenarioError",
    "Sensitivity",
    "Simulation",
    "Space",
    "StoreError",
    "Sweep",
    "Table",
    "compare",
    "log_uniform",
    "lognormal",
    "normal",
    "profiles",
    "read",
    "read_compose",
    "scenarios",
    "stream_version",
    "version",
]
