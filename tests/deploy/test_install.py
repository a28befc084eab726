"""deploy/install.sh and deploy/mygas on a scratch machine."""

import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from mygas.settings import KEY_NAMES
from tests.deploy import machine as machines
from tests.deploy.machine import Machine
from tests.deploy.proxy import DEPLOY, HOST

SCRIPTS = ["install.sh", "upgrade.sh", "release.sh", "mygas"]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """Installed, its settings not filled in."""
    machine = machines.new(tmp_path_factory.mktemp("machine"))
    done = machine.install(machine.bring("1.0"))
    assert done.returncode == 0, done.stdout
    return machine


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="no shellcheck on this machine; .ci/run installs it")
def test_shellcheck_has_nothing_to_say():
    told = subprocess.run(
        ["shellcheck", "--external-sources", *(f"deploy/{name}" for name in SCRIPTS)],
        cwd=DEPLOY.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (told.returncode, told.stdout) == (0, "")


@pytest.mark.parametrize("name", [name for name in SCRIPTS if name != "release.sh"])
def test_a_script_can_be_run_and_stops_at_the_first_fault(name: str):
    assert (DEPLOY / name).stat().st_mode & stat.S_IXUSR
    assert "\nset -euo pipefail\n" in (DEPLOY / name).read_text(encoding="utf-8")


def test_keys_are_made_for_the_portal_alone(machine: Machine):
    folder = machine.prefix / "etc/mygas/keys"
    assert {path.name for path in folder.iterdir()} == set(KEY_NAMES)
    assert oct(folder.stat().st_mode & 0o777) == "0o500"
    assert {oct(path.stat().st_mode & 0o777) for path in folder.iterdir()} == {"0o400"}
    assert len({path.read_text(encoding="ascii") for path in folder.iterdir()}) == 5


@pytest.mark.parametrize(
    ("path", "mode"),
    [("etc/mygas", "0o750"), ("etc/mygas/secrets", "0o750"), ("etc/mygas/portal.env", "0o640"), ("etc/mygas/tls", "0o700"),
     ("etc/mygas/tls/privkey.pem", "0o600"), ("var/lib/mygas", "0o700"), ("var/backups/mygas", "0o700"),
     ("usr/local/sbin/mygas", "0o755"), ("etc/systemd/system/mygas.service", "0o644")],
)  # fmt: skip
def test_modes(machine: Machine, path: str, mode: str):
    assert oct((machine.prefix / path).stat().st_mode & 0o777) == mode


def test_the_host_is_put_in(machine: Machine):
    site = (machine.prefix / "etc/nginx/sites-enabled/mygas").read_text(encoding="utf-8")
    assert f"server_name {HOST};" in site
    assert f"PUBLIC_URL=https://{HOST}\n" in (machine.prefix / "etc/mygas/portal.env").read_text(encoding="utf-8")


def test_the_units_are_there_and_enabled(machine: Machine):
    folder = machine.prefix / "etc/systemd/system"
    assert {path.name for path in folder.iterdir()} == {
        path.name for path in DEPLOY.iterdir() if path.suffix in (".service", ".timer")
    }
    log = (machine.prefix / "systemctl/log").read_text(encoding="utf-8")
    for unit in ("mygas.service", "mygas-backup.timer", "mygas-doctor.timer"):
        assert f"enable --quiet {unit}" in log
    assert "start" not in {line.split()[0] for line in log.splitlines()}, "nothing is started before the settings are filled in"


def test_nothing_that_runs_can_be_written_by_the_portal(machine: Machine):
    release = (machine.prefix / "opt/mygas/current").resolve()
    assert release.name.startswith("1.0-")
    assert not [path for path in release.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o022]
    assert (release / "mygas" / "__pycache__").is_dir(), "else each start would compile everything anew"


def test_a_second_run_changes_nothing(machine: Machine):
    before = machine.everything()
    done = machine.install(machine.sources / "1.0")
    assert done.returncode == 0
    assert done.stdout.startswith("nothing to do: ")
    assert machine.everything() == before


def test_another_release_is_an_upgrade(machine: Machine):
    before = machine.everything()
    done = machine.install(machine.bring("1.1"))
    assert done.returncode == 1
    assert "use deploy/upgrade.sh" in done.stdout
    assert machine.everything() == before


@pytest.mark.parametrize("host", ["газ.рф", "no host", "-x.ru", "a/b.ru", "localhost"])
def test_a_host_that_is_none_is_refused(machine: Machine, host: str):
    done = machine.run(machine.sources / "1.0/deploy/install.sh", "--host", host)
    assert done.returncode == 1
    assert "is not a host's name" in done.stdout


def test_a_lost_key_is_not_replaced_while_there_is_data(tmp_path: Path, machine: Machine):
    key, database = machine.prefix / "etc/mygas/keys/pins", machine.prefix / "var/lib/mygas/mygas.db"
    kept = tmp_path / "pins"
    shutil.copy2(key, kept)
    key.unlink()
    database.touch()
    try:
        done = machine.install(machine.sources / "1.0")
    finally:
        database.unlink()
        shutil.copy2(kept, key)
    assert done.returncode == 1
    assert "pins is gone, and there is data" in done.stdout


def test_what_is_missing_in_the_settings_is_named(machine: Machine):
    done = machine.mygas("check")
    assert done.returncode == 1
    assert "MYGAS_MAIL_URL_FILE" in done.stdout


@pytest.mark.parametrize(
    "line", ['MYGAS_MAIL_FROM="Газ <a@b.ru>"', "MYGAS_SMS_URL=https://x/#ok=\\s", " PORT=1", "PORT = 1", "nonsense", "PORT=1 "]
)
def test_a_line_that_systemd_would_read_otherwise_is_refused(machine: Machine, line: str):
    file = machine.prefix / "etc/mygas/portal.env"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}{line}\n", encoding="utf-8")
    try:
        done = machine.mygas("check")
    finally:
        file.write_text(text, encoding="utf-8")
    assert done.returncode == 1
    assert f"line {len(text.splitlines()) + 1}:" in done.stdout


def test_filled_in_it_passes_and_runs_commands(machine: Machine, tmp_path: Path):
    machine.fill_in()
    assert (machine.mygas("check").returncode, machine.mygas("check").stdout) == (0, "")
    assert machine.mygas("db", "upgrade").returncode == 0
    assert machine.mygas("demo-data", tmp_path / "region", "--supplier", "perm", "--accounts", "5").returncode == 0
    done = machine.mygas("import", tmp_path / "region", "--supplier", "perm")
    assert done.returncode == 0, done.stdout
    assert machine.rows("SELECT count(*) FROM account") == [(5,)]
