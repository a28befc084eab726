"""Bringing a backup back into an empty place, and rehearsing that beside a portal at work.

Nothing is begun before all of the backup is known to be as it was written. A mark stands in the data folder until the end:
with it there the portal does not start, for a database that has not been made to begin anew has live sessions in it.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import flask_migrate
from flask import Flask
from sqlalchemy import create_engine, func, make_url, select, text
from sqlalchemy.exc import DBAPIError

from mygas import schema
from mygas.domain import ledger, restorations, scans, ticket_files
from mygas.domain.restorations import Forgotten
from mygas.domain.work import unit_of_work
from mygas.extensions import Model, db
from mygas.gateways import Vault
from mygas.gateways.vault import Spoiled
from mygas.keeping import databases, files, manifest
from mygas.keeping.databases import CopyFailed
from mygas.keeping.manifest import BadBackup, Manifest
from mygas.keyring import Unsealable
from mygas.settings import Settings
from mygas.supervisor import AlreadyRunning, only_one

Over = Callable[[str], Flask]
"""The portal with the same settings over another database, whose address it is given."""


class NotEmpty(Exception):
    """Something is here that must not be written over, or somebody is at work; the message says what to do."""


@dataclass(frozen=True)
class Rehearsed:
    """What a rehearsal found: rows of all tables, what is wrong in the books, sealed files that opened, and those that did not.

    `partly` says why the database was only read and not brought back, empty where it was.
    """

    rows: int = 0
    violations: tuple[str, ...] = ()
    opened: int = 0
    closed: tuple[str, ...] = ()
    partly: str = ""


def sound(folder: Path, engine: str) -> tuple[Path, Manifest]:
    """The backup that the folder is, or the newest in it, once all of it is as it was written and fits here. Raises BadBackup."""
    path, one = manifest.find(folder)
    if one.engine != engine:
        raise BadBackup(f"{path} is of {one.engine}, and DATABASE_URL names {engine}: a backup goes back into its own engine.")
    if not schema.is_known(one.revision):
        raise BadBackup(
            f"{path} was made by a newer portal (its schema is {one.revision or 'empty'}, that of this one {schema.head()}): "
            "install that portal first."
        )
    if found := manifest.faults(path, one):
        raise BadBackup(f"{path} is not as it was written: {'; '.join(found)}.")
    return path, one


def restore(settings: Settings, backup: Path, one: Manifest, over: Over) -> Forgotten:
    """Bring back what `sound` has found. One that was cut off can be begun again. Raises NotEmpty, CopyFailed."""
    with _nobody_at_work(settings):
        _refuse_if_here(settings, one)
        files.written(settings.restoring, f"{backup}\n")
        _put_files(settings.data_dir, backup, one)
        forgotten = _put_database(settings.database_url, backup / one.database, one, over)
        settings.restoring.unlink()
        files.settled(settings.data_dir)
    return forgotten


def rehearse(settings: Settings, backup: Path, one: Manifest, over: Over) -> Rehearsed:
    """Bring it back into a scratch place, look at everything there, and leave nothing behind. Raises CopyFailed."""
    with tempfile.TemporaryDirectory(prefix="mygas-rehearsal-") as scratch:
        if one.engine == "sqlite":
            return _rehearsed(f"sqlite:///{scratch}/mygas.db", backup, one, over)
        try:
            with _scratch_database(settings.database_url) as url:
                return _rehearsed(url, backup, one, over)
        except DBAPIError as error:
            if "permission denied" not in str(error.orig):
                raise
            databases.postgres_tool("pg_restore", settings.database_url, "--file=/dev/null", str(backup / one.database))
            return Rehearsed(partly="the user of DATABASE_URL may not create a scratch database (ALTER USER … CREATEDB)")


@contextmanager
def _nobody_at_work(settings: Settings) -> Iterator[None]:
    try:
        with only_one(settings.data_dir / "up.lock"), only_one(settings.at_work):
            yield
    except AlreadyRunning as error:
        raise NotEmpty(f"The portal is running on {settings.data_dir}: stop it first (systemctl stop, or Ctrl-C).") from error


def _refuse_if_here(settings: Settings, one: Manifest) -> None:
    url = settings.database_url
    if not databases.is_empty(url):
        advice = (
            f"Move {databases.sqlite_file(url)} away with its -wal and -shm"
            if one.engine == "sqlite"
            else "Rename the database and create an empty one (ALTER DATABASE … RENAME TO …; CREATE DATABASE …)"
        )
        raise NotEmpty(f"There is a database here already, and nothing is written over it. {advice}, then restore again.")
    ours = {kept.name for kept in one.files}
    strange = [ref for ref in Vault(settings.data_dir / "scans").refs() if one.scans and f"scans/{ref}" not in ours]
    if strange:
        where = settings.data_dir / "scans"
        raise NotEmpty(
            f"{len(strange)} sealed files in {where} are not of this backup. Move the folder away, then restore again."
        )


def _put_files(data_dir: Path, backup: Path, one: Manifest) -> None:
    target = files.private_folder(data_dir / "scans")
    for kept in one.files:
        path = data_dir / kept.name
        if kept.name == one.database or (path.exists() and path.stat().st_size == kept.size):
            continue
        part = path.with_name(f"{path.name}.part")
        part.unlink(missing_ok=True)
        files.copied(backup / kept.name, part)
        part.replace(path)
    files.settled(target)


def _put_database(url: str, copy: Path, one: Manifest, over: Over) -> Forgotten:
    if one.engine != "sqlite":
        name = make_url(url).database or ""
        words = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", f"--dbname={name}")
        databases.postgres_tool("pg_restore", url, *words, f"--schema={databases.SCHEMA}", str(copy))  # what is in it, not itself
        return _begin_anew(over(url), one)
    target = databases.sqlite_file(url)
    part = target.with_name(f"{target.name}.restoring")
    for left in (part, part.with_name(f"{part.name}-wal"), part.with_name(f"{part.name}-shm")):
        left.unlink(missing_ok=True)
    files.copied(copy, part)
    databases.look_through(part)
    forgotten = _begin_anew(over(f"sqlite:///{part}"), one)
    if part.with_name(f"{part.name}-wal").exists():
        raise CopyFailed(f"{part} is still open somewhere; its journal cannot be left behind.")
    files.settled(part)
    part.replace(target)
    files.settled(target.parent)
    return forgotten


def _begin_anew(app: Flask, one: Manifest) -> Forgotten:
    """Bring the schema to that of this code; forget what must be forgotten."""
    with app.app_context():
        flask_migrate.upgrade()
        with unit_of_work():
            forgotten = restorations.begin_anew(one.made_at)
        db.session.remove()
        db.engine.dispose()
    return forgotten


def _rehearsed(url: str, backup: Path, one: Manifest, over: Over) -> Rehearsed:
    _put_database(url, backup / one.database, one, over)
    with over(url).app_context():
        rows = sum(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in Model.metadata.sorted_tables)
        violations, (opened, closed) = tuple(ledger.invariants()), _opened(Vault(backup / "scans")) if one.scans else (0, ())
        db.session.remove()
        db.engine.dispose()
    return Rehearsed(rows, violations, opened, closed)


def _opened(vault: Vault) -> tuple[int, tuple[str, ...]]:
    """How many sealed files open with the keys of this portal; the refs of those that do not."""
    opened, closed = 0, []
    for ref, key_of in (*scans.live(), *ticket_files.live()):
        try:
            for _ in vault.get(ref, key_of()):
                pass
            opened += 1
        except (Spoiled, Unsealable):
            closed.append(ref)
    return opened, tuple(closed)


@contextmanager
def _scratch_database(url: str) -> Iterator[str]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    name = f"mygas_rehearsal_{token_hex(6)}"
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            yield engine.url.set(database=name).render_as_string(hide_password=False)
        finally:
            with engine.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        engine.dispose()
