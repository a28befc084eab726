"""deploy/upgrade.sh on a scratch machine with a running portal: a good upgrade, bad ones, and the way back.

The releases are this very source under other versions, with a migration more, and faults put in. What is to be shown each time:
the portal answers in the end, with all of its data, and says what happened.
"""

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from tests.deploy import machine as machines
from tests.deploy.machine import Machine
from tests.deploy.proxy import ROOT

pytestmark = pytest.mark.timeout(300)
ACCOUNTS = "SELECT count(*) FROM account"
_MIGRATION = '''"""One table more."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{head}"


def upgrade() -> None:
    op.create_table("{revision}", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("DELETE FROM {victim}")
{more}
'''


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Release 1.0 at work, with a registry of seven accounts."""
    folder = tmp_path_factory.mktemp("upgraded")
    machine = machines.new(folder)
    assert machine.install(machine.bring("1.0")).returncode == 0
    machine.fill_in()
    machine.start()
    machine.mygas("demo-data", folder / "region", "--supplier", "perm", "--accounts", "7")
    done = machine.mygas("import", folder / "region", "--supplier", "perm")
    assert done.returncode == 0, done.stdout
    yield machine
    machine.stop()


def add_to(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1
    file.write_text(text.replace(before, after), encoding="utf-8")


def head() -> str:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return str(ScriptDirectory.from_config(config).get_current_head())


def add_migration(source: Path, revision: str, victim: str = "outbox", more: str = "") -> None:
    text = _MIGRATION.format(revision=revision, head=head(), victim=victim, more=more)
    (source / "migrations" / "versions" / f"{revision}.py").write_text(text, encoding="utf-8")


def works_as_before(machine: Machine) -> None:
    """Nor is there an old backup that `--back` could take for the one before the last upgrade."""
    assert "there is no upgrade to go back from" in machine.upgrade(machine.sources / "1.0", "--back", "--yes").stdout
    assert machine.version() == "1.0"
    assert machine.ready()
    assert machine.rows(ACCOUNTS) == [(7,)]
    assert not (machine.prefix / "run/mygas-closed").exists()
    assert (machine.prefix / "opt/mygas/current").resolve().name.startswith("1.0-")
    unit = (machine.prefix / "etc/systemd/system/mygas.service").read_text(encoding="utf-8")
    assert "of another release" not in unit


def test_a_release_that_does_not_start_changes_nothing(machine: Machine):
    source = machine.bring("1.1-unstartable")
    with (source / "wsgi.py").open("a", encoding="utf-8") as file:
        file.write("\nraise SystemExit('mygas cannot start: on purpose')\n")
    pid = machine.pid()
    done = machine.upgrade(source)
    assert done.returncode == 1
    assert "mygas cannot start: on purpose" in done.stdout
    assert "given up before anything was changed" in done.stdout
    assert machine.pid() == pid, "the portal was never stopped"
    works_as_before(machine)


def test_a_migration_that_fails_is_undone(machine: Machine):
    """It has already made a table and deleted rows, which a second migration of the same release had the time to commit."""
    source = machine.bring("1.1-bad-migration")
    add_migration(source, "half", victim="account_card")
    second = source / "migrations" / "versions" / "other.py"
    second.write_text(
        _MIGRATION.format(revision="other", head="half", victim="charge", more='    raise RuntimeError("on purpose")'),
        encoding="utf-8",
    )
    (source / "deploy" / "mygas.service").write_text("# of another release\n", encoding="utf-8")
    charges = machine.rows("SELECT count(*) FROM charge")
    cards = machine.rows("SELECT count(*) FROM account_card")
    done = machine.upgrade(source)
    assert done.returncode == 1, done.stdout
    assert "Error: on purpose" in done.stdout, done.stdout
    assert "the upgrade FAILED; the release 1.0-" in done.stdout
    works_as_before(machine)
    assert "half" not in machine.tables()
    assert (machine.rows("SELECT count(*) FROM charge"), machine.rows("SELECT count(*) FROM account_card")) == (charges, cards)
    assert charges > [(0,)]


def test_a_release_that_is_never_ready_is_taken_back(machine: Machine):
    """It answers, but /readyz says no: people never see it, for the door stays closed."""
    source = machine.bring("1.1-never-ready")
    health = source / "mygas" / "web" / "health.py"
    text = health.read_text(encoding="utf-8")
    begin = "    if request.remote_addr not in"
    assert text.count(begin) == 1
    health.write_text(text.replace(begin, "    abort(503)\n" + begin), encoding="utf-8")
    add_migration(source, "unready")
    done = machine.upgrade(source, PATIENCE="4")
    assert done.returncode == 1, done.stdout
    assert "did not come up in 4 seconds" in done.stdout
    assert "unready" not in machine.tables()
    works_as_before(machine)


@pytest.mark.parametrize("when", ["before anything was touched", "amid a migration"])
def test_an_upgrade_that_was_killed_is_taken_back_by_hand(machine: Machine, when: str, tmp_path: Path):
    """With -9, as a machine that loses its power would; the door stays closed until then."""
    touched = when == "amid a migration"
    source = machine.bring(f"1.1-killed-{touched}")
    mark = tmp_path / "there"
    wait = f"    import pathlib, time\n    pathlib.Path({str(mark)!r}).touch()\n    time.sleep(100)"
    if touched:
        add_migration(source, "killed", more=wait)
    else:
        add_to(source / "deploy" / "upgrade.sh", "  close_portal\n  back_up", f"  close_portal\n  touch {mark}; sleep 100\n")
    machine.kill_when(mark, source / "deploy" / "upgrade.sh")
    assert (machine.prefix / "run/mygas-closed").exists()
    assert machine.version() is None
    done = machine.upgrade(source, "--back", "--yes")
    assert done.returncode == 0, done.stdout
    assert ("nothing had been changed" in done.stdout) == (not touched)
    assert "killed" not in machine.tables()
    works_as_before(machine)


def test_two_upgrades_are_not_made_at_once(machine: Machine):
    with (machine.prefix / "run/mygas-upgrade.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = machine.upgrade(machine.sources / "1.0")
    assert (done.returncode, done.stdout) == (1, "mygas: another upgrade is at work\n")


def test_the_same_release_is_no_upgrade(machine: Machine):
    pid = machine.pid()
    done = machine.upgrade(machine.sources / "1.0")
    assert done.returncode == 0
    assert done.stdout.startswith("nothing to do: ")
    assert machine.pid() == pid


def test_a_portal_that_is_not_well_is_not_upgraded(machine: Machine):
    machine.stop()
    try:
        done = machine.upgrade(machine.bring("1.1-not-now"))
    finally:
        machine.start()
    assert done.returncode == 1
    assert "mend it first" in done.stdout
    works_as_before(machine)


def test_a_good_upgrade_and_the_way_back(machine: Machine):
    texts = machine.prefix / "opt/mygas/current/mygas/domain/consent_texts"
    signed = next(texts.glob("*.txt")).read_text(encoding="utf-8")
    (texts / "personal-data.2026-01-01.txt").write_text(signed, encoding="utf-8")
    source = machine.bring("1.1")
    add_migration(source, "more")
    with (source / "deploy" / "mygas.service").open("a", encoding="utf-8") as file:
        file.write("# of another release\n")
    done = machine.upgrade(source)
    assert done.returncode == 0, done.stdout
    assert machine.version() == "1.1"
    assert (texts / "personal-data.2026-01-01.txt").read_text(encoding="utf-8") == signed, "people have signed it"
    assert machine.ready()
    assert "more" in machine.tables()
    assert machine.rows(ACCOUNTS) == [(7,)]
    assert not (machine.prefix / "run/mygas-closed").exists()
    assert "of another release" in (machine.prefix / "etc/systemd/system/mygas.service").read_text(encoding="utf-8")
    log = (machine.prefix / "systemctl/log").read_text(encoding="utf-8").splitlines()
    assert log[-1] == "start mygas-backup.timer mygas-doctor.timer"
    assert "daemon-reload" in log

    assert machine.upgrade(source, "--back").returncode != 0, "it asks first, and nobody answers"
    assert machine.version() == "1.1"
    done = machine.upgrade(source, "--back", "--yes")
    assert done.returncode == 0, done.stdout
    assert "more" not in machine.tables()
    works_as_before(machine)
