"""Files that are on the disk when a function returns, and are read by their owner alone."""

import os
import shutil
from hashlib import sha256
from pathlib import Path

_PIECE = 1024 * 1024


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    read = sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            read.update(piece)
    return read.hexdigest()


def copied(source: Path, target: Path) -> str:
    """Copy; the SHA-256 of what was written. Raises FileNotFoundError where the source has just been taken away."""
    written = sha256()
    with source.open("rb") as file, _new(target) as copy:
        while piece := file.read(_PIECE):
            written.update(piece)
            copy.write(piece)
        copy.flush()
        os.fsync(copy.fileno())
    return written.hexdigest()


def written(path: Path, text: str) -> None:
    """Write a small file whole or not at all; one that is there is replaced in one step."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with _new(part) as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    settled(path.parent)


def settled(path: Path) -> None:
    """A file written by somebody else, or the names in a folder, are on the disk when this returns."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def private_folder(path: Path) -> Path:
    """The folder, made where it is not there."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def has_room(folder: Path, needed: int) -> bool:
    """Whether so many bytes fit there, and a little is left."""
    return shutil.disk_usage(folder).free > needed + 64 * _PIECE


def _new(path: Path):  # type: ignore[no-untyped-def]
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
