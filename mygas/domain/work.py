"""One request, one transaction: where it begins, where it is committed, what a refusal leaves behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Executable, Index, UniqueConstraint, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mygas.extensions import Model, db, transactions_may_write
from mygas.words import Refused


@contextmanager
def unit_of_work() -> Iterator[None]:
    """A transaction that may write. Commits at the end; any error rolls all of it back.

    A Refused commits what was *counted* before it was raised (tries, sends), and nothing else: rows prepared in the
    session are forgotten. Were rows already written, all is rolled back, for a refusal must not leave half a deed; so who counts
    (tries, look-ups) counts before he writes.
    """
    session = db.session()
    session.rollback()  # ends the read-only transaction of the page, if there is one
    session.info["wrote"] = False
    with transactions_may_write():
        try:
            yield
            session.commit()
        except Refused:
            _keep_only_counts(session)
            raise
        except BaseException:
            session.rollback()
            raise


def _keep_only_counts(session: Session) -> None:
    if session.info["wrote"]:
        session.rollback()
        return
    for row in list(session.new):
        session.expunge(row)
    for row in list(session.dirty):
        session.expire(row)
    session.commit()


@event.listens_for(Session, "after_flush")
def _remember_writing(session: Session, _context: Any) -> None:
    session.info["wrote"] = True


@contextmanager
def refused_if_taken(constraint: str, refusal: Refused) -> Iterator[None]:
    """Turn the violation of the unique constraint (or index) of that name into the refusal. The constraint is the rule."""
    wrote = db.session().info.get("wrote", False)
    try:
        with db.session.begin_nested():
            yield
            db.session.flush()
    except IntegrityError as error:
        db.session().info["wrote"] = wrote  # the savepoint took back what had been written
        if not _violates(error, constraint):
            raise
        raise refusal from error


def _violates(error: IntegrityError, name: str) -> bool:
    """PostgreSQL names the constraint, SQLite its columns."""
    text = str(error.orig)
    if f'"{name}"' in text:
        return True
    for table in db.metadata.tables.values():
        for rule in (*table.constraints, *table.indexes):
            if isinstance(rule, UniqueConstraint | Index) and rule.name == name:
                return ", ".join(f"{table.name}.{column.name}" for column in rule.columns) in text
    raise KeyError(name)


def insert_or_update(model: type[Model]) -> Any:
    """An INSERT of the database in use, which both dialects can continue by `.on_conflict_do_update(…)`."""
    dialect: Any = sqlite if db.session.get_bind().dialect.name == "sqlite" else postgresql
    return dialect.insert(model)


def rows_changed(statement: Executable) -> int:
    """Run an UPDATE or DELETE in the present transaction; how many rows it touched."""
    result: Any = db.session.execute(statement)
    return int(result.rowcount)
