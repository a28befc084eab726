"""The checks of /readyz and `flask doctor`: each says when something is not as it must be, and changes nothing."""

import json
import os
from collections import namedtuple
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from mygas import clock
from mygas.domain import audit, health, machine, outbox, restorations
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.jobs import heart
from mygas.models import Counter, Outgoing


@pytest.fixture
def examined(app, settings):
    """The finding of one check."""

    def examine(name, bank=None, **changes):
        with app.app_context():
            found = {one.name: one for one in health.examine(replace(settings, **changes), bank, thorough=True)}
            db.session.rollback()
        return found[name]

    return examine


def state(found):
    return found.state, bool(found.remedy)


def test_all_is_well_on_a_fresh_portal(app):
    answer = app.test_client().get("/readyz")
    told = answer.get_json()
    assert (answer.status_code, told["ready"]) == (200, True)
    assert set(told["checks"]) == {
        "database", "schema", "sqlite", "outbox", "disk", "clock", "worker", "backup", "keys", "proxies", "reconciliation",
    }  # fmt: skip
    assert {one["state"] for one in told["checks"].values()} <= {"ok", "warn"}


def test_what_is_bad_is_answered_by_503(app, settings, monkeypatch):
    settings.restoring.touch()
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["ready"]) == (503, False)
    assert answer.get_json()["checks"]["backup"] == {"state": "bad", "says": "a restore was cut off"}
    told = app.test_cli_runner().invoke(args=["doctor"])
    assert told.exit_code == 1
    assert "BAD   backup          a restore was cut off → run it again: docs/backups.md\n" in told.output
    settings.restoring.unlink()
    assert app.test_cli_runner().invoke(args=["doctor"]).exit_code == 0


def test_the_database_is_written_to_and_left_as_it_was(app, examined):
    assert examined("database").state == "ok"
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count()).select_from(Counter)) == 0


def test_a_database_that_cannot_be_written_to(app, examined, settings):
    if settings.database_url.startswith("sqlite"):
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        harm = "CREATE TRIGGER no BEFORE UPDATE ON alembic_version BEGIN SELECT RAISE(ABORT, 'a full disk, say'); END"
    else:
        harm = "ALTER TABLE alembic_version ADD CONSTRAINT no CHECK (false) NOT VALID"
    with app.app_context(), unit_of_work():
        db.session.execute(text(harm))
    assert state(examined("database")) == ("bad", True)


def test_a_database_that_is_away_is_bad_and_not_an_error(make_app, tmp_path):
    app = make_app(database_url=f"sqlite:///{tmp_path / 'nowhere' / 'mygas.db'}")
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["checks"]["database"]["says"] == "it cannot be looked into: OperationalError"


def test_the_schema(app, examined):
    assert examined("schema").state == "ok"
    with app.app_context(), unit_of_work():
        db.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert state(examined("schema")) == ("bad", True)


@pytest.mark.parametrize(
    ("version", "mode", "expected"),
    [((3, 51, 3), "WAL", "ok"), ((3, 51, 2), "WAL", "bad"), ((3, 51, 2), "TRUNCATE", "warn"), ((3, 51, 3), "TRUNCATE", "warn")],
)
def test_sqlite_and_its_journal(app, examined, monkeypatch, settings, version, mode, expected):
    if not settings.database_url.startswith("sqlite"):
        assert examined("sqlite").says == "not used: PostgreSQL"
        return
    with app.app_context():
        raw = db.engine.raw_connection()
        raw.cursor().execute(f"PRAGMA journal_mode={mode}")
        raw.close()
        db.engine.dispose()
    monkeypatch.setattr("mygas.domain.health.sqlite_driver.sqlite_version_info", version)
    assert examined("sqlite").state == expected


def test_the_outbox(app, examined):
    now = clock.now()
    with app.app_context(), unit_of_work():
        outbox.promise("farewell", "farewell:1", {"to": "x"}, expires_at=now + timedelta(hours=6))
    assert examined("outbox").state == "ok"
    with time_machine.travel(now + timedelta(seconds=125)):
        assert state(examined("outbox")) == ("bad", True)
    with app.app_context(), unit_of_work():
        db.session.execute(db.update(Outgoing).values(state="dead"))
    assert state(examined("outbox")) == ("warn", True)


