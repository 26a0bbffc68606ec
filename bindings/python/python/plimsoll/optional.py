"""Libraries that are only imported when they are needed."""

from __future__ import annotations

import importlib
from typing import Any

_EXTRAS = {
    "SALib.analyze.rbd_fast": "sweep",
    "SALib.analyze.sobol": "sweep",
    "SALib.sample.sobol": "sweep",
    "altair": "plot",
    "matplotlib": "plot",
    "matplotlib.pyplot": "plot",
    "numpy": "frames",
    "pandas": "frames",
    "polars": "frames",
    "pyarrow": "frames",
    "scipy.stats": "sweep",
    "tqdm.auto": "sweep",
}


def needed(name: str, instead: str = "") -> Any:
    """The module of this name; if it is not installed, an error that says how to install it, and what
    there is ``instead``."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        library, extra = name.partition(".")[0], _EXTRAS[name]
        message = (
            f"this needs {library}: pip install 'plimsoll[{extra}]', or {library} alone{instead}"
        )
        raise ModuleNotFoundError(message, name=library) from error
