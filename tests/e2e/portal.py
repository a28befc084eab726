"""The whole portal on a scratch folder, as `flask up` runs it: for tests in a browser and for measurements."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds for the portal to come up on a busy machine


@dataclass
class Portal:
    """A running `flask up`; `folder` holds its data and its log, `took` is how long it needed to answer, in seconds.

    `host` is the name that it answers to, where it does not answer to all.
    """

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    took: float = 0.0
    host: str = ""

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def messages(self) -> list[dict[str, Any]]:
        """What reached people, oldest first: at, to, channel, text."""
        file = self.folder / "outbox.jsonl"
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []

    def last_message(self, to: str) -> str:
        """The newest message to that contact, waited for."""
        return self.message_after(0, to)

    def message_after(self, count: int, to: str, patience: float = 10.0) -> str:
        """The newest message to that contact, after the first `count` of all messages; waited for."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if found := [message["text"] for message in self.messages()[count:] if message["to"] == to]:
                return str(found[-1])
            time.sleep(0.05)
        raise AssertionError(f"nothing reached {to}; the log says:\n{self.log()}")

    def children(self) -> dict[str, list[int]]:
        """The live child processes by name: redis, bank, worker, serve (one or more)."""
        listing = ["ps", "-ww", "-o", "pid=,stat=,comm=,args=", "--ppid", str(self.process.pid)]
        told = subprocess.run(listing, capture_output=True, text=True, check=False).stdout
        rows = [line.split(None, 3) for line in told.splitlines()]
        alive: dict[str, list[int]] = {}
        for pid, state, comm, args in rows:
            if not state.startswith("Z"):
                alive.setdefault(_name(comm, args), []).append(int(pid))
        return alive

    def log(self) -> str:
        return (self.folder / "up.log").read_text(encoding="utf-8", errors="replace")

    def stop(self, number: int = signal.SIGINT, patience: float = 40.0) -> float:
        """Signal the supervisor as Ctrl-C does; the seconds until it was gone."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(patience)
        return time.monotonic() - began


@contextmanager
def running(folder: Path, **env: str) -> Iterator[Portal]:
    """`flask up` in demo mode over the data in `folder`, on a free port; answers when the block begins, gone after it."""
    folder.mkdir(exist_ok=True)
    portal = start(folder, **env)
    try:
        yield portal
    finally:
        portal.stop()


def start(folder: Path, port: int = 0, **env: str) -> Portal:
    """Start `flask up` and wait until it answers; whoever calls stops it."""
    port = port or free_port()
    with (folder / "up.log").open("ab") as log:
        process = subprocess.Popen(command("up"), cwd=ROOT, env=environment(folder, port, **env), stdout=log, stderr=log)
    return wait_for(Portal(folder, port, process, host=urlsplit(env.get("PUBLIC_URL", "")).hostname or ""))


def wait_for(portal: Portal) -> Portal:
    """The portal, when it answers."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE and portal.process.poll() is None:
        if answers(portal):
            portal.took = time.monotonic() - began
            return portal
        time.sleep(0.05)
    portal.stop()
    raise AssertionError(f"flask up did not come up; the log says:\n{portal.log()}")


def command(*words: str) -> list[str]:
    """A command of the portal."""
    return [sys.executable, "-m", "flask", "--app", "wsgi", *words]


def environment(folder: Path, port: int, **more: str) -> dict[str, str]:
    """Demo mode over that folder: nothing of this shell's own database or Redis."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MYGAS_", "DATABASE_URL", "REDIS_URL"))}
    return {**kept, "MYGAS_MODE": "demo", "MYGAS_DATA": str(folder), "PORT": str(port), **more}


def answers(portal: Portal) -> bool:
    """Whether the web server answers."""
    connection = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": portal.host or "127.0.0.1"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _name(comm: str, args: str) -> str:
    """By the program's own name: Redis writes its address over its arguments, cutting its path short."""
    return "redis" if comm in ("redis-server", "valkey-server") else args.rsplit(maxsplit=1)[-1]
