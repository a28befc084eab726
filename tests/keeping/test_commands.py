"""`flask backup`, `restore`, and what `up`, `serve` and `worker` do about a schema that is not theirs."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import text

from mygas import clock, create_app, schema
from mygas.cli import running
from mygas.domain.work import unit_of_work
from mygas.extensions import db, keyring
from mygas.keeping import backup, manifest
from mygas.models import PORTAL, Ticket, TicketFile, TicketMessage
from mygas.settings import KEY_NAMES
from mygas.supervisor import only_one
from tests.browser import Browser
from tests.e2e.portal import free_port
from tests.walks import PASSWORD, PHONE

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(settings):
    """Run a command of the portal of those settings; its result."""

    def run(*words, of=settings):
        app = create_app(of)
        try:
            return app.test_cli_runner().invoke(args=[str(word) for word in words])
        finally:
            with app.app_context():
                db.engine.dispose()

    return run


@pytest.fixture
def flask_command(settings, keys, tmp_path):
    """Run a command as an administrator does, in a process of its own; its result."""
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    for name in KEY_NAMES:
        (folder / name).write_text(getattr(keys, name).hex(), encoding="ascii")
        (folder / name).chmod(0o400)

    def run(*words, of=settings):
        env = {"PATH": os.environ["PATH"], "MYGAS_MODE": "demo", "MYGAS_DATA": str(of.data_dir), "MYGAS_KEYS": str(folder),
               "DATABASE_URL": of.database_url, "MYGAS_TRAINING": "off", "PORT": str(free_port())}  # fmt: skip
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *map(str, words)]
        return subprocess.run(command, cwd=ROOT, env=env, check=False, capture_output=True, text=True)

    return run


def test_the_whole_way_by_commands(app, connected, flask_command, elsewhere, tmp_path):
    """Backup, rehearsal, restore elsewhere: then the portal there is examined, and starts with the old password."""
    connected(Browser(app.test_client()))
    folder = tmp_path / "backups"
    made = flask_command("backup", folder, "--keep")
    assert (made.returncode, made.stderr) == (0, "") and f"schema {schema.head()}" in made.stdout
    checked = flask_command("restore", folder, "--check")
    assert checked.returncode == 0 and "The rehearsal went well" in checked.stdout, checked.stderr
    refused = flask_command("restore", folder)
    assert refused.returncode == 1 and "There is a database here already" in refused.stderr
    restored = flask_command("restore", folder, of=elsewhere)
    assert restored.returncode == 0 and "Restored. Ended: 1 sessions" in restored.stdout, restored.stderr
    there = create_app(elsewhere)
    assert Browser(there.test_client()).get("/").submit(login=PHONE, password=PASSWORD).h1 == "Счёт 59000001"
    with there.app_context():
        db.session.remove()
        db.engine.dispose()
    examined = flask_command("doctor", of=elsewhere)
    assert examined.returncode == 0, examined.stdout
    assert [line[:4] for line in examined.stdout.splitlines() if "books" in line or "schema" in line] == ["ok  ", "ok  "]


def test_what_is_not_to_be_had_is_said_in_a_sentence(run, tmp_path, made):
    assert run("restore", tmp_path / "nowhere").output == f"Error: There is no backup in {tmp_path / 'nowhere'}.\n"
    one = made()
    with only_one(one.path.parent / backup.LOCK):
        told = run("backup", one.path.parent)
    assert (told.exit_code, told.output) == (1, f"Error: Another backup is being made in {one.path.parent}.\n")
    (one.path / one.manifest.database).write_bytes(b"")
    told = run("restore", one.path, "--check")
    assert told.exit_code == 1 and "is not as it was written" in told.output and "bytes, not" in told.output


def test_wrong_books_are_copied_and_complained_of(run, tmp_path, monkeypatch):
    monkeypatch.setattr("mygas.domain.ledger.invariants", lambda _session=None: ["the ledger adds up to 1"])
    told = run("backup", tmp_path / "backups")
    assert told.exit_code == 1 and "The books are wrong: the ledger adds up to 1" in told.output
    assert len(manifest.all_in(tmp_path / "backups")) == 1


def test_other_keys_are_noticed_in_the_rehearsal(app, run, settings, made, keys):
    vault = app.extensions["gateways"].vault
    with app.app_context(), unit_of_work():
        _scan_of_nobody(vault)
    told = run("restore", "--check", made().path, of=replace(settings, keys=replace(keys, sealing=os.urandom(32))))
    assert told.exit_code == 1 and "1 sealed files do not open: are these the keys of that portal?" in told.output


def _scan_of_nobody(vault):
    now = clock.now()
    ref, key = vault.keep(type("Photograph", (), {"data": b"a bill"})())
    ticket = Ticket(
        guest_contact="m@example.ru", request_key="k", addressee=PORTAL, subject="?", created_at=now, waiting_since=now
    )
    db.session.add(ticket)
    db.session.flush()
    db.session.add(message := TicketMessage(ticket_id=ticket.id, author="guest", text="?", at=now))
    db.session.flush()
    sealed = keyring.seal(key, f"ticket-file:{ref}")
    row = {"ref": ref, "media_type": "image/jpeg", "size": 6, "sealed_key": sealed, "created_at": now}
    db.session.add(TicketFile(message_id=message.id, **row))


@pytest.fixture
def behind(app):
    """The database is of the schema before this one."""
    with app.app_context():
        flask_migrate.downgrade(revision="-1")
        db.session.remove()
        yield app


def backups_of(settings):
    return [path.name for path, _ in manifest.all_in(settings.data_dir / "backups")]


def test_in_production_a_migration_begins_with_a_copy(behind, settings, capsys):
    running._migrate(replace(settings, demo=False))
    assert backups_of(settings) == [f"before-{schema.head()}"]
    assert "is copied to" in capsys.readouterr().out
    with db.engine.connect() as connection:
        assert schema.present(connection) == schema.head()
    running._migrate(replace(settings, demo=False))
    assert len(backups_of(settings)) == 1, "nothing to migrate, nothing to copy"


def test_in_the_demo_it_does_not(behind, settings):
    running._migrate(settings)
    assert backups_of(settings) == []


def test_without_a_copy_there_is_no_migration(behind, run, settings, monkeypatch):
    monkeypatch.setattr("mygas.keeping.files.has_room", lambda *_: False)
    with pytest.raises(Exception, match="is not migrated, for no backup of it can be made"):
        running._migrate(replace(settings, demo=False))
    with db.engine.connect() as connection:
        assert schema.present(connection) != schema.head()


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_over_an_older_schema_nobody_serves(behind, flask_command, command):
    told = flask_command(command)
    assert told.returncode == 1 and f"that of this portal {schema.head()}" in told.stderr


@pytest.mark.parametrize("command", ["up", "serve", "worker"])
def test_over_a_newer_schema_nobody_starts(app, flask_command, settings, command):
    with app.app_context(), unit_of_work():
        db.session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    told = flask_command(command)
    assert told.returncode == 1 and "A newer portal has migrated the database (its schema is 9999" in told.stderr


@pytest.mark.parametrize("command", ["up", "serve", "worker"])
def test_half_restored_nobody_starts(app, flask_command, settings, command):
    settings.restoring.write_text("somewhere", encoding="utf-8")
    told = flask_command(command)
    assert told.returncode == 1 and "was cut off. Run it again" in told.stderr


def test_during_a_restore_nobody_starts(app, flask_command, settings):
    with only_one(settings.at_work):
        told = flask_command("worker")
    assert told.returncode == 1 and "A restore is under way" in told.stderr


def test_a_worker_at_work_keeps_a_restore_away(app, settings, flask_command, made):
    path = made().path
    env = {"PATH": os.environ["PATH"], "MYGAS_MODE": "demo", "MYGAS_DATA": str(settings.data_dir), "MYGAS_TRAINING": "off",
           "DATABASE_URL": settings.database_url}  # fmt: skip
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    worker = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE)
    try:
        while not settings.heart.exists():
            assert worker.poll() is None, worker.stderr.read()
        told = flask_command("restore", path)
        assert told.returncode == 1 and "The portal is running on" in told.stderr
        found = json.loads(json.dumps(app.test_client().get("/readyz").get_json()))["checks"]["worker"]
        assert found["state"] == "ok" and found["says"].startswith("alive")
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
