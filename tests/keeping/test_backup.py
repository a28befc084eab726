"""A backup is whole or not there; what is in it is what the portal was at one moment."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
from sqlalchemy import text

from mygas.domain import limits
from mygas.domain.work import unit_of_work
from mygas.extensions import db, lone_engine
from mygas.keeping import backup, databases, files, manifest, restoring
from mygas.keeping.databases import CopyFailed
from mygas.keeping.manifest import BadBackup
from mygas.supervisor import AlreadyRunning, only_one
from tests.keeping.dying import STEPS

REF, OTHER = "a" * 22, "b" * 22


@pytest.fixture
def vault(app):
    return app.extensions["gateways"].vault


def test_what_is_in_it(app, settings, made, vault):
    vault.put(REF, b"a passport")
    (settings.data_dir / "receipts").mkdir()
    (settings.data_dir / "receipts" / "one.pdf").write_bytes(b"can be made again")
    one = made()
    names = {str(path.relative_to(one.path)) for path in one.path.rglob("*") if path.is_file()}
    assert names == {"manifest.json", one.manifest.database, f"scans/{REF}"}
    assert manifest.read(one.path) == one.manifest
    assert manifest.faults(one.path, one.manifest) == []
    told = json.loads((one.path / "manifest.json").read_text(encoding="utf-8"))
    assert told["revision"] == one.manifest.revision and told["generation"] == 0 and told["portal"] == "1.0"
    assert {stat.S_IMODE(path.stat().st_mode) for path in one.path.rglob("*") if path.is_file()} == {0o600}
    assert json.loads(settings.last_backup.read_text(encoding="utf-8"))["path"] == str(one.path)


def test_keys_are_not_in_it(app, settings, made, keys):
    one = made()
    content = b"".join(path.read_bytes() for path in one.path.rglob("*") if path.is_file())
    assert not any(key in content or key.hex().encode() in content for key in (keys.session, keys.pins, keys.sealing))


def test_sealed_files_that_the_one_before_has_take_no_room(made, vault):
    vault.put(REF, b"a passport")
    first = made()
    vault.put(OTHER, b"a house book")
    second = made()
    vault.destroy(REF)
    third = made()

    def inode(one, ref):
        return (one.path / "scans" / ref).stat().st_ino

    assert inode(first, REF) == inode(second, REF)
    assert inode(second, OTHER) == inode(third, OTHER)
    assert inode(third, OTHER) != (vault.folder / OTHER).stat().st_ino, "what spoils the portal's file leaves the backup's"
    assert not (third.path / "scans" / REF).exists()
    assert all(manifest.faults(one.path, one.manifest) == [] for one in (first, second, third))


def test_it_is_of_one_moment_while_others_write(app, settings, made):
    """Two counters move together; in no copy does one stand without the other."""
    over = threading.Event()

    def write() -> None:
        with app.app_context():
            while not over.is_set():
                with unit_of_work():
                    for name in ("left", "right"):
                        limits.hit(name, per=limits.timedelta(days=1))
            db.session.remove()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        copies = [made() for _ in range(3)]
    finally:
        over.set()
        for writer in writers:
            writer.join()
    if settings.database_url.startswith("sqlite"):
        for one in copies:
            engine = lone_engine(f"sqlite:///{one.path / one.manifest.database}")
            with engine.connect() as connection:
                counts = connection.execute(text('SELECT count FROM counter ORDER BY "key"')).scalars().all()
            engine.dispose()
            assert len(set(counts)) <= 1
    assert all(one.manifest.violations == () for one in copies)


@pytest.mark.parametrize("step", STEPS)
def test_killed_half_way_it_leaves_nothing_that_looks_like_one(settings, made, vault, tmp_path, step):
    vault.put(REF, b"a passport")
    folder = tmp_path / "backups"
    command = [sys.executable, "-m", "tests.keeping.dying", str(settings.data_dir), settings.database_url, str(folder), step]
    died = subprocess.run(command, check=False, capture_output=True, text=True)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert any(path.suffix == ".part" for path in folder.iterdir())
    assert manifest.all_in(folder) == []
    with pytest.raises(BadBackup, match="There is no backup"):
        manifest.find(folder)
    one = made()
    assert [path.name for path in folder.iterdir() if path.name != ".lock"] == [one.path.name], "what was left is swept"


@pytest.mark.parametrize("which", ["database", "scan", "manifest"])
def test_a_flipped_bit_is_found(settings, made, vault, which):
    vault.put(REF, b"a passport")
    one = made()
    path = one.path / {"database": one.manifest.database, "scan": f"scans/{REF}", "manifest": "manifest.json"}[which]
    data = bytearray(path.read_bytes())
    at = data.index(b'"portal": "1.0"') + 11 if which == "manifest" else len(data) // 2
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(BadBackup, match="was changed"):
        restoring.sound(one.path, databases.engine_of(settings.database_url))


@pytest.mark.parametrize("harm", ["missing", "short"])
def test_what_is_missing_or_short_is_found(settings, made, harm):
    one = made()
    path = one.path / one.manifest.database
    path.unlink() if harm == "missing" else os.truncate(path, path.stat().st_size - 1)
    with pytest.raises(BadBackup, match="is missing" if harm == "missing" else "bytes, not"):
        restoring.sound(one.path, databases.engine_of(settings.database_url))


def test_one_at_a_time(made, tmp_path):
    folder = files.private_folder(tmp_path / "backups")
    with only_one(folder / backup.LOCK), pytest.raises(AlreadyRunning):
        made()


def test_without_room_there_is_none(made, monkeypatch, tmp_path):
    monkeypatch.setattr(files, "has_room", lambda *_: False)
    with pytest.raises(CopyFailed, match="not room enough"):
        made()
    assert manifest.all_in(tmp_path / "backups") == []


def test_a_database_that_is_not_sound_gives_none(app, settings, made, tmp_path):
    """A page of the database is spoilt: the copy that is made of it is looked through before it counts."""
    if not settings.database_url.startswith("sqlite"):
        pytest.skip("pages of PostgreSQL are its own affair")
    with app.app_context():
        page, size = (
            db.session.scalar(text(f"SELECT {what}"))
            for what in ("rootpage FROM sqlite_master WHERE name = 'outbox'", "page_size FROM pragma_page_size")
        )
        db.session.remove()
        db.engine.dispose()
    with databases.sqlite_file(settings.database_url).open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * 64)
    with pytest.raises(CopyFailed):
        made()
    assert manifest.all_in(tmp_path / "backups") == []


def test_books_that_are_wrong_are_said_to_be(app, made, monkeypatch):
    monkeypatch.setattr("mygas.domain.ledger.invariants", lambda _session: ["the ledger adds up to 1"])
    assert made().manifest.violations == ("the ledger adds up to 1",)


def test_postgres_is_told_its_password_by_the_environment_alone(tmp_path, monkeypatch):
    tool = tmp_path / "pg_dump"
    tool.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/words\nenv > {tmp_path}/env\n', encoding="utf-8")
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    url = "postgresql+psycopg://gas:s3cret@db.example:5433/gas?sslmode=require"
    databases.postgres_tool("pg_dump", url, "--format=custom")
    assert "s3cret" not in (tmp_path / "words").read_text(encoding="utf-8")
    env = set((tmp_path / "env").read_text(encoding="utf-8").splitlines())
    told = {"PGHOST=db.example", "PGPORT=5433", "PGUSER=gas", "PGPASSWORD=s3cret", "PGDATABASE=gas", "PGSSLMODE=require"}
    assert told <= env


def test_another_engine_or_a_newer_schema_is_refused(settings, made):
    one = made()
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[one.manifest.engine]
    with pytest.raises(BadBackup, match="goes back into its own engine"):
        restoring.sound(one.path, other)
    (one.path / "manifest.json").unlink()
    manifest.write(one.path, replace(one.manifest, revision="9999"))
    with pytest.raises(BadBackup, match="install that portal first"):
        restoring.sound(one.path, one.manifest.engine)
