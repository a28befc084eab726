"""What a backup says of itself: `manifest.json`, written last, so a folder without one is no backup."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from mygas.keeping import files

NAME = "manifest.json"
FORMAT = 1
_MOST_TOLD = 20


class BadBackup(Exception):
    """What was found cannot be brought back; the message says why, in a sentence."""


@dataclass(frozen=True)
class Kept:
    """A file of the backup: its name inside, `/` between folders; bytes; SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """`portal` is the version that made it, `engine` sqlite or postgresql, `revision` that of the schema, `generation` of the
    installation (domain.restorations); `made_at` when the copy of the database was begun.

    `scans`: whether sealed files are in it; they are not in what is made before a migration, nor in what is older than they
    may be kept. `violations` are of the ledger's invariants, empty while the books are right.
    """

    portal: str
    engine: str
    revision: str
    generation: int
    made_at: datetime
    scans: bool
    violations: tuple[str, ...]
    files: tuple[Kept, ...]

    @property
    def database(self) -> str:
        """The name of the database's file."""
        return DATABASES[self.engine]


DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


def write(folder: Path, manifest: Manifest) -> None:
    """Write it down; a digest over all of it stands in it, for a bit may flip here too."""
    told = {"format": FORMAT, **asdict(manifest), "made_at": manifest.made_at.isoformat()}
    files.written(folder / NAME, json.dumps({**told, "digest": _digest(told)}, indent=1) + "\n")


def read(folder: Path) -> Manifest:
    """What the folder's manifest says. Raises BadBackup."""
    try:
        told: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
        said = told.pop("digest")
        if told["format"] != FORMAT:
            raise BadBackup(f"{folder / NAME} is of another format ({told['format']}); a newer portal made it.")
        if said != _digest(told):
            raise BadBackup(f"{folder / NAME} was changed: its digest is another.")
        del told["format"]
        kept = tuple(Kept(**one) for one in told.pop("files"))
        made_at, violations = datetime.fromisoformat(told.pop("made_at")), tuple(told.pop("violations"))
        return Manifest(made_at=made_at, violations=violations, files=kept, **told)
    except FileNotFoundError as error:
        raise BadBackup(f"{folder} is no backup: there is no {NAME}.") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadBackup(f"{folder / NAME} cannot be read: {error}") from error


def faults(folder: Path, manifest: Manifest) -> list[str]:
    """What is not as the manifest says; empty when all of it is. At most 20 are told."""
    found = []
    for kept in manifest.files:
        path = folder / kept.name
        if not path.is_file():
            found.append(f"{kept.name} is missing")
        elif path.stat().st_size != kept.size:
            found.append(f"{kept.name} is {path.stat().st_size} bytes, not {kept.size}")
        elif files.digest(path) != kept.sha256:
            found.append(f"{kept.name} was changed: its SHA-256 is another")
        if len(found) == _MOST_TOLD:
            break
    return found


def all_in(folder: Path) -> list[tuple[Path, Manifest]]:
    """The backups in a folder, newest first; what is none, or cannot be read, is left out."""
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.suffix != ".part" and (path / NAME).is_file():
            try:
                found.append((path, read(path)))
            except BadBackup:
                continue
    return sorted(found, key=lambda one: one[1].made_at, reverse=True)


def find(folder: Path) -> tuple[Path, Manifest]:
    """The backup that the folder is, or else the newest one in it. Raises BadBackup."""
    if (folder / NAME).exists():
        return folder, read(folder)
    found = all_in(folder)
    if not found:
        raise BadBackup(f"There is no backup in {folder}.")
    return found[0]


def _digest(told: dict[str, Any]) -> str:
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
