"""deploy/*.service, *.timer: hardened, and naming only what there is."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mygas import supervisor
from tests.deploy.conftest import production
from tests.deploy.proxy import DEPLOY
from tests.deploy.units import Unit, read_unit
from tests.e2e import portal

UNITS = {path.name: read_unit(path) for path in sorted(DEPLOY.glob("*.service")) + sorted(DEPLOY.glob("*.timer"))}
SERVICES = [unit for name, unit in UNITS.items() if name.endswith(".service")]
PORTALS = [unit for unit in SERVICES if "@" not in unit.name]
HARDENING = {
    "NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "AmbientCapabilities": "", "ProtectSystem": "strict",
    "ProtectHome": "yes", "PrivateTmp": "yes", "PrivateDevices": "yes", "ProtectClock": "yes", "ProtectHostname": "yes",
    "ProtectKernelLogs": "yes", "ProtectKernelModules": "yes", "ProtectKernelTunables": "yes", "ProtectControlGroups": "yes",
    "ProtectProc": "invisible", "RestrictNamespaces": "yes", "RestrictRealtime": "yes", "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes", "MemoryDenyWriteExecute": "yes", "SystemCallArchitectures": "native",
}  # fmt: skip
NO_SYSTEMD = "no systemd-analyze on this machine (Debian's package systemd)"
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason=NO_SYSTEMD)


def test_all_are_there():
    assert UNITS.keys() == {
        "mygas.service", "mygas-backup.service", "mygas-backup.timer", "mygas-doctor.service", "mygas-doctor.timer",
        "mygas-alarm@.service",
    }  # fmt: skip


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_may_do_little(unit: Unit):
    told = {key: unit.all("Service", key) for key in HARDENING}
    assert told == {key: [value] for key, value in HARDENING.items()}
    assert unit.all("Service", "SystemCallFilter") == ["@system-service", "~@privileged"]
    assert set(unit.one("Service", "RestrictAddressFamilies").split()) <= {"AF_UNIX", "AF_INET", "AF_INET6"}
    assert "root" not in unit.all("Service", "User")
    assert unit.all("Service", "User") == ["mygas"] or unit.one("Service", "DynamicUser") == "yes"


@pytest.mark.parametrize("unit", PORTALS, ids=lambda unit: unit.name)
def test_a_service_writes_into_its_own_folders_only(unit: Unit):
    assert unit.one("Service", "StateDirectory") == "mygas"
    assert unit.one("Service", "StateDirectoryMode") == "0700"
    assert unit.one("Service", "UMask") == "0077"
    assert {path.lstrip("-") for path in unit.all("Service", "ReadWritePaths")} <= {"/var/backups/mygas"}


def test_the_supervisor_has_the_time_that_it_takes():
    unit = UNITS["mygas.service"]
    assert unit.one("Service", "KillMode") == "mixed"
    assert unit.one("Service", "Restart") == "always"
    assert int(unit.one("Service", "TimeoutStopSec")) >= supervisor.PATIENCE + 5


@pytest.mark.parametrize("unit", PORTALS, ids=lambda unit: unit.name)
def test_a_service_runs_a_command_that_there_is(unit: Unit, app):
    program, *words = unit.one("Service", "ExecStart").split()
    assert program == "/opt/mygas/current/venv/bin/flask"
    assert words[:2] == ["--app", "wsgi"]
    command = app.cli.commands[words[2]]
    context = command.make_context(words[2], words[3:])  # raises for an option that it does not know
    assert context.params is not None


@pytest.mark.parametrize("timer", [name for name in UNITS if name.endswith(".timer")])
def test_a_timer_has_its_service_and_a_failure_is_told(timer: str):
    service = UNITS[timer.replace(".timer", ".service")]
    assert service.one("Service", "Type") == "oneshot"
    assert service.one("Unit", "OnFailure") == "mygas-alarm@%n.service"
    assert UNITS[timer].one("Install", "WantedBy") == "timers.target"
    assert service.all("Install", "WantedBy") == []


@needs_systemd
def test_systemd_understands_all(tmp_path: Path):
    """With a program in the place of the portal's, which is not installed here."""
    for unit in UNITS.values():
        text = (DEPLOY / unit.name).read_text(encoding="utf-8").replace("/opt/mygas/current/venv/bin/flask", "/bin/true")
        (tmp_path / unit.name.replace("@.", "@x.")).write_text(text, encoding="utf-8")
    told = subprocess.run(["systemd-analyze", "verify", *tmp_path.iterdir()], capture_output=True, text=True, check=False)
    said = [line for line in told.stderr.splitlines() if "mygas" in line and not line.endswith("Command man is not executable")]
    assert (told.returncode, said) == (0, [])


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_systemd_finds_little_exposed(unit: Unit):
    """Its scale goes from 0 to 10; below 2 is what a service can have that speaks to the net and runs children."""
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", DEPLOY / unit.name],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout[-300:] + told.stderr


@needs_systemd
@pytest.mark.skipif(sys.platform != "linux" or os.uname().machine != "x86_64", reason="tried where the groups of calls are known")
def test_the_portal_lives_with_what_its_service_allows(tmp_path: Path):
    """Under the same filter of system calls, the same families of addresses and no writable code: it comes up, draws a picture
    anew in a child, finds its Redis and stops by itself."""
    data = tmp_path / "data"
    data.mkdir()
    port = portal.free_port()
    env = portal.environment(data, port, **production(tmp_path))
    command = [sys.executable, "-m", "tests.deploy.confined", "mygas.service"]
    with (data / "up.log").open("ab") as log:
        process = subprocess.Popen([*command, *portal.command("up")], cwd=portal.ROOT, env=env, stdout=log, stderr=log)
    running = portal.Portal(data, port, process, host="gas.example.ru")
    try:
        portal.wait_for(running)
        assert {"worker", "serve"} <= running.children().keys()
        assert ("redis" in running.children()) == ("Redis is not to be had" not in running.log())
        for of_all in (pid for pids in running.children().values() for pid in pids):
            status = Path(f"/proc/{of_all}/status").read_text(encoding="ascii")
            assert re.search(r"(?m)^Seccomp:\t2$", status)
            assert re.search(r"(?m)^NoNewPrivs:\t1$", status)
        drawn = subprocess.run(
            [*command, sys.executable, "-m", "tests.deploy.draw"], cwd=portal.ROOT, capture_output=True, check=False
        )
        assert drawn.stdout == b"image/jpeg\n", drawn.stderr.decode()
    finally:
        running.stop()
    assert process.returncode == 0
    assert "PermissionError" not in running.log()
    assert "Operation not permitted" not in running.log()
