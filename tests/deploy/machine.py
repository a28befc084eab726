"""A machine to install on: a scratch folder in the place of `/`, stand-ins for the programs that belong to a whole machine, and
the true scripts, venvs, pip and portal."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.deploy.proxy import HOST, ROOT
from tests.e2e.portal import free_port

PARTS = (
    "wsgi.py",
    "requirements.txt",
    "README.md",
    "mygas",
    "migrations",
    "templates",
    "static",
    "translations",
    "docs",
    "deploy",
)

# Starts and stops the portal itself; of all else it keeps account.
_SYSTEMCTL = r"""#!/usr/bin/env bash
set -euo pipefail
state=$PREFIX/systemctl
mkdir -p "$state"
echo "$*" >>"$state/log"
case $1 in
  is-enabled) test -e "$state/enabled-${*: -1}" ;;
  enable) touch "$state/enabled-${*: -1}" ;;
  start)
    if [ "$2" = mygas.service ] && ! kill -0 "$(cat "$state/pid" 2>/dev/null || echo none)" 2>/dev/null; then
      setsid "$PREFIX/usr/local/sbin/mygas" up >>"$PREFIX/up.log" 2>&1 </dev/null 9>&- &
      echo $! >"$state/pid"
    fi ;;
  stop)
    if [[ " $* " = *" mygas.service "* ]] && pid=$(cat "$state/pid" 2>/dev/null); then
      kill "$pid" 2>/dev/null || true
      while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
      rm -f "$state/pid"
    fi ;;
esac
"""
# A venv that finds the libraries of this one, so that pip, which is the true one, has nothing to fetch.
_PYTHON = """#!/usr/bin/env bash
set -euo pipefail
if [ "$1 $2" = "-m venv" ]; then
  "{python}" -m venv --without-pip "$3"
  for folder in "$3"/lib/python*/site-packages; do
    echo "{libraries}" >"$folder/these.pth"
  done
  printf '#!%s\\nfrom flask.cli import main\\nmain()\\n' "$3/bin/python" >"$3/bin/flask"
  chmod +x "$3/bin/flask"
else
  exec "{python}" "$@"
fi
"""


@dataclass
class Machine:
    """`prefix` stands for `/`; `sources` holds the releases as they are brought, unpacked."""

    prefix: Path
    sources: Path
    port: int = field(default_factory=free_port)

    def bring(self, version: str) -> Path:
        """The source of a release: this very one under another version."""
        source = self.sources / version
        source.mkdir(parents=True)
        for part in PARTS:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / part, source / part)
        wiring = source / "mygas" / "__init__.py"
        text = wiring.read_text(encoding="utf-8")
        assert 'VERSION = "1.0"' in text
        wiring.write_text(text.replace('VERSION = "1.0"', f'VERSION = "{version}"'), encoding="utf-8")
        return source

    def run(self, *words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        """A command of this machine; standard output and errors together in `stdout`."""
        return subprocess.run(
            words, env={**self.environment(), **env}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=110, check=False,
        )  # fmt: skip

    def environment(self) -> Mapping[str, str]:
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        return {
            "PATH": f"{self.prefix / 'bin'}:{os.environ['PATH']}", "PREFIX": str(self.prefix), "MYGAS_USER": user,
            "PATIENCE": "60", "HOME": str(self.prefix), "PIP_NO_INDEX": "1",
        }  # fmt: skip

    def install(self, source: Path) -> subprocess.CompletedProcess[str]:
        return self.run(source / "deploy" / "install.sh", "--host", HOST)

    def upgrade(self, source: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return self.run(source / "deploy" / "upgrade.sh", *words, **env)

    def kill_when(self, mark: Path, *words: str | Path) -> None:
        """Run a command, and kill it with all that it has started when the file `mark` is there."""
        process = subprocess.Popen(
            words, env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
        )
        deadline = time.monotonic() + 90
        while not mark.exists():
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def mygas(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        return self.run(self.prefix / "usr/local/sbin/mygas", *words)

    def fill_in(self) -> None:
        """What an administrator does: the gateways, a supplier, and here a free port."""
        settings = self.prefix / "etc/mygas"
        for name, value in {
            "mail": "smtp://127.0.0.1:9",
            "sms": "http://127.0.0.1:9/",
            "sms-body": "to={to}&text={text}",
        }.items():
            (settings / "secrets" / name).write_text(value, encoding="ascii")
        shutil.copy(ROOT / "mygas/suppliers/catalogue/perm.toml", settings / "catalogue")
        file = settings / "portal.env"
        text = file.read_text(encoding="utf-8")
        for theirs, own in (("PORT=8000", f"PORT={self.port}"), ("#MYGAS_TRAINING=on", "MYGAS_TRAINING=off")):
            assert theirs in text
            text = text.replace(theirs, own)
        file.write_text(text, encoding="utf-8")

    def start(self) -> None:
        assert self.run("systemctl", "start", "mygas.service").returncode == 0
        deadline = time.monotonic() + 60
        while self.version() is None:
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.2)

    def stop(self) -> None:
        self.run("systemctl", "stop", "mygas.service")

    def pid(self) -> str:
        return (self.prefix / "systemctl/pid").read_text(encoding="ascii").strip()

    def log(self) -> str:
        return (self.prefix / "up.log").read_text(encoding="utf-8")

    def get(self, path: str) -> str | None:
        """The body of a page that was answered 200; None for any other answer and for none."""
        with socket.socket() as line:
            line.settimeout(10)
            try:
                line.connect(("127.0.0.1", self.port))
                line.sendall(f"GET {path} HTTP/1.0\r\nHost: {HOST}\r\n\r\n".encode())
                answer = line.makefile("rb").read().decode()
            except OSError:
                return None
        head, _, body = answer.partition("\r\n\r\n")
        return body if " 200 " in head.splitlines()[0] else None

    def version(self) -> str | None:
        """As the footer of the first page has it."""
        page = self.get("/")
        return page.split("версия ")[1].split("<")[0] if page else None

    def ready(self) -> bool:
        return bool(json.loads(self.get("/readyz") or "{}").get("ready"))

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Of the portal's database, asked by a process of its own."""
        with sqlite3.connect(f"file:{self.prefix}/var/lib/mygas/mygas.db?mode=ro", uri=True) as database:
            return database.execute(sql).fetchall()

    def tables(self) -> set[str]:
        return {str(name) for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}

    def everything(self) -> dict[str, tuple[int, int, int, int]]:
        """Each file of the machine but for the stand-ins' own: when it was written, its size, mode and owner."""
        files = {path: path.lstat() for path in self.prefix.rglob("*") if "systemctl" not in path.parts}
        return {str(path): (told.st_mtime_ns, told.st_size, told.st_mode, told.st_uid) for path, told in files.items()}


def new(folder: Path) -> Machine:
    """With the stand-ins: systemctl, nginx, python3."""
    machine = Machine(folder / "root", folder / "sources")
    programs = machine.prefix / "bin"
    programs.mkdir(parents=True)
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    texts = {
        "systemctl": _SYSTEMCTL, "nginx": '#!/bin/sh\necho "nginx $*" >>"$PREFIX/systemctl/log"\n',
        "python3": _PYTHON.format(python=sys.executable, libraries=libraries),
    }  # fmt: skip
    for name, text in texts.items():
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(0o755)
    return machine
