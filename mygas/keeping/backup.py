"""Making a backup: the database as it is at one moment, the sealed files, a manifest. It appears whole or not at all.

Sealed files never change under their names, so those that the backup before has are linked to it and take no room. The
database is copied first: a file that comes later stands without a row, which the sweep takes away; one that goes meanwhile
leaves a row without a file, which the sweep marks (domain.scans). Receipts and archives are made again by the portal
itself; keys are kept elsewhere, by hand; the training portal is nobody's memory.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mygas import clock
from mygas.gateways import Vault
from mygas.keeping import databases, files, manifest, thinning
from mygas.keeping.databases import CopyFailed
from mygas.keeping.manifest import Kept, Manifest
from mygas.settings import Settings
from mygas.supervisor import only_one

LOCK = ".lock"


@dataclass(frozen=True)
class Made:
    """A backup, and the names of those that had to go for it."""

    path: Path
    manifest: Manifest
    thinned: tuple[str, ...]


def make(settings: Settings, folder: Path, *, portal: str, thin: bool = False) -> Made:
    """A new backup in the folder, named after the moment; noted for the doctor. `portal` is the version of the portal.

    Raises CopyFailed; supervisor.AlreadyRunning while another one is being made there.
    """
    with only_one(files.private_folder(folder) / LOCK):
        _clear(folder)
        made_at = clock.now()
        path, one = _made(settings, folder, _free_name(folder, f"{made_at:%Y-%m-%dT%H%M%SZ}"), made_at, portal=portal, scans=True)
        thinned = thinning.thin_out(folder) if thin else []
    told = {"made_at": made_at.isoformat(), "path": str(path.absolute())}
    files.written(settings.last_backup, json.dumps(told) + "\n")
    return Made(path, one, tuple(thinned))


def before_migration(settings: Settings, revision: str, *, portal: str) -> Path:
    """The database alone, into `backups/before-<revision>` of the data folder; the three newest stay there. Raises as `make`."""
    folder = settings.data_dir / "backups"
    with only_one(files.private_folder(folder) / LOCK):
        _clear(folder)
        name = _free_name(folder, f"before-{revision}")
        path, _ = _made(settings, folder, name, clock.now(), portal=portal, scans=False)
        for old, _ in manifest.all_in(folder)[3:]:
            shutil.rmtree(old)
    return path


def _made(settings: Settings, folder: Path, name: str, made_at: datetime, *, portal: str, scans: bool) -> tuple[Path, Manifest]:
    if not files.has_room(folder, databases.size(settings.database_url)):
        raise CopyFailed(f"There is not room enough in {folder} for a copy of the database.")
    part = files.private_folder(folder / f"{name}.part")
    engine = databases.engine_of(settings.database_url)
    copy = part / manifest.DATABASES[engine]
    facts = databases.copy(settings.database_url, copy)
    files.settled(copy)
    kept = [Kept(copy.name, copy.stat().st_size, files.digest(copy))]
    if scans:
        kept += _sealed(settings.data_dir / "scans", part, folder)
    one = Manifest(portal, engine, facts.revision, facts.generation, made_at, scans, facts.violations, tuple(kept))
    manifest.write(part, one)
    part.rename(folder / name)
    files.settled(folder)
    return folder / name, one


def _sealed(source: Path, part: Path, folder: Path) -> list[Kept]:
    """The sealed files, linked to the backup before where it has them."""
    target, vault = files.private_folder(part / "scans"), Vault(source)
    before = next(iter(manifest.all_in(folder)), None)
    known = {kept.name: kept for kept in before[1].files} if before else {}
    found = []
    for name in (f"scans/{ref}" for ref in vault.refs()):
        linked = _linked(before[0], part, known, name, source.parent / name) if before else None
        try:
            found.append(linked or _copied(source.parent, part, name))
        except FileNotFoundError:  # its time was over just now
            continue
    files.settled(target)
    return found


def _linked(before: Path, part: Path, known: Mapping[str, Kept], name: str, source: Path) -> Kept | None:
    kept = known.get(name)
    try:
        if kept is None or not kept.size == source.stat().st_size == (before / name).stat().st_size:
            return None
        os.link(before / name, part / name)
    except OSError:  # a disk that knows no links, or a file that has just gone
        return None
    return kept


def _copied(source: Path, part: Path, name: str) -> Kept:
    sha256 = files.copied(source / name, part / name)
    return Kept(name, (part / name).stat().st_size, sha256)


def _clear(folder: Path) -> None:
    """What was left of those that were cut off; nobody is at work here, for the lock is ours."""
    for part in folder.glob("*.part"):
        shutil.rmtree(part, ignore_errors=True)


def _free_name(folder: Path, name: str) -> str:
    """The name, with a number where it is taken."""
    taken = {path.name for path in folder.iterdir()}
    return next(one for number in range(1, 10_000) if (one := name if number == 1 else f"{name}-{number}") not in taken)
