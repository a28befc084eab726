"""Files that the portal made and can make again: written whole or not at all, read by their owner alone."""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

_REF = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class Shelf:
    """Files named `ref` with a `suffix`, in `folder`, made when the first one comes. A `ref` is 22 letters, digits, - and _."""

    folder: Path
    suffix: str

    def put(self, ref: str, data: bytes) -> None:
        """Write the file; it is on the disk when this returns. One that is there already is replaced in one step."""
        with self.writing(ref) as file:
            file.write(data)

    @contextmanager
    def writing(self, ref: str) -> Iterator[BinaryIO]:
        """The same for what is written bit by bit. Whatever goes wrong, nothing is left and what was there stays."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(ref)
        part = path.with_name(f"{ref}.{secrets.token_hex(4)}.part")
        try:
            with open(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:  # noqa: PTH123 - the mode at birth
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def has(self, ref: str) -> bool:
        """Whether the file is there."""
        return self._path(ref).is_file()

    def read(self, ref: str) -> bytes | None:
        """The file, None where it is not there."""
        try:
            return self._path(ref).read_bytes()
        except FileNotFoundError:
            return None

    def open(self, ref: str) -> BinaryIO | None:
        """The file to be read bit by bit, None where it is not there; whoever asked closes it."""
        try:
            return self._path(ref).open("rb")
        except FileNotFoundError:
            return None

    def destroy(self, ref: str) -> None:
        """Take the file away, and what is left of an interrupted writing; no harm when it is gone already."""
        for path in (self._path(ref), *self.folder.glob(f"{ref}.*.part")):
            path.unlink(missing_ok=True)

    def older_than(self, moment: datetime) -> list[str]:
        """Refs of files last written before the moment, those among them whose writing was interrupted."""
        named = ((path.name.partition(".")[0], path) for path in self.folder.glob("*"))
        ours = [(ref, path) for ref, path in named if _REF.fullmatch(ref)]
        return sorted({ref for ref, path in ours if datetime.fromtimestamp(path.stat().st_mtime, UTC) < moment})

    def _path(self, ref: str) -> Path:
        if not _REF.fullmatch(ref):
            raise ValueError("not the name of such a file")
        return self.folder / f"{ref}{self.suffix}"
