"""Plimsoll: how much memory a deployment plan will really use, and how much load it can carry."""

from plimsoll._native import stream_version, version
from plimsoll.checking import check, fit
from plimsoll.comparing import diff
from plimsoll.error import InternalError, ScenarioError
from plimsoll.loading import load_line
from plimsoll.sweeping import sweep

__version__ = version()

__all__ = [
    "InternalError",
    "ScenarioError",
    "check",
    "diff",
    "fit",
    "load_line",
    "stream_version",
    "sweep",
    "version",
]