def test_the_worker(app, examined):
    assert state(examined("worker")) == ("warn", True)
    heart.round_of(app)
    assert examined("worker").state == "ok"
    with time_machine.travel(clock.now() + timedelta(seconds=31)):
        assert state(examined("worker")) == ("bad", True)
        heart.round_of(app)
        assert examined("worker").state == "ok"


def test_the_last_backup(examined, made, settings):
    assert state(examined("backup")) == ("warn", True)
    one = made()
    assert examined("backup").says == f"0 minutes ago: {one.path}"
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        assert state(examined("backup")) == ("bad", True)
    settings.last_backup.write_text("nonsense", encoding="utf-8")
    assert examined("backup").state == "bad"


def test_a_restore_whose_lost_time_was_not_compared(app, examined, bank):
    assert examined("reconciliation", "fake").state == "ok"
    with app.app_context(), unit_of_work():
        restorations.begin_anew(clock.now())
    assert state(examined("reconciliation", "fake")) == ("warn", True)


@pytest.mark.parametrize(
    ("free", "total", "expected"),
    [(501, 8_000, "ok"), (500, 8_000, "bad"), (4_999, 100_000, "bad"), (5_001, 100_000, "ok")],
)
def test_the_disk(examined, monkeypatch, free, total, expected):
    usage = namedtuple("usage", "total used free")(total * 2**20, 0, free * 2**20)
    monkeypatch.setattr("mygas.domain.machine.shutil.disk_usage", lambda _path: usage)
    assert examined("disk").state == expected


def test_the_clock(app, examined, monkeypatch):
    with app.app_context(), unit_of_work():
        audit.by_system("portal.restore")
    monkeypatch.setattr(machine, "_adjtimex", lambda: 0)
    assert examined("clock").state == "ok"
    monkeypatch.setattr(machine, "_adjtimex", lambda: 5)
    assert state(examined("clock")) == ("warn", True)
    with time_machine.travel(clock.now() - timedelta(minutes=6)):
        assert state(examined("clock")) == ("bad", True)


def test_the_kernel_is_asked_for_its_clock():
    assert machine._adjtimex() in range(-1, 6)


def test_key_files(examined, tmp_path):
    assert examined("keys").state == "ok"
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    (folder / "session").touch(mode=0o400)
    assert examined("keys", keys_dir=folder).state == "ok"
    (folder / "session").chmod(0o440)
    assert "others may read session" in examined("keys", keys_dir=folder).says
    (folder / "session").chmod(0o400)
    folder.chmod(0o770)
    assert state(examined("keys", keys_dir=folder)) == ("bad", True)


@pytest.mark.parametrize(
    ("url", "proxies", "host", "expected"),
    [
        ("https://gas.example.ru", 0, "127.0.0.1", "bad"),
        ("https://gas.example.ru", 1, "127.0.0.1", "ok"),
        ("https://gas.example.ru", 1, "::1", "ok"),
        ("https://gas.example.ru", 1, "192.0.2.1", "warn"),
        ("http://localhost:8000", 0, "127.0.0.1", "ok"),
    ],
)
def test_proxies(examined, url, proxies, host, expected):
    assert examined("proxies", public_url=url, proxies=proxies, host=host).state == expected


def test_the_books(examined, monkeypatch):
    assert examined("books").state == "ok"
    monkeypatch.setattr("mygas.domain.ledger.invariants", lambda: ["the ledger adds up to 1"])
    assert state(examined("books")) == ("bad", True)


def test_a_portal_under_a_path_speaks_of_itself_alone(app, settings):
    with app.app_context():
        names = {one.name for one in health.examine(replace(settings, mount="/training"), None)}
    assert names == {"database", "schema", "sqlite", "outbox", "disk", "clock"}


def test_nothing_secret_is_told(app, keys, settings):
    told = json.dumps(app.test_client().get("/readyz").get_json())
    assert keys.session.hex() not in told and os.fsdecode(settings.database_url) not in told
