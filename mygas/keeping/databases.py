"""A consistent copy of the database while it is written to, and what is known of the copy."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.orm import Session

from mygas import schema
from mygas.domain import ledger, restorations
from mygas.extensions import lone_engine

_LIBPQ = {"dbname": "PGDATABASE"}  # the others are PG and their own name


SCHEMA = "public"
"""Where the portal's tables are on PostgreSQL. What else an administrator keeps in the database is not ours to copy."""


class CopyFailed(Exception):
    """There is no sound copy; the message says why."""


@dataclass(frozen=True)
class Facts:
    """Of a copy: the revision of its schema, the installation's generation, what is wrong in its books."""

    revision: str
    generation: int = 0
    violations: tuple[str, ...] = ()


def engine_of(url: str) -> str:
    """`sqlite` or `postgresql`."""
    return make_url(url).get_backend_name()


def sqlite_file(url: str) -> Path:
    """Where SQLite keeps that database."""
    return Path(make_url(url).database or "")


def size(url: str) -> int:
    """About how many bytes the database takes."""
    if engine_of(url) == "sqlite":
        return sum(path.stat().st_size for path in _with_journals(sqlite_file(url)) if path.exists())
    engine = lone_engine(url)
    try:
        with engine.connect() as connection:
            return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    finally:
        engine.dispose()


def is_empty(url: str) -> bool:
    """Whether nothing is there that a restore could overwrite."""
    if engine_of(url) == "sqlite":
        return not any(path.exists() and path.stat().st_size for path in _with_journals(sqlite_file(url)))
    engine = lone_engine(url)
    tables = text("SELECT count(*) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE n.nspname = :schema")
    try:
        with engine.connect() as connection:
            return not connection.scalar(tables, {"schema": SCHEMA})
    finally:
        engine.dispose()


def copy(url: str, target: Path) -> Facts:
    """Copy the database at `url` into the new file `target`, and look whether the copy is sound. Raises CopyFailed.

    Those who write go on meanwhile. On SQLite the copy itself is looked through; on PostgreSQL the books are looked into in the
    very snapshot that is dumped.
    """
    engine = lone_engine(url)
    try:
        return _vacuum(engine, target) if engine.dialect.name == "sqlite" else _dump(engine, url, target)
    finally:
        engine.dispose()


def look_through(path: Path) -> Facts:
    """What is known of a copy made by SQLite. Raises CopyFailed when its pages or references are not in order."""
    engine = lone_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            found = connection.execute(text("PRAGMA integrity_check")).scalars().all()
            strays = connection.execute(text("PRAGMA foreign_key_check")).all()
            if list(found) != ["ok"] or strays:
                raise CopyFailed(f"The copy of the database is not sound: {'; '.join(map(str, [*found, *strays][:5]))}")
            return _facts(connection)
    except CopyFailed:
        raise
    except Exception as error:  # whatever an unsound file makes the driver say
        raise CopyFailed(f"The copy of the database cannot be read: {type(error).__name__}") from error
    finally:
        engine.dispose()


def postgres_tool(name: str, url: str, *words: str) -> None:
    """Run pg_dump or pg_restore; it is told by its environment where to go, for arguments can be read by anybody.

    Raises CopyFailed with the last line of what it said.
    """
    program = shutil.which(name)
    if program is None:
        raise CopyFailed(f"{name} is not installed here (Debian: apt-get install postgresql-client).")
    done = subprocess.run(  # noqa: S603 - our own words
        [program, *words], env=os.environ | _libpq(url), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        raise CopyFailed(f"{name} failed: {lines[-1]}")


def _with_journals(path: Path) -> list[Path]:
    return [path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-journal"))]


def _vacuum(engine: Engine, target: Path) -> Facts:
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("VACUUM INTO ?", (str(target),))
    except Exception as error:
        raise CopyFailed(f"The database cannot be copied: {error}") from error
    finally:
        raw.close()
    target.chmod(0o600)
    return look_through(target)


def _dump(engine: Engine, url: str, target: Path) -> Facts:
    with engine.connect() as connection:  # a read-only transaction of one snapshot
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        facts = _facts(connection)
        words = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}")
        postgres_tool("pg_dump", url, f"--schema={SCHEMA}", *words)
    target.chmod(0o600)
    postgres_tool("pg_restore", url, "--file=/dev/null", str(target))  # all of it can be read
    return facts


def _facts(connection: Connection) -> Facts:
    """Of a database whose schema is another one than this code's only the revision is told."""
    revision = schema.present(connection)
    if revision != schema.head():
        return Facts(revision)
    with Session(bind=connection) as session:
        return Facts(revision, restorations.generation(session), tuple(ledger.invariants(session)))


def _libpq(url: str) -> dict[str, str]:
    parsed = make_url(url)
    _, given = parsed.get_dialect()().create_connect_args(parsed)
    return {_LIBPQ.get(name, f"PG{name.upper()}"): str(value) for name, value in given.items()}
