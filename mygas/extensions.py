"""Objects without behaviour of the portal: the database, forms' token, sign-in, outer limits, migrations, languages.

The database is opened one way only, here: a current SQLite through its own driver package, `BEGIN IMMEDIATE` for a
transaction that may write, a read-only one otherwise, FULL sync; PostgreSQL by DATABASE_URL with nothing else changed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from flask import current_app, request
from flask_babel import Babel
from flask_limiter import Limiter
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from psycopg import IsolationLevel
from sqlalchemy import Engine, MetaData, create_engine, event
from sqlalchemy.orm import DeclarativeBase

from mygas.keyring import Keyring
from mygas.networks import network_of

try:
    from pysqlite3 import dbapi2 as sqlite_driver
except ImportError:  # no wheel for this machine: the system's library, behind the version gate below
    import sqlite3 as sqlite_driver  # type: ignore[no-redef]


class Base(DeclarativeBase):
    """All tables; constraints carry names, so that they can be told apart and migrated."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
if TYPE_CHECKING:
    Model = Base  # what db.Model is, for those who check types
else:
    Model = db.Model
csrf = CSRFProtect()
login = LoginManager()
limiter = Limiter(  # the outer ring, of each web process; portals of one process are counted apart
    lambda: current_app.extensions["settings"].mount + network_of(request.remote_addr or ""),
    storage_uri="memory://",
    application_limits=[lambda: current_app.extensions["settings"].requests],
)
migrate = Migrate(render_as_batch=True, transaction_per_migration=True)
babel = Babel()
keyring = Keyring()

_ONE_SNAPSHOT = IsolationLevel.REPEATABLE_READ  # what SQLite's read transactions are by nature
_writing: ContextVar[bool] = ContextVar("writing", default=False)


@contextmanager
def transactions_may_write() -> Iterator[None]:
    """Transactions begun inside take the write lock at once; all others are read-only."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL-reset corruption bug (sqlite.org/wal.html#walresetbug)."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)


def engine_options(url: str) -> dict[str, Any]:
    """How SQLAlchemy opens the database at `url`. Values stay out of its errors, and so out of the log."""
    if url.startswith("sqlite"):
        return {"module": sqlite_driver, "connect_args": {"timeout": 15}, "hide_parameters": True}
    return {"pool_pre_ping": True, "hide_parameters": True}


def lone_engine(url: str) -> Engine:
    """An engine of one's own over the same database, for bulk work outside the request's session."""
    engine = create_engine(url, **engine_options(url))
    teach(engine)
    return engine


def teach(engine: Engine) -> None:
    """Install the transaction rules of promises D1, D2 on an engine."""
    sqlite = engine.dialect.name == "sqlite"

    @event.listens_for(engine, "connect")
    def connected(dbapi: Any, _record: Any) -> None:
        if sqlite:
            dbapi.isolation_level = None  # we say BEGIN ourselves
            for pragma in ("busy_timeout=15000", "foreign_keys=ON", "synchronous=FULL", "trusted_schema=OFF", "mmap_size=0"):
                dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Any) -> None:
        writing = _writing.get()
        if sqlite:
            connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writing else 'ON'}")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
        else:
            dbapi = connection.connection.dbapi_connection
            dbapi.read_only = not writing
            dbapi.isolation_level = None if writing else _ONE_SNAPSHOT  # a page never sees a registry flip between two looks


def set_journal(engine: Engine) -> str:
    """Choose the journal once, at migration: WAL where it is safe, a rollback journal elsewhere. Returns its name."""
    if engine.dialect.name != "sqlite":
        return "postgresql"
    mode = "WAL" if wal_is_safe(sqlite_driver.sqlite_version_info) else "TRUNCATE"
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute(f"PRAGMA journal_mode={mode}")
        (name,) = cursor.fetchone() or ("",)
        return str(name)
    finally:
        raw.close()
