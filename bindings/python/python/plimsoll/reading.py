"""From files, text or dicts to plans. Nothing outside the folder of the first file is read on a file's
word, and nothing is fetched."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, Unpack

from plimsoll import _native
from plimsoll.argument import encoded, listed, mapped, said, scenario, worded
from plimsoll.options import Changes
from plimsoll.plan import Plan
from plimsoll.table import Table
from plimsoll.variable import referred

_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""What Compose looks for, in this order."""
_OVERRIDES = tuple(
    f"{stem}.override.{ending}"
    for stem in ("compose", "docker-compose")
    for ending in ("yml", "yaml")
)
"""What is laid over the first file, whatever that is called: the first of these that is there
(compose-go, ``DefaultOverrideFileNames``)."""
_FILES = "COMPOSE_FILE"
"""The variable that names the files of a folder."""
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
    if not isinstance(source, str | os.PathLike | Mapping):
        raise TypeError(f"source: a path, a text, or a dict, not {said(source)}")
    if isinstance(source, Mapping):
        text = scenario(source)
    elif not isinstance(source, str) or os.path.exists(source):
        paths = [source]
        return read_compose(*paths, environment=environment, profiles=profiles, **changes)
    elif "\n" in source or source.lstrip().startswith("{"):
        text = source
    else:
        name, text = name or source, _ready(source)
    options = {
        "name": worded("name", name, "plan.yaml") or "plan.yaml",
        "environment": referred([text], _variables(environment or {}), profiles),
        "profiles": listed("profiles", profiles, "debug"),
    }
    return Plan(text, encoded(options)).with_(**changes)


def _ready(name: str) -> str:
    """The text of a ready scenario."""
    found = {known: text for known, _, text in _native.scenarios()}
    if name not in found:
        missing = f"there is no file {name!r}, and no ready scenario of that name"
        is_text = ": " in name or name.endswith(":")
        hint = "; text has more than one line, or begins with {" if is_text else ""
        raise FileNotFoundError(f"{missing} (plimsoll.scenarios()){hint}")
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

    A folder (by default this one) stands for the files that ``COMPOSE_FILE`` names, with
    ``COMPOSE_PATH_SEPARATOR`` between them; else for its ``compose.yaml`` or ``docker-compose.yml``, with
    the override file beside it. Without ``profiles`` those in ``COMPOSE_PROFILES`` are active. Variables
    come from ``environment`` (by default the process's), and behind it from ``env_files`` (by default
    ``.env``). The plan keeps only those that its files refer to.

    Raises ``ScenarioError`` (also for a file that is no UTF-8 text), ``FileNotFoundError``, and
    ``ValueError`` for files that name others outside of their folder and for a file that is named twice.
    """
    process = os.environ if environment is None else _variables(environment)
    env_files = _env_files(env_files)
    profiles = listed("profiles", profiles, "debug")
    files, around = _expanded(paths or (".",), env_files, process)
    texts = {str(file): _text(file) for file in files}
    folder = files[0].parent
    # As in Compose, what is set where `COMPOSE_FILE` was found wins over what is set beside the file.
    variables = _environment(folder, env_files, process) | around
    referenced = _referenced(folder, texts, variables)
    (first, text), *others = texts.items()
    options = {
        "name": first,
        "files": others,
        "referenced": referenced,
        "environment": referred([*texts.values(), *referenced.values()], variables, profiles),
        "profiles": profiles,
    }
    return Plan(text, encoded(options)).with_(**changes)


def _variables(environment: object) -> dict[str, str]:
    """Values for variables that the caller gives."""
    found = mapped("environment", environment, '{"TAG": "1.2"}')
    for name, value in found.items():
        worded(f"environment[{name!r}]", "" if value is None else value, "1.2")
    return {name: value for name, value in found.items() if value is not None}


def _env_files(paths: object) -> Sequence[str | os.PathLike[str]]:
    """The named files of variables; one alone is a mistake that is easily made."""
    if isinstance(paths, str | bytes | os.PathLike) or not isinstance(paths, Sequence):
        raise TypeError(f"env_files is a list of paths such as ['.env'], not {said(paths)}")
    return paths


def _expanded(
    paths: Sequence[str | os.PathLike[str]],
    env_files: Sequence[str | os.PathLike[str]],
    process: Mapping[str, str],
) -> tuple[list[Path], dict[str, str]]:
    """The files themselves, and for a folder those that Compose takes in it; and the variables that are
    set in such folders."""
    files: list[Path] = []
    around: dict[str, str] = {}
    for path in map(Path, paths):
        if path.is_dir():
            variables = _environment(path, env_files, process)
            files.extend(_files_of(path, variables, is_trusted=_FILES in process))
            around |= variables
        else:
            files.append(path)
    twice = next((file for file in files if files.count(file) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice} is named twice")
    return files, around


def _files_of(folder: Path, variables: Mapping[str, str], *, is_trusted: bool) -> list[Path]:
    """The files that Compose takes in a folder."""
    if stated := variables.get(_FILES):
        names = stated.split(variables.get("COMPOSE_PATH_SEPARATOR") or os.pathsep)
        # Who sets the process's variables may read any file; who wrote `.env` may not.
        outside = None if is_trusted else next(filter(_leaves, names), None)
        if outside is not None:
            raise ValueError(f"{_FILES} names {outside}, which lies outside of {folder}")
        return [folder / name for name in names]
    base = next((folder / name for name in _NAMES if (folder / name).is_file()), None)
    if base is None:
        raise FileNotFoundError(f"{folder} has none of {', '.join(_NAMES)}")
    beside = next((folder / name for name in _OVERRIDES if (folder / name).is_file()), None)
    return [base] if beside is None else [base, beside]


def _leaves(name: str) -> bool:
    """Whether a path leaves the folder that it starts in."""
    path, depth = PurePath(name), 0
    for part in path.parts:
        depth += -1 if part == ".." else 1
        if depth < 0:
            return True
    return bool(path.anchor)


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
