"""Which shape the database has, and which one this code wants: revisions of the migrations."""

from functools import cache

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from mygas.settings import ROOT


@cache
def head() -> str:
    """The revision that this code is written for."""
    return ScriptDirectory(str(ROOT / "migrations")).get_current_head() or ""


@cache
def is_known(revision: str) -> bool:
    """Whether this code has that migration: it can bring the database from there to `head`."""
    try:
        return ScriptDirectory(str(ROOT / "migrations")).get_revision(revision) is not None
    except CommandError:
        return False


def present(connection: Connection) -> str:
    """The revision of the database; empty where it has no tables yet."""
    return MigrationContext.configure(connection).get_current_revision() or ""
