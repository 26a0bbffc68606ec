"""From files, text or dicts to plans. Nothing outside the folder of the first file is read on a file's
word, and nothing is fetched."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Unpack

from plimsoll import _native
from plimsoll.options import Changes
from plimsoll.plan import Plan
from plimsoll.table import Table

_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""What Compose looks for, in this order."""
_MOST_BYTES = 4 << 20
"""Largest file that is read: far above any plan."""
_MOST_REFERENCES = 100
"""Most further files of one plan."""

Source = str | os.PathLike[str] | Mapping[str, Any]


def read(
    source: Source,
    *,
    name: str | None = None,
    environment: Mapping[str, str] | None = None,
    profiles: Sequence[str] = (),
    **changes: Unpack[Changes],
) -> Plan:
    """Reads a plan: a Compose file, a scenario file, or a ready scenario.

    ``source`` is a path, a dict, the text itself, or the name of a ready scenario (see
    ``scenarios()``). Text is what has more than one line or begins with ``{``. A path is read with
    what it refers to, as ``read_compose`` does. ``name`` is what messages call a text;
    ``environment`` holds values for ``${VARIABLES}``; ``profiles`` are active Compose profiles. The
    other keywords are those of ``Plan.with_``.

    Raises ``ScenarioError`` with everything that is wrong, and ``FileNotFoundError``.

    >>> plan = read({"version": 1, "services": {"api": {"memory": "64MiB"}}}, target="512mb")
    >>> plan.inputs.where(path="host.memory")["value"]
    ['512 MiB']
    >>> read("fastapi-4gb").name
    'fastapi-4gb'
    """
    if isinstance(source, Mapping):
        text = json.dumps(source)
    elif not isinstance(source, str) or os.path.exists(source):
        paths = [source]
        return read_compose(*paths, environment=environment, profiles=profiles, **changes)
    elif "\n" in source or source.lstrip().startswith("{"):
        text = source
    else:
        name, text = name or source, _ready(source)
    options = {
        "name": name or "plan.yaml",
        "environment": dict(environment or {}),
        "profiles": list(profiles),
    }
    return Plan(text, json.dumps(options)).with_(**changes)


def _ready(name: str) -> str:
    """The text of a ready scenario."""
    found = {known: text for known, _, text in _native.scenarios()}
    if name not in found:
        raise FileNotFoundError(
            f"there is no file {name!r}, and no ready scenario of that name (plimsoll.scenarios())"
        )
    return found[name]


def scenarios() -> Table:
    """The ready scenarios: ``name`` (for ``read``) and ``description``."""
    rows = [(name, description) for name, description, _ in _native.scenarios()]
    return Table({"name": "text", "description": "text"}, rows)


def profiles() -> Table:
    """The software that is known: ``name`` and ``description``."""
    return Table({"name": "text", "description": "text"}, _native.profiles())


def read_compose(
    *paths: str | os.PathLike[str],
    env_files: Sequence[str | os.PathLike[str]] = (),
    environment: Mapping[str, str] | None = None,
    profiles: Sequence[str] = (),
    **changes: Unpack[Changes],
) -> Plan:
    """Reads Compose files as ``docker compose`` does; later files are laid over earlier ones.

    A folder (by default this one) stands for its ``compose.yaml`` or ``docker-compose.yml``, with the
    override file beside it. Variables come from ``environment`` (by default the process's), and behind
    it from ``env_files`` (by default ``.env``). The plan keeps only those that its files mention.

    Raises ``ScenarioError`` (also for a file that is no UTF-8 text), ``FileNotFoundError``, and
    ``ValueError`` for files that name others outside of their folder.
    """
    files = [file for path in paths or (".",) for file in _expanded(Path(path))]
    texts = {str(file): _text(file) for file in files}
    folder = files[0].parent
    variables = _environment(folder, env_files, os.environ if environment is None else environment)
    referenced = _referenced(folder, texts, variables)
    mentioned = "\n".join([*texts.values(), *referenced.values()])
    (first, text), *others = texts.items()
    options = {
        "name": first,
        "files": others,
        "referenced": referenced,
        "environment": {key: value for key, value in variables.items() if key in mentioned},
        "profiles": list(profiles),
    }
    return Plan(text, json.dumps(options)).with_(**changes)


def _expanded(path: Path) -> list[Path]:
    """A file itself; of a folder the files that Compose takes by default."""
    if not path.is_dir():
        return [path]
    base = next((path / name for name in _NAMES if (path / name).is_file()), None)
    if base is None:
        raise FileNotFoundError(f"{path} has none of {', '.join(_NAMES)}")
    overrides = (path / f"{base.stem}.override.{ending}" for ending in ("yml", "yaml"))
    beside = next((file for file in overrides if file.is_file()), None)
    return [base] if beside is None else [base, beside]


def _text(path: Path) -> str:
    """All of a file, within the budget."""
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise ValueError(f"{path} is larger than {_MOST_BYTES >> 20} MiB")
    return _native.text(str(path), data)


def _environment(
    folder: Path, env_files: Sequence[str | os.PathLike[str]], process: Mapping[str, str]
) -> dict[str, str]:
    """The variables of the environment files, and over them those of the process."""
    known = dict(process)
    default = folder / ".env"
    paths = [Path(path) for path in env_files] or ([default] if default.is_file() else [])
    variables: dict[str, str] = {}
    for path in paths:
        variables.update(_native.environment_file(str(path), _text(path), known))
    return variables | known


def _referenced(
    folder: Path, texts: Mapping[str, str], variables: dict[str, str]
) -> dict[str, str]:
    """The further files that the files name, and theirs in turn. One that is not there is left out:
    the core knows whether it is needed."""
    root = folder.resolve()
    found: dict[str, str] = {}
    waiting = deque(
        (by, name) for by, text in texts.items() for name in _native.references(by, text, variables)
    )
    while waiting:
        by, name = waiting.popleft()
        path = Path(name)
        if name in found or "://" in name or not path.is_file():
            continue
        if not path.resolve().is_relative_to(root):
            raise ValueError(f"{by} names {name}, which lies outside of {folder}")
        if len(found) == _MOST_REFERENCES:
            raise ValueError(f"{by} and others name over {_MOST_REFERENCES} files")
        found[name] = _text(path)
        waiting.extend((name, more) for more in _native.references(name, found[name], variables))
    return found
