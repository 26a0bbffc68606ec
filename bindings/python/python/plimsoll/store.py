"""The file that a sweep appends its rows to: the same that ``plimsoll sweep --out`` writes."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from plimsoll import _native
from plimsoll.error import StoreError


class Store:
    """An open file of rows; nobody else writes it meanwhile.

    A last line that a crash has torn is cut off. Each row is on the disk before the next is computed
    into it, so whatever ends the program, no row is lost or stands twice.
    """

    def __init__(self, path: Path, basis: str) -> None:
        """Opens the file, or makes it. Raises ``StoreError`` if it is no such file, of another sweep, or
        in use."""
        self._file: BinaryIO = open(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b")  # noqa: SIM115
        try:
            _lock(self._file)
            data = self._file.read()
            self.lines, whole = _native.read_rows(data, basis)
            self._file.truncate(whole)
            self._file.seek(whole)
        except (ValueError, OSError) as error:
            self._file.close()
            raise StoreError(f"{path}: {error}") from error

    def append(self, line: str) -> None:
        """Adds a row and waits until it is on the disk."""
        self._file.write(line.encode())
        self._file.flush()
        os.fsync(self._file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def _lock(file: BinaryIO) -> None:
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows: a file that is being written cannot be opened by two.
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OSError("another sweep is writing it") from error
