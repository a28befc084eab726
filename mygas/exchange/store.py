"""The database as bulk work sees it: one raw connection of our own, temporary tables, short write transactions.

SQLAlchemy opens the connection (mygas.extensions.lone_engine) and describes the tables; rows go past it, for it would cost
more than the database. Named parameters are written `:name`; everything above this module is the same on both engines.
"""

import fcntl
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table
from sqlalchemy.schema import CreateTable

from mygas.extensions import lone_engine

_NAMED = re.compile(r"(?<!:):([a-z_]+)")
_PRAGMAS = (
    "cache_size=-64000",  # kB of the tables kept in memory
    "foreign_keys=OFF",  # what is written has just been joined to its account and registry
    "wal_autocheckpoint=0",  # see `writing`
)


_STAGE_PRAGMAS = ("page_size=4096", "cache_size=-32000", "journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE")


class UnderWay(Exception):
    """Another import of the same supplier is running."""


class Store:
    """One import's connection. It never holds a transaction over the main tables longer than one `writing` block."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.sqlite = engine.dialect.name == "sqlite"
        self._pooled: Any = engine.raw_connection()
        if self.sqlite:
            for pragma in _PRAGMAS:
                self._raw.execute(f"PRAGMA {pragma}")
        else:
            self._raw.autocommit = True

    @property
    def _raw(self) -> Any:
        return self._pooled.driver_connection

    def close(self) -> None:
        self._pooled.invalidate()  # closes it, and with it go the temporary tables and the advisory lock

    def run(self, sql: str, **values: Any) -> Any:
        """Execute one statement; returns the driver's cursor."""
        return self._raw.execute(sql if self.sqlite else _pyformat(sql), values)

    def create(self, table: Table) -> None:
        """Make a table that nobody else sees and that goes with us."""
        where = "CREATE TABLE stage." if self.sqlite else "CREATE TEMPORARY TABLE "
        definition = str(CreateTable(table).compile(dialect=self.engine.dialect))
        self._raw.execute(definition.replace("CREATE TABLE ", where, 1))

    def fill(self, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
        """Append rows to a temporary table. Raises the driver's IntegrityError on a repeated key: then some of them are in."""
        if not self.sqlite:
            with self._raw.cursor() as cursor, cursor.copy(f"COPY {table.name} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join("?" * len(table.columns))
        self._raw.execute("BEGIN")
        try:
            self._raw.executemany(f"INSERT INTO {table.name} VALUES ({marks})", rows)  # noqa: S608 - a name of ours
        finally:
            self._raw.execute("COMMIT")  # the stage has no journal to roll back by

    def know(self, table: Table) -> None:
        """Tell PostgreSQL's planner how big a filled temporary table is; SQLite plans well without."""
        if not self.sqlite:
            self._raw.execute(f"ANALYZE {table.name}")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One short transaction over the main tables; on SQLite a pause as long, for its other writers can only poll.

        The pages written are moved from the log to the database in the pause: that needs no lock.
        """
        self._raw.execute("BEGIN IMMEDIATE" if self.sqlite else "BEGIN")
        begun = time.monotonic()
        try:
            yield
            self._raw.execute("COMMIT")
        except BaseException:
            self._raw.execute("ROLLBACK")
            raise
        if self.sqlite:
            ended = time.monotonic()
            self._raw.execute("PRAGMA wal_checkpoint(PASSIVE)")
            time.sleep(max(0.001, ended + (ended - begun) - time.monotonic()))

    def integrity_error(self) -> type[Exception]:
        """What the driver raises on a repeated key."""
        error: type[Exception] = self.engine.dialect.loaded_dbapi.IntegrityError
        return error

    @contextmanager
    def alone(self, supplier_slug: str) -> Iterator[None]:
        """Only one import of a supplier at a time. The system frees the lock of a process that dies. Raises UnderWay."""
        if not self.sqlite:
            if not self.run("SELECT pg_try_advisory_lock(hashtext(:name))", name=f"mygas import {supplier_slug}").fetchone()[0]:
                raise UnderWay(supplier_slug)
            yield
            return
        database = Path(self.engine.url.database or "")
        with database.with_name(f"{database.name}.import-{supplier_slug}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UnderWay(supplier_slug) from None
            self._attach(database.with_name(f"{database.name}.import-{supplier_slug}.stage"))
            yield

    def _attach(self, path: Path) -> None:
        """Give SQLite's temporary tables a nameless file: it keeps them in memory otherwise, as some of its builds do."""
        path.unlink(missing_ok=True)
        self.run("ATTACH :path AS stage", path=str(path))
        for pragma in _STAGE_PRAGMAS:
            self.run(f"PRAGMA stage.{pragma}")
        path.unlink(missing_ok=True)


@contextmanager
def opened(database_url: str) -> Iterator[Store]:
    """A store of one's own over the database."""
    engine = lone_engine(database_url)
    store = Store(engine)
    try:
        yield store
    finally:
        store.close()
        engine.dispose()


@lru_cache(maxsize=200)
def _pyformat(sql: str) -> str:
    return _NAMED.sub(r"%(\1)s", sql)
