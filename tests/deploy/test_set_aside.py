"""deploy/set_aside.py: room is made for a backup, on either engine, and nothing is lost before it is told to be."""

import subprocess
import sys
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine, inspect, text

from mygas.extensions import db
from mygas.keeping import backup
from mygas.settings import Settings
from tests.deploy.proxy import DEPLOY
from tests.e2e import portal


def test_a_backup_comes_back_into_a_place_that_was_not_empty(app: Flask, settings: Settings, tmp_path: Path):
    scans = settings.data_dir / "scans"
    scans.mkdir(exist_ok=True)
    with app.app_context():
        made = backup.make(settings, tmp_path / "kept", portal="1.0").path
        db.engine.dispose()
    env = portal.environment(settings.data_dir, portal.free_port(), DATABASE_URL=settings.database_url)

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=portal.ROOT, env=env, capture_output=True, text=True, check=False)

    def made_to(what: str) -> None:
        done = run(sys.executable, str(DEPLOY / "set_aside.py"), what, "given_up")
        assert done.returncode == 0, done.stderr

    (scans / ("f" * 32)).write_bytes(b"of later")
    assert "nothing is written over it" in run(*portal.command("restore", str(made))).stderr
    made_to("aside")
    assert tables(settings) == set()
    assert not scans.exists()
    assert (settings.data_dir / "given_up" / "scans" / ("f" * 32)).read_bytes() == b"of later"
    done = run(*portal.command("restore", str(made)))
    assert done.returncode == 0, done.stderr
    assert {"account", "outbox", "alembic_version"} <= tables(settings)
    made_to("forget")
    assert {"account", "outbox", "alembic_version"} <= tables(settings)
    assert not (settings.data_dir / "given_up").exists()
    if not settings.database_url.startswith("sqlite"):
        assert "given_up" not in inspect(create_engine(settings.database_url)).get_schema_names()


def tables(settings: Settings) -> set[str]:
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        found = set(inspect(connection).get_table_names())
    engine.dispose()
    return found
