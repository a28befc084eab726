"""A portal with something in it, and an empty place beside it to restore into: on either engine, with real files."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from mygas import create_app
from mygas.extensions import db
from mygas.keeping import backup, databases, restoring
from mygas.keeping.backup import Made
from mygas.settings import Settings


@pytest.fixture
def made(settings: Settings, tmp_path: Path) -> Callable[..., Made]:
    """Make a backup of the test's portal."""

    def make(thin: bool = False) -> Made:
        return backup.make(settings, tmp_path / "backups", portal="1.0", thin=thin)

    return make


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """The same installation on another machine: its keys and settings, an empty folder, an empty database."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    if settings.database_url.startswith("sqlite"):
        yield replace(settings, data_dir=folder, database_url=f"sqlite:///{folder / 'mygas.db'}")
        return
    admin = create_engine(settings.database_url, isolation_level="AUTOCOMMIT")
    name = f"mygas_elsewhere_{secrets.token_hex(6)}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    yield replace(settings, data_dir=folder, database_url=admin.url.set(database=name).render_as_string(hide_password=False))
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def over() -> Callable[[Settings], restoring.Over]:
    """How a restore opens a database: the portal of those settings over it."""
    return lambda settings: lambda url: create_app(replace(settings, database_url=url))


@pytest.fixture
def restored(elsewhere: Settings, over: Callable[[Settings], restoring.Over]) -> Iterator[Callable[..., Flask]]:
    """Restore a backup elsewhere; the portal there."""
    opened = []

    def restore(folder: Path, **changes: object) -> Flask:
        there = replace(elsewhere, **changes)  # type: ignore[arg-type]
        path, one = restoring.sound(folder, databases.engine_of(there.database_url))
        restoring.restore(there, path, one, over(there))
        app = create_app(there)
        opened.append(app)
        return app

    yield restore
    for app in opened:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
